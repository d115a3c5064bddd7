import { errorState, isAbort } from "../components/states";
import type { Context, ViewHandle } from "../context";
import { h } from "../dom";
import { strings } from "../strings";

/** How the recommender works: an introduction, then the lazily loaded metrics, learning curves and film map. */
export function howView(context: Context, unmounted: AbortSignal): ViewHandle {
  const t = strings.how;
  const container = h("div", { class: "how-details" });
  const load = async () => {
    container.setAttribute("aria-busy", "true");
    container.replaceChildren(h("div", { class: "skeleton how-skeleton", "aria-hidden": true }));
    try {
      const { details } = await import("../how/details");
      const parts = await details(context, unmounted);
      unmounted.throwIfAborted();
      container.replaceChildren(...parts);
    } catch (error) {
      if (isAbort(error)) return;
      container.replaceChildren(errorState(error, load));
    }
    container.setAttribute("aria-busy", "false");
  };
  void load();
  const element = h(
    "div",
    { class: "how" },
    h("h1", { tabindex: -1 }, t.heading),
    ...t.intro.map((paragraph) => h("p", { class: "lead-text" }, paragraph)),
    container,
  );
  return { element, title: t.heading };
}
