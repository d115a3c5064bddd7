import { ApiError } from "../api/problem";
import { h } from "../dom";
import { strings } from "../strings";

/** An error with the API's message, if there is one, and a retry button. */
export function errorState(error: unknown, retry: () => void): HTMLElement {
  const known = error instanceof ApiError;
  const element = h(
    "div",
    { class: "state state-error", role: "alert" },
    h("p", { class: "state-heading" }, strings.errors.heading),
    h("p", {}, errorMessage(error)),
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
      { class: "state-actions" },
      h("button", { type: "button", class: "btn btn-light", on: { click: onRetry } }, strings.retry),
      // A retry does not help if something does not exist or is not public.
      known &&
        (error.status === 404 || error.status === 403) &&
        h("a", { class: "btn btn-secondary", href: "?" }, strings.errors.start),
    ),
  );
  return element;

  /** The retry button is removed, so the focus moves to the start of the view. */
  function onRetry(): void {
    const view = element.closest("dialog, main");
    retry();
    if (!element.isConnected) view?.querySelector<HTMLElement>(".detail-close, h1")?.focus({ preventScroll: true });
  }
}

export const errorMessage = (error: unknown): string =>
  error instanceof ApiError ? error.message : strings.errors.unknown;

export function emptyState(heading: string, message: string, action?: HTMLElement): HTMLElement {
  return h("div", { class: "state" }, h("p", { class: "state-heading" }, heading), h("p", {}, message), action);
}

/**
 * Keeps the current height of `container`, up to the window's height, while it shows an error or empty state, so that
 * the content below does not move. Call it before the container's content is replaced.
 */
export function keepHeight(container: HTMLElement): void {
  container.classList.add("kept-height");
  container.style.setProperty("--kept-height", `${container.offsetHeight}px`);
}

/** Whether an error means that the caller aborted the request. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
