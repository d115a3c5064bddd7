import { announce, h } from "../dom";
import type { FilmSummary } from "../state/ratings";
import type { MemberContext } from ".";
import { memberStrings } from "./strings";

/** A toggle: the film is on the member's list. */
export function listButton({ list }: MemberContext, film: FilmSummary): HTMLElement {
  const t = memberStrings().shelves;
  const button = h("button", { type: "button", class: "btn btn-outline-light", on: { click: toggle } });
  show();
  return button;

  function show(): void {
    button.textContent = list.has(film.id) ? t.onList : t.addToList;
    button.setAttribute("aria-pressed", String(list.has(film.id)));
  }

  function toggle(): void {
    if (list.has(film.id)) list.remove(film.id);
    else list.keep(film);
    show();
    announce(button.textContent);
  }
}
