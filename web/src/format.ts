import type { Scale } from "./api/types";
import { strings } from "./strings";

const stars = new Intl.NumberFormat(strings.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat(strings.locale, { maximumFractionDigits: 2 });

/** Stars to one decimal: 4.2. */
export const formatStars = (value: number): string => stars.format(value);

/** A step of the scale as it is: 4, 3.5. */
export const formatStep = (value: number): string => plain.format(value);

/**
 * How much of the drawn stars is filled, 0 to 1. Stars are counted from zero, as people read them (3 of 5 fills
 * three stars), save where a scale goes below zero.
 */
export function starFraction(value: number, scale: Scale): number {
  const zero = Math.min(0, scale.min);
  return Math.min(1, Math.max(0, (value - zero) / (scale.max - zero)));
}

/** Every rating the scale allows, lowest first; free of the drift of repeated addition. */
export function scaleSteps({ min, max, step }: Scale): number[] {
  const count = Math.round((max - min) / step) + 1;
  return Array.from({ length: count }, (_, i) => Number((min + i * step).toFixed(6)));
}

/** More radios than this are no use to a thumb or to the arrow keys. */
const MOST_STEPS = 11;

/** How many stars to rate by, each wide enough for its steps; null where the scale is better served by a slider. */
export function starCount(scale: Scale): number | null {
  if (scale.min < 0 || scaleSteps(scale).length > MOST_STEPS) return null;
  // Steps below 1 are parts of a star; a scale in tens has a star for each ten.
  return scale.step < 1 ? Math.ceil(scale.max) : Math.round(scale.max / scale.step);
}
