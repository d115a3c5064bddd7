import type { Scale } from "./api/types";
import { strings } from "./strings";

const formats = new Map<string, Intl.NumberFormat>();

function decimals(value: number, min: number, max: number): string {
  const key = `${strings.locale} ${min} ${max}`;
  const options = { minimumFractionDigits: min, maximumFractionDigits: max };
  const format = formats.get(key) ?? new Intl.NumberFormat(strings.locale, options);
  formats.set(key, format);
  return format.format(value);
}

/** Stars to one decimal: 4.2. */
export const formatStars = (value: number): string => decimals(value, 1, 1);

/** A rating on the scale: 4, 3.5. */
export const formatStep = (value: number): string => decimals(value, 0, 2);

/** A metric to three decimals: 0.868. */
export const formatMetric = (value: number): string => decimals(value, 3, 3);

/** A count: 100,000. */
export const formatCount = (value: number): string => decimals(value, 0, 0);

/** A date, or a date and time, in the current language; text that is not a date is returned as it is. */
export function formatDate(iso: string, withTime = false): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(strings.locale, {
    dateStyle: "long",
    ...(withTime && { timeStyle: "short" }),
  }).format(date);
}

/** The level of a match of 0 to 100. */
export function matchLevel(match: number): "great" | "good" | "fair" | "poor" {
  if (match >= 95) return "great";
  if (match >= 75) return "good";
  return match >= 40 ? "fair" : "poor";
}

/**
 * The filled part of the stars, 0 to 1. It starts at zero, so that 3 of 5 fills three stars, or at the scale's minimum
 * if that is negative.
 */
export function starFraction(value: number, scale: Scale): number {
  const zero = Math.min(0, scale.min);
  return Math.min(1, Math.max(0, (value - zero) / (scale.max - zero)));
}

/** All ratings on the scale, in ascending order, without accumulated rounding errors. */
export function scaleSteps({ min, max, step }: Scale): number[] {
  const count = Math.round((max - min) / step) + 1;
  return Array.from({ length: count }, (_, i) => Number((min + i * step).toFixed(6)));
}

/** A scale with more steps gets a slider: so many radio buttons are too small to tap. */
const MAX_STEPS = 11;

/** The number of stars in a rating input; null if the scale needs a slider. */
export function starCount(scale: Scale): number | null {
  if (scale.min < 0 || scaleSteps(scale).length > MAX_STEPS) return null;
  // Steps below 1 are fractions of a star; larger steps are one star each.
  return scale.step < 1 ? Math.ceil(scale.max) : Math.round(scale.max / scale.step);
}
