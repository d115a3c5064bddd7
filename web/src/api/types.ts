/** The types of the API, as in the function's OpenAPI document. */

export interface Scale {
  min: number;
  max: number;
  step: number;
}

export interface Release {
  release: string;
  created: string;
  scale: Scale;
  model: { dimensions: number; users: number; films: number; genres: number };
  /** Facts about the training data; they depend on the data set. */
  data: Record<string, unknown>;
  /** Evaluation metrics by protocol. */
  metrics: Record<string, Record<string, unknown>>;
}

export interface Genre {
  name: string;
  films: number;
}

export interface Profile {
  id: string;
  name: string;
  ratings: number;
  favourite_genres: string[];
}

export interface Film {
  id: string;
  title: string;
  year: number | null;
  genres: string[];
  average: number | null;
  count: number;
  tmdb_id?: number | null;
  imdb_id?: string | null;
  /** TMDB's path of the poster ("/x.jpg"), if known. */
  poster?: string | null;
}

export interface Recommendation extends Film {
  /** Predicted stars, on the release's scale. */
  stars: number;
  /** The ranking score; it has no unit. */
  relevance: number;
  seen: boolean;
}

/**
 * A rated film, and how much it contributes to a recommendation: `share` is -1 to 1. A negative one lowers the
 * recommendation.
 */
export interface Reason {
  film: Film;
  rating: number;
  share: number;
}

export interface PersonalFilm extends Recommendation {
  /** 0 to 100: the percentile of its relevance among all films, for this user. */
  percentile: number;
  why: Reason[];
}

export type ShelfKind = "top" | "because" | "genre" | "hidden_gems" | "popular" | "average";

export interface HomeShelf {
  kind: ShelfKind;
  /** The film that a "because" shelf is based on. */
  film: Film | null;
  genre: string | null;
  items: Recommendation[];
}

export interface Home {
  release: string;
  hero: Recommendation | null;
  shelves: HomeShelf[];
}

/** All films in the plane; films liked by the same users are close. x and y are -1 to 1. */
export interface FilmMap {
  genres: string[];
  points: MapPoint[];
}

export interface MapPoint {
  film_id: string;
  title: string;
  x: number;
  y: number;
  genre: string;
}

export interface SimilarFilm extends Film {
  similarity: number;
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
  total: number;
}

export interface Rating {
  film_id: string;
  rating: number;
}

export type Match = "any" | "all";

export const SORTS = ["relevance", "stars", "average", "year", "popularity"] as const;
export type Sort = (typeof SORTS)[number];

/** Who gets the recommendations: a sample user, known to the model, or the visitor, with ratings of their own. */
export type Viewer = { kind: "user"; id: string } | Visitor;

export interface Visitor {
  kind: "visitor";
  ratings: readonly Rating[];
  /** Ids of films the visitor is not interested in. */
  notInterested: readonly string[];
}

/** Filters, order and page of a list of recommendations. */
export interface Query {
  /** Part of a title. */
  q?: string;
  genres?: readonly string[];
  match?: Match;
  minYear?: number | null;
  maxYear?: number | null;
  includeSeen?: boolean;
  sort?: Sort;
  limit?: number;
  cursor?: string | null;
}
