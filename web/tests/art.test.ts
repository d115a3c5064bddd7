import { describe, expect, it } from "vitest";
import { artOf, leadGenre } from "../src/art/poster";

const film = (title: string, genres: string[], year: number | null = 1995) => ({ title, genres, year });

const GENRES = [
  ...["Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"],
  ...["Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western", "Unknown"],
];

describe("artOf", () => {
  it("draws the same film the same way, and others differently", () => {
    const heat = artOf(film("Heat", ["Crime", "Thriller"]));
    expect(artOf(film("Heat", ["Crime", "Thriller"]))).toEqual(heat);
    expect(artOf(film("Heat", ["Crime", "Thriller"], 1986))).not.toEqual(heat);
    expect(artOf(film("Ronin", ["Crime", "Thriller"]))).not.toEqual(heat);
  });

  it.each([...GENRES.map((genre) => [genre]), []])(
    "draws every genre with valid attributes and without styles: %s",
    (...genres) => {
      for (let i = 0; i < 20; i += 1) {
        const { shapes, palette } = artOf(film(`Film ${i}`, genres, i % 2 ? 1930 : null));
        expect(shapes.length).toBeGreaterThan(2);
        expect(shapes.length).toBeLessThan(60);
        for (const [, attributes] of shapes) {
          // A Content-Security-Policy without 'unsafe-inline' drops style attributes.
          expect(attributes).not.toHaveProperty("style");
          expect(Object.values(attributes).join(" ")).not.toMatch(/NaN|undefined|Infinity/);
        }
        for (const colour of Object.values(palette)) expect(colour).toMatch(/^oklch\(0\.\d+ \d\.\d{3} \d+\)$/);
      }
    },
  );

  it("prefers genres with a distinctive look", () => {
    expect(leadGenre(["Action", "Sci-Fi"])).toBe("Sci-Fi");
    expect(leadGenre(["Drama", "Thriller"])).toBe("Drama");
    expect(leadGenre([])).toBe("");
  });
});
