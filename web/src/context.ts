import type { Api } from "./api/client";
import type { Genre, Profile, Scale, Viewer } from "./api/types";
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

/** Whom the API recommends to, now. */
export function viewerOf(context: Context): Viewer {
  const { who } = context.route();
  return who?.kind === "user" ? who : { kind: "visitor", ratings: context.ratings.forRequest() };
}

/** The name of who is watching; a user that is not among the samples goes by the id. */
export function viewerName(context: Context): string {
  const { who } = context.route();
  if (who?.kind !== "user") return strings.gate.you;
  return context.profiles.find(({ id }) => id === who.id)?.name ?? who.id;
}
