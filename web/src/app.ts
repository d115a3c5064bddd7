import { pageFooter, pageHeader } from "./components/frame";
import { syncNotInterested } from "./components/not-interested";
import { errorState, isAbort, keepHeight } from "./components/states";
import { type Context, isVisitor, type ViewHandle } from "./context";
import { h } from "./dom";
import { formatRoute, parseRoute, type Route } from "./state/route";
import { type Language, setLanguage, strings } from "./strings";
import { accountView } from "./views/account";
import { browseView } from "./views/browse";
import { filmDialog } from "./views/film-dialog";
import { gateView } from "./views/gate";
import { homeView } from "./views/home";
import { howView } from "./views/how";
import { ratingsView } from "./views/ratings";
import { welcomeView } from "./views/welcome";

/** What the app is started with: the context without navigation. */
export type AppDependencies = Omit<Context, "route" | "go" | "href" | "remount">;

/** Runs the app in `root`: the URL determines the view, and links and the Back button change the URL. */
export function runApp(root: HTMLElement, dependencies: AppDependencies): void {
  let route = parseRoute(location.search);
  let view: ViewHandle | null = null;
  let viewController = new AbortController();

  const context: Context = {
    ...dependencies,
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
  let frameController = new AbortController(); // aborts when the frame is rendered again
  let dialog = renderFrame();

  addEventListener("popstate", () => showRoute(parseRoute(location.search), true));
  root.addEventListener("click", onClick);
  syncNotInterested(root, context.hidden);
  showRoute(route, true, true);
  if (context.membership?.member) context.membership.account(context).catch(() => {}); // keeps ratings in step

  /** Everything around the view, in the current language. */
  function renderFrame() {
    frameController.abort();
    frameController = new AbortController();
    const newDialog = filmDialog(context, frameController.signal, dialogClosed);
    root.replaceChildren(
      h("a", { class: "skip", href: "#main" }, strings.skip),
      header,
      main,
      pageFooter(context, (next) => void translate(next)),
      newDialog.element,
      context.notices.element,
      live,
    );
    return newDialog;
  }

  async function translate(next: Language): Promise<void> {
    try {
      await setLanguage(next);
    } catch {
      return; // the translation could not be loaded
    } finally {
      context.preferences.language = next;
    }
    setDocumentLanguage();
    keepHeight(main); // the footer, with the language select, stays where it is
    dialog = renderFrame();
    mount(true);
    document.getElementById("language")?.focus();
  }

  function navigate(next: Route, replace: boolean): void {
    // `canGoBack` means that the Back button leads to the same view without the film.
    const canGoBack = next.film !== null && (route.film === null || history.state?.canGoBack === true);
    const inDialog = replace || (route.film !== null && next.film !== null);
    history[inDialog ? "replaceState" : "pushState"]({ canGoBack }, "", formatRoute(next));
    showRoute(next, false);
  }

  function showRoute(next: Route, restored: boolean, first = false): void {
    const before = route;
    route = next;
    const sameProfile = JSON.stringify(next.profile) === JSON.stringify(before.profile);
    if (view && sameProfile && next.view === before.view) {
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
    viewController.abort();
    viewController = new AbortController();
    view = createView();
    document.title = strings.title(view.title);
    header.replaceChildren(...(route.profile ? [pageHeader(context, route.profile)] : []));
    main.replaceChildren(view.element);
    // Screen readers start reading at the new view, as after a page load.
    if (!keepFocus) main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }

  function createView(): ViewHandle {
    if (route.view === "how") return howView(context, viewController.signal);
    if (!route.profile) return gateView(context);
    if (route.view === "browse") return browseView(context, viewController.signal);
    if (route.view === "ratings") return ratingsView(context, viewController.signal);
    if (route.view !== "home") return accountView(context, route.view, viewController.signal);
    const isNew = isVisitor(context) && context.ratings.size === 0 && !context.preferences.welcomed;
    return (isNew ? welcomeView : homeView)(context, viewController.signal);
  }

  /** Internal links change the URL without a page load. */
  function onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || !link?.getAttribute("href")?.startsWith("?")) return;
    event.preventDefault();
    navigate(parseRoute(link.search), false);
  }

  function dialogClosed(): void {
    if (view) document.title = strings.title(view.title); // it was the film's
    const opened = route.film;
    if (opened === null) return;
    if (history.state?.canGoBack) history.back();
    else context.go({ film: null }, { replace: true });
    // The browser returns the focus to the link that opened the dialog, unless the view was rendered again.
    if (document.activeElement === document.body || dialog.element.contains(document.activeElement)) {
      const link = main.querySelector<HTMLElement>(`[data-film="${CSS.escape(opened)}"] a`);
      (link ?? main.querySelector("h1"))?.focus();
    }
  }
}

/** Sets the language and direction of the document. */
export function setDocumentLanguage(): void {
  document.documentElement.lang = strings.locale;
  document.documentElement.dir = strings.dir;
}

/** Shows a loading screen, then starts the app. If `load` throws, shows the error and a retry button. */
export async function boot(
  root: HTMLElement,
  notices: HTMLElement,
  load: () => Promise<AppDependencies>,
): Promise<void> {
  const brand = () => h("h1", { class: "brand" }, strings.brand);
  root.replaceChildren(h("main", { class: "boot", "aria-busy": true }, brand(), h("p", {}, strings.loading)), notices);
  try {
    runApp(root, await load());
  } catch (error) {
    if (isAbort(error)) return;
    const retry = () => void boot(root, notices, load);
    root.replaceChildren(h("main", { class: "boot" }, brand(), errorState(error, retry)), notices);
  }
}
