import UPlot from "uplot";
import { h } from "../dom";
import { formatMetric, formatStep } from "../format";
import type { Report } from "./report";
import { howStrings } from "./strings";

const HEIGHT = 260;
const INK = "#b4b4c2";
const GRID = { stroke: "#2c2c38", width: 1 };

/** The learning curve of a tower: a chart and a sentence that describes it. */
export function curve(tower: string, epochs: Report["curves"][string], unmounted: AbortSignal): HTMLElement {
  const t = howStrings();
  const validation = epochs.map(([, value]) => value);
  const values = validation.filter((value) => value !== null);
  const format = (value: number | undefined) => (value === undefined ? "–" : formatMetric(value));
  const container = h("div", { class: "chart", role: "img" });
  const name = t.towers[tower as keyof typeof t.towers] ?? tower;
  const description = t.curve(name, format(values[0]), format(Math.min(...values)), epochs.length);
  container.setAttribute("aria-label", description);
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: INK, grid: GRID, ticks: GRID, font, labelFont: `bold ${font}` };
  const chart = new UPlot(
    {
      width: 300,
      height: HEIGHT,
      scales: { x: { time: false } },
      legend: { show: false },
      cursor: { show: false },
      axes: [
        { ...axis, label: t.epoch, labelSize: 24 },
        { ...axis, size: 52, values: (_chart, splits) => splits.map(formatStep) },
      ],
      series: [
        {},
        { label: t.training, stroke: "#7fb4ff", width: 2, dash: [6, 4], points: { show: false } },
        { label: t.validation, stroke: "#ffb829", width: 2, points: { show: false } },
      ],
    },
    [epochs.map((_epoch, i) => i + 1), epochs.map(([mae]) => mae), validation],
    container,
  );
  const observer = new ResizeObserver(() => {
    if (container.clientWidth > 0) chart.setSize({ width: container.clientWidth, height: HEIGHT });
  });
  observer.observe(container);
  unmounted.addEventListener("abort", () => {
    observer.disconnect();
    chart.destroy();
  });
  return h("figure", { class: "curve" }, h("figcaption", {}, description), container);
}

/** The legend of the charts. */
export function curveLegend(): HTMLElement {
  const t = howStrings();
  const entry = (kind: string, label: string) =>
    h("li", {}, h("span", { class: `line line-${kind}`, "aria-hidden": true }), label);
  return h("ul", { class: "legend" }, entry("training", t.training), entry("validation", t.validation));
}
