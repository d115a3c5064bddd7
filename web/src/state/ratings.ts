import type { Film, Rating } from "../api/types";
import { FilmStore, type Keeper } from "./stored";

/** What is kept of a film, to show it without asking. */
export type FilmWords = Pick<Film, "id" | "title" | "year" | "genres">;

export const filmWords = ({ id, title, year, genres }: FilmWords): FilmWords => ({ id, title, year, genres });

/** The visitor's own ratings. They stay in this browser; a request carries them only where the answer needs them. */
export interface OwnRating {
  film: FilmWords;
  rating: number;
}

export class RatingStore extends FilmStore<OwnRating> {
  constructor(storage: Keeper | null) {
    super(storage, "film-recommender.ratings.v1", ({ film }) => film.id, isOwnRating);
  }

  of(filmId: string): number | null {
    return this.get(filmId)?.rating ?? null;
  }

  rate(film: FilmWords, rating: number): void {
    this.put({ film: filmWords(film), rating });
  }

  /** As the API takes them. */
  forRequest(): Rating[] {
    return this.accepted().map(({ film, rating }) => ({ film_id: film.id, rating }));
  }
}

/** Films that the visitor does not want to be shown any more. */
export class HiddenStore extends FilmStore<FilmWords> {
  constructor(storage: Keeper | null) {
    super(storage, "film-recommender.not-interested.v1", ({ id }) => id, isFilmWords);
  }

  hide(film: FilmWords): void {
    this.put(filmWords(film));
  }

  forRequest(): string[] {
    return this.accepted().map(({ id }) => id);
  }
}

export function isFilmWords(value: unknown): value is FilmWords {
  const film = value as FilmWords | null;
  return typeof film?.id === "string" && typeof film.title === "string" && Array.isArray(film.genres);
}

function isOwnRating(value: unknown): value is OwnRating {
  const own = value as OwnRating | null;
  return typeof own?.rating === "number" && Number.isFinite(own.rating) && isFilmWords(own.film);
}
