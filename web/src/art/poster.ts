import type { Film } from "../api/types";
import { svg } from "../dom";
import { HEIGHT, motifOf, type Shape, WIDTH } from "./motifs";
import { type Palette, paletteOf } from "./palette";
import { randomOf } from "./random";

type PosterFilm = Pick<Film, "title" | "year" | "genres">;

/** Genres with a distinctive look, which take precedence over a film's other genres. */
const DISTINCTIVE = ["Western", "Sci-Fi", "Horror", "Film-Noir", "War", "Musical", "Animation", "Fantasy", "Romance"];

/** The genre that determines a film's picture; "" if it has none. */
export function leadGenre(genres: readonly string[]): string {
  return DISTINCTIVE.find((genre) => genres.includes(genre)) ?? genres[0] ?? "";
}

export interface Art {
  palette: Palette;
  shapes: readonly Shape[];
}

/** A film's picture, generated from its title, year and genres only, so that it is the same everywhere. */
export function artOf({ title, year, genres }: PosterFilm): Art {
  const random = randomOf(`${title}|${year ?? ""}|${genres.join("|")}`);
  const genre = leadGenre(genres);
  const palette = paletteOf(genre, year, random);
  return { palette, shapes: motifOf(genre, random)(random, palette) };
}

let gradients = 0;

/** The crop for the wide format. */
const WIDE_VIEW_BOX = `0 45 ${WIDTH} 130`;

/** The picture as an SVG that covers its box and is hidden from screen readers, which read the title. */
export function drawArt(film: PosterFilm, format: "poster" | "wide" = "poster"): SVGElement {
  const { palette, shapes } = artOf(film);
  gradients += 1;
  const sky = `sky-${gradients}`;
  return svg(
    "svg",
    {
      class: "art",
      viewBox: format === "wide" ? WIDE_VIEW_BOX : `0 0 ${WIDTH} ${HEIGHT}`,
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
