import { drawArt } from "../art/poster";
import type { Context } from "../context";
import { h } from "../dom";
import type { FilmWords } from "../state/ratings";
import { genresText } from "./film-card";
import { ratingInput } from "./rating-input";

export const ratingRows = (items: HTMLElement[]): HTMLElement => h("ul", { class: "rating-rows" }, ...items);

/** A film to rate in a list: small picture, title, genres, stars; and what else can be done with it. */
export function ratingRow(
  context: Context,
  film: FilmWords,
  control: HTMLElement | null = null,
  heading: "h2" | "h3" = "h3",
): HTMLElement {
  const year = film.year === null ? "" : ` (${film.year})`;
  return h(
    "li",
    { class: "rating-row", "data-film": film.id },
    h("div", { class: "rating-thumb" }, drawArt(film)),
    h(
      "div",
      { class: "rating-words" },
      h(
        heading,
        { class: "rating-title" },
        h("a", { href: context.href({ film: film.id }) }, film.title),
        h("span", { class: "rating-year" }, year),
      ),
      h("p", { class: "card-genres" }, genresText(film)),
    ),
    h("div", { class: "rating-controls" }, control ?? ratingInput(context, film)),
  );
}

export function skeletonRow(): HTMLElement {
  return h(
    "li",
    { class: "rating-row skeleton", "aria-hidden": true },
    h("div", { class: "rating-thumb" }),
    h(
      "div",
      { class: "rating-words" },
      h("div", { class: "skeleton-line" }),
      h("div", { class: "skeleton-line skeleton-line-short" }),
    ),
    h("div", { class: "rating-controls" }),
  );
}
