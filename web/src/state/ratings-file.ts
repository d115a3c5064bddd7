import type { Scale } from "../api/types";
import { formatStep, scaleSteps } from "../format";
import { importErrors } from "../i18n/import-errors";
import {
  type FilmSummary,
  filmSummary,
  type HiddenStore,
  isFilmSummary,
  type OwnRating,
  type RatingStore,
} from "./ratings";

/** The format of an exported file. */
export interface RatingsFile {
  format: "film-recommender ratings";
  version: 1;
  exported: string;
  ratings: OwnRating[];
  not_interested: FilmSummary[];
}

export const MAX_FILE_BYTES = 2_000_000;

export function exportFile(ratings: RatingStore, hidden: HiddenStore, now: Date): string {
  const file: RatingsFile = {
    format: "film-recommender ratings",
    version: 1,
    exported: now.toISOString(),
    ratings: ratings.list(),
    not_interested: hidden.list(),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Why a file cannot be imported, in the visitor's language. */
export class ImportError extends Error {}

/** The file's text. Throws an ImportError if it is too large to be read. */
export function readText(file: File): Promise<string> {
  if (file.size > MAX_FILE_BYTES) throw new ImportError(importErrors().large);
  return file.text();
}

/** Parses a file written by `exportFile`. Throws an ImportError that names the first invalid entry. */
export function readFile(text: string, scale: Scale): Pick<RatingsFile, "ratings" | "not_interested"> {
  const t = importErrors();
  if (text.length > MAX_FILE_BYTES) throw new ImportError(t.large);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ImportError(t.notJson);
  }
  const { ratings, not_interested: hidden = [] } = (parsed ?? {}) as Record<string, unknown>;
  if (!Array.isArray(ratings) || !Array.isArray(hidden)) throw new ImportError(t.notRatings);
  return {
    ratings: ratings.map((entry, i) => ownRating(entry, i + 1, scale)),
    not_interested: hidden.map((film, i) => {
      if (!isFilmSummary(film)) throw new ImportError(t.hidden(i + 1));
      return sanitize(film);
    }),
  };
}

function ownRating(entry: unknown, index: number, scale: Scale): OwnRating {
  const t = importErrors();
  const { film, rating, time } = (entry ?? {}) as Record<string, unknown>;
  if (!isFilmSummary(film)) throw new ImportError(t.film(index));
  if (typeof rating !== "number" || !scaleSteps(scale).includes(rating)) {
    throw new ImportError(t.value(index, film.title, formatStep(scale.min), formatStep(scale.max)));
  }
  const isTime = typeof time === "string" && !Number.isNaN(Date.parse(time));
  return { film: sanitize(film), rating, ...(isTime ? { time } : {}) };
}

/** Keeps only the known fields of a film, with the right types. */
function sanitize(film: FilmSummary): FilmSummary {
  const { year, genres } = film;
  return {
    ...filmSummary(film),
    year: Number.isInteger(year) ? year : null,
    genres: genres.filter((genre) => typeof genre === "string"),
  };
}
