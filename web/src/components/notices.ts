import { h } from "../dom";

export interface Notices {
  element: HTMLElement;
  /**
   * Shows a message at the bottom of the window, optionally with a button. A message with the same key is replaced.
   * With `durationMs` it disappears by itself, but not while it has the focus or the pointer.
   */
  show(key: string, message: string, button?: { label: string; action: () => void }, durationMs?: number): void;
  hide(key: string): void;
}

/** Messages over the page that are not errors of a view, such as offline or slow. */
export function notices(): Notices {
  const shown = new Map<string, HTMLElement>();
  const element = h("div", { class: "notices", role: "status" });
  return { element, show, hide };

  function show(
    key: string,
    message: string,
    button?: { label: string; action: () => void },
    durationMs?: number,
  ): void {
    const notice = h(
      "div",
      { class: "notice", "data-notice": key },
      h("span", {}, message),
      button &&
        h("button", { type: "button", class: "btn btn-sm btn-light", on: { click: button.action } }, button.label),
    );
    const previous = shown.get(key);
    if (previous) previous.replaceWith(notice);
    else element.append(notice);
    shown.set(key, notice);
    if (durationMs) expire(key, notice, durationMs);
  }

  function hide(key: string): void {
    shown.get(key)?.remove();
    shown.delete(key);
  }

  function expire(key: string, notice: HTMLElement, durationMs: number): void {
    setTimeout(() => {
      if (shown.get(key) !== notice) return;
      if (notice.matches(":hover, :focus-within")) expire(key, notice, durationMs);
      else hide(key);
    }, durationMs);
  }
}
