import UPlot from "uplot";
import type { FilmMap } from "../api/types";
import { genreColour } from "../art/palette";
import type { Context } from "../context";
import { announce, h } from "../dom";
import { nearest, neighbour } from "../state/map";
import { genreName } from "../strings";
import { howStrings } from "./strings";

/** In CSS pixels. */
const POINT_RADIUS = 3;
const HIT_RADIUS = 14;
const RANGE: UPlot.Range.MinMax = [-1.06, 1.06];

const DIRECTIONS: Record<string, { x: number; y: number }> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

/** A scatter plot of all films. Hovering shows a title; a click or Enter opens the details. */
export function filmMap(context: Context, { genres, points }: FilmMap, unmounted: AbortSignal): HTMLElement {
  const t = howStrings();
  let highlighted: string | null = null; // the selected genre, or all
  let active = -1;
  let pointer = { x: -1, y: -1 };

  const tooltip = h("div", { class: "map-tooltip", hidden: true });
  const plot = h("div", {
    class: "map-plot",
    tabindex: 0,
    role: "application",
    "aria-label": t.mapLabel(points.length),
    on: { keydown: onKey, blur: () => activate(-1) },
  });
  const chart = new UPlot(
    {
      width: 300,
      height: 300,
      legend: { show: false },
      cursor: { show: false },
      padding: [0, 0, 0, 0],
      scales: { x: { time: false, range: () => RANGE }, y: { range: () => RANGE } },
      axes: [{ show: false }, { show: false }],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [draw] },
    },
    [points.map(({ x }) => x), points.map(({ y }) => y)],
    plot,
  );
  plot.append(tooltip);
  // uPlot expects sorted x values, but it draws none of these points itself.
  chart.over.addEventListener("mousemove", (event) => {
    // Ignores events of a pointer that did not move, so that the keyboard selection stays.
    const moved = event.clientX !== pointer.x || event.clientY !== pointer.y;
    pointer = { x: event.clientX, y: event.clientY };
    if (moved) activate(pointAt(event));
  });
  chart.over.addEventListener("mouseleave", () => activate(-1));
  chart.over.addEventListener("click", (event) => {
    activate(pointAt(event));
    open();
  });
  const observer = new ResizeObserver(() => {
    const width = plot.clientWidth;
    if (width > 0) chart.setSize({ width, height: Math.min(width, Math.max(320, innerHeight * 0.75)) });
  });
  observer.observe(plot);
  unmounted.addEventListener("abort", () => {
    observer.disconnect();
    chart.destroy();
  });

  const buttons = [null, ...genres].map((genre) =>
    h(
      "button",
      {
        type: "button",
        class: "map-genre",
        "aria-pressed": genre === highlighted,
        on: { click: () => highlight(genre) },
        vars: { "--colour": genre === null ? "#fff" : genreColour(genre) },
      },
      genre === null ? t.allGenres : genreName(genre),
    ),
  );
  return h(
    "div",
    { class: "film-map" },
    h("div", { class: "map-genres", role: "group", "aria-label": t.mapGenre }, ...buttons),
    plot,
  );

  function highlight(genre: string | null): void {
    highlighted = genre;
    buttons.forEach(
      (button, i) => void button.setAttribute("aria-pressed", String((genres[i - 1] ?? null) === highlighted)),
    );
    chart.redraw(false);
  }

  function draw(u: UPlot): void {
    const { ctx } = u;
    ctx.save();
    // Other genres are drawn first, faintly.
    for (const isHighlighted of [false, true]) {
      for (const genre of genres) {
        if ((highlighted === null || genre === highlighted) !== isHighlighted) continue;
        ctx.globalAlpha = isHighlighted ? 0.85 : 0.12;
        ctx.fillStyle = genreColour(genre);
        ctx.beginPath();
        for (const point of points) {
          if (point.genre !== genre) continue;
          const [x, y] = [u.valToPos(point.x, "x", true), u.valToPos(point.y, "y", true)];
          ctx.moveTo(x, y);
          ctx.arc(x, y, POINT_RADIUS * devicePixelRatio, 0, 2 * Math.PI);
        }
        ctx.fill();
      }
    }
    ctx.restore();
    activate(active);
  }

  /** The index of the visible point under the pointer, or -1. Distances are in pixels: the plot may not be square. */
  function pointAt(event: MouseEvent): number {
    const positions = points.map(({ x, y, genre }) =>
      highlighted === null || genre === highlighted
        ? { x: chart.valToPos(x, "x"), y: chart.valToPos(y, "y") }
        : { x: Number.NaN, y: Number.NaN },
    );
    return nearest(positions, { x: event.offsetX, y: event.offsetY }, HIT_RADIUS);
  }

  function activate(index: number): void {
    active = index;
    const point = points[index];
    tooltip.hidden = !point;
    plot.classList.toggle("map-hovering", point !== undefined);
    if (!point) return;
    tooltip.textContent = point.title;
    const left = chart.valToPos(point.x, "x");
    tooltip.classList.toggle("map-tooltip-start", left > plot.clientWidth / 2);
    tooltip.style.setProperty("--x", `${left}px`);
    tooltip.style.setProperty("--y", `${chart.valToPos(point.y, "y")}px`);
    tooltip.style.setProperty("--colour", genreColour(point.genre));
  }

  function open(): void {
    const point = points[active];
    if (point) context.go({ film: point.film_id });
  }

  function onKey(event: KeyboardEvent): void {
    const direction = DIRECTIONS[event.key];
    if (event.key === "Enter") {
      event.preventDefault(); // else it would also press the button that gets the focus in the dialog
      open();
    }
    if (!direction) return;
    event.preventDefault(); // the page would scroll
    const next = active < 0 ? nearest(points, { x: 0, y: 0 }, 3) : neighbour(points, active, direction);
    activate(next);
    const point = points[next];
    if (point) announce(`${point.title}, ${genreName(point.genre)}`);
  }
}
