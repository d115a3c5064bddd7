import type { Film } from "../api/types";
import { svg } from "../dom";
import { HEIGHT, motifOf, type Shape, WIDTH } from "./motifs";
import { type Palette, paletteOf } from "./palette";
import { randomOf } from "./random";

type Pictured = Pick<Film, "title" | "year" | "genres">;

/** Genres that say more about a film's looks than the others it has. */
const TELLING = ["Western", "Sci-Fi", "Horror", "Film-Noir", "War", "Musical", "Animation", "Fantasy", "Romance"];

/** The genre a film is drawn as; "" where it has none. */
export function leadGenre(genres: readonly string[]): string {
  return TELLING.find((genre) => genres.includes(genre)) ?? genres[0] ?? "";
}

export interface Art {
  palette: Palette;
  shapes: readonly Shape[];
}

/** A film's picture, made from its title, year and genres alone: the same film looks the same everywhere. */
export function artOf({ title, year, genres }: Pictured): Art {
  const random = randomOf(`${title}|${year ?? ""}|${genres.join("|")}`);
  const genre = leadGenre(genres);
  const palette = paletteOf(genre, year, random);
  return { palette, shapes: motifOf(genre, random)(random, palette) };
}

let gradients = 0;

/** The part of a picture that is worth showing in a box much wider than high. */
const WIDE = `0 45 ${WIDTH} 130`;

/** The picture as an SVG that fills its box ("slice") and says nothing to a screen reader: the title does. */
export function drawArt(film: Pictured, format: "poster" | "wide" = "poster"): SVGElement {
  const { palette, shapes } = artOf(film);
  gradients += 1;
  const sky = `sky-${gradients}`;
  return svg(
    "svg",
    {
      class: "art",
      viewBox: format === "wide" ? WIDE : `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "xMidYMid slice",
      "aria-hidden": true,
      focusable: "false",
    },
    svg(
      "linearGradient",
      { id: sky, x1: 0, y1: 0, x2: 0.25, y2: 1 },
      svg("stop", { offset: 0, "stop-color": palette.top }),
      svg("stop", { offset: 1, "stop-color": palette.bottom }),
    ),
    svg("rect", { width: WIDTH, height: HEIGHT, fill: `url(#${sky})` }),
    ...shapes.map(([tag, attributes]) => svg(tag, attributes)),
  );
}
