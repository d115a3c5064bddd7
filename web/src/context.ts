import type { Api, Options } from "./api/client";
import { ApiError } from "./api/problem";
import type { Genre, Page, Profile, Query, Rating, Recommendation, Scale, Viewer } from "./api/types";
import type { RatingStore } from "./state/ratings";
import type { Route } from "./state/route";
import { strings } from "./strings";

/** What every view works with: what the API said once, the visitor's ratings, and the way to other places. */
export interface Context {
  api: Api;
  scale: Scale;
  genres: readonly Genre[];
  profiles: readonly Profile[];
  release: string;
  ratings: RatingStore;
  /** Predicted stars by film id, of the films shown since whoever watches, or their taste, last changed. */
  predictions: Map<string, number>;
  /** Where we are now. */
  route(): Route;
  /** Goes somewhere; what is not said stays as it is. `replace` leaves no step to come back to. */
  go(change: Partial<Route>, options?: { replace?: boolean }): void;
  /** The address of a place, for a link. */
  href(change: Partial<Route>): string;
}

/** A part of the page that fills <main>. Its signal, given at creation, aborts when it is left. */
export interface ViewHandle {
  element: HTMLElement;
  /** The document's title. */
  title: string;
  /** The route changed, though neither the view nor who is watching did. */
  update?(route: Route): void;
}

export const isVisitor = (context: Context): boolean => context.route().who?.kind === "visitor";

/** Films for whoever is watching. A rating of the visitor's that the API refuses is left out, and it is asked again. */
export async function recommend(context: Context, query: Query, options: Options): Promise<Page<Recommendation>> {
  const { who } = context.route();
  const viewer: Viewer = who?.kind === "user" ? who : { kind: "visitor", ratings: context.ratings.forRequest() };
  try {
    return await context.api.recommendations(viewer, query, options);
  } catch (error) {
    if (viewer.kind === "user" || !(error instanceof ApiError)) throw error;
    const refused = error.details.flatMap(({ pointer }) => {
      const place = /^\/ratings\/(\d+)\//.exec(pointer ?? "")?.[1];
      return viewer.ratings[Number(place)]?.film_id ?? [];
    });
    // Of several requests at once, the later ones find refused what the first one has found: they ask again, too.
    if (refused.length === 0 || (!context.ratings.refuse(refused) && sameRatings(viewer.ratings, context))) throw error;
    return recommend(context, query, options);
  }
}

const sameRatings = (sent: readonly Rating[], { ratings }: Context) =>
  JSON.stringify(sent) === JSON.stringify(ratings.forRequest());

/** The name of who is watching; a user that is not among the samples goes by the id. */
export function viewerName(context: Context): string {
  const { who } = context.route();
  if (who?.kind !== "user") return strings.gate.you;
  return context.profiles.find(({ id }) => id === who.id)?.name ?? who.id;
}
