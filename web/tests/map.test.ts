import { describe, expect, it } from "vitest";
import { nearest, neighbour } from "../src/state/map";

//  2   3
//    0   1
//      4
const points = [
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
  it("finds the nearest point within the distance, if any", () => {
    expect(nearest(points, { x: 1.2, y: 0.1 }, 1)).toBe(1);
    expect(nearest(points, { x: 5, y: 5 }, 1)).toBe(-1);
    expect(nearest([{ x: Number.NaN, y: Number.NaN }], { x: 0, y: 0 }, 9)).toBe(-1);
  });
});

describe("neighbour", () => {
  it("moves in the given direction, and stays at the edge", () => {
    expect(neighbour(points, 0, right)).toBe(1);
    expect(neighbour(points, 0, down)).toBe(4);
    expect([2, 3]).toContain(neighbour(points, 0, up));
    expect(neighbour(points, 2, left)).toBe(2);
    expect(neighbour(points, 9, left)).toBe(9);
  });

  it("reaches every point from every other", () => {
    const reached = new Set([0]);
    for (let grown = true; grown; ) {
      const next = [...reached].flatMap((i) => [right, left, up, down].map((way) => neighbour(points, i, way)));
      grown = next.some((i) => !reached.has(i));
      for (const i of next) reached.add(i);
    }
    expect(reached.size).toBe(points.length);
  });
});
