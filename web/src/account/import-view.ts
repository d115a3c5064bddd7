import { errorMessage, isAbort } from "../components/states";
import { announce, h, uniqueId } from "../dom";
import { formatStep } from "../format";
import { debounce, latest } from "../state/latest";
import { filmSummary } from "../state/ratings";
import type { MemberContext } from ".";
import { section } from "./account-view";
import { ImportFileError, onScale, readImport, type Source } from "./import-files";
import { memberStrings } from "./strings";
import type { ImportRow } from "./types";

const SUGGESTIONS = 6;
const SHOWN = 200;

/** Ratings from Letterboxd, IMDb or MovieLens; what does not match a film is mended by hand. */
export function importDetails(member: MemberContext, unmounted: AbortSignal): HTMLElement[] {
  const t = memberStrings().import;
  const id = uniqueId("import");
  const input = h("input", {
    type: "file",
    class: "form-control",
    id,
    accept: ".csv,.json,text/csv,application/json",
    on: { change: () => void take(input.files?.[0]) },
  });
  const status = h("div", { class: "account-import", "aria-live": "polite" });
  return [
    section(
      t.heading,
      h("p", { class: "lead-text" }, t.intro),
      h("ul", { class: "account-sources" }, ...t.sources.map((source) => h("li", {}, source))),
      h("label", { class: "form-label", for: id }, t.choose),
      input,
      status,
    ),
  ];

  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    input.disabled = true;
    try {
      const { source, rows, skipped } = readImport(await file.text());
      status.replaceChildren(
        h("p", {}, t.importing(rows.length)),
        h("progress", { "aria-label": t.importing(rows.length) }),
      );
      const report = await member.api.import(source, rows);
      await member.sync.run();
      const unmatched = report.unmatched.flatMap(({ row }) => rows[row] ?? []);
      status.replaceChildren(
        h("p", {}, t.done(report.matched, rows.length)),
        skipped > 0 ? h("p", { class: "note" }, t.skipped(skipped)) : "",
        unmatched.length > 0 ? mend(unmatched, source) : "",
      );
    } catch (error) {
      const reason = error instanceof ImportFileError ? t.errors[error.reason] : errorMessage(error);
      status.replaceChildren(h("p", { role: "alert", class: "file-error" }, reason));
    }
    input.value = ""; // so that choosing the same file again fires a change event
    input.disabled = false;
  }

  function mend(rows: readonly ImportRow[], source: Source): HTMLElement {
    return h(
      "div",
      {},
      h("h3", { class: "shelf-title" }, t.unmatched(rows.length)),
      h("p", { class: "note" }, t.mendHint),
      h("ul", { class: "account-list" }, ...rows.slice(0, SHOWN).map((row) => mendRow(member, row, source, unmounted))),
      rows.length > SHOWN && h("p", { class: "note" }, t.more(rows.length - SHOWN)),
    );
  }
}

/** A line that matched no film: search for it by title, and choose. */
function mendRow({ context }: MemberContext, row: ImportRow, source: Source, unmounted: AbortSignal): HTMLElement {
  const t = memberStrings().import;
  const newest = latest(unmounted);
  const name = [row.title ?? row.imdb_id ?? row.film_id ?? "", row.year && `(${row.year})`].filter(Boolean).join(" ");
  const found = h("span", { class: "file-actions" });
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
    if (!q) return found.replaceChildren();
    try {
      const { items } = await newest((signal) =>
        context.api.films({ q, sort: "popularity", limit: SUGGESTIONS }, { signal }),
      );
      found.replaceChildren(
        ...items.map((film) => {
          const choose = () => {
            const time = row.rated_at ?? new Date().toISOString();
            context.ratings.put({ film: filmSummary(film), rating: onScale(row.rating, source, context.scale), time });
            announce(t.mended(film.title));
            item.remove();
          };
          const label = film.year === null ? film.title : `${film.title} (${film.year})`;
          return h("button", { type: "button", class: "btn btn-sm btn-secondary", on: { click: choose } }, label);
        }),
      );
    } catch (error) {
      if (!isAbort(error)) found.replaceChildren(h("span", { class: "file-error" }, errorMessage(error)));
    }
  }
}
