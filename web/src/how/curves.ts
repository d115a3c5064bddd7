import UPlot from "uplot";
import { h } from "../dom";
import { formatFigure, formatStep } from "../format";
import { strings } from "../strings";
import type { Report } from "./report";

const HEIGHT = 260;
const INK = "#b4b4c2";
const GRID = { stroke: "#2c2c38", width: 1 };
const axis = { stroke: INK, grid: GRID, ticks: GRID };

/** How the error fell while a tower learned: one chart, and the same in a sentence for those who cannot see it. */
export function curve(tower: string, passes: Report["curves"][string], life: AbortSignal): HTMLElement {
  const words = strings.how;
  const unseen = passes.map(([, value]) => value);
  const known = unseen.filter((value) => value !== null);
  const figure = (value: number | undefined) => (value === undefined ? "–" : formatFigure(value));
  const place = h("div", { class: "chart", role: "img" });
  const name = words.towers[tower as keyof typeof words.towers] ?? tower;
  const said = words.curve(name, figure(known[0]), figure(Math.min(...known)), passes.length);
  place.setAttribute("aria-label", said);
  const chart = new UPlot(
    {
      width: 300,
      height: HEIGHT,
      scales: { x: { time: false } },
      legend: { show: false },
      cursor: { show: false },
      axes: [
        { ...axis, label: words.epoch, labelSize: 24 },
        { ...axis, size: 52, values: (_chart, splits) => splits.map(formatStep) },
      ],
      series: [
        {},
        { label: words.training, stroke: "#7fb4ff", width: 2, dash: [6, 4], points: { show: false } },
        { label: words.validation, stroke: "#ffb829", width: 2, points: { show: false } },
      ],
    },
    [passes.map((_pass, i) => i + 1), passes.map(([mae]) => mae), unseen],
    place,
  );
  const observer = new ResizeObserver(() => {
    if (place.clientWidth > 0) chart.setSize({ width: place.clientWidth, height: HEIGHT });
  });
  observer.observe(place);
  life.addEventListener("abort", () => {
    observer.disconnect();
    chart.destroy();
  });
  return h("figure", { class: "curve" }, h("figcaption", {}, said), place);
}

/** What the two lines are; drawn as they are in the charts. */
export function curveKey(): HTMLElement {
  const words = strings.how;
  const entry = (kind: string, label: string) =>
    h("li", {}, h("span", { class: `line line-${kind}`, "aria-hidden": true }), label);
  return h("ul", { class: "key" }, entry("training", words.training), entry("unseen", words.validation));
}
