import type { Api } from "./api/client";
import { ApiError } from "./api/problem";
import type { Genre, Profile, Release, Scale, Viewer } from "./api/types";
import type { Notices } from "./components/notices";
import type { Preferences } from "./state/preferences";
import type { HiddenStore, RatingStore } from "./state/ratings";
import type { Route } from "./state/route";
import type { Saved } from "./state/saved";
import { genreName, strings } from "./strings";

/** What every view works with: what the API said once, what this browser keeps, and the way to other places. */
export interface Context {
  api: Api;
  release: Release;
  scale: Scale;
  genres: readonly Genre[];
  profiles: readonly Profile[];
  ratings: RatingStore;
  hidden: HiddenStore;
  saved: Saved;
  preferences: Preferences;
  notices: Notices;
  /** Where we are now. */
  route(): Route;
  /** Goes somewhere; what is not said stays as it is. `replace` leaves no step to come back to. */
  go(change: Partial<Route>, options?: { replace?: boolean }): void;
  /** The address of a place, for a link. */
  href(change: Partial<Route>): string;
  /** Draws the view of this address afresh: what decides which view it is has changed. */
  remount(): void;
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

function viewerOf({ route, ratings, hidden }: Context): Viewer {
  const { who } = route();
  if (who?.kind === "user") return who;
  return { kind: "visitor", ratings: ratings.forRequest(), notInterested: hidden.forRequest() };
}

/**
 * Asks the API for whoever is watching. What it refuses of the visitor's (a film no longer in the catalogue) is left
 * out, and it is asked again.
 */
export async function asViewer<T>(context: Context, ask: (viewer: Viewer) => Promise<T>): Promise<T> {
  const viewer = viewerOf(context);
  try {
    return await ask(viewer);
  } catch (error) {
    if (viewer.kind === "user" || !(error instanceof ApiError)) throw error;
    const refused = (list: string, ids: readonly string[]) =>
      error.details.flatMap(({ pointer }) => {
        const [, name, place] = /^\/(\w+)\/(\d+)/.exec(pointer ?? "") ?? [];
        return name === list ? (ids[Number(place)] ?? []) : [];
      });
    const rated = viewer.ratings.map(({ film_id }) => film_id);
    const ratings = refused("ratings", rated);
    const hidden = [...refused("exclude", viewer.notInterested), ...refused("not_interested", viewer.notInterested)];
    // Where it does not say which of them, none of them can be sent.
    if (error.details.some(({ parameter }) => parameter === "exclude")) hidden.push(...viewer.notInterested);
    context.ratings.refuse(ratings);
    context.hidden.refuse(hidden);
    // Of several requests at once, the later ones find refused what the first one has found: they ask again, too.
    const isNew = JSON.stringify(viewerOf(context)) !== JSON.stringify(viewer);
    if (ratings.length + hidden.length === 0 || !isNew) throw error;
    return asViewer(context, ask);
  }
}

/** A sample user's name: the API makes it of genres, which have names in every language. */
export const profileName = (name: string): string => name.split(" & ").map(genreName).join(" & ");

/** The name of who is watching; a user that is not among the samples goes by the id. */
export function viewerName(context: Context): string {
  const { who } = context.route();
  if (who?.kind !== "user") return strings.gate.you;
  const profile = context.profiles.find(({ id }) => id === who.id);
  return profile ? profileName(profile.name) : who.id;
}
