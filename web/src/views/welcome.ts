import type { Film } from "../api/types";
import { ratingInput } from "../components/rating-input";
import { ratingRow, ratingRows, skeletonRow } from "../components/rating-row";
import { errorState, hold, isAbort } from "../components/states";
import type { Context, ViewHandle } from "../context";
import { h } from "../dom";
import { latest } from "../state/latest";
import { strings } from "../strings";

const ASKED = 5;
const STARTERS = 25;

/** A first visit: five well-chosen films to rate, each to be passed over for another, all of it to be skipped. */
export function welcomeView(context: Context, life: AbortSignal): ViewHandle {
  const words = strings.welcome;
  const newest = latest(life);
  const place = h("div", { class: "welcome-films" });
  const progress = h("p", { class: "ratings-progress", role: "status" });
  const done = h("button", { type: "button", class: "btn btn-primary btn-lg", on: { click: leave } }, words.done);
  const skip = h("button", { type: "button", class: "btn btn-outline-light", on: { click: leave } }, words.skip);
  const element = h(
    "div",
    { class: "ratings welcome" },
    h("h1", { tabindex: -1 }, words.heading),
    h("p", { class: "lead-text" }, words.intro),
    place,
    h("div", { class: "ratings-bar" }, progress, done, skip),
    h("p", { class: "note" }, strings.ratings.intro),
  );
  const asked: Film[] = [];
  let waiting: Film[] = [];

  async function load(): Promise<void> {
    place.setAttribute("aria-busy", "true");
    place.replaceChildren(ratingRows(Array.from({ length: ASKED }, skeletonRow)));
    try {
      waiting = await newest((signal) => context.api.starters(STARTERS, { signal }));
      asked.push(...waiting.splice(0, ASKED));
      place.replaceChildren(ratingRows(asked.map(row)));
    } catch (error) {
      if (isAbort(error)) return;
      hold(place);
      place.replaceChildren(errorState(error, load));
    }
    place.setAttribute("aria-busy", "false");
  }

  function row(film: Film): HTMLElement {
    const item: HTMLElement = ratingRow(
      context,
      film,
      h(
        "div",
        { class: "welcome-answer" },
        ratingInput(context, film),
        h(
          "button",
          {
            type: "button",
            class: "btn btn-sm btn-secondary",
            "aria-label": words.unknownOf(film.title),
            on: { click: () => another(item, film) },
          },
          words.unknown,
        ),
      ),
      "h2",
    );
    return item;
  }

  function another(item: HTMLElement, film: Film): void {
    context.ratings.remove(film.id);
    const next = waiting.shift();
    if (!next) {
      item.replaceWith(h("li", { class: "rating-row" }, h("p", { class: "note", tabindex: -1 }, words.none)));
      return;
    }
    asked[asked.indexOf(film)] = next;
    const following = row(next);
    item.replaceWith(following);
    following.querySelector<HTMLElement>("a")?.focus();
  }

  function leave(): void {
    context.preferences.welcomed = true;
    context.remount();
  }

  function show(): void {
    const rated = context.ratings.size;
    progress.textContent = words.progress(rated, ASKED);
    done.hidden = rated === 0;
    skip.hidden = rated >= ASKED;
  }

  show();
  void load();
  life.addEventListener("abort", context.ratings.subscribe(show), { once: true });
  return { element, title: words.heading };
}
