import { describe, expect, it } from "vitest";
import { nearest, neighbour } from "../src/state/map";

//  2   3
//    0   1
//      4
const places = [
  { x: 0, y: 0 },
  { x: 2, y: 0 },
  { x: -1, y: 2 },
  { x: 1, y: 2 },
  { x: 0.5, y: -2 },
];
const [right, left, up, down] = [
  { x: 1, y: 0 },
  { x: -1, y: 0 },
  { x: 0, y: 1 },
  { x: 0, y: -1 },
];

describe("nearest", () => {
  it("finds the one within reach, or none", () => {
    expect(nearest(places, { x: 1.2, y: 0.1 }, 1)).toBe(1);
    expect(nearest(places, { x: 5, y: 5 }, 1)).toBe(-1);
    expect(nearest([{ x: Number.NaN, y: Number.NaN }], { x: 0, y: 0 }, 9)).toBe(-1);
  });
});

describe("neighbour", () => {
  it("goes the way of the arrow, and stays at the edge", () => {
    expect(neighbour(places, 0, right)).toBe(1);
    expect(neighbour(places, 0, down)).toBe(4);
    expect([2, 3]).toContain(neighbour(places, 0, up));
    expect(neighbour(places, 2, left)).toBe(2);
    expect(neighbour(places, 9, left)).toBe(9);
  });

  it("reaches every place from any other", () => {
    const reached = new Set([0]);
    for (let grown = true; grown; ) {
      const next = [...reached].flatMap((i) => [right, left, up, down].map((way) => neighbour(places, i, way)));
      grown = next.some((i) => !reached.has(i));
      for (const i of next) reached.add(i);
    }
    expect(reached.size).toBe(places.length);
  });
});
