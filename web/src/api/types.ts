/** What the API sends, field by field (the function's OpenAPI document is the source). */

export interface Scale {
  min: number;
  max: number;
  step: number;
}

export interface Release {
  release: string;
  created: string;
  scale: Scale;
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
}

export interface Recommendation extends Film {
  /** Predicted stars, on the release's scale. */
  stars: number;
  /** Orders the list; has no unit. */
  relevance: number;
  seen: boolean;
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

/** Whose films: a sample user, known to the model, or the visitor, known by the ratings they give. */
export type Viewer = { kind: "user"; id: string } | { kind: "visitor"; ratings: readonly Rating[] };

/** What narrows and orders a list of recommendations. */
export interface Query {
  genres?: readonly string[];
  match?: Match;
  minYear?: number | null;
  maxYear?: number | null;
  includeSeen?: boolean;
  sort?: Sort;
  exclude?: readonly string[];
  n?: number;
  cursor?: string | null;
}
