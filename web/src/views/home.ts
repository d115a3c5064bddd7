import { isUnreachable } from "../api/problem";
import type { Home, HomeShelf } from "../api/types";
import { skeletonCards } from "../components/film-card";
import { hero } from "../components/hero";
import { type Shelf, shelf, skeletonShelf } from "../components/shelf";
import { predictedStars } from "../components/stars";
import { emptyState, errorState, errorWords, hold, isAbort } from "../components/states";
import { asViewer, type Context, isVisitor, type ViewHandle, viewerName } from "../context";
import { h } from "../dom";
import { formatDate } from "../format";
import { debounce, latest } from "../state/latest";
import { genreName, strings } from "../strings";

const SHELF = 18;
const NOTICE = "home";

/** The home: one film large, then rows, all from one answer. Rating a film elsewhere on the page brings it up to date. */
export function homeView(context: Context, life: AbortSignal): ViewHandle {
  const words = strings.home;
  const heading = isVisitor(context) ? words.yours : words.heading(viewerName(context));
  const first = h("div", { class: "hero-place" });
  const rows = h("div", { class: "home-rows" });
  const content = h("div", { class: "home-content" }, first, rows);
  const element = h("div", { class: "home" }, h("h1", { class: "visually-hidden", tabindex: -1 }, heading), content);
  const newest = latest(life);
  const shelves = new Map<string, Shelf>();
  let shown: Home | null = null;

  async function load(): Promise<void> {
    if (!shown) skeleton();
    content.setAttribute("aria-busy", "true");
    try {
      const home = await newest((signal) => asViewer(context, (viewer) => context.api.home(viewer, SHELF, { signal })));
      context.notices.hide(NOTICE);
      show(home);
      keep(home);
    } catch (error) {
      if (isAbort(error)) return;
      fall(error);
    }
    content.setAttribute("aria-busy", "false");
  }

  /** Without an answer: what is on the screen stays, or what was there last time comes back, and it is said so. */
  function fall(error: unknown): void {
    const { who } = context.route();
    const saved = isUnreachable(error) && !shown && who ? context.saved.home(who) : null;
    if (saved) show(saved.home);
    if (!isUnreachable(error) || !shown) {
      shown = null;
      shelves.clear();
      hold(content);
      first.replaceChildren(errorState(error, load)); // where the hero stood: nothing that was there moves
      rows.replaceChildren();
      return;
    }
    const said = saved ? words.saved(formatDate(saved.time, true)) : errorWords(error);
    context.notices.show(NOTICE, said, { label: strings.retry, act: load });
  }

  function keep(home: Home): void {
    const { who } = context.route();
    if (who) context.saved.keepHome({ who, home, time: new Date().toISOString() });
  }

  function show(home: Home): void {
    const before = shown?.hero;
    if (!shown) hold(content);
    if (!home.hero) first.replaceChildren();
    else if (home.hero.id !== before?.id) first.replaceChildren(hero(context, home.hero));
    else first.querySelector(".score")?.replaceWith(predictedStars(home.hero.stars, context.scale));
    const wanted = home.shelves.map((row) => {
      const key = `${row.kind} ${row.film?.id ?? ""} ${row.genre ?? ""}`;
      const made = shelves.get(key) ?? shelf(context, shelfTitle(context, row), []);
      shelves.set(key, made);
      made.update(row.items);
      return made.element;
    });
    const none = wanted.length === 0 && !home.hero;
    const parts = [
      ...(isVisitor(context) && context.ratings.size === 0 ? [invitation(context)] : []),
      ...(none ? [emptyState(words.emptyHeading, words.empty)] : wanted),
    ];
    const isSame = parts.length === rows.childElementCount && parts.every((part, i) => rows.children[i] === part);
    if (!isSame) rows.replaceChildren(...parts);
    shown = home;
  }

  function skeleton(): void {
    first.replaceChildren(h("div", { class: "hero skeleton", "aria-hidden": true }));
    const title = shelfTitle(context, { kind: "top", film: null, genre: null, items: [] });
    rows.replaceChildren(skeletonShelf(title), h("ul", { class: "shelf-row" }, ...skeletonCards(8)));
  }

  void load();
  const soon = debounce(load, 150, life); // arrow keys pass over several stars
  const leave = [context.ratings.subscribe(soon), context.hidden.subscribe(soon)];
  addEventListener("online", soon, { signal: life });
  life.addEventListener("abort", () => {
    for (const end of leave) end();
    context.notices.hide(NOTICE);
  });
  return { element, title: heading };
}

function shelfTitle(context: Context, { kind, film, genre }: HomeShelf): string {
  const words = strings.home;
  const yours = isVisitor(context);
  const title = film?.title ?? "";
  const titles = {
    top: () => (yours ? words.yourTopPicks : words.topPicks(viewerName(context))),
    because: () => (yours ? words.becauseYou(title) : words.because(title)),
    genre: () => words.genre(genreName(genre ?? "")),
    hidden_gems: () => words.hiddenGems,
    popular: () => words.popular,
    average: () => words.acclaimed,
  };
  return titles[kind]();
}

/** For a visitor of whom nothing is known yet: the way to change that. */
function invitation(context: Context): HTMLElement {
  const words = strings.home;
  return h(
    "div",
    { class: "invitation" },
    h("p", {}, words.stranger),
    h("a", { class: "btn btn-primary btn-lg", href: context.href({ view: "ratings" }) }, words.strangerAction),
  );
}
