import { announce, h } from "../dom";
import { formatStep } from "../format";
import { type KeyValueStorage, read, write } from "../state/stored";
import type { MemberContext } from ".";
import { action } from "./parts";
import { memberStrings } from "./strings";
import type { Conflict, Merged } from "./types";

const KEY = "film-recommender.merge.v1";
export const MERGE_NOTICE = "merge";

/** Keeps the result of a merge until the member has seen it. */
export function saveMerge(storage: KeyValueStorage | null, result: Merged | null): void {
  write(storage, KEY, result);
}

/** What became of this browser's ratings at sign-in: what differed, one click to change each, and the way back. */
export function mergeSection(member: MemberContext): HTMLElement | null {
  const { context, membership, sync } = member;
  const result = read(membership.storage, KEY) as Merged | null;
  if (!result) return null;
  const t = memberStrings().merge;
  context.notices.hide(MERGE_NOTICE);
  const section = h(
    "section",
    { class: "account-section" },
    h("h2", { class: "shelf-title" }, t.heading),
    h("p", {}, t.done(result.merged)),
    result.conflicts.length > 0 && h("p", {}, t.conflicts(result.conflicts.length)),
    h("ul", { class: "account-list" }, ...result.conflicts.map(conflict)),
    h(
      "div",
      { class: "file-actions" },
      result.undo === null ? null : action("btn-secondary", t.undo, undo),
      button("btn-outline-light", t.dismiss, () => close()),
    ),
  );
  return section;

  function conflict({ film_id, kept, other }: Conflict): HTMLElement {
    const own = context.ratings.get(film_id);
    const title = own?.film.title ?? film_id;
    const use = () => {
      if (own) context.ratings.rate(own.film, other.rating);
      item.remove();
    };
    const item = h(
      "li",
      {},
      h("span", {}, `${title} (${t.conflict(formatStep(kept.rating), formatStep(other.rating))})`),
      button("btn-sm btn-secondary", t.useOther(title, formatStep(other.rating)), use),
    );
    return item;
  }

  async function undo(): Promise<void> {
    if (result?.undo) await sync.undo(result.undo);
    close(t.undone);
  }

  function close(message = ""): void {
    saveMerge(membership.storage, null);
    section.replaceChildren(h("p", {}, message));
    announce(message);
  }
}

const button = (look: string, label: string, click: () => void): HTMLElement =>
  h("button", { type: "button", class: `btn ${look}`, on: { click } }, label);
