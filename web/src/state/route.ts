import { type Match, SORTS, type Sort } from "../api/types";

/** Filters and order of the browse view. They are part of the URL, so a list can be shared. */
export interface Filters {
  /** Part of a title. */
  q: string;
  genres: readonly string[];
  match: Match;
  minYear: number | null;
  maxYear: number | null;
  includeSeen: boolean;
  sort: Sort;
}

/** The active profile: the visitor, or a sample user by id. */
export type ProfileRef = { kind: "visitor" } | { kind: "user"; id: string };

/** Views of the visitor or member. */
const OWN_VIEWS = ["ratings", "shelves", "import", "account"] as const;

export type View = "home" | "browse" | "how" | (typeof OWN_VIEWS)[number];

export interface Route {
  /** null until a profile is chosen. */
  profile: ProfileRef | null;
  view: View;
  filters: Filters;
  /** The film whose details are open, by id. */
  film: string | null;
}

export const NO_FILTERS: Filters = {
  q: "",
  genres: [],
  match: "any",
  minYear: null,
  maxYear: null,
  includeSeen: false,
  sort: "relevance",
};

export const START: Route = { profile: null, view: "home", filters: NO_FILTERS, film: null };

/** The API's limit for text, in characters. */
const MAX_TEXT = 100;

/** Parses a query string; unknown or invalid parameters are ignored. */
export function parseRoute(search: string): Route {
  const parameters = new URLSearchParams(search);
  const profile = parseProfile(parameters);
  return {
    profile,
    view: parseView(parameters.get("view"), profile),
    filters: {
      q: (parameters.get("q") ?? "").slice(0, MAX_TEXT),
      genres: [...new Set(parameters.getAll("genre").filter(Boolean))],
      match: parameters.get("match") === "all" ? "all" : "any",
      minYear: parseYear(parameters.get("from")),
      maxYear: parseYear(parameters.get("to")),
      includeSeen: parameters.get("seen") === "1",
      sort: SORTS.find((name) => name === parameters.get("sort")) ?? "relevance",
    },
    film: parameters.get("film") || null,
  };
}

function parseView(name: string | null, profile: ProfileRef | null): View {
  if (name === "browse" || name === "how") return name;
  const own = OWN_VIEWS.find((view) => view === name);
  return own && profile?.kind === "visitor" ? own : "home";
}

// A sample user's id may be any text, so the visitor has a parameter of its own.
function parseProfile(parameters: URLSearchParams): ProfileRef | null {
  const id = parameters.get("user");
  if (id) return { kind: "user", id };
  return parameters.has("you") ? { kind: "visitor" } : null;
}

/** The query string of a route, without parameters that have their default value. */
export function formatRoute({ profile, view, filters, film }: Route): string {
  const parameters = new URLSearchParams();
  if (profile?.kind === "visitor") parameters.set("you", "1");
  if (profile?.kind === "user") parameters.set("user", profile.id);
  if (view !== "home") parameters.set("view", view);
  if (filters.q) parameters.set("q", filters.q);
  for (const genre of filters.genres) parameters.append("genre", genre);
  if (filters.match === "all") parameters.set("match", "all");
  if (filters.minYear !== null) parameters.set("from", String(filters.minYear));
  if (filters.maxYear !== null) parameters.set("to", String(filters.maxYear));
  if (filters.includeSeen) parameters.set("seen", "1");
  if (filters.sort !== "relevance") parameters.set("sort", filters.sort);
  if (film !== null) parameters.set("film", film);
  return `?${parameters}`;
}

export function parseYear(text: string | null): number | null {
  return text !== null && /^\d{4}$/.test(text.trim()) ? Number(text) : null;
}
