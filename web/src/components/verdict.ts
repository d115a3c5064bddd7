import type { Film, PersonalFilm } from "../api/types";
import { type Context, isVisitor, viewerName } from "../context";
import { h } from "../dom";
import { formatStep, matchWord } from "../format";
import { strings } from "../strings";
import { predictedStars } from "./stars";

const isPersonal = (film: Film): film is PersonalFilm => "match" in film;

/** What the model says of a film for whoever is watching: stars, how well it fits, and because of which films. */
export function verdict(context: Context, film: Film): HTMLElement {
  const words = strings.film;
  if (!isPersonal(film)) return h("div", { class: "detail-verdict" });
  const yours = isVisitor(context);
  const label = yours ? words.predictedLabel : words.predictedFor(viewerName(context));
  const fit = (yours ? words.matchWords : words.matchFor)[matchWord(film.match)];
  return h(
    "div",
    { class: "detail-verdict" },
    h("p", { class: "detail-predicted" }, h("span", {}, label), predictedStars(film.stars, context.scale)),
    h("p", { class: "detail-match" }, h("strong", {}, words.match(Math.round(film.match))), h("span", {}, ` – ${fit}`)),
    film.why.length > 0 && reasons(context, film),
  );
}

function reasons(context: Context, { why }: PersonalFilm): HTMLElement {
  const words = strings.film;
  return h(
    "div",
    { class: "why" },
    h("h3", { class: "why-title" }, words.why),
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
            { class: "why-words" },
            `${words.whyRated(words.stars(formatStep(rating)))} · ${words.whyShare(Math.round(share * 100))}`,
          ),
          h("span", { class: "why-bar", "aria-hidden": true }),
        ),
      ),
    ),
  );
}
