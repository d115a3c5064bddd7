import type { Film } from "../api/types";
import type { Context } from "../context";
import { h, uniqueId } from "../dom";
import { strings } from "../strings";
import { filmCard, skeletonCards, updateFilmCard } from "./film-card";

export interface Shelf {
  element: HTMLElement;
  /** Shows other films; cards of films that stay are reused, so that they do not flicker. */
  update(films: readonly Film[]): void;
}

/** A row of films that scrolls by touch, wheel, keyboard and its two buttons. */
export function shelf(context: Context, title: string, films: readonly Film[]): Shelf {
  const { element, row } = frame(title);
  const items = new Map<string, HTMLElement>();
  const update = (next: readonly Film[]) => {
    const newItems = next.map((film) => {
      const item = items.get(film.id) ?? h("li", { class: "shelf-item" }, filmCard(context, film));
      if (items.has(film.id)) updateFilmCard(context, item, film);
      items.set(film.id, item);
      return item;
    });
    const isSame = newItems.length === row.childElementCount && newItems.every((item, i) => row.children[i] === item);
    if (!isSame) row.replaceChildren(...newItems);
  };
  update(films);
  return { element, update };
}

export function skeletonShelf(title: string): HTMLElement {
  const { element, row } = frame(title);
  for (const card of skeletonCards(8)) {
    card.classList.add("shelf-item");
    row.append(card);
  }
  element.setAttribute("aria-busy", "true");
  return element;
}

function frame(title: string): { element: HTMLElement; row: HTMLElement } {
  const headingId = uniqueId("shelf");
  const row = h("ul", {
    class: "shelf-row",
    on: { scroll: () => requestAnimationFrame(showButtons), keydown: onKey },
  });
  const previous = button("‹", strings.shelf.previous(title), -1);
  const next = button("›", strings.shelf.next(title), 1);
  new ResizeObserver(showButtons).observe(row);
  new MutationObserver(showButtons).observe(row, { childList: true });
  const element = h(
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
  return { element, row };

  function button(symbol: string, label: string, direction: 1 | -1): HTMLButtonElement {
    // CSS decides whether scrolling is smooth.
    const scroll = () => row.scrollBy({ left: direction * forward() * row.clientWidth * 0.85 });
    return h("button", { type: "button", class: "shelf-button", "aria-label": label, on: { click: scroll } }, symbol);
  }

  /** Arrow keys move between films, on the link or the button that has the focus; Home and End go to the first and last. */
  function onKey(event: KeyboardEvent): void {
    const focused = document.activeElement as HTMLElement;
    const controls = [...row.querySelectorAll<HTMLElement>(focused.tagName === "BUTTON" ? "button" : ".poster-link")];
    const current = controls.indexOf(focused);
    if (current < 0) return;
    const targets: Record<string, number> = {
      ArrowRight: current + forward(),
      ArrowLeft: current - forward(),
      Home: 0,
      End: controls.length - 1,
    };
    const control = controls[targets[event.key] ?? -1];
    if (!control) return;
    event.preventDefault();
    control.focus({ preventScroll: true });
    control.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // aria-disabled, not disabled: a disabled button would lose the focus.
  function showButtons(): void {
    const end = row.scrollWidth - row.clientWidth;
    const position = Math.abs(row.scrollLeft); // negative in right-to-left layouts
    previous.setAttribute("aria-disabled", String(position <= 1));
    next.setAttribute("aria-disabled", String(position >= end - 1));
  }
}

const forward = (): 1 | -1 => (document.documentElement.dir === "rtl" ? -1 : 1);
