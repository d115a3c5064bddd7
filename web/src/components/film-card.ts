import type { Film, Recommendation } from "../api/types";
import { type Context, isVisitor } from "../context";
import { h } from "../dom";
import { formatStars } from "../format";
import { genreName, strings } from "../strings";
import { notInterestedButton, showPressed } from "./not-interested";
import { poster } from "./poster";
import { predictedStars } from "./stars";

export const isRecommendation = (film: Film): film is Recommendation => "stars" in film;

/** A film in a shelf or grid: a poster that links to the details, the predicted stars and the average rating. */
export function filmCard(context: Context, film: Film, heading: "h2" | "h3" = "h3"): HTMLElement {
  return h(
    "article",
    { class: "card-film", "data-film": film.id },
    h(
      "a",
      { class: "poster-link", href: context.href({ film: film.id }) },
      poster(film, heading),
      isRecommendation(film) && film.seen && h("span", { class: "seen" }, strings.film.seen),
    ),
    isVisitor(context) && notInterestedButton(context, film),
    h(
      "div",
      { class: "card-facts" },
      isRecommendation(film) && predictedStars(film.stars, context.scale),
      h("p", { class: "card-average" }, averageText(film)),
      h("p", { class: "card-genres" }, genresText(film)),
    ),
  );
}

/** Shows new predicted stars on a card that is reused. */
export function updateFilmCard(context: Context, card: HTMLElement, film: Film): void {
  if (isRecommendation(film)) card.querySelector(".score")?.replaceWith(predictedStars(film.stars, context.scale));
  const button = card.querySelector<HTMLElement>("[data-not-interested]");
  if (button) showPressed(button, context.hidden);
}

export const genresText = (film: Pick<Film, "genres">): string =>
  film.genres.map(genreName).join(", ") || strings.film.genresUnknown;

export const yearText = (film: Pick<Film, "year">): string =>
  film.year === null ? strings.film.yearUnknown : String(film.year);

export function averageText(film: Film): string {
  if (film.average === null) return strings.film.noRatings;
  return `${strings.film.average} ${formatStars(film.average)} · ${strings.film.count(film.count)}`;
}

/** Placeholders for cards that are loading. */
export function skeletonCards(count: number): HTMLElement[] {
  return Array.from({ length: count }, () =>
    h(
      "li",
      { class: "card-film skeleton", "aria-hidden": true },
      h("div", { class: "poster" }),
      h(
        "div",
        { class: "card-facts" },
        h("div", { class: "skeleton-line" }),
        h("div", { class: "skeleton-line skeleton-line-short" }),
        h("div", { class: "skeleton-line" }),
      ),
    ),
  );
}
