import type { Context, ViewHandle } from "../context";
import { strings } from "../strings";
import { lazyView } from "./lazy";

/** How the recommender works: an introduction, then the lazily loaded metrics, learning curves and film map. */
export const howView = (context: Context, unmounted: AbortSignal): ViewHandle =>
  lazyView("how", strings.how.heading, strings.how.intro, unmounted, async () => {
    const { details } = await import("../how/details");
    return details(context, unmounted);
  });
