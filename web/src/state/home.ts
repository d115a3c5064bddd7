import type { Page, Query, Recommendation } from "../api/types";

/** What the home's rows are about; the view has the words for them. */
export type Row = { kind: "top" } | { kind: "genre"; genre: string } | { kind: "popular" };

export interface Home {
  hero: Recommendation | null;
  rows: { row: Row; films: Recommendation[] }[];
}

const ROW_LENGTH = 18;
/** A row shorter than this is not worth its heading. */
const ROW_LEAST = 4;

/** The films of the home: one request per row, all at once, and no film in two rows. */
export async function composeHome(
  recommend: (query: Query) => Promise<Page<Recommendation>>,
  favourites: readonly string[],
): Promise<Home> {
  const rows: Row[] = [
    { kind: "top" },
    ...favourites.map((genre): Row => ({ kind: "genre", genre })),
    { kind: "popular" },
  ];
  const pages = await Promise.all(
    rows.map((row, above) => {
      // Enough that the row is full even when all rows above took its first films.
      const n = Math.min(100, ROW_LENGTH * (above + 1) + 1);
      const genres = row.kind === "genre" ? [row.genre] : [];
      return recommend({ n, genres, sort: row.kind === "popular" ? "popularity" : "relevance" });
    }),
  );
  const hero = pages[0]?.items[0] ?? null;
  const shown = new Set(hero ? [hero.id] : []);
  const filled = rows.map((row, i) => {
    const films = (pages[i]?.items ?? []).filter(({ id }) => !shown.has(id)).slice(0, ROW_LENGTH);
    for (const { id } of films) shown.add(id);
    return { row, films };
  });
  return { hero, rows: filled.filter(({ films }) => films.length >= ROW_LEAST) };
}
