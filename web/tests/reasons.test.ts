import { describe, expect, it } from "vitest";
import { rankReasons } from "../src/components/reasons";

const scale = { min: 1, max: 5, step: 1 };
const film = { id: "1", title: "Heat", year: 1995, genres: [], average: 4, count: 9 };
const reason = (share: number, rating: number) => ({ film, rating, share });
const ranked = (...reasons: ReturnType<typeof reason>[]) =>
  rankReasons(reasons, scale).map(({ kind, share, strength }) => [kind, share, strength]);

describe("rankReasons", () => {
  it("lists what raises a recommendation first, by strength", () => {
    expect(ranked(reason(0.2, 4), reason(0.4, 5), reason(0.1, 2))).toEqual([
      ["main", 0.4, 1],
      ["also", 0.2, 0.5],
      ["also", 0.1, 0.25],
    ]);
  });

  it("lists what lowers it last, and distinguishes disliked films", () => {
    expect(ranked(reason(-0.1, 4), reason(-0.4, 1), reason(0.2, 5))).toEqual([
      ["main", 0.2, 0.5],
      ["disliked", -0.4, 1],
      ["against", -0.1, 0.25],
    ]);
  });

  it("has no main reason if all reasons lower the recommendation", () => {
    expect(ranked(reason(-0.5, 2))).toEqual([["disliked", -0.5, 1]]);
  });

  it("leaves out reasons without effect", () => {
    expect(ranked(reason(0, 3), reason(0.5, 3))).toEqual([["main", 0.5, 1]]);
    expect(ranked()).toEqual([]);
  });
});
