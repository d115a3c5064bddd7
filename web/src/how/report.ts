import type { Release } from "../api/types";

const METRICS = ["rmse", "mae", "ndcg", "precision"] as const;
export type Metrics = Partial<Record<(typeof METRICS)[number], number>>;

/** An evaluation protocol with the metrics of each method. */
export interface Protocol {
  protocol: string;
  rows: { scorer: string; metrics: Metrics }[];
}

/** report.json, which the build makes from the training's evaluation (web/report.ts). */
export interface Report {
  data: { name: string; sha256: string };
  protocols: Protocol[];
  /** Per tower and epoch: mean absolute error in stars on training and validation ratings. */
  curves: Record<string, [training: number, validation: number | null][]>;
}

const TIMEOUT_MS = 8_000;

/** The report of this build; null if there is none. */
export async function fetchReport(signal: AbortSignal): Promise<Report | null> {
  try {
    const response = await fetch("report.json", { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    return response.ok ? ((await response.json()) as Report) : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** The release's own metrics, for when there is no report with the other methods. */
export function releaseProtocols(release: Release): Protocol[] {
  return Object.entries(release.metrics).map(([protocol, values]) => {
    const metrics = Object.fromEntries(
      METRICS.flatMap((name) => (typeof values[name] === "number" ? [[name, values[name]]] : [])),
    );
    return { protocol, rows: [{ scorer: "this model", metrics }] };
  });
}
