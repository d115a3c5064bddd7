import type { Film } from "../api/types";
import { averageText, genresText, poster } from "../components/film-card";
import { ratingInput } from "../components/rating-input";
import { shelf, skeletonShelf } from "../components/shelf";
import { predictedStars } from "../components/stars";
import { errorState, isAbort } from "../components/states";
import { type Context, isVisitor, viewerName } from "../context";
import { h } from "../dom";
import { latest } from "../state/latest";
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
      on: {
        close: closed,
        // A click on the backdrop is a click on the dialog itself; its content is inside another element.
        click: (event) => event.target === element && element.close(),
      },
    },
    h("div", { class: "detail-box" }, close, content),
  );
  const newest = latest(life);

  async function load(id: string): Promise<void> {
    content.setAttribute("aria-busy", "true");
    content.replaceChildren(h("div", { class: "detail-skeleton skeleton" }, h("div", { class: "poster" })));
    try {
      await newest(async (signal) => {
        const film = await context.api.film(id, { signal });
        content.replaceChildren(...show(context, film, signal));
        element.setAttribute("aria-labelledby", "detail-title");
      });
    } catch (error) {
      if (isAbort(error)) return;
      content.replaceChildren(errorState(error, () => load(id)));
    }
    content.setAttribute("aria-busy", "false");
  }

  return {
    element,
    open(id: string): void {
      if (!element.open) element.showModal();
      element.scrollTop = 0;
      void load(id);
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
        h("p", { class: "detail-facts" }, [film.year ?? strings.film.yearUnknown, genresText(film)].join(" · ")),
        predicted(context, film),
        h("p", { class: "detail-average" }, averageText(film)),
        isVisitor(context) &&
          h(
            "div",
            { class: "detail-rate" },
            h("p", { class: "form-label" }, strings.film.rateShort),
            ratingInput(context, film),
          ),
      ),
    ),
    similar(context, film, signal),
  ];
}

/** Predicted stars where a list has shown them; an address opened directly has none, and the dialog does without. */
function predicted(context: Context, film: Film): HTMLElement | null {
  const stars = context.predictions.get(film.id);
  if (stars === undefined) return null;
  const label = isVisitor(context) ? strings.film.predictedLabel : strings.film.predictedFor(viewerName(context));
  return h("p", { class: "detail-predicted" }, h("span", {}, label), predictedStars(stars, context.scale));
}

function similar(context: Context, film: Film, signal: AbortSignal): HTMLElement {
  const place = h("div", { class: "detail-similar" });
  const load = async () => {
    place.replaceChildren(skeletonShelf(strings.film.similar));
    try {
      const films = await context.api.similar(film.id, SIMILAR, { signal });
      place.replaceChildren(
        films.length ? shelf(context, strings.film.similar, films) : h("p", { class: "note" }, strings.film.noSimilar),
      );
    } catch (error) {
      if (!isAbort(error)) place.replaceChildren(errorState(error, load));
    }
  };
  void load();
  return place;
}
