import { avatar } from "./components/avatar";
import { errorState, isAbort } from "./components/states";
import { type Context, isVisitor, type ViewHandle, viewerName } from "./context";
import { h } from "./dom";
import { formatRoute, NO_FILTERS, parseRoute, type Route, START, type View, type Who } from "./state/route";
import { strings } from "./strings";
import { browseView } from "./views/browse";
import { filmDialog } from "./views/film-dialog";
import { gateView } from "./views/gate";
import { homeView } from "./views/home";
import { ratingsView } from "./views/ratings";

/** What the page knows before it shows anything; the rest of the context is the way around in it. */
export type Known = Omit<Context, "route" | "go" | "href" | "predictions">;

/** Runs the page below `root`: the address says what is shown, links and Back change the address. */
export function runApp(root: HTMLElement, known: Known): void {
  let route = parseRoute(location.search);
  let view: ViewHandle | null = null;
  let life = new AbortController();

  const context: Context = {
    ...known,
    predictions: new Map(),
    route: () => route,
    href: (change) => formatRoute({ ...route, film: null, ...change }),
    go: (change, { replace = false } = {}) => navigate({ ...route, ...change }, replace),
  };
  const dialog = filmDialog(context, new AbortController().signal, dialogClosed);
  const header = h("div");
  const main = h("main", { id: "main", class: "page-main" });
  root.replaceChildren(
    h("a", { class: "skip", href: "#main" }, strings.skip),
    header,
    main,
    h("footer", { class: "page-footer" }, h("span", {}, strings.footer), h("span", {}, strings.release(known.release))),
    dialog.element,
    h("div", { id: "live", class: "visually-hidden", role: "status" }),
  );

  addEventListener("popstate", () => arrive(parseRoute(location.search), true));
  root.addEventListener("click", onClick);
  known.ratings.subscribe(() => context.predictions.clear());
  arrive(route, true, true);

  function navigate(next: Route, replace: boolean): void {
    // `step` says that Back leads to the same place without the film.
    const step = next.film !== null && (route.film === null || history.state?.step === true);
    const inDialog = replace || (route.film !== null && next.film !== null);
    history[inDialog ? "replaceState" : "pushState"]({ step }, "", formatRoute(next));
    arrive(next, false);
  }

  function arrive(next: Route, restored: boolean, first = false): void {
    const before = route;
    route = next;
    const sameWho = JSON.stringify(next.who) === JSON.stringify(before.who);
    if (!sameWho) context.predictions.clear();
    if (view && sameWho && next.view === before.view) {
      view.update?.(next);
      if (next.film === before.film) return;
    } else {
      mount(first);
      if (!restored) scrollTo({ top: 0, behavior: "instant" });
    }
    if (next.film === null) dialog.close();
    else dialog.open(next.film);
  }

  function mount(first: boolean): void {
    life.abort();
    life = new AbortController();
    view = create();
    document.title = strings.title(view.title);
    header.replaceChildren(...(route.who ? [pageHeader(route.who)] : []));
    main.replaceChildren(view.element);
    // Where a page would be read from its beginning after a link, so is a view.
    if (!first) main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }

  function create(): ViewHandle {
    if (!route.who) return gateView(context);
    if (route.view === "browse") return browseView(context, life.signal);
    if (route.view === "ratings") return ratingsView(context, life.signal);
    return homeView(context, life.signal);
  }

  function pageHeader(who: Who): HTMLElement {
    const words = strings.nav;
    const name = viewerName(context);
    const link = (target: View, label: string) =>
      h(
        "a",
        {
          class: "nav-item",
          href: context.href({ view: target, filters: NO_FILTERS }),
          "aria-current": route.view === target ? "page" : null,
        },
        label,
      );
    return h(
      "header",
      { class: "page-header" },
      h("a", { class: "brand", href: context.href({ view: "home", filters: NO_FILTERS }) }, strings.brand),
      h(
        "nav",
        { class: "page-nav", "aria-label": words.label },
        link("home", words.home),
        link("browse", words.browse),
        isVisitor(context) && link("ratings", words.ratings),
      ),
      h(
        "a",
        { class: "who", href: formatRoute(START), "aria-label": words.switchProfile(name) },
        avatar(who),
        h("span", { class: "who-name", "aria-hidden": true }, name),
      ),
    );
  }

  /** Links inside the page change the address without loading the page anew. */
  function onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || !link?.getAttribute("href")?.startsWith("?")) return;
    event.preventDefault();
    navigate(parseRoute(link.search), false);
  }

  function dialogClosed(): void {
    const opened = route.film;
    if (opened === null) return;
    if (history.state?.step) history.back();
    else context.go({ film: null }, { replace: true });
    // The dialog gives the focus back to the link that opened it, unless the view was redrawn meanwhile.
    if (document.activeElement === document.body) {
      main.querySelector<HTMLElement>(`[data-film="${CSS.escape(opened)}"] a`)?.focus();
    }
  }
}

/** Shows that the page is starting, then `start`s it; what it throws is shown with a way to try again. */
export async function boot(root: HTMLElement, start: () => Promise<Known>): Promise<void> {
  root.replaceChildren(
    h(
      "main",
      { class: "boot", "aria-busy": true },
      h("h1", { class: "brand" }, strings.brand),
      h("p", {}, strings.loading),
    ),
  );
  try {
    runApp(root, await start());
  } catch (error) {
    if (isAbort(error)) return;
    const again = () => void boot(root, start);
    root.replaceChildren(
      h("main", { class: "boot" }, h("h1", { class: "brand" }, strings.brand), errorState(error, again)),
    );
  }
}
