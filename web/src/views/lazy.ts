import { errorState, isAbort } from "../components/states";
import type { ViewHandle } from "../context";
import { h } from "../dom";

/** A view whose content is loaded on demand, so that the first load of the page is small. */
export function lazyView(
  name: string,
  title: string,
  intro: readonly string[],
  unmounted: AbortSignal,
  load: () => Promise<HTMLElement[]>,
): ViewHandle {
  const container = h("div", { class: `${name}-details` });
  const show = async () => {
    container.setAttribute("aria-busy", "true");
    container.replaceChildren(h("div", { class: "skeleton how-skeleton", "aria-hidden": true }));
    try {
      const parts = await load();
      unmounted.throwIfAborted();
      container.replaceChildren(...parts);
    } catch (error) {
      if (isAbort(error)) return;
      container.replaceChildren(errorState(error, show));
    }
    container.setAttribute("aria-busy", "false");
  };
  void show();
  const element = h(
    "div",
    { class: name },
    h("h1", { tabindex: -1 }, title),
    ...intro.map((paragraph) => h("p", { class: "lead-text" }, paragraph)),
    container,
  );
  return { element, title };
}
