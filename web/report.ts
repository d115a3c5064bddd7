import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Of the training on this machine, else the one that the repository has. */
const EVALUATIONS = [here("../artifacts/report/evaluation.json"), here("../docs/report/ml-100k/evaluation.json")];

const FIGURES = ["rmse", "mae", "ndcg", "precision"];

interface Evaluation {
  data: { name: string; sha256: string };
  results: { protocol: string; rows: { scorer: string; metrics: Record<string, number> }[] }[];
  curves: Record<string, { mae: number; val_mae: number | null }[]> | null;
}

/** Puts the training report's figures beside the page as report.json, a few kB; without a report, nothing. */
export function trainingReport(): Plugin {
  return {
    name: "training-report",
    apply: "build",
    generateBundle() {
      const path = EVALUATIONS.find(existsSync);
      if (!path) return;
      const source = JSON.stringify(shorten(JSON.parse(readFileSync(path, "utf8")) as Evaluation));
      this.emitFile({ type: "asset", fileName: "report.json", source });
    },
  };
}

const round = (value: number) => Number(value.toFixed(4));

function shorten({ data, results, curves }: Evaluation) {
  return {
    data: { name: data.name, sha256: data.sha256 },
    protocols: results.map(({ protocol, rows }) => ({
      protocol,
      rows: rows.map(({ scorer, metrics }) => ({
        scorer,
        figures: Object.fromEntries(
          FIGURES.flatMap((name) => (metrics[name] == null ? [] : [[name, round(metrics[name])]])),
        ),
      })),
    })),
    curves: Object.fromEntries(
      Object.entries(curves ?? {}).map(([tower, passes]) => [
        tower,
        passes.map(({ mae, val_mae }) => [round(mae), val_mae == null ? null : round(val_mae)]),
      ]),
    ),
  };
}
