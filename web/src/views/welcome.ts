import type { Film } from "../api/types";
import { privacyNote } from "../components/membership";
import { notInterestedButton } from "../components/not-interested";
import { ratingInput } from "../components/rating-input";
import { ratingRow, ratingRows, skeletonRow } from "../components/rating-row";
import { errorState, isAbort, keepHeight } from "../components/states";
import type { Context, ViewHandle } from "../context";
import { h } from "../dom";
import { latest } from "../state/latest";
import { strings } from "../strings";

const RATING_GOAL = 5;
const STARTER_COUNT = 25;

/** A first visit: five films to rate. Each can be replaced by another, and the view can be skipped. */
export function welcomeView(context: Context, unmounted: AbortSignal): ViewHandle {
  const t = strings.welcome;
  const newest = latest(unmounted);
  const container = h("div", { class: "welcome-films" });
  const progress = h("p", { class: "ratings-progress", role: "status" });
  const done = h("button", { type: "button", class: "btn btn-primary btn-lg", on: { click: finish } }, t.done);
  const skip = h("button", { type: "button", class: "btn btn-outline-light", on: { click: finish } }, t.skip);
  const element = h(
    "div",
    { class: "ratings welcome" },
    h("h1", { tabindex: -1 }, t.heading),
    h("p", { class: "lead-text" }, t.intro),
    container,
    h("div", { class: "ratings-bar" }, progress, done, skip),
    privacyNote(context),
  );
  const shownFilms: Film[] = [];
  let remaining: Film[] = [];

  async function load(): Promise<void> {
    container.setAttribute("aria-busy", "true");
    container.replaceChildren(ratingRows(Array.from({ length: RATING_GOAL }, skeletonRow)));
    try {
      const films = await newest((signal) => context.api.starters(STARTER_COUNT, { signal }));
      remaining = films.filter(({ id }) => !context.hidden.has(id));
      shownFilms.push(...remaining.splice(0, RATING_GOAL));
      container.replaceChildren(ratingRows(shownFilms.map(row)));
    } catch (error) {
      if (isAbort(error)) return;
      keepHeight(container);
      container.replaceChildren(errorState(error, load));
    }
    container.setAttribute("aria-busy", "false");
  }

  function row(film: Film): HTMLElement {
    const notSeen = h(
      "button",
      {
        type: "button",
        class: "btn btn-sm btn-secondary",
        "aria-label": t.notSeenFilm(film.title),
        on: { click: () => replaceFilm(item, film) },
      },
      t.notSeen,
    );
    const item: HTMLElement = ratingRow(context, film, {
      controls: [ratingInput(context, film), notSeen],
      corner: notInterestedButton(context, film, { onHide: () => replaceFilm(item, film) }),
      heading: "h2",
    });
    return item;
  }

  function replaceFilm(item: HTMLElement, film: Film): void {
    context.ratings.remove(film.id);
    const next = remaining.shift();
    if (!next) {
      item.replaceWith(h("li", { class: "rating-row" }, h("p", { class: "note", tabindex: -1 }, t.none)));
      return;
    }
    shownFilms[shownFilms.indexOf(film)] = next;
    const nextItem = row(next);
    item.replaceWith(nextItem);
    nextItem.querySelector<HTMLElement>("a")?.focus();
  }

  function finish(): void {
    context.preferences.welcomed = true;
    context.remount();
  }

  function show(): void {
    const rated = context.ratings.size;
    progress.textContent = t.progress(rated, RATING_GOAL);
    done.hidden = rated === 0;
    skip.hidden = rated >= RATING_GOAL;
  }

  show();
  void load();
  unmounted.addEventListener("abort", context.ratings.subscribe(show), { once: true });
  return { element, title: t.heading };
}
