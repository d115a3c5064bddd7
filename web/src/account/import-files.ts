import Papa from "papaparse";
import type { Scale } from "../api/types";
import { scaleSteps } from "../format";
import { toSeconds } from "./time";
import type { ImportRow } from "./types";

export type Source = "letterboxd" | "imdb" | "movielens" | "export";

/** The highest rating there; our own exports have the scale of the release. */
const HIGHEST = { letterboxd: 5, imdb: 10, movielens: 5, export: null } satisfies Record<Source, number | null>;

/** What a file has to import; `skipped` counts its lines without a rating. */
export interface ImportFile {
  source: Source;
  rows: ImportRow[];
  skipped: number;
}

/** Why a file cannot be imported: a key of the strings. */
export class ImportFileError extends Error {
  constructor(readonly reason: "large" | "unknown" | "empty" | "many") {
    super(reason);
  }
}

export const MAX_ROWS = 5_000;
const MAX_BYTES = 5_000_000;

type Line = Record<string, string | undefined>;

interface Format {
  source: Source;
  /** Columns that only this format has. */
  columns: readonly string[];
  row(line: Line): Omit<ImportRow, "rating"> & { rating: string | undefined };
}

const NOTHING = { title: "", year: null, tmdb_id: null, imdb_id: null, film_id: null };

/** The exports that are understood, told apart by their columns. */
const FORMATS: readonly Format[] = [
  {
    source: "letterboxd",
    columns: ["Letterboxd URI", "Name", "Rating"],
    row: (line) => ({
      ...NOTHING,
      title: text(line["Name"]) ?? "",
      year: whole(line["Year"]),
      rating: line["Rating"],
      rated_at: time(line["Date"]),
    }),
  },
  {
    source: "imdb",
    columns: ["Const", "Your Rating"],
    row: (line) => ({
      ...NOTHING,
      title: text(line["Original Title"]) ?? text(line["Title"]) ?? "",
      year: whole(line["Year"]),
      imdb_id: text(line["Const"]),
      rating: line["Your Rating"],
      rated_at: time(line["Date Rated"]),
    }),
  },
  {
    // movielens.org's export
    source: "movielens",
    columns: ["movie_id", "imdb_id", "tmdb_id", "rating", "title"],
    row: (line) => {
      const [, title, year] = /^(.*?)(?: \((\d{4})\))?$/.exec(line["title"] ?? "") ?? [];
      const imdb = whole(line["imdb_id"]);
      return {
        ...NOTHING,
        title: text(title) ?? "",
        year: whole(year),
        tmdb_id: whole(line["tmdb_id"]),
        imdb_id: imdb === null ? null : `tt${String(imdb).padStart(7, "0")}`,
        rating: line["rating"],
        rated_at: null,
      };
    },
  },
  {
    // ours, as the account view downloads it
    source: "export",
    columns: ["film_id", "rating", "rated_at"],
    row: (line) => ({
      ...NOTHING,
      film_id: text(line["film_id"]),
      title: text(line["title"]) ?? "",
      year: whole(line["year"]),
      rating: line["rating"],
      rated_at: time(line["rated_at"]),
    }),
  },
];

/**
 * Reads an export of Letterboxd, IMDb or MovieLens, or ours as CSV or JSON; ratings stay as they are there, and the service
 * puts them on its scale. Throws ImportFileError.
 */
export function readImport(content: string): ImportFile {
  if (content.length > MAX_BYTES) throw new ImportFileError("large");
  const file = /^\s*[[{]/.test(content) ? fromJson(content) : fromCsv(content);
  if (file.rows.length === 0) throw new ImportFileError("empty");
  if (file.rows.length > MAX_ROWS) throw new ImportFileError("many");
  return file;
}

function fromCsv(content: string): ImportFile {
  const { data, meta } = Papa.parse<Line>(content.replace(/^\uFEFF/, ""), { header: true, skipEmptyLines: "greedy" });
  const format = FORMATS.find(({ columns }) => columns.every((column) => meta.fields?.includes(column)));
  if (!format) throw new ImportFileError("unknown");
  const rows = data.flatMap((line) => {
    const row = format.row(line);
    const rating = Number(row.rating);
    return rating > 0 ? [{ ...row, rating }] : [];
  });
  return { source: format.source, rows, skipped: data.length - rows.length };
}

/** The page's export of a visitor's ratings, and the service's of a member's data. */
function fromJson(content: string): ImportFile {
  let ratings: unknown;
  try {
    ratings = (JSON.parse(content) as { ratings?: unknown }).ratings;
  } catch {
    throw new ImportFileError("unknown");
  }
  if (!Array.isArray(ratings)) throw new ImportFileError("unknown");
  const rows = ratings.flatMap((entry: Record<string, unknown> | null) => {
    const film = entry?.["film"] as { id?: unknown; title?: unknown; year?: unknown } | undefined;
    const id = entry?.["film_id"] ?? film?.id;
    const rating = Number(entry?.["rating"]);
    if (typeof id !== "string" || !(rating > 0)) return [];
    const title = typeof film?.title === "string" ? film.title : "";
    const year = typeof film?.year === "number" ? film.year : null;
    return [{ ...NOTHING, film_id: id, title, year, rating, rated_at: time(entry?.["rated_at"] ?? entry?.["time"]) }];
  });
  return { source: "export", rows, skipped: ratings.length - rows.length };
}

/** A rating of another service as the nearest step of the scale, as the service does it: 8 of 10 is 4 of 5. */
export function onScale(rating: number, source: Source, scale: Scale): number {
  const wanted = (rating / (HIGHEST[source] ?? scale.max)) * scale.max;
  return scaleSteps(scale).reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best));
}

const text = (value: string | undefined): string | null => value?.trim() || null;

const whole = (value: string | undefined): number | null =>
  value && /^\d+$/.test(value.trim()) ? Number(value) : null;

/** Seconds since 1970, of ISO 8601 or of themselves; a date is midnight in UTC. */
function time(value: unknown): number | null {
  const seconds = typeof value === "number" || /^\d+$/.test(String(value)) ? Number(value) : toSeconds(String(value));
  return Number.isInteger(seconds) && seconds >= 0 ? seconds : null;
}
