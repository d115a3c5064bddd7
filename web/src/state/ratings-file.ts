import type { Scale } from "../api/types";
import { formatStep, scaleSteps } from "../format";
import { strings } from "../strings";
import { type FilmWords, filmWords, type HiddenStore, isFilmWords, type OwnRating, type RatingStore } from "./ratings";

/** What the visitor can take to another browser, as JSON. */
export interface RatingsFile {
  format: "film-recommender ratings";
  version: 1;
  exported: string;
  ratings: OwnRating[];
  not_interested: FilmWords[];
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

/** What is wrong with a file, in the visitor's language. */
export class ImportError extends Error {}

/** Reads what `exportFile` wrote. All or nothing: one bad entry is named, and nothing is taken. Throws ImportError. */
export function readFile(text: string, scale: Scale): Pick<RatingsFile, "ratings" | "not_interested"> {
  const words = strings.importErrors;
  if (text.length > MAX_FILE_BYTES) throw new ImportError(words.large);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ImportError(words.notJson);
  }
  const { ratings, not_interested: hidden = [] } = (parsed ?? {}) as Record<string, unknown>;
  if (!Array.isArray(ratings) || !Array.isArray(hidden)) throw new ImportError(words.notRatings);
  return {
    ratings: ratings.map((entry, i) => ownRating(entry, i + 1, scale)),
    not_interested: hidden.map((film, i) => {
      if (!isFilmWords(film)) throw new ImportError(words.hidden(i + 1));
      return clean(film);
    }),
  };
}

function ownRating(entry: unknown, place: number, scale: Scale): OwnRating {
  const words = strings.importErrors;
  const { film, rating } = (entry ?? {}) as Record<string, unknown>;
  if (!isFilmWords(film)) throw new ImportError(words.film(place));
  if (typeof rating !== "number" || !scaleSteps(scale).includes(rating)) {
    throw new ImportError(words.value(place, film.title, formatStep(scale.min), formatStep(scale.max)));
  }
  return { film: clean(film), rating };
}

/** Only what the page keeps of a film, and only text where text belongs. */
function clean(film: FilmWords): FilmWords {
  const { year, genres } = film;
  return {
    ...filmWords(film),
    year: Number.isInteger(year) ? year : null,
    genres: genres.filter((genre) => typeof genre === "string"),
  };
}
