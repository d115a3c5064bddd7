import type { Recommendation } from "../api/types";
import { drawArt } from "../art/poster";
import { type Context, isVisitor, viewerName } from "../context";
import { h } from "../dom";
import { strings } from "../strings";
import { averageText, genresText, yearText } from "./film-card";
import { notInterestedButton } from "./not-interested";
import { picture } from "./poster";
import { predictedStars } from "./stars";

/** The featured film at the top of the home. */
export function hero(context: Context, film: Recommendation): HTMLElement {
  const t = strings.home;
  const isYou = isVisitor(context);
  const cover = picture(film);
  return h(
    "section",
    { class: "hero", "data-film": film.id },
    h("div", { class: "hero-art" }, drawArt(film, "wide")),
    cover && h("div", { class: "hero-cover" }, cover),
    h(
      "div",
      { class: "hero-body" },
      h("p", { class: "hero-kicker" }, isYou ? t.yourKicker : t.kicker(viewerName(context))),
      h("h2", { class: "hero-title" }, film.title),
      h(
        "p",
        { class: "hero-facts" },
        h("span", {}, isYou ? strings.film.predictedLabel : strings.film.predictedFor(viewerName(context))),
        predictedStars(film.stars, context.scale),
        h("span", {}, yearText(film)),
        h("span", {}, genresText(film)),
        h("span", {}, averageText(film)),
      ),
      h(
        "div",
        { class: "hero-actions" },
        h("a", { class: "btn btn-light btn-lg", href: context.href({ film: film.id }) }, t.details),
        h("a", { class: "btn btn-secondary btn-lg", href: context.href({ view: "browse" }) }, t.browse),
        isYou && notInterestedButton(context, film),
      ),
    ),
  );
}
