import type { Page, Query, Recommendation } from "../api/types";
import { drawArt } from "../art/poster";
import { averageText, genresText, skeletonCards } from "../components/film-card";
import { shelf, skeletonShelf } from "../components/shelf";
import { predictedStars } from "../components/stars";
import { emptyState, errorState, isAbort } from "../components/states";
import { type Context, isVisitor, recommend, type ViewHandle, viewerName } from "../context";
import { h } from "../dom";
import { composeHome, type Row } from "../state/home";
import { debounce, latest } from "../state/latest";
import { strings } from "../strings";

const FAVOURITES = 3;

/** The home: the top pick large, then rows of films. Rating a film elsewhere on the page brings it up to date. */
export function homeView(context: Context, life: AbortSignal): ViewHandle {
  const words = strings.home;
  const name = viewerName(context);
  const heading = isVisitor(context) ? words.yours : words.heading(name);
  const content = h("div", { class: "home-content" });
  const element = h("div", { class: "home" }, h("h1", { class: "visually-hidden", tabindex: -1 }, heading), content);
  const newest = latest(life);
  const soon = debounce(load, 150, life); // arrow keys pass over several stars

  async function load(): Promise<void> {
    if (!content.querySelector(".shelf-item:not(.skeleton)")) content.replaceChildren(...skeleton(context));
    content.setAttribute("aria-busy", "true");
    try {
      const ask = (signal: AbortSignal) => (query: Query) => recommend(context, query, { signal });
      const isStranger = isVisitor(context) && context.ratings.size === 0;
      const parts = await newest((signal) => (isStranger ? stranger : known)(context, ask(signal)));
      content.replaceChildren(...parts);
    } catch (error) {
      if (isAbort(error)) return;
      content.replaceChildren(errorState(error, load));
    }
    content.setAttribute("aria-busy", "false");
  }

  void load();
  life.addEventListener("abort", context.ratings.subscribe(soon), { once: true });
  return { element, title: heading };
}

function favourites(context: Context): readonly string[] {
  const { who } = context.route();
  if (who?.kind !== "user") return context.ratings.favouriteGenres(FAVOURITES);
  return context.profiles.find(({ id }) => id === who.id)?.favourite_genres.slice(0, FAVOURITES) ?? [];
}

type Ask = (query: Query) => Promise<Page<Recommendation>>;

async function known(context: Context, ask: Ask): Promise<HTMLElement[]> {
  const { hero, rows } = await composeHome(ask, favourites(context));
  if (!hero) return [emptyState(strings.browse.emptyHeading, strings.browse.empty)];
  return [heroFilm(context, hero), ...rows.map(({ row, films }) => shelf(context, rowTitle(context, row), films))];
}

/** For a visitor of whom nothing is known yet: the way to change that, and what everybody watches. */
async function stranger(context: Context, ask: Ask): Promise<HTMLElement[]> {
  const words = strings.home;
  const action = h(
    "a",
    { class: "btn btn-primary btn-lg", href: context.href({ view: "ratings" }) },
    words.strangerAction,
  );
  const popular = await ask({ sort: "popularity" });
  return [emptyState(words.strangerHeading, words.stranger, action), shelf(context, words.popular, popular.items)];
}

function rowTitle(context: Context, row: Row): string {
  const words = strings.home;
  const name = viewerName(context);
  const yours = isVisitor(context);
  if (row.kind === "popular") return words.popular;
  if (row.kind === "top") return yours ? words.yourTopPicks : words.topPicks(name);
  return words.genre(row.genre);
}

function heroFilm(context: Context, film: Recommendation): HTMLElement {
  const words = strings.home;
  context.predictions.set(film.id, film.stars);
  return h(
    "section",
    { class: "hero", "data-film": film.id },
    h("div", { class: "hero-art" }, drawArt(film, "wide")),
    h(
      "div",
      { class: "hero-words" },
      h("p", { class: "hero-kicker" }, isVisitor(context) ? words.yourKicker : words.kicker(viewerName(context))),
      h("h2", { class: "hero-title" }, film.title),
      h(
        "p",
        { class: "hero-facts" },
        predictedStars(film.stars, context.scale),
        h("span", {}, film.year === null ? strings.film.yearUnknown : String(film.year)),
        h("span", {}, genresText(film)),
        h("span", {}, averageText(film)),
      ),
      h(
        "div",
        { class: "hero-actions" },
        h("a", { class: "btn btn-light btn-lg", href: context.href({ film: film.id }) }, words.details),
        h("a", { class: "btn btn-secondary btn-lg", href: context.href({ view: "browse" }) }, words.browse),
      ),
    ),
  );
}

function skeleton(context: Context): HTMLElement[] {
  const first = skeletonShelf(rowTitle(context, { kind: "top" }));
  return [
    h("div", { class: "hero skeleton", "aria-hidden": true }),
    first,
    h("ul", { class: "shelf-row" }, ...skeletonCards(8)),
  ];
}
