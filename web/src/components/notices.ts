import { h } from "../dom";

export interface Notices {
  element: HTMLElement;
  /** One line at the foot of the window, with a button where something can be done; the same key replaces it. */
  show(key: string, words: string, action?: { label: string; act: () => void }): void;
  hide(key: string): void;
}

/** Things worth knowing that are no error of the view: offline, slow, kept from before. They move nothing. */
export function notices(): Notices {
  const shown = new Map<string, HTMLElement>();
  const element = h("div", { class: "notices", role: "status" });
  return {
    element,
    show(key, words, action) {
      const button = action && h("button", { type: "button", class: "btn btn-sm btn-light" }, action.label);
      button?.addEventListener("click", action?.act ?? (() => {}));
      const notice = h("div", { class: "notice", "data-notice": key }, h("span", {}, words), button);
      const before = shown.get(key);
      if (before) before.replaceWith(notice);
      else element.append(notice);
      shown.set(key, notice);
    },
    hide(key) {
      shown.get(key)?.remove();
      shown.delete(key);
    },
  };
}
