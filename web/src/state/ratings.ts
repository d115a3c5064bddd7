import type { Film, Rating } from "../api/types";

/** The visitor's own ratings. They stay in this browser; a request carries them only where the answer needs them. */
export interface OwnRating {
  film: Pick<Film, "id" | "title" | "year" | "genres">;
  rating: number;
}

const KEY = "film-recommender.ratings.v1";

/** The API takes this many ratings at once; the newest count. */
const MOST = 500;

export class RatingStore {
  private readonly ratings: Map<string, OwnRating>;
  private readonly listeners = new Set<() => void>();
  private readonly refused = new Set<string>();

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null) {
    this.ratings = read(storage);
  }

  /** Oldest first. */
  list(): OwnRating[] {
    return [...this.ratings.values()];
  }

  get size(): number {
    return this.ratings.size;
  }

  of(filmId: string): number | null {
    return this.ratings.get(filmId)?.rating ?? null;
  }

  rate({ id, title, year, genres }: OwnRating["film"], rating: number): void {
    this.ratings.delete(id); // a new rating is the newest
    this.refused.delete(id);
    this.ratings.set(id, { film: { id, title, year, genres }, rating });
    this.changed();
  }

  remove(filmId: string): void {
    if (this.ratings.delete(filmId)) this.changed();
  }

  clear(): void {
    this.ratings.clear();
    this.changed();
  }

  /**
   * Leaves these films out of requests: the API knows them no more, or not those stars (other data were trained on).
   * They are kept, for the day it does. Returns whether that changes a request.
   */
  refuse(filmIds: readonly string[]): boolean {
    const before = this.refused.size;
    for (const id of filmIds) this.refused.add(id);
    return this.refused.size > before;
  }

  /** As the API takes them. */
  forRequest(): Rating[] {
    return this.list()
      .filter(({ film }) => !this.refused.has(film.id))
      .slice(-MOST)
      .map(({ film, rating }) => ({ film_id: film.id, rating }));
  }

  /** Genres of the films rated above the visitor's own mean, most frequent first. */
  favouriteGenres(most: number): string[] {
    const ratings = this.list();
    const mean = ratings.reduce((sum, { rating }) => sum + rating, 0) / Math.max(1, ratings.length);
    const counts = new Map<string, number>();
    for (const { film, rating } of ratings) {
      if (rating < mean) continue;
      for (const genre of film.genres) counts.set(genre, (counts.get(genre) ?? 0) + 1);
    }
    return [...counts]
      .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
      .slice(0, most)
      .map(([genre]) => genre);
  }

  /** Calls `listener` after every change; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    try {
      if (this.size) this.storage?.setItem(KEY, JSON.stringify(this.list()));
      else this.storage?.removeItem(KEY);
    } catch {
      // Storage is full or forbidden: the ratings last as long as the page.
    }
    for (const listener of this.listeners) listener();
  }
}

function read(storage: Pick<Storage, "getItem"> | null): Map<string, OwnRating> {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(KEY) ?? "[]");
    const valid = Array.isArray(stored) ? stored.filter(isOwnRating) : [];
    return new Map(valid.map((own) => [own.film.id, own]));
  } catch {
    return new Map(); // another page's, or an older form: start afresh rather than break
  }
}

function isOwnRating(value: unknown): value is OwnRating {
  const own = value as OwnRating | null;
  return (
    typeof own?.rating === "number" &&
    Number.isFinite(own.rating) &&
    typeof own.film?.id === "string" &&
    typeof own.film.title === "string" &&
    Array.isArray(own.film.genres)
  );
}
