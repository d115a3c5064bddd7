import type { Film, PersonalFilm } from "../api/types";
import { type Context, isVisitor, viewerName } from "../context";
import { h } from "../dom";
import { formatStep, matchLevel } from "../format";
import { strings } from "../strings";
import { predictedStars } from "./stars";

const isPersonal = (film: Film): film is PersonalFilm => "match" in film;

/** The prediction for the active profile: stars, match and reasons. */
export function prediction(context: Context, film: Film): HTMLElement {
  const t = strings.film;
  if (!isPersonal(film)) return h("div", { class: "detail-prediction" });
  const isYou = isVisitor(context);
  const label = isYou ? t.predictedLabel : t.predictedFor(viewerName(context));
  const matchText = (isYou ? t.matchWords : t.matchFor)[matchLevel(film.match)];
  return h(
    "div",
    { class: "detail-prediction" },
    h("p", { class: "detail-predicted" }, h("span", {}, label), predictedStars(film.stars, context.scale)),
    h(
      "p",
      { class: "detail-match" },
      h("strong", {}, t.match(Math.round(film.match))),
      h("span", {}, ` – ${matchText}`),
    ),
    film.why.length > 0 && reasons(context, film),
  );
}

function reasons(context: Context, { why }: PersonalFilm): HTMLElement {
  const t = strings.film;
  return h(
    "div",
    { class: "why" },
    h("h3", { class: "why-title" }, t.why),
    h(
      "ul",
      { class: "why-list" },
      ...why.map(({ film, rating, share }) =>
        h(
          "li",
          { class: "why-film", vars: { "--share": `${Math.round(share * 100)}%` } },
          h("a", { href: context.href({ film: film.id }) }, film.title),
          h(
            "span",
            { class: "why-meta" },
            `${t.whyRated(t.stars(formatStep(rating)))} · ${t.whyShare(Math.round(share * 100))}`,
          ),
          h("span", { class: "why-bar", "aria-hidden": true }),
        ),
      ),
    ),
  );
}
