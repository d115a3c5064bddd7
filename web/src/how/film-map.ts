import UPlot from "uplot";
import type { FilmMap } from "../api/types";
import { genreColour } from "../art/palette";
import type { Context } from "../context";
import { announce, h } from "../dom";
import { nearest, neighbour } from "../state/map";
import { genreName, strings } from "../strings";

/** In CSS pixels. */
const POINT = 3;
const REACH = 14;
const SPAN: UPlot.Range.MinMax = [-1.06, 1.06];

const DIRECTIONS: Record<string, { x: number; y: number }> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

/** All films as points, near where the same people like both: hover names one, click or Enter opens it. */
export function filmMap(context: Context, { genres, points }: FilmMap, life: AbortSignal): HTMLElement {
  const words = strings.how;
  let lit: string | null = null; // the genre that is shown alone
  let at = -1;
  let pointer = { x: -1, y: -1 };

  const tip = h("div", { class: "map-tip", hidden: true });
  const plot = h("div", {
    class: "map-plot",
    tabindex: 0,
    role: "application",
    "aria-label": words.mapLabel(points.length),
    on: { keydown: onKey, blur: () => point(-1) },
  });
  const chart = new UPlot(
    {
      width: 300,
      height: 300,
      legend: { show: false },
      cursor: { show: false },
      padding: [0, 0, 0, 0],
      scales: { x: { time: false, range: () => SPAN }, y: { range: () => SPAN } },
      axes: [{ show: false }, { show: false }],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [draw] },
    },
    [points.map(({ x }) => x), points.map(({ y }) => y)],
    plot,
  );
  plot.append(tip);
  // Points are read in the order of their places, whatever order uPlot expects: it draws none of them itself.
  chart.over.addEventListener("mousemove", (event) => {
    // A pointer that lies still does not take over from the keys.
    const moved = event.clientX !== pointer.x || event.clientY !== pointer.y;
    pointer = { x: event.clientX, y: event.clientY };
    if (moved) point(under(event));
  });
  chart.over.addEventListener("mouseleave", () => point(-1));
  chart.over.addEventListener("click", (event) => {
    point(under(event));
    open();
  });
  const observer = new ResizeObserver(() => {
    const width = plot.clientWidth;
    if (width > 0) chart.setSize({ width, height: Math.min(width, Math.max(320, innerHeight * 0.75)) });
  });
  observer.observe(plot);
  life.addEventListener("abort", () => {
    observer.disconnect();
    chart.destroy();
  });

  const buttons = [null, ...genres].map((genre) =>
    h(
      "button",
      {
        type: "button",
        class: "map-genre",
        "aria-pressed": genre === lit,
        on: { click: () => light(genre) },
        vars: { "--colour": genre === null ? "#fff" : genreColour(genre) },
      },
      genre === null ? words.allGenres : genreName(genre),
    ),
  );
  return h(
    "div",
    { class: "film-map" },
    h("div", { class: "map-genres", role: "group", "aria-label": words.mapGenre }, ...buttons),
    plot,
  );

  function light(genre: string | null): void {
    lit = genre;
    buttons.forEach((button, i) => void button.setAttribute("aria-pressed", String((genres[i - 1] ?? null) === lit)));
    chart.redraw(false);
  }

  function draw(u: UPlot): void {
    const { ctx } = u;
    ctx.save();
    // What is not asked for lies below, faint.
    for (const isLit of [false, true]) {
      for (const genre of genres) {
        if ((lit === null || genre === lit) !== isLit) continue;
        ctx.globalAlpha = isLit ? 0.85 : 0.12;
        ctx.fillStyle = genreColour(genre);
        ctx.beginPath();
        for (const place of points) {
          if (place.genre !== genre) continue;
          const [x, y] = [u.valToPos(place.x, "x", true), u.valToPos(place.y, "y", true)];
          ctx.moveTo(x, y);
          ctx.arc(x, y, POINT * devicePixelRatio, 0, 2 * Math.PI);
        }
        ctx.fill();
      }
    }
    ctx.restore();
    point(at);
  }

  /** Of the points shown; distances count in pixels, for the plot may be wider than high. */
  function under(event: MouseEvent): number {
    const places = points.map(({ x, y, genre }) =>
      lit === null || genre === lit
        ? { x: chart.valToPos(x, "x"), y: chart.valToPos(y, "y") }
        : { x: Number.NaN, y: Number.NaN },
    );
    return nearest(places, { x: event.offsetX, y: event.offsetY }, REACH);
  }

  function point(index: number): void {
    at = index;
    const place = points[index];
    tip.hidden = !place;
    plot.classList.toggle("map-on-film", place !== undefined);
    if (!place) return;
    tip.textContent = place.title;
    const left = chart.valToPos(place.x, "x");
    tip.classList.toggle("map-tip-before", left > plot.clientWidth / 2);
    tip.style.setProperty("--x", `${left}px`);
    tip.style.setProperty("--y", `${chart.valToPos(place.y, "y")}px`);
    tip.style.setProperty("--colour", genreColour(place.genre));
  }

  function open(): void {
    const place = points[at];
    if (place) context.go({ film: place.film_id });
  }

  function onKey(event: KeyboardEvent): void {
    const direction = DIRECTIONS[event.key];
    if (event.key === "Enter") {
      event.preventDefault(); // else the same key presses the button that the dialog puts the focus on
      open();
    }
    if (!direction) return;
    event.preventDefault(); // the page would scroll
    const next = at < 0 ? nearest(points, { x: 0, y: 0 }, 3) : neighbour(points, at, direction);
    point(next);
    const place = points[next];
    if (place) announce(`${place.title}, ${genreName(place.genre)}`);
  }
}
