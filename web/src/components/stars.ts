import type { Scale } from "../api/types";
import { h } from "../dom";
import { formatStars, formatStep, starFraction } from "../format";
import { strings } from "../strings";

/** Five stars, filled to the fraction, beside the figure; read out as "Predicted 4.2 of 5". */
export function predictedStars(value: number, scale: Scale): HTMLElement {
  const text = formatStars(value);
  return h(
    "span",
    { class: "score", role: "img", "aria-label": strings.film.predicted(text, formatStep(scale.max)) },
    starBar(starFraction(value, scale)),
    h("span", { class: "score-figure" }, text),
  );
}

/** The drawing alone, without words. */
export function starBar(fraction: number, count = 5): HTMLElement {
  return h("span", {
    class: "stars",
    vars: { "--fill": `${(fraction * 100).toFixed(1)}%`, "--count": String(count) },
  });
}
