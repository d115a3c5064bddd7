import type { Film, PersonalFilm } from "../api/types";
import { averageText, genresText, yearText } from "../components/film-card";
import { keepFocus } from "../components/focus";
import { memberSlot } from "../components/membership";
import { notInterestedButton } from "../components/not-interested";
import { poster } from "../components/poster";
import { prediction } from "../components/prediction";
import { ratingInput } from "../components/rating-input";
import { shelf, skeletonShelf } from "../components/shelf";
import { errorState, isAbort } from "../components/states";
import { asViewer, type Context, isVisitor } from "../context";
import { announce, h } from "../dom";
import { debounce, latest } from "../state/latest";
import { strings } from "../strings";

const SIMILAR_COUNT = 12;

/** A film's details in a native modal dialog, which traps the focus and closes with Escape. */
export function filmDialog(context: Context, unmounted: AbortSignal, onClose: () => void) {
  const content = h("div", { class: "detail-content" });
  const close = h(
    "button",
    { type: "button", class: "detail-close", "aria-label": strings.film.close, on: { click: () => element.close() } },
    "×",
  );
  const element: HTMLDialogElement = h(
    "dialog",
    {
      class: "detail",
      "aria-label": strings.film.details, // until the title is loaded
      on: {
        close: () => {
          element.after(...liveRegions());
          onClose();
        },
        // A click on the backdrop has the dialog itself as its target.
        click: (event) => event.target === element && element.close(),
      },
    },
    h("div", { class: "detail-box" }, close, content),
  );
  // Outside a modal dialog nothing can be clicked or read out, so notices and the live region move into it.
  const liveRegions = () => [context.notices.element, document.getElementById("live") ?? ""];
  const newest = latest(unmounted);
  const newestPrediction = latest(unmounted);
  let id = "";

  async function load(): Promise<void> {
    content.setAttribute("aria-busy", "true");
    // The link that was followed is removed with the old content.
    if (content.contains(document.activeElement)) close.focus();
    content.replaceChildren(h("div", { class: "detail-skeleton skeleton" }, h("div", { class: "poster" })));
    try {
      await newest(async (signal) => {
        const film = await fetchFilm(id, signal);
        content.replaceChildren(...show(context, film, signal));
        element.setAttribute("aria-labelledby", "detail-title");
        if (element.open) document.title = strings.title(film.title); // for tabs, bookmarks and the history
        announce(film.title);
      });
    } catch (error) {
      if (isAbort(error)) return;
      content.replaceChildren(errorState(error, load));
    }
    content.setAttribute("aria-busy", "false");
  }

  /** Without a profile, the film has no prediction. */
  const fetchFilm = (film: string, signal: AbortSignal): Promise<Film | PersonalFilm> =>
    context.route().profile === null
      ? context.api.film(film, { signal })
      : asViewer(context, (viewer) => context.api.filmFor(viewer, film, { signal }));

  /** After a rating, only the prediction is updated; the rating input keeps the focus. */
  const refresh = debounce(
    () => {
      const current = content.querySelector(".detail-prediction");
      if (!element.open || !current || !isVisitor(context)) return;
      void newestPrediction((signal) => fetchFilm(id, signal)).then(
        (film) => current.replaceWith(prediction(context, film)),
        () => {}, // keeps the old prediction; the home behind the dialog shows the error
      );
    },
    150,
    unmounted,
  );
  unmounted.addEventListener("abort", context.ratings.subscribe(refresh), { once: true });

  return {
    element,
    open(film: string): void {
      id = film;
      if (!element.open) element.showModal();
      element.append(...liveRegions());
      element.scrollTop = 0;
      void load();
    },
    close(): void {
      if (element.open) element.close();
    },
  };
}

function show(context: Context, film: Film, signal: AbortSignal): HTMLElement[] {
  return [
    h(
      "div",
      { class: "detail-film" },
      poster(film, "span"),
      h(
        "div",
        { class: "detail-body" },
        h("h2", { class: "detail-title", id: "detail-title", tabindex: -1 }, film.title),
        h("p", { class: "detail-facts" }, [yearText(film), genresText(film)].join(" · ")),
        h("p", { class: "detail-average" }, averageText(film)),
        prediction(context, film),
        isVisitor(context) && feedback(context, film),
      ),
    ),
    similar(context, film, signal),
  ];
}

/** The visitor's feedback: a rating, or not interested. */
function feedback(context: Context, film: Film): HTMLElement {
  return h(
    "div",
    { class: "detail-rate" },
    h("p", { class: "form-label" }, strings.film.rateShort),
    ratingInput(context, film),
    notInterestedButton(context, film, { withText: true }),
    memberSlot(context, (account) => account.listButton(film)),
  );
}

/** Similar films without the hidden ones. */
function similar(context: Context, film: Film, signal: AbortSignal): HTMLElement {
  const container = h("div", { class: "detail-similar" });
  const load = async () => {
    container.replaceChildren(skeletonShelf(strings.film.similar));
    try {
      const films = await context.api.similar(film.id, SIMILAR_COUNT, { signal });
      const visible = () => films.filter(({ id }) => !context.hidden.has(id));
      const row = shelf(context, strings.film.similar, visible());
      container.replaceChildren(films.length ? row.element : h("p", { class: "note" }, strings.film.noSimilar));
      const update = () => keepFocus(() => row.update(visible()));
      signal.addEventListener("abort", context.hidden.subscribe(update), { once: true });
    } catch (error) {
      if (!isAbort(error)) container.replaceChildren(errorState(error, load));
    }
  };
  void load();
  return container;
}
