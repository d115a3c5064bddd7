/** The types of /api/me, as in the function's OpenAPI document. */
import type { Film, Match, Recommendation, Sort } from "../api/types";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface Summary {
  name?: string | null;
  ratings: number;
  list: number;
  not_interested: number;
  shelves: number;
  /** Whether the ratings may be trained on. */
  training: boolean;
}

export interface NewRating {
  rating: number;
  /** ISO 8601. */
  rated_at: string;
}

export interface ServerRating extends NewRating {
  film_id: string;
  version: number;
}

/** What became of a visitor's data at sign-in. */
export interface Merged {
  merged: number;
  /** Films that both had rated: the later rating is kept. */
  conflicts: Conflict[];
  /** For taking it back. */
  undo: string;
}

export interface Conflict {
  film_id: string;
  kept: number;
  other: number;
}

export interface ImportRow {
  title: string | null;
  year: number | null;
  tmdb_id: number | null;
  imdb_id: string | null;
  film_id: string | null;
  rating: number;
  rated_at: string | null;
}

/** The filters of a list, in the API's names. */
export interface ShelfFilters {
  q?: string;
  genres?: string[];
  match?: Match;
  min_year?: number;
  max_year?: number;
  include_seen?: boolean;
  sort?: Sort;
}

export interface SavedShelf {
  id: string;
  name: string;
  filters: ShelfFilters;
  /** The release that it is of. */
  release: string;
  created: string;
}

export interface SavedShelfFilms extends SavedShelf {
  /** Ids of the films as they were. */
  films: string[];
}

export interface TodaysShelf {
  release: string;
  items: Recommendation[];
}

export interface Profile {
  genres: { genre: string; share: number }[];
  ratings: { film: Film; rating: number; share: number }[];
}

export interface Shown {
  film_id: string;
  shown_at: string;
}

/** What became of an import; `row` is the index of a row that matched no film. */
export interface Imported {
  matched: number;
  unmatched: { row: number }[];
}
