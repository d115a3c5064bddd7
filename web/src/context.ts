import type { Api } from "./api/client";
import { ApiError } from "./api/problem";
import type { Genre, Profile, Release, Scale, Viewer } from "./api/types";
import type { Notices } from "./components/notices";
import type { Membership } from "./state/membership";
import type { Preferences } from "./state/preferences";
import type { HiddenStore, RatingStore } from "./state/ratings";
import type { Route } from "./state/route";
import type { Saved } from "./state/saved";
import { genreName, strings } from "./strings";

/** What every view needs: data loaded at start-up, the stores of this browser, and navigation. */
export interface Context {
  api: Api;
  apiBase: string;
  /** null: this site has no sign-in. */
  membership: Membership | null;
  release: Release;
  scale: Scale;
  genres: readonly Genre[];
  profiles: readonly Profile[];
  ratings: RatingStore;
  hidden: HiddenStore;
  saved: Saved;
  preferences: Preferences;
  notices: Notices;
  /** The current route. */
  route(): Route;
  /** Navigates; parts of the route that are not given stay the same. `replace` adds no history entry. */
  go(change: Partial<Route>, options?: { replace?: boolean }): void;
  /** The URL of a route, for a link. */
  href(change: Partial<Route>): string;
  /** Renders the view again, for when something outside the URL decides which view is shown. */
  remount(): void;
}

/** A view, which fills <main>. It is created with a signal that aborts when the view is unmounted. */
export interface ViewHandle {
  element: HTMLElement;
  /** Part of the document's title. */
  title: string;
  /** Called when the route changes but the view and the profile stay the same. */
  update?(route: Route): void;
}

export const isVisitor = (context: Context): boolean => context.route().profile?.kind === "visitor";

function viewerOf({ route, ratings, hidden }: Context): Viewer {
  const { profile } = route();
  if (profile?.kind === "user") return profile;
  return { kind: "visitor", ratings: ratings.forRequest(), notInterested: hidden.forRequest() };
}

/**
 * Sends a request for the active profile. If the API rejects some of the visitor's films (they are no longer in the
 * catalogue), the request is sent again without them.
 */
export async function asViewer<T>(context: Context, request: (viewer: Viewer) => Promise<T>): Promise<T> {
  const viewer = viewerOf(context);
  try {
    return await request(viewer);
  } catch (error) {
    if (viewer.kind === "user" || !(error instanceof ApiError)) throw error;
    const rejected = (list: string, ids: readonly string[]) =>
      error.details.flatMap(({ pointer }) => {
        const [, name, index] = /^\/(\w+)\/(\d+)/.exec(pointer ?? "") ?? [];
        return name === list ? (ids[Number(index)] ?? []) : [];
      });
    const rated = viewer.ratings.map(({ film_id }) => film_id);
    const ratings = rejected("ratings", rated);
    const hidden = rejected("not_interested", viewer.notInterested);
    // If the error does not say which films, send none of them.
    if (error.details.some(({ parameter }) => parameter === "not_interested")) hidden.push(...viewer.notInterested);
    context.ratings.reject(ratings);
    context.hidden.reject(hidden);
    // Of several parallel requests, a later one may find its films already rejected by the first: it retries, too.
    const hasChanged = JSON.stringify(viewerOf(context)) !== JSON.stringify(viewer);
    if (ratings.length + hidden.length === 0 || !hasChanged) throw error;
    return asViewer(context, request);
  }
}

/** A sample user's name: the API builds it from genres, which are translated here. */
export const profileName = (name: string): string => name.split(" & ").map(genreName).join(" & ");

/** The name of the active profile; a user who is not a sample profile is shown by id. */
export function viewerName(context: Context): string {
  const active = context.route().profile;
  if (active?.kind !== "user") return strings.gate.you;
  const profile = context.profiles.find(({ id }) => id === active.id);
  return profile ? profileName(profile.name) : active.id;
}
