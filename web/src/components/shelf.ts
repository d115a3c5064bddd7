import type { Film } from "../api/types";
import type { Context } from "../context";
import { h, uniqueId } from "../dom";
import { strings } from "../strings";
import { filmCard, skeletonCards } from "./film-card";

/** A row of films that scrolls by touch, wheel, Tab and its two buttons; it never moves by itself. */
export function shelf(context: Context, title: string, films: readonly Film[]): HTMLElement {
  const items = films.map((film) => h("li", { class: "shelf-item" }, filmCard(context, film)));
  return frame(title, items);
}

export function skeletonShelf(title: string): HTMLElement {
  const element = frame(
    title,
    skeletonCards(8).map((card) => {
      card.classList.add("shelf-item");
      return card;
    }),
  );
  element.setAttribute("aria-busy", "true");
  return element;
}

function frame(title: string, items: HTMLElement[]): HTMLElement {
  const headingId = uniqueId("shelf");
  const row = h("ul", { class: "shelf-row", on: { scroll: () => requestAnimationFrame(showButtons) } }, ...items);
  const previous = button("‹", strings.shelf.previous(title), -1);
  const next = button("›", strings.shelf.next(title), 1);
  const observer = new ResizeObserver(showButtons);
  observer.observe(row);
  return h(
    "section",
    { class: "shelf", "aria-labelledby": headingId },
    h(
      "div",
      { class: "shelf-head" },
      h("h2", { class: "shelf-title", id: headingId }, title),
      h("div", { class: "shelf-buttons" }, previous, next),
    ),
    row,
  );

  function button(sign: string, label: string, direction: 1 | -1): HTMLButtonElement {
    const scroll = () => row.scrollBy({ left: direction * row.clientWidth * 0.85 }); // smooth or not: CSS says
    return h("button", { type: "button", class: "shelf-button", "aria-label": label, on: { click: scroll } }, sign);
  }

  // aria-disabled, not disabled: a button that disables itself under the finger loses the focus.
  function showButtons(): void {
    const end = row.scrollWidth - row.clientWidth;
    previous.setAttribute("aria-disabled", String(row.scrollLeft <= 1));
    next.setAttribute("aria-disabled", String(row.scrollLeft >= end - 1));
  }
}
