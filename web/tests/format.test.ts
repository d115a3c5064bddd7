import { describe, expect, it } from "vitest";
import { formatMetric, formatStars, formatStep, matchLevel, scaleSteps, starCount, starFraction } from "../src/format";

const whole = { min: 1, max: 5, step: 1 };
const halves = { min: 0.5, max: 5, step: 0.5 };

describe("starFraction", () => {
  it.each([
    [5, whole, 1],
    [4.2, whole, 0.84],
    [1, whole, 0.2], // the lowest rating fills one star
    [0.5, halves, 0.1],
    [7, { min: 0, max: 10, step: 1 }, 0.7],
    [0, { min: -10, max: 10, step: 1 }, 0.5],
    [-10, { min: -10, max: 10, step: 1 }, 0],
    [6, whole, 1], // clamped
    [-1, whole, 0],
  ])("fills %s on %o to %s", (value, scale, fraction) => {
    expect(starFraction(value, scale)).toBeCloseTo(fraction, 10);
  });
});

describe("scaleSteps", () => {
  it("lists every rating once, without rounding errors", () => {
    expect(scaleSteps(whole)).toEqual([1, 2, 3, 4, 5]);
    expect(scaleSteps(halves)).toEqual([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
    expect(scaleSteps({ min: 0, max: 1, step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });
});

describe("starCount", () => {
  it.each([
    [whole, 5],
    [halves, 5],
    [{ min: 0, max: 10, step: 1 }, 10],
    [{ min: 0, max: 100, step: 10 }, 10],
    [{ min: 0, max: 100, step: 1 }, null],
    [{ min: 1, max: 5, step: 0.25 }, null],
    [{ min: -2, max: 2, step: 1 }, null],
  ])("of %o is %s", (scale, count) => {
    expect(starCount(scale)).toBe(count);
  });
});

describe("numbers", () => {
  it("have one decimal for stars, and as many as needed for ratings", () => {
    expect([4, 4.25, 3.96].map(formatStars)).toEqual(["4.0", "4.3", "4.0"]);
    expect([4, 3.5].map(formatStep)).toEqual(["4", "3.5"]);
  });

  it("have three decimals for metrics", () => {
    expect([0.8679978, 1].map(formatMetric)).toEqual(["0.868", "1.000"]);
  });
});

describe("matchLevel", () => {
  it.each([
    [100, "great"],
    [95, "great"],
    [94.9, "good"],
    [75, "good"],
    [74, "fair"],
    [40, "fair"],
    [39, "poor"],
    [0, "poor"],
  ])("of %s is %s", (match, level) => {
    expect(matchLevel(match)).toBe(level);
  });
});
