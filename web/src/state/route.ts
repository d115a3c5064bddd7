import { type Match, SORTS, type Sort } from "../api/types";

/** What narrows the browse list; all of it lives in the address, so a list can be sent to a friend. */
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

/** Who is watching: the visitor, or a sample user by the API's id. */
export type Who = { kind: "visitor" } | { kind: "user"; id: string };

export type View = "home" | "browse" | "ratings" | "how";

export interface Route {
  /** null: nobody chosen yet. */
  who: Who | null;
  view: View;
  filters: Filters;
  /** The film whose details are open over the view. */
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

export const START: Route = { who: null, view: "home", filters: NO_FILTERS, film: null };

/** The API takes no longer text. */
const MAX_TEXT = 100;

/** Reads a query string; what it doesn't know, or what makes no sense, is as if it weren't there. */
export function parseRoute(search: string): Route {
  const parameters = new URLSearchParams(search);
  const who = parseWho(parameters);
  return {
    who,
    view: parseView(parameters.get("view"), who),
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

function parseView(name: string | null, who: Who | null): View {
  if (name === "browse" || name === "how") return name;
  return name === "ratings" && who?.kind === "visitor" ? name : "home";
}

// A sample user's id may be any text, so the visitor has a parameter apart from it.
function parseWho(parameters: URLSearchParams): Who | null {
  const id = parameters.get("user");
  if (id) return { kind: "user", id };
  return parameters.has("you") ? { kind: "visitor" } : null;
}

/** The query string of a route in its shortest form: what parseRoute assumes anyway is left out. */
export function formatRoute({ who, view, filters, film }: Route): string {
  const parameters = new URLSearchParams();
  if (who?.kind === "visitor") parameters.set("you", "1");
  if (who?.kind === "user") parameters.set("user", who.id);
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
