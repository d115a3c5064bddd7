import { describe, expect, it } from "vitest";
import { ImportFileError, MAX_ROWS, onScale, readImport } from "../src/account/import-files";
import type { ImportRow } from "../src/account/types";

const scale = { min: 1, max: 5, step: 1 };
const halves = { min: 0.5, max: 5, step: 0.5 };
const row = (fields: Partial<ImportRow>): ImportRow => ({
  title: "",
  year: null,
  tmdb_id: null,
  imdb_id: null,
  film_id: null,
  rating: 0,
  rated_at: null,
  ...fields,
});

const LETTERBOXD = `Date,Name,Year,Letterboxd URI,Rating
2024-05-01,"Crouching Tiger, Hidden Dragon",2000,https://boxd.it/1,4.5
2024-05-02,Not rated,1999,https://boxd.it/2,
`;
const IMDB = `Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres
tt0211915,9,2023-01-31,Amélie,Le fabuleux destin d'Amélie Poulain,https://x,Movie,8.3,122,2001,"Comedy, Romance"
`;
const MOVIELENS = `movie_id,imdb_id,tmdb_id,rating,average_rating,title
1,114709,862,5.0,3.89,Toy Story (1995)
`;

describe("an import", () => {
  it("understands Letterboxd, and leaves out what has no rating", () => {
    expect(readImport(LETTERBOXD)).toEqual({
      source: "letterboxd",
      rows: [row({ title: "Crouching Tiger, Hidden Dragon", year: 2000, rating: 4.5, rated_at: 1_714_521_600 })],
      skipped: 1,
    });
  });

  it("understands IMDb", () => {
    const expected = {
      title: "Le fabuleux destin d'Amélie Poulain",
      year: 2001,
      imdb_id: "tt0211915",
      rated_at: 1_675_123_200,
    };
    expect(readImport(`\uFEFF${IMDB}`).rows).toEqual([row({ ...expected, rating: 9 })]);
  });

  it("understands MovieLens", () => {
    expect(readImport(MOVIELENS).rows).toEqual([
      row({ title: "Toy Story", year: 1995, imdb_id: "tt0114709", tmdb_id: 862, rating: 5 }),
    ]);
  });

  it("understands our own exports: the visitor's and the member's, JSON and CSV", () => {
    const [time, rated_at] = ["2026-01-02T03:04:05.000Z", 1_767_323_045];
    const visitors = { ratings: [{ film: { id: "7", title: "A", year: 1990, genres: [] }, rating: 4, time }] };
    const members = { ratings: [{ film_id: "7", rating: 4, rated_at }] };
    const own = row({ film_id: "7", rating: 4, rated_at });
    expect(readImport(JSON.stringify(visitors)).rows).toEqual([{ ...own, title: "A", year: 1990 }]);
    expect(readImport(JSON.stringify(members)).rows).toEqual([own]);
    expect(readImport(`film_id,title,year,rating,rated_at\n7,A,1990,4,${rated_at}\n`).rows).toEqual([
      { ...own, title: "A", year: 1990 },
    ]);
  });

  it("is put on the scale of the release for what is mended by hand", () => {
    expect([9, 8, 1].map((points) => onScale(points, "imdb", scale))).toEqual([4, 4, 1]);
    expect([onScale(9, "imdb", halves), onScale(4.5, "letterboxd", halves), onScale(3, "export", scale)]).toEqual([
      4.5, 4.5, 3,
    ]);
  });

  it.each([
    ["another table", "a,b\n1,2\n", "unknown"],
    ["no table", "<html>", "unknown"],
    ["damaged JSON", '{"ratings": [', "unknown"],
    ["JSON without ratings", "[1]", "unknown"],
    ["no ratings", "Date,Name,Year,Letterboxd URI,Rating\n", "empty"],
    ["too many", MOVIELENS + "1,114709,862,5.0,3.89,Toy Story (1995)\n".repeat(MAX_ROWS), "many"],
    ["too large", "x".repeat(5_000_001), "large"],
  ])("refuses %s", (_case, content, reason) => {
    expect(() => readImport(content)).toThrow(new ImportFileError(reason as "unknown"));
  });
});
