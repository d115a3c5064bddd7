import type { Palette } from "./palette";
import { between, type Random } from "./random";

/** An SVG element as data, so that a picture can be compared in a test without a browser. */
export type Shape = readonly [tag: string, attributes: Record<string, string | number>];

/** Draws on a canvas of `WIDTH` by `HEIGHT`; the title covers the lower third. */
type Motif = (random: Random, palette: Palette) => Shape[];

export const WIDTH = 200;
export const HEIGHT = 300;

const round = (value: number) => Math.round(value * 10) / 10;
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const circle = (cx: number, cy: number, r: number, fill: string, opacity = 1): Shape => [
  "circle",
  { cx: round(cx), cy: round(cy), r: round(r), fill, opacity: round(opacity * 10) / 10 },
];
const rect = (x: number, y: number, width: number, height: number, fill: string, opacity = 1): Shape => [
  "rect",
  { x: round(x), y: round(y), width: round(width), height: round(height), fill, opacity },
];
const path = (d: string, fill: string, opacity = 1): Shape => ["path", { d, fill, opacity }];
const ring = (cx: number, cy: number, rx: number, ry: number, stroke: string, width: number, tilt = 0): Shape => [
  "ellipse",
  {
    cx: round(cx),
    cy: round(cy),
    rx: round(rx),
    ry: round(ry),
    fill: "none",
    stroke,
    "stroke-width": width,
    transform: `rotate(${round(tilt)} ${round(cx)} ${round(cy)})`,
  },
];

const stars = (random: Random, count: number, fill: string): Shape[] =>
  times(count, () =>
    circle(random() * WIDTH, random() * HEIGHT * 0.6, between(random, 0.4, 1.4), fill, between(random, 0.3, 0.9)),
  );

/** A ridge from edge to edge, closed at the bottom. */
function ridge(random: Random, base: number, height: number, steps: number): string {
  const points = times(steps + 1, (i) => `${round((WIDTH / steps) * i)} ${round(base - random() * height)}`);
  return `M0 ${HEIGHT}L${points.join("L")}L${WIDTH} ${HEIGHT}Z`;
}

/** A low sun with bands across its lower half. */
const sunset: Motif = (random, { light, accent, dark, mid }) => {
  const cx = between(random, 60, 140);
  const cy = between(random, 100, 130);
  const r = between(random, 48, 66);
  return [
    circle(cx, cy, r + 26, accent, 0.2),
    circle(cx, cy, r, light, 0.95),
    ...times(5, (i) => rect(0, cy + r * (0.05 + i * 0.2), WIDTH, 2 + i * 2, mid)),
    path(ridge(random, cy + r + 6, 26, 5), dark, 0.9),
  ];
};

const peaks: Motif = (random, { light, accent, mid, dark }) => [
  circle(between(random, 40, 160), between(random, 50, 90), between(random, 14, 30), light, 0.9),
  path(ridge(random, 165, 70, 5), accent, 0.5),
  path(ridge(random, 190, 60, 7), mid),
  path(ridge(random, 225, 55, 6), dark),
];

/** Beams from one point. */
const rays: Motif = (random, { accent, light, dark }) => {
  const cx = between(random, 70, 130);
  const cy = between(random, 95, 150);
  const count = 11 + Math.floor(random() * 6);
  const beam = (i: number): Shape => {
    const angle = ((i + random() * 0.4) / count) * 2 * Math.PI;
    const half = Math.PI / count / 2.2;
    const at = (a: number) => `${round(cx + Math.cos(a) * 320)} ${round(cy + Math.sin(a) * 320)}`;
    return path(`M${round(cx)} ${round(cy)}L${at(angle - half)}L${at(angle + half)}Z`, accent, 0.32);
  };
  return [...times(count, beam), circle(cx, cy, 44, dark, 0.9), circle(cx, cy, 36, light), circle(cx, cy, 24, accent)];
};

const orbits: Motif = (random, { light, accent, mid }) => {
  const cx = between(random, 60, 140);
  const cy = between(random, 90, 130);
  const tilt = between(random, -35, 35);
  const moon = between(random, 0, 2 * Math.PI);
  return [
    ...stars(random, 26, light),
    circle(cx, cy, 40, accent),
    circle(cx - 13, cy - 12, 40, mid, 0.45),
    ring(cx, cy, 72, 20, light, 2.5, tilt),
    ring(cx, cy, 98, 30, light, 0.7, tilt),
    circle(cx + Math.cos(moon) * 92, cy + Math.sin(moon) * 58, between(random, 4, 9), light),
  ];
};

const skyline: Motif = (random, { light, accent, dark, mid }) => {
  const towers = times(9, (i) => {
    const width = between(random, 18, 32);
    const height = between(random, 60, 160);
    return { x: i * 23 - 8, y: HEIGHT - 40 - height, width, height: height + 60 };
  });
  const windows = times(16, () => {
    const tower = towers[Math.floor(random() * towers.length)] ?? { x: 0, y: 0, width: 20, height: 20 };
    const x = tower.x + 4 + Math.floor(random() * ((tower.width - 8) / 6)) * 6;
    return rect(x, tower.y + 8 + Math.floor(random() * 9) * 9, 3, 4, light, 0.85);
  });
  return [
    circle(between(random, 30, 170), between(random, 50, 95), between(random, 20, 36), accent, 0.85),
    path(ridge(random, 190, 70, 9), mid, 0.8),
    ...towers.map(({ x, y, width, height }) => rect(x, y, width, height, dark)),
    ...windows,
  ];
};

