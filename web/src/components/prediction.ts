import type { Film, PersonalFilm } from "../api/types";
import { type Context, isVisitor, viewerName } from "../context";
import { h } from "../dom";
import { matchLevel } from "../format";
import { strings } from "../strings";
import { reasonList } from "./reasons";
import { predictedStars } from "./stars";

const isPersonal = (film: Film): film is PersonalFilm => "percentile" in film;

/** The prediction for the active profile: stars, match and reasons. */
export function prediction(context: Context, film: Film): HTMLElement {
  const t = strings.film;
  if (!isPersonal(film)) return h("div", { class: "detail-prediction" });
  const isYou = isVisitor(context);
  const label = isYou ? t.predictedLabel : t.predictedFor(viewerName(context));
  const matchText = (isYou ? t.matchWords : t.matchFor)[matchLevel(film.percentile)];
  return h(
    "div",
    { class: "detail-prediction" },
    h("p", { class: "detail-predicted" }, h("span", {}, label), predictedStars(film.stars, context.scale)),
    h(
      "p",
      { class: "detail-match" },
      h("strong", {}, t.match(Math.round(film.percentile))),
      h("span", {}, ` – ${matchText}`),
    ),
    film.why.length > 0 && reasonList(context, film.why),
  );
}
