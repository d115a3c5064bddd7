import type { Reason, Scale } from "../api/types";
import type { Context } from "../context";
import { h } from "../dom";
import { formatStep } from "../format";
import { strings } from "../strings";

/** What a rated film does for a recommendation: raise it, most or as well, or lower it, because it was disliked or not. */
export type ReasonKind = "main" | "also" | "disliked" | "against";

export interface RankedReason extends Reason {
  kind: ReasonKind;
  /** 0 to 1, relative to the strongest reason. */
  strength: number;
}

/** The reasons that raise the recommendation, then those that lower it, each group by strength. */
export function rankReasons(reasons: readonly Reason[], scale: Scale): RankedReason[] {
  const max = Math.max(...reasons.map(({ share }) => Math.abs(share)));
  const raising = reasons.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
  const lowering = reasons.filter(({ share }) => share < 0).sort((a, b) => a.share - b.share);
  const middle = (scale.min + scale.max) / 2;
  return [
    ...raising.map((reason, i) => ({ ...reason, kind: i === 0 ? ("main" as const) : ("also" as const) })),
    ...lowering.map((reason) => ({
      ...reason,
      kind: reason.rating < middle ? ("disliked" as const) : ("against" as const),
    })),
  ].map((reason) => ({ ...reason, strength: Math.abs(reason.share) / max }));
}

/** Why a film is recommended, and what counts against it: rated films in words, with a bar for the strength. */
export function reasonList(context: Context, reasons: readonly Reason[]): HTMLElement {
  const t = strings.film;
  return h(
    "div",
    { class: "why" },
    h("h3", { class: "why-title" }, t.why),
    h(
      "ul",
      { class: "why-list" },
      ...rankReasons(reasons, context.scale).map(({ film, rating, share, kind, strength }) =>
        h(
          "li",
          {
            class: `why-film ${share < 0 ? "why-lowers" : ""}`,
            vars: { "--strength": `${Math.round(strength * 100)}%` },
          },
          h("span", { class: "why-kind" }, t.whyKinds[kind]),
          h(
            "span",
            { class: "why-rated" },
            h("a", { href: context.href({ film: film.id }) }, film.title),
            h("span", { class: "why-rating" }, t.whyRated(t.stars(formatStep(rating)))),
          ),
          h("span", { class: "why-bar", "aria-hidden": true }),
        ),
      ),
    ),
  );
}
