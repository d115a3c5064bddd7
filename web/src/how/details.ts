import "uplot/dist/uPlot.min.css";
import "../styles/how.scss";
import { ApiError } from "../api/problem";
import type { Release } from "../api/types";
import { errorState, isAbort, keepHeight } from "../components/states";
import type { Context } from "../context";
import { h } from "../dom";
import { formatCount, formatDate, formatMetric } from "../format";
import { curve, curveLegend } from "./curves";
import { filmMap } from "./film-map";
import { fetchReport, type Metrics, type Protocol, type Report, releaseProtocols } from "./report";
import { howStrings } from "./strings";

/** The metrics, learning curves and film map of "How it works", in a bundle of their own with the plotting library. */
export async function details(context: Context, unmounted: AbortSignal): Promise<HTMLElement[]> {
  const report = await fetchReport(unmounted);
  return [facts(context.release), quality(context.release, report), curves(report, unmounted), map(context, unmounted)];
}

function facts({ release, created, data, model }: Release): HTMLElement {
  const t = howStrings();
  const count = (value: unknown) => (typeof value === "number" ? formatCount(value) : null);
  const entries: [string, string | null][] = [
    [t.release, release],
    [t.created, formatDate(created)],
    [t.data, typeof data["name"] === "string" ? data["name"] : null],
    [t.ratings, count(data["ratings"])],
    [t.users, count(model.users)],
    [t.films, count(model.films)],
    [t.genres, count(model.genres)],
    [t.dimensions, count(model.dimensions)],
  ];
  return section(
    t.facts,
    h(
      "dl",
      { class: "facts" },
      ...entries.flatMap(([name, value]) =>
        value === null ? [] : [h("div", {}, h("dt", {}, name), h("dd", {}, value))],
      ),
    ),
  );
}

function quality(release: Release, report: Report | null): HTMLElement {
  const t = howStrings();
  const isOtherData = report !== null && report.data.sha256 !== release.data["sha256"];
  const protocols = report && !isOtherData ? report.protocols : releaseProtocols(release);
  return section(
    t.quality,
    h("p", { class: "lead-text" }, t.qualityIntro),
    isOtherData && h("p", { class: "note" }, t.otherData),
    h("div", { class: "tables" }, ...protocols.map(table)),
  );
}

function table({ protocol, rows }: Protocol): HTMLElement {
  const t = howStrings();
  const names = (Object.keys(t.metrics) as (keyof Metrics)[]).filter((name) =>
    rows.some(({ metrics }) => metrics[name] !== undefined),
  );
  return h(
    "table",
    { class: "metrics" },
    h("caption", {}, t.protocols[protocol] ?? protocol),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, t.scorer),
        ...names.map((name) => h("th", { scope: "col" }, t.metrics[name])),
      ),
    ),
    h(
      "tbody",
      {},
      ...rows.map(({ scorer, metrics }) =>
        h(
          "tr",
          { class: scorer === "this model" ? "metrics-own" : "" },
          h("th", { scope: "row" }, t.scorers[scorer] ?? scorer),
          ...names.map((name) => h("td", {}, metrics[name] === undefined ? "–" : formatMetric(metrics[name]))),
        ),
      ),
    ),
  );
}

function curves(report: Report | null, unmounted: AbortSignal): HTMLElement {
  const t = howStrings();
  const towers = Object.entries(report?.curves ?? {}).filter(([, epochs]) => epochs.length > 1);
  if (towers.length === 0) return section(t.curves, h("p", { class: "note" }, t.noReport));
  return section(
    t.curves,
    h("p", { class: "lead-text" }, t.curvesIntro),
    curveLegend(),
    h("div", { class: "charts" }, ...towers.map(([tower, epochs]) => curve(tower, epochs, unmounted))),
  );
}

function map(context: Context, unmounted: AbortSignal): HTMLElement {
  const t = howStrings();
  const container = h("div", { class: "map-container", "aria-busy": true }, h("div", { class: "map-plot skeleton" }));
  const load = async () => {
    try {
      const points = await context.api.map({ signal: unmounted });
      container.replaceChildren(filmMap(context, points, unmounted));
    } catch (error) {
      if (isAbort(error)) return;
      const hasNoMap = error instanceof ApiError && error.status === 404;
      keepHeight(container);
      container.replaceChildren(hasNoMap ? h("p", { class: "note" }, t.noMap) : errorState(error, load));
    }
    container.setAttribute("aria-busy", "false");
  };
  void load();
  return section(t.map, h("p", { class: "lead-text" }, t.mapIntro), container);
}

const section = (title: string, ...children: (HTMLElement | false)[]): HTMLElement =>
  h("section", { class: "how-section" }, h("h2", { class: "shelf-title" }, title), ...children);
