import type { Film } from "../api/types";
import { errorMessage, isAbort } from "../components/states";
import { announce, h } from "../dom";
import { formatStep } from "../format";
import { debounce, latest } from "../state/latest";
import { filmSummary } from "../state/ratings";
import type { MemberContext } from ".";
import { onScale, type Source } from "./import-files";
import { memberStrings } from "./strings";
import { toIso } from "./time";
import type { ImportRow, Unmatched } from "./types";

const SUGGESTIONS = 6;
/** Rows to mend at once; a file of another kind of works may have thousands. */
const SHOWN = 200;

/** Rows of an import that matched no film, to mend by hand: choose one of the films that it could be, or search. */
export function mendSection(
  member: MemberContext,
  unmatched: readonly Unmatched[],
  rows: readonly ImportRow[],
  source: Source,
  unmounted: AbortSignal,
): HTMLElement {
  const t = memberStrings().import;
  const items = unmatched.slice(0, SHOWN).flatMap(({ row, candidates }) => {
    const found = rows[row];
    return found ? [mendRow(member, found, candidates, source, unmounted)] : [];
  });
  return h(
    "div",
    {},
    h("h3", { class: "shelf-title" }, t.unmatched(unmatched.length)),
    h("p", { class: "note" }, t.mendHint),
    h("ul", { class: "account-list account-mend" }, ...items),
    unmatched.length > SHOWN && h("p", { class: "note" }, t.more(unmatched.length - SHOWN)),
  );
}

function mendRow(
  { context }: MemberContext,
  row: ImportRow,
  candidates: readonly Film[],
  source: Source,
  unmounted: AbortSignal,
): HTMLElement {
  const t = memberStrings().import;
  const newest = latest(unmounted);
  const title = row.title || row.imdb_id || row.film_id || "";
  const name = row.year === null ? title : `${title} (${row.year})`;
  const found = h("span", { class: "file-actions" }, ...candidates.map(choice));
  const search = h("input", {
    class: "form-control form-control-sm",
    type: "search",
    "aria-label": t.search(name),
    placeholder: t.searchPlaceholder,
    maxlength: 100,
    on: { input: debounce(() => void find(), 200, unmounted) },
  });
  const item = h("li", {}, h("span", {}, `${name}: ${formatStep(row.rating)}`), search, found);
  return item;

  async function find(): Promise<void> {
    const q = search.value.trim();
    if (!q) return found.replaceChildren(...candidates.map(choice));
    try {
      const { items } = await newest((signal) =>
        context.api.films({ q, sort: "popularity", limit: SUGGESTIONS }, { signal }),
      );
      found.replaceChildren(...items.map(choice));
    } catch (error) {
      if (!isAbort(error)) found.replaceChildren(h("span", { class: "file-error" }, errorMessage(error)));
    }
  }

  function choice(film: Film): HTMLElement {
    const label = film.year === null ? film.title : `${film.title} (${film.year})`;
    return h("button", { type: "button", class: "btn btn-sm btn-secondary", on: { click: () => choose(film) } }, label);
  }

  function choose(film: Film): void {
    const time = row.rated_at === null ? new Date().toISOString() : toIso(row.rated_at);
    context.ratings.put({ film: filmSummary(film), rating: onScale(row.rating, source, context.scale), time });
    announce(t.mended(film.title));
    const next = item.nextElementSibling?.querySelector("input");
    item.remove();
    next?.focus();
  }
}
