import { strings } from "../strings";

/** One error of a request, and where it is: a JSON pointer into the body, or a parameter's name. */
export interface ProblemDetail {
  pointer?: string;
  parameter?: string;
  detail: string;
}

/** A failed request. */
export class ApiError extends Error {
  constructor(
    readonly kind: "problem" | "offline" | "timeout" | "unreadable" | "cancelled",
    message: string,
    readonly status: number | null = null,
    readonly details: readonly ProblemDetail[] = [],
    /** The Retry-After header in milliseconds; 0 if there is none. */
    readonly retryAfterMs = 0,
    /** What is stored instead, if the request was about another version of it (412). */
    readonly current: unknown = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The error for a response that is not 2xx, with the message of its problem details (RFC 9457) if it has one. */
export async function problemOf(response: Response): Promise<ApiError> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // A proxy's HTML page or an empty body: only the status is known.
  }
  const problem = isRecord(body) ? body : {};
  const message = text(problem["detail"]) ?? text(problem["title"]) ?? strings.errors.status(response.status);
  const errors = Array.isArray(problem["errors"]) ? problem["errors"].filter(isProblemDetail) : [];
  const retryAfter = Number(response.headers.get("retry-after") ?? 0) * 1_000;
  const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter : 0;
  return new ApiError("problem", message, response.status, errors, retryAfterMs, problem["current"] ?? null);
}

/** Whether the service is unavailable, so that a saved response may be shown instead. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.kind !== "problem" || error.status === 429 || (error.status ?? 0) >= 500;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isProblemDetail(value: unknown): value is ProblemDetail {
  return isRecord(value) && typeof value["detail"] === "string";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
