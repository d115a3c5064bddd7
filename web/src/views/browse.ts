import { ApiError } from "../api/problem";
import type { Page, Query, Recommendation } from "../api/types";
import { filmCard, skeletonCards } from "../components/film-card";
import { filterForm } from "../components/filters";
import { keepFocus } from "../components/focus";
import { memberSlot } from "../components/membership";
import { emptyState, errorState, isAbort, keepHeight } from "../components/states";
import { asViewer, type Context, isVisitor, type ViewHandle } from "../context";
import { announce, h } from "../dom";
import { debounce, latest } from "../state/latest";
import { NO_FILTERS, type Route } from "../state/route";
import { strings } from "../strings";

const PAGE_SIZE = 24;
/** Pages loaded by scrolling before the button is needed, so that the footer can be reached. */
const AUTO_PAGES = 3;

/** All films, filtered and sorted; the filters are part of the URL. */
export function browseView(context: Context, unmounted: AbortSignal): ViewHandle {
  const t = strings.browse;
  const newest = latest(unmounted);
  let cursor: string | null = null;
  let total = 0;

  const form = filterForm(context.genres, (filters, { typed }) => context.go({ filters }, { replace: typed }));
  const count = h("p", { class: "results-count" });
  const grid = h("ul", { class: "grid" });
  const state = h("div", { class: "results-state" });
  const more = h(
    "button",
    { type: "button", class: "btn btn-secondary btn-lg more", on: { click: () => void loadMore(true) } },
    t.more,
  );
  let autoPages = AUTO_PAGES;
  const results = h("div", { class: "results" }, count, grid, state, more);
  const save =
    isVisitor(context) && memberSlot(context, (account) => account.saveShelfForm(() => context.route().filters));
  const element = h("div", { class: "browse" }, h("h1", { tabindex: -1 }, t.heading), form.element, save, results);

  // Infinite scroll.
  const nearEnd = new IntersectionObserver(
    (entries) => {
      if (autoPages > 0 && !more.hidden && scrollY > 0 && entries.some(({ isIntersecting }) => isIntersecting)) {
        void loadMore(false);
      }
    },
    { rootMargin: "400px" },
  );
  nearEnd.observe(more);
  unmounted.addEventListener("abort", () => nearEnd.disconnect(), { once: true });

  /** Loads the first page. The present films stay, dimmed, until the response arrives. */
  async function reload(): Promise<void> {
    if (grid.childElementCount === 0 || state.querySelector(".state")) {
      grid.replaceChildren(...skeletonCards(12));
      count.textContent = strings.loading;
    }
    state.replaceChildren();
    more.hidden = true;
    results.setAttribute("aria-busy", "true");
    try {
      const page = await newest((signal) => fetchPage(null, signal));
      keepHeight(results);
      keepFocus(() => grid.replaceChildren(...cards(page)));
      if (page.items.length === 0) state.replaceChildren(emptyState(t.emptyHeading, t.empty, clearButton()));
      showCount(page);
      announce(t.count(page.total));
    } catch (error) {
      if (isAbort(error)) return;
      keepHeight(results);
      grid.replaceChildren();
      count.textContent = "";
      state.replaceChildren(errorState(error, reload));
    }
    results.setAttribute("aria-busy", "false");
  }

  let focusNew = false;

  /** Loads the next page. If the button was used, the focus moves to the first new film. */
  async function loadMore(byButton: boolean): Promise<void> {
    focusNew ||= byButton;
    if (more.getAttribute("aria-disabled") === "true") return;
    autoPages = byButton ? AUTO_PAGES : autoPages - 1;
    more.setAttribute("aria-disabled", "true");
    more.textContent = t.loadingMore;
    // Immediately, so that the footer does not appear for a moment.
    const expected = Math.min(PAGE_SIZE, total - grid.childElementCount);
    state.replaceChildren(h("ul", { class: "grid" }, ...skeletonCards(expected)));
    try {
      const page = await newest((signal) => fetchPage(cursor, signal));
      const added = cards(page);
      state.replaceChildren();
      grid.append(...added);
      showCount(page);
      if (focusNew) added[0]?.querySelector("a")?.focus();
    } catch (error) {
      // The API rejects cursors of an older release: start from the first page.
      const isStale = error instanceof ApiError && error.status !== null && error.status < 500;
      keepHeight(state);
      state.replaceChildren(isAbort(error) ? "" : errorState(error, isStale ? reload : () => void loadMore(true)));
      more.hidden = !isAbort(error) || more.hidden;
    }
    more.textContent = t.more;
    more.setAttribute("aria-disabled", "false");
    focusNew = false;
    // The button may have stayed within the margin; observing it again reports that.
    nearEnd.unobserve(more);
    nearEnd.observe(more);
  }

  function fetchPage(cursor: string | null, signal: AbortSignal): Promise<Page<Recommendation>> {
    const query: Query = { ...context.route().filters, limit: PAGE_SIZE, cursor };
    return asViewer(context, (viewer) => context.api.recommendations(viewer, query, { signal }));
  }

  const cards = (page: Page<Recommendation>) => page.items.map((film) => h("li", {}, filmCard(context, film, "h2")));

  function showCount(page: Page<Recommendation>): void {
    cursor = page.next_cursor;
    total = page.total;
    more.hidden = cursor === null;
    count.textContent = t.showing(grid.childElementCount, page.total);
  }

  function clearButton(): HTMLElement {
    const clear = () => context.go({ filters: NO_FILTERS });
    return h("button", { type: "button", class: "btn btn-light", on: { click: clear } }, t.clear);
  }

  let loaded = "";
  const reloadSoon = debounce(reload, 180, unmounted); // several changes in a row are one request

  function update(route: Route): void {
    form.set(route.filters);
    const current = JSON.stringify(route.filters);
    if (current !== loaded) reloadSoon();
    loaded = current;
  }

  form.set(context.route().filters);
  loaded = JSON.stringify(context.route().filters);
  if (isVisitor(context) && context.ratings.size === 0) announce(strings.home.rateToStart);
  void reload();
  const unsubscribe = [context.ratings.subscribe(reloadSoon), context.hidden.subscribe(reloadSoon)];
  unmounted.addEventListener("abort", () => unsubscribe.forEach((stop) => void stop()), { once: true });
  return { element, title: t.heading, update };
}
