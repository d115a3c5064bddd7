import { pageFooter, pageHeader } from "./components/frame";
import { errorState, hold, isAbort } from "./components/states";
import { type Context, isVisitor, type ViewHandle } from "./context";
import { h } from "./dom";
import { formatRoute, parseRoute, type Route } from "./state/route";
import { type Language, speak, strings } from "./strings";
import { browseView } from "./views/browse";
import { filmDialog } from "./views/film-dialog";
import { gateView } from "./views/gate";
import { homeView } from "./views/home";
import { howView } from "./views/how";
import { ratingsView } from "./views/ratings";
import { welcomeView } from "./views/welcome";

/** What the page knows before it shows anything; the rest of the context is the way around in it. */
export type Known = Omit<Context, "route" | "go" | "href" | "remount">;

/** Runs the page below `root`: the address says what is shown, links and Back change the address. */
export function runApp(root: HTMLElement, known: Known): void {
  let route = parseRoute(location.search);
  let view: ViewHandle | null = null;
  let life = new AbortController();

  const context: Context = {
    ...known,
    route: () => route,
    href: (change) => formatRoute({ ...route, film: null, ...change }),
    go: (change, { replace = false } = {}) => navigate({ ...route, ...change }, replace),
    remount: () => {
      mount();
      scrollTo({ top: 0, behavior: "instant" });
    },
  };
  const main = h("main", { id: "main", class: "page-main" });
  const header = h("div", { class: "page-top" });
  const live = h("div", { id: "live", class: "visually-hidden", role: "status" });
  let words = new AbortController(); // the life of what is drawn once for each language
  let dialog = frame();

  addEventListener("popstate", () => arrive(parseRoute(location.search), true));
  root.addEventListener("click", onClick);
  arrive(route, true, true);

  /** What stands around the views, in the language in use. */
  function frame() {
    words.abort();
    words = new AbortController();
    const made = filmDialog(context, words.signal, dialogClosed);
    root.replaceChildren(
      h("a", { class: "skip", href: "#main" }, strings.skip),
      header,
      main,
      pageFooter(context, (next) => void translate(next)),
      made.element,
      context.notices.element,
      live,
    );
    return made;
  }

  async function translate(next: Language): Promise<void> {
    try {
      await speak(next);
    } catch {
      return; // its words could not be loaded: the language stays
    } finally {
      context.preferences.language = next;
    }
    showLanguage();
    hold(main); // the foot, with the language in it, stays under the hand
    dialog = frame();
    mount(true);
    document.getElementById("language")?.focus();
  }

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

  function mount(keepFocus = false): void {
    life.abort();
    life = new AbortController();
    view = create();
    document.title = strings.title(view.title);
    header.replaceChildren(...(route.who ? [pageHeader(context, route.who)] : []));
    main.replaceChildren(view.element);
    // Where a page would be read from its beginning after a link, so is a view.
    if (!keepFocus) main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }

  function create(): ViewHandle {
    if (route.view === "how") return howView(context, life.signal);
    if (!route.who) return gateView(context);
    if (route.view === "browse") return browseView(context, life.signal);
    if (route.view === "ratings") return ratingsView(context, life.signal);
    const isNew = isVisitor(context) && context.ratings.size === 0 && !context.preferences.welcomed;
    return (isNew ? welcomeView : homeView)(context, life.signal);
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
    if (view) document.title = strings.title(view.title); // the film's, until now
    const opened = route.film;
    if (opened === null) return;
    if (history.state?.step) history.back();
    else context.go({ film: null }, { replace: true });
    // The dialog gives the focus back to the link that opened it, unless the view was redrawn meanwhile.
    if (document.activeElement === document.body || dialog.element.contains(document.activeElement)) {
      const place = main.querySelector<HTMLElement>(`[data-film="${CSS.escape(opened)}"] a`);
      (place ?? main.querySelector("h1"))?.focus();
    }
  }
}

/** Tells the browser, and whoever reads the page aloud, what language it is in and which way it runs. */
export function showLanguage(): void {
  document.documentElement.lang = strings.locale;
  document.documentElement.dir = strings.dir;
}

/** Shows that the page is starting, then `start`s it; what it throws is shown with a way to try again. */
export async function boot(root: HTMLElement, notices: HTMLElement, start: () => Promise<Known>): Promise<void> {
  const brand = () => h("h1", { class: "brand" }, strings.brand);
  root.replaceChildren(h("main", { class: "boot", "aria-busy": true }, brand(), h("p", {}, strings.loading)), notices);
  try {
    runApp(root, await start());
  } catch (error) {
    if (isAbort(error)) return;
    const again = () => void boot(root, notices, start);
    root.replaceChildren(h("main", { class: "boot" }, brand(), errorState(error, again)), notices);
  }
}