/** Light through a blind. */
const blinds: Motif = (random, { light, dark, accent }) => {
  const slant = between(random, -22, 22);
  const cx = between(random, 70, 130);
  return [
    circle(cx, 120, 70, accent, 0.3),
    circle(cx, 120, 48, light, 0.8),
    ...times(15, (i): Shape => {
      const y = i * 22 - 30;
      return path(`M-10 ${y}L210 ${round(y + slant)}v${13}L-10 ${y + 13}Z`, dark, 0.78);
    }),
  ];
};

const waves: Motif = (random, { light, accent, mid, dark }) => {
  const fills = [light, accent, mid, accent, dark];
  return fills.map((fill, i) => {
    const y = 80 + i * 38;
    const [a, b] = [between(random, -46, 46), between(random, -46, 46)];
    const d = `M0 ${y}C55 ${round(y + a)} 85 ${round(y - a)} 115 ${y}S175 ${round(y + b)} 200 ${round(y - b / 2)}V300H0Z`;
    return path(d, fill, i === 0 ? 0.55 : 0.72);
  });
};

/** Two overlapping circles. */
const pair: Motif = (random, { light, accent, mid }) => {
  const y = between(random, 95, 135);
  const r = between(random, 44, 58);
  const gap = between(random, 0.45, 0.75) * r;
  return [
    circle(100 - gap, y, r + 18, accent, 0.18),
    circle(100 + gap, y, r + 18, light, 0.14),
    circle(100 - gap, y, r, accent, 0.85),
    circle(100 + gap, y + between(random, -12, 12), r, light, 0.75),
    ring(100, y, r * 1.9, r * 1.9, mid, 1.5),
  ];
};

const confetti: Motif = (random, { light, accent, mid }) => [
  circle(100, 110, between(random, 50, 68), accent, 0.9),
  circle(between(random, 70, 130), between(random, 90, 130), between(random, 22, 34), light, 0.95),
  ...times(26, (i) => {
    const [x, y] = [random() * WIDTH, random() * 230];
    const fill = [light, accent, mid][i % 3] ?? light;
    return i % 2 ? circle(x, y, between(random, 2, 7), fill, 0.9) : rect(x, y, between(random, 4, 12), 4, fill, 0.9);
  }),
];

/** Crossing searchlights. */
const beams: Motif = (random, { light, accent, mid, dark }) => {
  const beam = (i: number): Shape => {
    const foot = 20 + i * 40 + between(random, -12, 12);
    const reach = 100 + (100 - foot) * between(random, 0.3, 1.5);
    const half = between(random, 14, 30);
    const d = `M${round(foot)} 250L${round(reach - half)} -10L${round(reach + half)} -10Z`;
    return path(d, [accent, light, mid][i % 3] ?? light, 0.42);
  };
  return [
    ...stars(random, 14, light),
    ...times(5, beam),
    path(ridge(random, 215, 40, 9), mid, 0.9),
    path(ridge(random, 240, 34, 7), dark),
  ];
};

/** A full moon behind trees. */
const moonlit: Motif = (random, { light, accent, dark }) => {
  const cx = between(random, 60, 140);
  const trunk = (x: number): Shape => {
    const lean = between(random, -14, 14);
    return path(
      `M${round(x)} 300L${round(x + lean)} ${round(between(random, 30, 120))}L${round(x + between(random, 6, 12))} 300Z`,
      dark,
    );
  };
  return [
    circle(cx, 105, 74, accent, 0.22),
    circle(cx, 105, 52, light, 0.9),
    circle(cx + between(random, -30, 30), 92, 46, accent, 0.3),
    ...times(9, (i) => trunk(i * 24 + between(random, -8, 8))),
    path(ridge(random, 262, 24, 12), dark),
  ];
};

/** A keyhole in rings. */
const rings: Motif = (random, { light, accent, mid, dark }) => {
  const cx = between(random, 80, 120);
  const cy = between(random, 100, 130);
  return [
    ...times(6, (i) => circle(cx, cy, 118 - i * 18, [mid, accent][i % 2] ?? mid, 0.5)),
    circle(cx, cy, 26, light),
    circle(cx, cy - 3, 9, dark),
    path(`M${round(cx - 5)} ${round(cy)}h10l5 20h-20Z`, dark),
  ];
};

const MOTIFS: Record<string, readonly Motif[]> = {
  Action: [rays, beams],
  Adventure: [peaks, sunset, rays],
  Animation: [confetti, waves],
  Children: [confetti, sunset],
  Comedy: [confetti, pair, waves],
  Crime: [blinds, skyline],
  Documentary: [rings, peaks],
  Drama: [sunset, waves, pair, beams, skyline],
  Fantasy: [moonlit, orbits, peaks],
  "Film-Noir": [blinds, skyline],
  Horror: [moonlit, rings],
  Musical: [waves, rays],
  Mystery: [rings, blinds],
  Romance: [pair, sunset],
  "Sci-Fi": [orbits, rings],
  Thriller: [skyline, blinds, rings],
  War: [beams, peaks],
  Western: [sunset, peaks],
};

const ANY: readonly Motif[] = [waves, sunset, pair, beams, rings];

export function motifOf(genre: string, random: Random): Motif {
  const motifs = MOTIFS[genre] ?? ANY;
  return motifs[Math.floor(random() * motifs.length)] ?? waves;
}
