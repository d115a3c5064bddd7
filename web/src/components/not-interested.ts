import type { Context } from "../context";
import { announce, h, svg } from "../dom";
import type { FilmSummary, HiddenStore } from "../state/ratings";
import { strings } from "../strings";

const NOTICE = "not-interested";
const UNDO_MS = 10_000;

interface ButtonOptions {
  /** Shows the text beside the icon. */
  withText?: boolean;
  /** Called after the film was hidden. */
  onHide?: () => void;
}

/** Thumbs down, a toggle: the film is no longer recommended, and the API learns from it. A notice offers to undo it. */
export function notInterestedButton(
  context: Context,
  film: FilmSummary,
  { withText = false, onHide = () => {} }: ButtonOptions = {},
): HTMLElement {
  const t = strings.film;
  const { hidden, notices } = context;
  return h(
    "button",
    {
      type: "button",
      class: withText ? "btn btn-outline-light not-interested" : "not-interested not-interested-icon",
      title: withText ? null : t.notInterested,
      "aria-label": t.notInterestedIn(film.title),
      "aria-pressed": hidden.has(film.id),
      "data-not-interested": film.id,
      on: { click: () => (hidden.has(film.id) ? showAgain() : hide()) },
    },
    thumbDown(),
    withText && h("span", {}, t.notInterested),
  );

  function hide(): void {
    hidden.hide(film);
    notices.show(NOTICE, t.hidden(film.title), { label: t.undo, action: undo }, UNDO_MS);
    onHide();
  }

  function showAgain(): void {
    hidden.remove(film.id);
    notices.hide(NOTICE);
    announce(t.shownAgain(film.title));
  }

  /** The focused button is removed with the notice, so the focus moves to the film or to the heading. */
  function undo(): void {
    showAgain();
    const view = document.querySelector("dialog[open]") ?? document.querySelector("main");
    const target = view?.querySelector<HTMLElement>(selector(film.id)) ?? view?.querySelector<HTMLElement>("h1, h2");
    target?.focus({ preventScroll: true });
  }
}

/** Keeps the buttons in `root` up to date: a film may have several, and a notice or the ratings view may undo it. */
export function syncNotInterested(root: HTMLElement, hidden: HiddenStore): void {
  hidden.subscribe(() => {
    for (const button of root.querySelectorAll<HTMLElement>("[data-not-interested]")) showPressed(button, hidden);
  });
}

export function showPressed(button: HTMLElement, hidden: HiddenStore): void {
  button.setAttribute("aria-pressed", String(hidden.has(button.dataset["notInterested"] ?? "")));
}

const selector = (id: string): string => `[data-not-interested="${CSS.escape(id)}"]`;

function thumbDown(): SVGElement {
  return svg(
    "svg",
    { class: "thumb-down", viewBox: "0 0 24 24", "aria-hidden": true, focusable: "false" },
    svg("path", {
      d: "M16 3H7.2c-.9 0-1.700.5-2 1.400L2.300 11c-.1.3-.2.600-.2.900V13.500c0 1.100.9 2 2 2h5.600l-.9 4.300c-.1.500.1 1 .4 1.400l.9.900 5.700-6.100c.300-.300.5-.8.5-1.300V4.500M17.500 3H22v12h-4.500z",
    }),
  );
}
