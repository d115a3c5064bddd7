import type { Film, PersonalFilm } from "../api/types";
import { averageText, genresText, yearText } from "../components/film-card";
import { poster } from "../components/poster";
import { ratingInput } from "../components/rating-input";
import { shelf, skeletonShelf } from "../components/shelf";
import { errorState, isAbort } from "../components/states";
import { verdict } from "../components/verdict";
import { asViewer, type Context, isVisitor } from "../context";
import { announce, h } from "../dom";
import { debounce, latest } from "../state/latest";
import { strings } from "../strings";

const SIMILAR = 12;

/** Details of a film over the view, in the browser's own modal dialog: it keeps the focus in, and Escape closes it. */
export function filmDialog(context: Context, life: AbortSignal, closed: () => void) {
  const content = h("div", { class: "detail-content" });
  const close = h(
    "button",
    { type: "button", class: "detail-close", "aria-label": strings.film.close, on: { click: () => element.close() } },
    "×",
  );
  const element = h(
    "dialog",
    {
      class: "detail",
      "aria-label": strings.home.details, // until there is a title
      on: {
        close: () => {
          element.after(...speaking());
          closed();
        },
        // A click on the backdrop is a click on the dialog itself; its content is inside another element.
        click: (event) => event.target === element && element.close(),
      },
    },
    h("div", { class: "detail-box" }, close, content),
  );
  // What is outside an open modal dialog can be neither read out nor clicked: what speaks to the visitor comes along.
  const speaking = () => [context.notices.element, document.getElementById("live") ?? ""];
  const newest = latest(life);
  const newestVerdict = latest(life);
  let id = "";

  async function load(): Promise<void> {
    content.setAttribute("aria-busy", "true");
    // The link that led here goes with what it stood in.
    if (content.contains(document.activeElement)) close.focus();
    content.replaceChildren(h("div", { class: "detail-skeleton skeleton" }, h("div", { class: "poster" })));
    try {
      await newest(async (signal) => {
        const film = await ask(id, signal);
        content.replaceChildren(...show(context, film, signal));
        element.setAttribute("aria-labelledby", "detail-title");
        if (element.open) document.title = strings.title(film.title); // for tabs, bookmarks and the browser's history
        announce(film.title);
      });
    } catch (error) {
      if (isAbort(error)) return;
      content.replaceChildren(errorState(error, load));
    }
    content.setAttribute("aria-busy", "false");
  }

  /** For nobody in particular (no profile chosen yet), only what everybody may know of it. */
  const ask = (film: string, signal: AbortSignal): Promise<Film | PersonalFilm> =>
    context.route().who === null
      ? context.api.film(film, { signal })
      : asViewer(context, (viewer) => context.api.filmFor(viewer, film, { signal }));

  /** A rating changes what is predicted and why, and nothing else: stars under the hand stay where they are. */
  const refresh = debounce(
    () => {
      const place = content.querySelector(".detail-verdict");
      if (!element.open || !place || !isVisitor(context)) return;
      void newestVerdict((signal) => ask(id, signal)).then(
        (film) => place.replaceWith(verdict(context, film)),
        () => {}, // what was predicted before stays; the home, behind, says what is wrong
      );
    },
    150,
    life,
  );
  life.addEventListener("abort", context.ratings.subscribe(refresh), { once: true });

  return {
    element,
    open(film: string): void {
      id = film;
      if (!element.open) element.showModal();
      element.append(...speaking());
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
        { class: "detail-words" },
        h("h2", { class: "detail-title", id: "detail-title", tabindex: -1 }, film.title),
        h("p", { class: "detail-facts" }, [yearText(film), genresText(film)].join(" · ")),
        h("p", { class: "detail-average" }, averageText(film)),
        verdict(context, film),
        isVisitor(context) && opinion(context, film),
      ),
    ),
    similar(context, film, signal),
  ];
}

/** What the visitor thinks of it: stars, or that they want none of it. */
function opinion(context: Context, film: Film): HTMLElement {
  const words = strings.film;
  const isHidden = () => context.hidden.get(film.id) !== null;
  const hide = h("button", {
    type: "button",
    class: "btn btn-sm btn-outline-light detail-hide",
    on: { click: toggle },
  });
  show();
  return h(
    "div",
    { class: "detail-rate" },
    h("p", { class: "form-label" }, words.rateShort),
    ratingInput(context, film),
    hide,
  );

  function show(): void {
    hide.textContent = isHidden() ? words.interested : words.notInterested;
  }

  function toggle(): void {
    if (isHidden()) context.hidden.remove(film.id);
    else context.hidden.hide(film);
    announce(isHidden() ? words.hidden(film.title) : words.shownAgain(film.title));
    show();
  }
}

function similar(context: Context, film: Film, signal: AbortSignal): HTMLElement {
  const place = h("div", { class: "detail-similar" });
  const load = async () => {
    place.replaceChildren(skeletonShelf(strings.film.similar));
    try {
      const films = await context.api.similar(film.id, SIMILAR, { signal });
      place.replaceChildren(
        films.length
          ? shelf(context, strings.film.similar, films).element
          : h("p", { class: "note" }, strings.film.noSimilar),
      );
    } catch (error) {
      if (!isAbort(error)) place.replaceChildren(errorState(error, load));
    }
  };
  void load();
  return place;
}
