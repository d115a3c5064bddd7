import "uplot/dist/uPlot.min.css";
import { ApiError } from "../api/problem";
import type { Release } from "../api/types";
import { errorState, hold, isAbort } from "../components/states";
import type { Context } from "../context";
import { h } from "../dom";
import { formatCount, formatDate, formatFigure } from "../format";
import { strings } from "../strings";
import { curve, curveKey } from "./curves";
import { filmMap } from "./film-map";
import { type Figures, fetchReport, ownProtocols, type Protocol, type Report } from "./report";

/** The figures, curves and map of "How it works": all that needs the plotting library, loaded when it is looked at. */
export async function details(context: Context, life: AbortSignal): Promise<HTMLElement[]> {
  const report = await fetchReport(life);
  return [facts(context.release), quality(context.release, report), curves(report, life), map(context, life)];
}

function facts({ release, created, data, model }: Release): HTMLElement {
  const words = strings.how;
  const count = (value: unknown) => (typeof value === "number" ? formatCount(value) : null);
  const entries: [string, string | null][] = [
    [words.release, release],
    [words.created, formatDate(created)],
    [words.data, typeof data["name"] === "string" ? data["name"] : null],
    [words.ratings, count(data["ratings"])],
    [words.users, count(model.users)],
    [words.films, count(model.films)],
    [words.genres, count(model.genres)],
    [words.dimensions, count(model.dimensions)],
  ];
  return section(
    words.facts,
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
  const words = strings.how;
  const isOfOtherData = report !== null && report.data.sha256 !== release.data["sha256"];
  const protocols = report && !isOfOtherData ? report.protocols : ownProtocols(release);
  return section(
    words.quality,
    h("p", { class: "lead-text" }, words.qualityIntro),
    isOfOtherData && h("p", { class: "note" }, words.otherData),
    h("div", { class: "tables" }, ...protocols.map(table)),
  );
}

function table({ protocol, rows }: Protocol): HTMLElement {
  const words = strings.how;
  const names = (Object.keys(words.metrics) as (keyof Figures)[]).filter((name) =>
    rows.some(({ figures }) => figures[name] !== undefined),
  );
  return h(
    "table",
    { class: "figures" },
    h("caption", {}, words.protocols[protocol] ?? protocol),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, words.scorer),
        ...names.map((name) => h("th", { scope: "col" }, words.metrics[name])),
      ),
    ),
    h(
      "tbody",
      {},
      ...rows.map(({ scorer, figures }) =>
        h(
          "tr",
          { class: scorer === "this model" ? "figures-own" : "" },
          h("th", { scope: "row" }, words.scorers[scorer] ?? scorer),
          ...names.map((name) => h("td", {}, figures[name] === undefined ? "–" : formatFigure(figures[name]))),
        ),
      ),
    ),
  );
}

function curves(report: Report | null, life: AbortSignal): HTMLElement {
  const words = strings.how;
  const towers = Object.entries(report?.curves ?? {}).filter(([, passes]) => passes.length > 1);
  if (towers.length === 0) return section(words.curves, h("p", { class: "note" }, words.noReport));
  return section(
    words.curves,
    h("p", { class: "lead-text" }, words.curvesIntro),
    curveKey(),
    h("div", { class: "charts" }, ...towers.map(([tower, passes]) => curve(tower, passes, life))),
  );
}

function map(context: Context, life: AbortSignal): HTMLElement {
  const words = strings.how;
  const place = h("div", { class: "map-place", "aria-busy": true }, h("div", { class: "map-plot skeleton" }));
  const load = async () => {
    try {
      const points = await context.api.map({ signal: life });
      place.replaceChildren(filmMap(context, points, life));
    } catch (error) {
      if (isAbort(error)) return;
      const hasNone = error instanceof ApiError && error.status === 404;
      hold(place);
      place.replaceChildren(hasNone ? h("p", { class: "note" }, words.noMap) : errorState(error, load));
    }
    place.setAttribute("aria-busy", "false");
  };
  void load();
  return section(words.map, h("p", { class: "lead-text" }, words.mapIntro), place);
}

const section = (title: string, ...children: (HTMLElement | false)[]): HTMLElement =>
  h("section", { class: "how-section" }, h("h2", { class: "shelf-title" }, title), ...children);
