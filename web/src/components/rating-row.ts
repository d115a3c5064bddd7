import { drawArt } from "../art/poster";
import type { Context } from "../context";
import { h } from "../dom";
import type { FilmSummary } from "../state/ratings";
import { genresText } from "./film-card";
import { ratingInput } from "./rating-input";

export const ratingRows = (items: HTMLElement[]): HTMLElement => h("ul", { class: "rating-rows" }, ...items);

interface RowOptions {
  controls?: HTMLElement[];
  /** A button in the upper corner. */
  corner?: HTMLElement;
  heading?: "h2" | "h3";
}

/** A film in a list: thumbnail, title, genres and controls, by default the rating input. */
export function ratingRow(
  context: Context,
  film: FilmSummary,
  { controls = [ratingInput(context, film)], corner, heading = "h3" }: RowOptions = {},
): HTMLElement {
  const year = film.year === null ? "" : ` (${film.year})`;
  return h(
    "li",
    { class: "rating-row", "data-film": film.id },
    h("div", { class: "rating-thumb" }, drawArt(film)),
    h(
      "div",
      { class: "rating-info" },
      h(
        heading,
        { class: "rating-title" },
        h("a", { href: context.href({ film: film.id }) }, film.title),
        h("span", { class: "rating-year" }, year),
      ),
      h("p", { class: "card-genres" }, genresText(film)),
    ),
    h("div", { class: "rating-controls" }, ...controls),
    corner,
  );
}

export function skeletonRow(): HTMLElement {
  return h(
    "li",
    { class: "rating-row skeleton", "aria-hidden": true },
    h("div", { class: "rating-thumb" }),
    h(
      "div",
      { class: "rating-info" },
      h("div", { class: "skeleton-line" }),
      h("div", { class: "skeleton-line skeleton-line-short" }),
    ),
    h("div", { class: "rating-controls" }),
  );
}
