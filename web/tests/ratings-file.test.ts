import { describe, expect, it } from "vitest";
import { HiddenStore, RatingStore } from "../src/state/ratings";
import { exportFile, ImportError, MAX_FILE_BYTES, readFile } from "../src/state/ratings-file";

const scale = { min: 0.5, max: 5, step: 0.5 };
const film = (id: string) => ({ id, title: `Film ${id}`, year: 1999, genres: ["War"] });
const rated = (rating: unknown, id = "1") => ({ film: film(id), rating });

describe("a file of ratings", () => {
  it("round-trips an export", () => {
    const [ratings, hidden] = [new RatingStore(null), new HiddenStore(null)];
    ratings.rate(film("1"), 4.5);
    ratings.rate(film("2"), 1);
    hidden.hide(film("3"));
    const text = exportFile(ratings, hidden, new Date("2026-01-02T03:04:05Z"));
    expect(JSON.parse(text)).toMatchObject({ version: 1, exported: "2026-01-02T03:04:05.000Z" });
    expect(readFile(text, scale)).toEqual({ ratings: ratings.list(), not_interested: hidden.list() });
  });

  it.each([
    ["not JSON", "ratings: 5", /not valid JSON/],
    ["nothing", "", /not valid JSON/],
    ["other JSON", "[1, 2]", /no list of ratings/],
    ["null", "null", /no list of ratings/],
    [
      "a film without title",
      JSON.stringify({ ratings: [rated(4), { film: { id: "2" }, rating: 4 }] }),
      /Rating 2 has no/,
    ],
    ["no entry", JSON.stringify({ ratings: [null] }), /Rating 1 has no/],
    [
      "stars off the scale",
      JSON.stringify({ ratings: [rated(7)] }),
      /Rating 1 \(Film 1\) is not valid on the scale from 0.5 to 5/,
    ],
    ["stars between steps", JSON.stringify({ ratings: [rated(4.2)] }), /is not valid on the scale/],
    ["stars as text", JSON.stringify({ ratings: [rated("4")] }), /is not valid on the scale/],
    ["odd hidden films", JSON.stringify({ ratings: [], not_interested: [film("1"), 5] }), /Hidden film 2/],
    ["too large", " ".repeat(MAX_FILE_BYTES + 1), /too large/],
  ])("is rejected with a clear message: %s", (_case, text, message) => {
    expect(() => readFile(text, scale)).toThrow(ImportError);
    expect(() => readFile(text, scale)).toThrow(message);
  });

  it("keeps only the known fields of a film", () => {
    const odd = { ...film("1"), year: "1999", genres: ["War", 5], html: "<b>" };
    const { ratings } = readFile(JSON.stringify({ ratings: [{ film: odd, rating: 3 }] }), scale);
    expect(ratings).toEqual([{ film: { id: "1", title: "Film 1", year: null, genres: ["War"] }, rating: 3 }]);
  });
});
