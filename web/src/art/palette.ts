import { between, hash, type Random } from "./random";

/** Colours of one picture, as CSS colours: from the sky down to the ground, and two that stand out. */
export interface Palette {
  top: string;
  bottom: string;
  mid: string;
  dark: string;
  light: string;
  accent: string;
}

/** Hue (degrees) and chroma (share of the usual) that a genre brings to mind. */
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

/** A second colour: near the first one, or well away from it. */
const TURNS = [-75, -48, 38, 62, 150, 200] as const;

/** The one colour of a genre, light enough for a point or a line on the page's ground. */
export function genreColour(genre: string): string {
  const [hue, strength] = GENRES[genre] ?? [hash(genre) % 360, 0.8];
  return `oklch(0.76 ${(0.16 * strength).toFixed(3)} ${hue})`;
}

/** Colours in OKLCH, where the same lightness looks the same in every hue, so no poster shouts down its neighbours. */
export function paletteOf(genre: string, year: number | null, random: Random): Palette {
  const [hue, strength] = GENRES[genre] ?? [hash(genre) % 360, 0.8];
  // Films from before colour was common are tinted faintly, like their prints.
  const faded = year !== null && year < 1955 ? 0.35 : 1;
  const first = hue + between(random, -16, 16);
  const second = first + (TURNS[Math.floor(random() * TURNS.length)] ?? 38);
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
