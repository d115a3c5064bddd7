import { between, hash, type Random } from "./random";

/** CSS colours of a picture: the gradient's top and bottom, a middle and a dark tone, and two accents. */
export interface Palette {
  top: string;
  bottom: string;
  mid: string;
  dark: string;
  light: string;
  accent: string;
}

/** Hue (degrees) and chroma (relative to the default) per genre. */
const GENRES: Record<string, readonly [hue: number, chroma: number]> = {
  Action: [32, 1],
  Adventure: [62, 0.9],
  Animation: [195, 0.9],
  Children: [150, 0.9],
  Comedy: [78, 1],
  Crime: [18, 0.7],
  Documentary: [170, 0.5],
  Drama: [285, 0.7],
  Fantasy: [310, 0.9],
  "Film-Noir": [260, 0.2],
  Horror: [25, 0.9],
  Musical: [345, 1],
  Mystery: [275, 0.75],
  Romance: [5, 0.9],
  "Sci-Fi": [245, 1],
  Thriller: [225, 0.7],
  War: [115, 0.4],
  Western: [48, 0.85],
};

/** Hue offsets (degrees) of the second colour. */
const HUE_OFFSETS = [-75, -48, 38, 62, 150, 200] as const;

/** A genre's colour for points and lines, light enough for the dark page. */
export function genreColour(genre: string): string {
  const [hue, strength] = GENRES[genre] ?? [hash(genre) % 360, 0.8];
  return `oklch(0.76 ${(0.16 * strength).toFixed(3)} ${hue})`;
}

/** Colours are in OKLCH, where equal lightness looks equal in every hue, so that no poster stands out. */
export function paletteOf(genre: string, year: number | null, random: Random): Palette {
  const [hue, strength] = GENRES[genre] ?? [hash(genre) % 360, 0.8];
  // Films from before colour was common get faint tints.
  const faded = year !== null && year < 1955 ? 0.35 : 1;
  const first = hue + between(random, -16, 16);
  const second = first + (HUE_OFFSETS[Math.floor(random() * HUE_OFFSETS.length)] ?? 38);
  const colour = (h: number, lightness: number, chroma: number) =>
    `oklch(${lightness} ${(chroma * strength * faded).toFixed(3)} ${Math.round((h + 360) % 360)})`;
  return {
    top: colour(first - 18, 0.24, 0.07),
    bottom: colour(first + 10, 0.5, 0.15),
    mid: colour(first, 0.38, 0.12),
    dark: colour(first, 0.17, 0.04),
    light: colour(second - 15, 0.88, 0.09),
    accent: colour(second, 0.68, 0.17),
  };
}
