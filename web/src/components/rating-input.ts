import type { Context } from "../context";
import { announce, h, uniqueId } from "../dom";
import { formatStep, scaleSteps, starCount, starFraction } from "../format";
import type { FilmSummary } from "../state/ratings";
import { strings } from "../strings";

/**
 * The visitor's rating of a film: a native radio group with one radio button per step of the scale, drawn as stars (a
 * half star is a radio button as wide as half a star). Keyboards and screen readers work as in any radio group.
 */
export function ratingInput(context: Context, film: FilmSummary): HTMLElement {
  const { scale, ratings } = context;
  const steps = scaleSteps(scale);
  const current = () => ratings.of(film.id);
  const remove = h(
    "button",
    { type: "button", class: "btn btn-sm btn-link rate-remove", on: { click: clear } },
    strings.film.removeRating,
  );
  const count = starCount(scale);
  const control = count === null ? slider() : starRadios(count);
  const element = h(
    "fieldset",
    { class: "rate" },
    h("legend", { class: "visually-hidden" }, strings.film.rate(film.title)),
    control.element,
    remove,
  );
  show();
  return element;

  function show(): void {
    control.show(current());
    remove.hidden = current() === null;
  }

  function rate(value: number): void {
    ratings.rate(film, value);
    show();
    announce(strings.film.rated(film.title, strings.film.stars(formatStep(value))));
  }

  function clear(): void {
    ratings.remove(film.id);
    show();
    element.querySelector("input")?.focus(); // the focused button is hidden now
    announce(strings.film.ratingRemoved(film.title));
  }

  function starRadios(count: number) {
    const name = uniqueId("rate");
    const fill = (value: number | null) =>
      bar.style.setProperty("--fill", `${(value === null ? 0 : starFraction(value, scale)) * 100}%`);
    const bar = h("span", { class: "rate-stars stars" });
    const radios = steps.map((value) =>
      h("input", {
        type: "radio",
        name,
        value,
        "aria-label": strings.film.stars(formatStep(value)),
        on: { change: () => rate(value) },
      }),
    );
    // Each label covers the part of the stars that its step adds.
    const labels = radios.map((radio, i) =>
      h(
        "label",
        {
          class: "rate-step",
          vars: { "--share": String(i === 0 ? scale.min : scale.step) },
          on: { mouseenter: () => fill(steps[i] ?? null) },
        },
        radio,
      ),
    );
    const row = h(
      "div",
      {
        class: "rate-row",
        vars: { "--count": String(count), "--steps": String(Math.max(1, 1 / scale.step)) },
        on: { mouseleave: () => fill(current()) },
      },
      bar,
      ...labels,
    );
    const showValue = (value: number | null) => {
      fill(value);
      radios.forEach((radio, i) => {
        radio.checked = steps[i] === value;
      });
    };
    return { element: row, show: showValue };
  }

  function slider() {
    const output = h("output", { class: "rate-value" });
    const input = h("input", {
      type: "range",
      class: "form-range",
      min: scale.min,
      max: scale.max,
      step: scale.step,
      "aria-label": strings.film.rateShort,
      on: {
        input: () => {
          output.textContent = formatStep(Number(input.value));
        },
        change: () => rate(Number(input.value)),
      },
    });
    const showValue = (value: number | null) => {
      if (value !== null) input.value = String(value);
      output.textContent = value === null ? "–" : formatStep(value);
    };
    return { element: h("div", { class: "rate-slider" }, input, output), show: showValue };
  }
}
