import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The evaluation of a training on this machine, else the one in the repository. */
const EVALUATIONS = [here("../artifacts/report/evaluation.json"), here("../docs/report/ml-100k/evaluation.json")];

const METRICS = ["rmse", "mae", "ndcg", "precision"];

interface Evaluation {
  data: { name: string; sha256: string };
  results: { protocol: string; rows: { scorer: string; metrics: Record<string, number> }[] }[];
  curves: Record<string, { mae: number; val_mae: number | null }[]> | null;
}

/** Adds report.json, an extract of the training's evaluation; nothing if there is no evaluation. */
export function trainingReport(): Plugin {
  return {
    name: "training-report",
    apply: "build",
    generateBundle() {
      const path = EVALUATIONS.find(existsSync);
      if (!path) return;
      const source = JSON.stringify(extract(JSON.parse(readFileSync(path, "utf8")) as Evaluation));
      this.emitFile({ type: "asset", fileName: "report.json", source });
    },
  };
}

const round = (value: number) => Number(value.toFixed(4));

function extract({ data, results, curves }: Evaluation) {
  return {
    data: { name: data.name, sha256: data.sha256 },
    protocols: results.map(({ protocol, rows }) => ({
      protocol,
      rows: rows.map(({ scorer, metrics }) => ({
        scorer,
        metrics: Object.fromEntries(
          METRICS.flatMap((name) => (metrics[name] == null ? [] : [[name, round(metrics[name])]])),
        ),
      })),
    })),
    curves: Object.fromEntries(
      Object.entries(curves ?? {}).map(([tower, epochs]) => [
        tower,
        epochs.map(({ mae, val_mae }) => [round(mae), val_mae == null ? null : round(val_mae)]),
      ]),
    ),
  };
}
