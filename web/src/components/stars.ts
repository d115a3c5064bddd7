import type { Scale } from "../api/types";
import { h } from "../dom";
import { formatStars, formatStep, starFraction } from "../format";
import { strings } from "../strings";

/** Five stars filled to the predicted rating, with the number; read out as "Predicted rating: 4.2 out of 5". */
export function predictedStars(value: number, scale: Scale): HTMLElement {
  const text = formatStars(value);
  return h(
    "span",
    { class: "score", role: "img", "aria-label": strings.film.predicted(text, formatStep(scale.max)) },
    starBar(starFraction(value, scale)),
    h("span", { class: "score-value" }, text),
  );
}

/** The drawing alone, without t. */
export function starBar(fraction: number, count = 5): HTMLElement {
  return h("span", {
    class: "stars",
    vars: { "--fill": `${(fraction * 100).toFixed(1)}%`, "--count": String(count) },
  });
}
