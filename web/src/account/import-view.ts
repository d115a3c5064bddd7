import { errorMessage } from "../components/states";
import { h, uniqueId } from "../dom";
import type { MemberContext } from ".";
import { ImportFileError, readImport } from "./import-files";
import { mendSection } from "./import-mend";
import { mergeSection, saveMerge } from "./merge";
import { section } from "./parts";
import { memberStrings } from "./strings";

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
      saveMerge(member.membership.storage, report.undo === null ? null : report);
      status.replaceChildren(
        h("p", {}, t.done(report.matched, rows.length)),
        skipped > 0 ? h("p", { class: "note" }, t.skipped(skipped)) : "",
        mergeSection(member) ?? "",
        report.unmatched.length > 0 ? mendSection(member, report.unmatched, rows, source, unmounted) : "",
      );
    } catch (error) {
      const reason = error instanceof ImportFileError ? t.errors[error.reason] : errorMessage(error);
      status.replaceChildren(h("p", { role: "alert", class: "file-error" }, reason));
    }
    input.value = ""; // so that choosing the same file again fires a change event
    input.disabled = false;
  }
}
