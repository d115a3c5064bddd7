import { errorState, isAbort } from "../components/states";
import type { Context, ViewHandle } from "../context";
import { h } from "../dom";
import { strings } from "../strings";

/** What stands behind the page: in words at once, then in figures, curves and a map of all films. */
export function howView(context: Context, life: AbortSignal): ViewHandle {
  const words = strings.how;
  const place = h("div", { class: "how-details" });
  const load = async () => {
    place.setAttribute("aria-busy", "true");
    place.replaceChildren(h("div", { class: "skeleton how-skeleton", "aria-hidden": true }));
    try {
      const { details } = await import("../how/details");
      const parts = await details(context, life);
      life.throwIfAborted();
      place.replaceChildren(...parts);
    } catch (error) {
      if (isAbort(error)) return;
      place.replaceChildren(errorState(error, load));
    }
    place.setAttribute("aria-busy", "false");
  };
  void load();
  const element = h(
    "div",
    { class: "how" },
    h("h1", { tabindex: -1 }, words.heading),
    ...words.intro.map((paragraph) => h("p", { class: "lead-text" }, paragraph)),
    place,
  );
  return { element, title: words.heading };
}
