import type { Context } from "../context";
import { announce, h } from "../dom";
import { exportFile, ImportError, MAX_FILE_BYTES, readFile } from "../state/ratings-file";
import { strings } from "../strings";

/** Ratings as a file, out of this browser and into it. What a file holds is added; nothing else is lost. */
export function ratingsFile(context: Context): HTMLElement {
  const words = strings.ratings;
  const said = h("div", { class: "file-said" });
  const input = h("input", {
    type: "file",
    accept: "application/json,.json",
    hidden: true,
    "aria-hidden": true,
    tabindex: -1,
    on: { change: () => void take(input.files?.[0]) },
  });
  return h(
    "section",
    { class: "ratings-file" },
    h("h2", { class: "shelf-title" }, words.file),
    h("p", { class: "lead-text" }, words.fileIntro),
    h(
      "div",
      { class: "file-buttons" },
      h("button", { type: "button", class: "btn btn-secondary", on: { click: save } }, words.export),
      h("button", { type: "button", class: "btn btn-secondary", on: { click: () => input.click() } }, words.import),
      input,
    ),
    said,
  );

  function save(): void {
    const text = exportFile(context.ratings, context.hidden, new Date());
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    h("a", { href: url, download: words.fileName }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    input.value = ""; // the same file again is a change, too
    try {
      if (file.size > MAX_FILE_BYTES) throw new ImportError(strings.importErrors.large);
      const { ratings, not_interested } = readFile(await file.text(), context.scale);
      context.hidden.put(...not_interested);
      context.ratings.put(...ratings);
      const done = words.imported(ratings.length, not_interested.length);
      said.replaceChildren(h("p", {}, done));
      announce(done);
    } catch (error) {
      const reason = error instanceof ImportError ? error.message : strings.errors.unknown;
      said.replaceChildren(
        h("div", { role: "alert", class: "file-error" }, h("strong", {}, strings.importErrors.heading), ` ${reason}`),
      );
    }
  }
}
