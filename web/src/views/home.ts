import { isUnreachable } from "../api/problem";
import type { Home, HomeShelf } from "../api/types";
import { skeletonCards } from "../components/film-card";
import { keepFocus } from "../components/focus";
import { hero } from "../components/hero";
import { type Shelf, shelf, skeletonShelf } from "../components/shelf";
import { predictedStars } from "../components/stars";
import { emptyState, errorMessage, errorState, isAbort, keepHeight } from "../components/states";
import { asViewer, type Context, isVisitor, type ViewHandle, viewerName } from "../context";
import { h } from "../dom";
import { formatDate } from "../format";
import { debounce, latest } from "../state/latest";
import { genreName, strings } from "../strings";

const SHELF_SIZE = 18;
const NOTICE = "home";

/** The home: a hero and shelves, from one response. It updates when the visitor rates or hides a film. */
export function homeView(context: Context, unmounted: AbortSignal): ViewHandle {
  const t = strings.home;
  const heading = isVisitor(context) ? t.yours : t.heading(viewerName(context));
  const heroSlot = h("div", { class: "hero-slot" });
  const rows = h("div", { class: "home-rows" });
  const content = h("div", { class: "home-content" }, heroSlot, rows);
  const element = h("div", { class: "home" }, h("h1", { class: "visually-hidden", tabindex: -1 }, heading), content);
  const newest = latest(unmounted);
  const shelves = new Map<string, Shelf>();
  let shown: Home | null = null;

  async function load(): Promise<void> {
    if (!shown) skeleton();
    content.setAttribute("aria-busy", "true");
    try {
      const home = await newest((signal) =>
        asViewer(context, (viewer) => context.api.home(viewer, SHELF_SIZE, { signal })),
      );
      context.notices.hide(NOTICE);
      keepFocus(() => show(home));
      save(home);
    } catch (error) {
      if (isAbort(error)) return;
      showError(error);
    }
    content.setAttribute("aria-busy", "false");
  }

  /** If the service is unavailable, keeps the current home or shows the saved one, with a notice; else shows the error. */
  function showError(error: unknown): void {
    const { profile } = context.route();
    const saved = isUnreachable(error) && !shown && profile ? context.saved.home(profile) : null;
    if (saved) show(saved.home);
    if (!isUnreachable(error) || !shown) {
      shown = null;
      shelves.clear();
      keepHeight(content);
      heroSlot.replaceChildren(errorState(error, load)); // in the hero's place, so that nothing moves
      rows.replaceChildren();
      return;
    }
    const message = saved ? t.saved(formatDate(saved.time, true)) : errorMessage(error);
    context.notices.show(NOTICE, message, { label: strings.retry, action: load });
  }

  function save(home: Home): void {
    const { profile } = context.route();
    if (profile) context.saved.saveHome({ profile, home, time: new Date().toISOString() });
  }

  function show(home: Home): void {
    const previous = shown?.hero;
    if (!shown) keepHeight(content);
    if (!home.hero) heroSlot.replaceChildren();
    else if (home.hero.id !== previous?.id) heroSlot.replaceChildren(hero(context, home.hero));
    else heroSlot.querySelector(".score")?.replaceWith(predictedStars(home.hero.stars, context.scale));
    const elements = home.shelves.map((row) => {
      const key = `${row.kind} ${row.film?.id ?? ""} ${row.genre ?? ""}`;
      const current = shelves.get(key) ?? shelf(context, shelfTitle(context, row), []);
      shelves.set(key, current);
      current.update(row.items);
      return current.element;
    });
    const isEmpty = elements.length === 0 && !home.hero;
    const parts = [
      ...(isVisitor(context) && context.ratings.size === 0 ? [invitation(context)] : []),
      ...(isEmpty ? [emptyState(t.emptyHeading, t.empty)] : elements),
    ];
    const isSame = parts.length === rows.childElementCount && parts.every((part, i) => rows.children[i] === part);
    if (!isSame) rows.replaceChildren(...parts);
    shown = home;
  }

  function skeleton(): void {
    heroSlot.replaceChildren(h("div", { class: "hero skeleton", "aria-hidden": true }));
    const title = shelfTitle(context, { kind: "top", film: null, genre: null, items: [] });
    rows.replaceChildren(skeletonShelf(title), h("ul", { class: "shelf-row" }, ...skeletonCards(8)));
  }

  void load();
  const reloadSoon = debounce(load, 150, unmounted); // arrow keys select several stars in a row
  const unsubscribe = [context.ratings.subscribe(reloadSoon), context.hidden.subscribe(reloadSoon)];
  addEventListener("online", reloadSoon, { signal: unmounted });
  unmounted.addEventListener("abort", () => {
    for (const stop of unsubscribe) stop();
    context.notices.hide(NOTICE);
  });
  return { element, title: heading };
}

function shelfTitle(context: Context, { kind, film, genre }: HomeShelf): string {
  const t = strings.home;
  const isYou = isVisitor(context);
  const title = film?.title ?? "";
  const titles = {
    top: () => (isYou ? t.yourTopPicks : t.topPicks(viewerName(context))),
    because: () => (isYou ? t.becauseYou(title) : t.because(title)),
    genre: () => t.genre(genreName(genre ?? "")),
    hidden_gems: () => t.hiddenGems,
    popular: () => t.popular,
    average: () => t.topRated,
  };
  return titles[kind]();
}

/** Invites a visitor without ratings to rate films. */
function invitation(context: Context): HTMLElement {
  const t = strings.home;
  return h(
    "div",
    { class: "invitation" },
    h("p", {}, t.rateToStart),
    h("a", { class: "btn btn-primary btn-lg", href: context.href({ view: "ratings" }) }, t.rateAction),
  );
}
