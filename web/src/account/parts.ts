import { errorMessage } from "../components/states";
import { h } from "../dom";
import { SessionEnded } from "./session";
import { memberStrings } from "./strings";

/** A part of a member's view, with its heading. */
export const section = (heading: string, ...children: (Node | null)[]): HTMLElement =>
  h("section", { class: "account-section" }, h("h2", { class: "shelf-title" }, heading), ...children);

export const actions = (...children: (HTMLElement | null)[]): HTMLElement =>
  h("div", { class: "file-actions" }, ...children);

/** A button that cannot be pressed twice, and says beside it if it did not work. */
export function action(look: string, label: string, run: () => Promise<void>): HTMLElement {
  const error = h("span", { role: "alert", class: "file-error" });
  const button = h("button", { type: "button", class: `btn ${look}`, on: { click: () => void press() } }, label);
  return h("span", {}, button, error);

  async function press(): Promise<void> {
    button.disabled = true;
    error.textContent = "";
    try {
      await run();
    } catch (reason) {
      const message = reason instanceof SessionEnded ? memberStrings().session.ended : errorMessage(reason);
      error.textContent = ` ${message}`;
    }
    button.disabled = false;
  }
}
