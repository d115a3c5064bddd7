import { ApiError } from "../api/problem";
import type { Page, Query, Recommendation } from "../api/types";
import { filmCard, skeletonCards } from "../components/film-card";
import { filterForm } from "../components/filters";
import { emptyState, errorState, hold, isAbort } from "../components/states";
import { asViewer, type Context, isVisitor, type ViewHandle } from "../context";
import { announce, h } from "../dom";
import { debounce, latest } from "../state/latest";
import { NO_FILTERS, type Route } from "../state/route";
import { strings } from "../strings";

const PAGE = 24;
/** So many pages come by scrolling; then the button is waited for, so that the end of the page can be reached. */
const AUTOMATIC = 3;

/** All films, narrowed and ordered; the filters live in the address. */
export function browseView(context: Context, life: AbortSignal): ViewHandle {
  const words = strings.browse;
  const newest = latest(life);
  let cursor: string | null = null;
  let total = 0;

  const form = filterForm(context.genres, (filters, { typed }) => context.go({ filters }, { replace: typed }));
  const count = h("p", { class: "results-count" });
  const grid = h("ul", { class: "grid" });
  const state = h("div", { class: "results-state" });
  const more = h(
    "button",
    { type: "button", class: "btn btn-secondary btn-lg more", on: { click: () => void loadMore(true) } },
    words.more,
  );
  let automatic = AUTOMATIC;
  const results = h("div", { class: "results" }, count, grid, state, more);
  const element = h("div", { class: "browse" }, h("h1", { tabindex: -1 }, words.heading), form.element, results);

  // Those who scroll need no button.
  const nearEnd = new IntersectionObserver(
    (entries) => {
      if (automatic > 0 && !more.hidden && scrollY > 0 && entries.some(({ isIntersecting }) => isIntersecting)) {
        void loadMore(false);
      }
    },
    { rootMargin: "400px" },
  );
  nearEnd.observe(more);
  life.addEventListener("abort", () => nearEnd.disconnect(), { once: true });

  /** From the first film. What is on the screen stays, dimmed, until the answer is there. */
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
      hold(results);
      grid.replaceChildren(...cards(page));
      if (page.items.length === 0) state.replaceChildren(emptyState(words.emptyHeading, words.empty, clearButton()));
      shown(page);
      announce(words.count(page.total));
    } catch (error) {
      if (isAbort(error)) return;
      hold(results);
      grid.replaceChildren();
      count.textContent = "";
      state.replaceChildren(errorState(error, reload));
    }
    results.setAttribute("aria-busy", "false");
  }

  let focusNew = false;

  /** The next page; asked for at the button, the focus goes on to what is new. */
  async function loadMore(asked: boolean): Promise<void> {
    focusNew ||= asked;
    if (more.getAttribute("aria-disabled") === "true") return;
    automatic = asked ? AUTOMATIC : automatic - 1;
    more.setAttribute("aria-disabled", "true");
    more.textContent = words.loadingMore;
    // At once, so that the foot of the page is gone before anybody reads it.
    const coming = Math.min(PAGE, total - grid.childElementCount);
    state.replaceChildren(h("ul", { class: "grid" }, ...skeletonCards(coming)));
    try {
      const page = await newest((signal) => fetchPage(cursor, signal));
      const added = cards(page);
      state.replaceChildren();
      grid.append(...added);
      shown(page);
      if (focusNew) added[0]?.querySelector("a")?.focus();
    } catch (error) {
      // A cursor that the API refuses (a new release came) is of no use again: start afresh.
      const stale = error instanceof ApiError && error.status !== null && error.status < 500;
      hold(state);
      state.replaceChildren(isAbort(error) ? "" : errorState(error, stale ? reload : () => void loadMore(true)));
      more.hidden = !isAbort(error) || more.hidden;
    }
    more.textContent = words.more;
    more.setAttribute("aria-disabled", "false");
    focusNew = false;
    // Films took the place of their skeletons: the button may be as near as it was, which nobody would be told.
    nearEnd.unobserve(more);
    nearEnd.observe(more);
  }

  function fetchPage(from: string | null, signal: AbortSignal): Promise<Page<Recommendation>> {
    const query: Query = { ...context.route().filters, n: PAGE, cursor: from };
    return asViewer(context, (viewer) => context.api.recommendations(viewer, query, { signal }));
  }

  const cards = (page: Page<Recommendation>) => page.items.map((film) => h("li", {}, filmCard(context, film, "h2")));

  function shown(page: Page<Recommendation>): void {
    cursor = page.next_cursor;
    total = page.total;
    more.hidden = cursor === null;
    count.textContent = words.showing(grid.childElementCount, page.total);
  }

  function clearButton(): HTMLElement {
    const clear = () => context.go({ filters: NO_FILTERS });
    return h("button", { type: "button", class: "btn btn-light", on: { click: clear } }, words.clear);
  }

  let loaded = "";
  const soon = debounce(reload, 180, life); // several chips or keys in a row are one request

  function update(route: Route): void {
    form.set(route.filters);
    const wanted = JSON.stringify(route.filters);
    if (wanted !== loaded) soon();
    loaded = wanted;
  }

  form.set(context.route().filters);
  loaded = JSON.stringify(context.route().filters);
  if (isVisitor(context) && context.ratings.size === 0) announce(strings.home.stranger);
  void reload();
  const leave = [context.ratings.subscribe(soon), context.hidden.subscribe(soon)];
  life.addEventListener("abort", () => leave.forEach((end) => void end()), { once: true });
  return { element, title: words.heading, update };
}
