/** The types of /api/me, as in the function's OpenAPI document. Times are seconds since 1970. */
import type { Film, Match, Recommendation, Sort } from "../api/types";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface Summary {
  ratings: number;
  list: number;
  not_interested: number;
  shelves: number;
  /** Whether the ratings may be trained on. */
  training: boolean;
}

export interface NewRating {
  rating: number;
  /** null: not known. */
  rated_at: number | null;
}

export interface ServerRating {
  film_id: string;
  rating: number;
  rated_at: number;
  version: number;
}

/** Ratings to merge into a member's. */
export interface MergeRequest {
  ratings: (NewRating & { film_id: string })[];
  list: string[];
  not_interested: string[];
}

export interface Merged {
  /** What changed. */
  merged: number;
  /** Films that both had rated: the later rating is kept. */
  conflicts: Conflict[];
  /** For taking it back; null if nothing changed. */
  undo: string | null;
}

export interface Conflict {
  film_id: string;
  kept: NewRating;
  other: NewRating;
}

export interface ImportRow {
  title: string;
  year: number | null;
  tmdb_id: number | null;
  imdb_id: string | null;
  film_id: string | null;
  rating: number;
  rated_at: number | null;
}

export interface Imported extends Merged {
  matched: number;
  unmatched: Unmatched[];
}

/** A row that was not imported, by its index, and the films that it could be. */
export interface Unmatched {
  row: number;
  reason: "no such film" | "several films" | "not on the scale" | "the film is named twice";
  candidates: Film[];
}

/** The filters of a list, in the API's names. */
export interface ShelfFilters {
  q?: string;
  genres?: string[];
  match?: Match;
  min_year?: number | null;
  max_year?: number | null;
  include_seen?: boolean;
  sort?: Sort;
}

export interface SavedShelf {
  id: string;
  name: string;
  filters: ShelfFilters;
  /** The release that it is of. */
  release: string;
  created: number;
  /** As they were. */
  films: Recommendation[];
}

export interface TodaysShelf {
  release: string;
  films: Recommendation[];
}

export interface Profile {
  /** Genres by how many of their films the member liked; `lift` compares with everybody. */
  genres: { name: string; liked: number; lift: number }[];
  weightiest: { film: Film; rating: number; share: number }[];
}

/** Films that were shown together. */
export interface Shown {
  shown_at: number;
  film_ids: string[];
}
