import type { Context } from "../context";
import { announce, h } from "../dom";
import { strings } from "../strings";

/** The format is loaded when somebody exports or imports. */
const loadFormat = () => import("../state/ratings-file");

/** Export and import of ratings. An import adds to the present ratings and replaces only those of the same films. */
export function ratingsFile(context: Context): HTMLElement {
  const t = strings.ratings;
  const status = h("div", { class: "file-status" });
  const input = h("input", {
    type: "file",
    accept: "application/json,.json",
    hidden: true,
    "aria-hidden": true,
    tabindex: -1,
    on: { change: () => void importFile(input.files?.[0]) },
  });
  return h(
    "section",
    { class: "ratings-file" },
    h("h2", { class: "shelf-title" }, t.file),
    h("p", { class: "lead-text" }, t.fileIntro),
    h(
      "div",
      { class: "file-actions" },
      h("button", { type: "button", class: "btn btn-secondary", on: { click: () => void download() } }, t.export),
      h("button", { type: "button", class: "btn btn-secondary", on: { click: () => input.click() } }, t.import),
      input,
    ),
    status,
  );

  async function download(): Promise<void> {
    const { exportFile } = await loadFormat();
    const text = exportFile(context.ratings, context.hidden, new Date());
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    h("a", { href: url, download: t.fileName }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async function importFile(file: File | undefined): Promise<void> {
    if (!file) return;
    input.value = ""; // so that choosing the same file again fires a change event
    const format = await loadFormat().catch(() => null);
    try {
      if (!format) throw new Error("The format could not be loaded.");
      const { ratings, not_interested } = format.readFile(await format.readText(file), context.scale);
      context.hidden.put(...not_interested);
      context.ratings.put(...ratings);
      const message = t.imported(ratings.length, not_interested.length);
      status.replaceChildren(h("p", {}, message));
      announce(message);
    } catch (error) {
      const reason = format && error instanceof format.ImportError ? error.message : strings.errors.unknown;
      status.replaceChildren(
        h("div", { role: "alert", class: "file-error" }, h("strong", {}, t.importFailed), ` ${reason}`),
      );
    }
  }
}
