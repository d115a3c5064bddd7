import type { Film, Rating } from "../api/types";
import { FilmStore, type KeyValueStorage } from "./stored";

/** What is stored of a film, so that it can be shown without a request. */
export type FilmSummary = Pick<Film, "id" | "title" | "year" | "genres">;

export const filmSummary = ({ id, title, year, genres }: FilmSummary): FilmSummary => ({ id, title, year, genres });

/**
 * A rating by the visitor. It stays in this browser and is sent only with requests that need it; a member's is kept by the
 * service, too.
 */
export interface OwnRating {
  film: FilmSummary;
  rating: number;
  /** ISO 8601; older ratings have none. */
  time?: string;
}

export class RatingStore extends FilmStore<OwnRating> {
  constructor(storage: KeyValueStorage | null) {
    super(storage, "film-recommender.ratings.v1", ({ film }) => film.id, isOwnRating);
  }

  of(filmId: string): number | null {
    return this.get(filmId)?.rating ?? null;
  }

  rate(film: FilmSummary, rating: number): void {
    this.put({ film: filmSummary(film), rating, time: new Date().toISOString() });
  }

  /** In the API's format. */
  forRequest(): Rating[] {
    return this.accepted().map(({ film, rating }) => ({ film_id: film.id, rating }));
  }
}

/** Films the visitor is not interested in. */
export class HiddenStore extends FilmStore<FilmSummary> {
  constructor(storage: KeyValueStorage | null) {
    super(storage, "film-recommender.not-interested.v1", ({ id }) => id, isFilmSummary);
  }

  hide(film: FilmSummary): void {
    this.put(filmSummary(film));
  }

  forRequest(): string[] {
    return this.accepted().map(({ id }) => id);
  }
}

export function isFilmSummary(value: unknown): value is FilmSummary {
  const film = value as FilmSummary | null;
  return typeof film?.id === "string" && typeof film.title === "string" && Array.isArray(film.genres);
}

function isOwnRating(value: unknown): value is OwnRating {
  const own = value as OwnRating | null;
  return typeof own?.rating === "number" && Number.isFinite(own.rating) && isFilmSummary(own.film);
}
