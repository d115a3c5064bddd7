import { ApiError } from "../api/problem";
import { h } from "../dom";
import { strings } from "../strings";

/** What went wrong, in the API's words where it has some, and a way to try again. */
export function errorState(error: unknown, retry: () => void): HTMLElement {
  const known = error instanceof ApiError;
  const element = h(
    "div",
    { class: "state state-error", role: "alert" },
    h("p", { class: "state-heading" }, strings.errors.heading),
    h("p", {}, errorWords(error)),
    known &&
      error.details.length > 0 &&
      h(
        "ul",
        { class: "state-details" },
        ...error.details.map(({ pointer, parameter, detail }) =>
          h("li", {}, [parameter ?? pointer, detail].filter(Boolean).join(": ")),
        ),
      ),
    h(
      "div",
      { class: "state-ways" },
      h("button", { type: "button", class: "btn btn-light", on: { click: again } }, strings.retry),
      // What does not exist, or is not for everybody, will be no other when it is asked for again.
      known &&
        (error.status === 404 || error.status === 403) &&
        h("a", { class: "btn btn-secondary", href: "?" }, strings.errors.start),
    ),
  );
  return element;

  /** The button goes; the focus does not go with it, back to the start of the page, but to the start of the view. */
  function again(): void {
    const view = element.closest("dialog, main");
    retry();
    if (!element.isConnected) view?.querySelector<HTMLElement>(".detail-close, h1")?.focus({ preventScroll: true });
  }
}

export const errorWords = (error: unknown): string =>
  error instanceof ApiError ? error.message : strings.errors.unknown;

export function emptyState(heading: string, words: string, action?: HTMLElement): HTMLElement {
  return h("div", { class: "state" }, h("p", { class: "state-heading" }, heading), h("p", {}, words), action);
}

/**
 * While a state is in `place`, it stays as high as it is now, up to the window's height: what stands below does not
 * move when words take the place of what was loading. To be called before that is taken away.
 */
export function hold(place: HTMLElement): void {
  place.classList.add("held");
  place.style.setProperty("--held", `${place.offsetHeight}px`);
}

/** Whether a promise was rejected because its caller no longer wants the answer. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
