import { describe, expect, it } from "vitest";
import type { Page, Query, Recommendation } from "../src/api/types";
import { composeHome } from "../src/state/home";

const GENRES = ["War", "Drama", "Comedy"];
const CATALOG: Recommendation[] = Array.from({ length: 200 }, (_, i) => ({
  id: String(i),
  title: `Film ${i}`,
  year: 1990,
  genres: [GENRES[i % 3] ?? ""],
  average: 3,
  count: 10,
  stars: 3,
  relevance: -i,
  seen: false,
}));

/** Recommends as the function does, from a catalogue in order. */
const from =
  (catalog: Recommendation[]) =>
  async ({ genres = [], n = 20 }: Query): Promise<Page<Recommendation>> => {
    const found = catalog.filter((film) => genres.every((genre) => film.genres.includes(genre)));
    return { items: found.slice(0, n), next_cursor: null, total: found.length };
  };

const compose = (catalog = CATALOG) => composeHome(from(catalog), ["War", "Drama"]);

describe("composeHome", () => {
  it("fills every row, and shows no film twice", async () => {
    const { hero, rows } = await compose();
    expect(rows.map(({ row }) => row.kind)).toEqual(["top", "genre", "genre", "popular"]);
    expect(rows.map(({ films }) => films.length)).toEqual([18, 18, 18, 18]);
    const ids = [hero, ...rows.flatMap(({ films }) => films)].map((film) => film?.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("leaves out rows too short to be one", async () => {
    const { hero, rows } = await compose(CATALOG.slice(0, 6));
    expect(hero?.id).toBe("0");
    expect(rows.map(({ row }) => row.kind)).toEqual(["top"]);
  });

  it("has no hero in an empty catalogue", async () => {
    expect(await compose([])).toEqual({ hero: null, rows: [] });
  });
});
