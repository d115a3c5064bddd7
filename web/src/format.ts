import type { Scale } from "./api/types";
import { strings } from "./strings";

const formats = new Map<string, Intl.NumberFormat>();

function decimals(value: number, least: number, most: number): string {
  const key = `${strings.locale} ${least} ${most}`;
  const options = { minimumFractionDigits: least, maximumFractionDigits: most };
  const format = formats.get(key) ?? new Intl.NumberFormat(strings.locale, options);
  formats.set(key, format);
  return format.format(value);
}

/** Stars to one decimal: 4.2. */
export const formatStars = (value: number): string => decimals(value, 1, 1);

/** A step of the scale as it is: 4, 3.5. */
export const formatStep = (value: number): string => decimals(value, 0, 2);

/** A measured figure to three decimals: 0.868. */
export const formatFigure = (value: number): string => decimals(value, 3, 3);

/** How many: 100,000. */
export const formatCount = (value: number): string => decimals(value, 0, 0);

/** A moment, or a day only, in the language's own form; as it came where it is no date. */
export function formatDate(iso: string, withTime = false): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(strings.locale, {
    dateStyle: "long",
    ...(withTime && { timeStyle: "short" }),
  }).format(date);
}

/** How well a film fits, as a word for it: 0 to 100, from the API. */
export function matchWord(match: number): "great" | "good" | "fair" | "poor" {
  if (match >= 95) return "great";
  if (match >= 75) return "good";
  return match >= 40 ? "fair" : "poor";
}

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
