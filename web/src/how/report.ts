import type { Release } from "../api/types";

const FIGURES = ["rmse", "mae", "ndcg", "precision"] as const;
export type Figures = Partial<Record<(typeof FIGURES)[number], number>>;

/** One way of measuring, and what each method reached. */
export interface Protocol {
  protocol: string;
  rows: { scorer: string; figures: Figures }[];
}

/** What the build has put beside the page from the training's evaluation (web/report.ts). */
export interface Report {
  data: { name: string; sha256: string };
  protocols: Protocol[];
  /** Per tower and pass over the data: mean error in stars on the ratings learned from, and on others. */
  curves: Record<string, [mae: number, unseen: number | null][]>;
}

const TIMEOUT_MS = 8_000;

/** The report of this site's build; null where it was built without one. */
export async function fetchReport(signal: AbortSignal): Promise<Report | null> {
  try {
    const response = await fetch("report.json", { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    return response.ok ? ((await response.json()) as Report) : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** What the release says of itself, for when there is no report that names its peers. */
export function ownProtocols({ metrics }: Release): Protocol[] {
  return Object.entries(metrics).map(([protocol, measured]) => {
    const figures = Object.fromEntries(
      FIGURES.flatMap((name) => (typeof measured[name] === "number" ? [[name, measured[name]]] : [])),
    );
    return { protocol, rows: [{ scorer: "this model", figures }] };
  });
}
