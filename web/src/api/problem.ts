import { strings } from "../strings";

/** One thing wrong with a request, and where: a JSON pointer into the body, or a parameter's name. */
export interface ProblemDetail {
  pointer?: string;
  parameter?: string;
  detail: string;
}

/** Why a request gave nothing. `kind` says who should do something about it. */
export class ApiError extends Error {
  constructor(
    readonly kind: "problem" | "offline" | "timeout" | "unreadable" | "cancelled",
    message: string,
    readonly status: number | null = null,
    readonly details: readonly ProblemDetail[] = [],
    /** What the server asks to wait before another attempt (Retry-After, in seconds there); 0 if it does not say. */
    readonly retryAfterMs = 0,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The error of a response that is not 2xx: the problem's own words (RFC 9457) where it has some. */
export async function problemOf(response: Response): Promise<ApiError> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // A proxy's HTML page, or nothing: the status is all there is to say.
  }
  const problem = isRecord(body) ? body : {};
  const words = text(problem["detail"]) ?? text(problem["title"]) ?? strings.errors.status(response.status);
  const errors = Array.isArray(problem["errors"]) ? problem["errors"].filter(isProblemDetail) : [];
  const retryAfter = Number(response.headers.get("retry-after") ?? 0) * 1_000;
  return new ApiError("problem", words, response.status, errors, Number.isFinite(retryAfter) ? retryAfter : 0);
}

/** Whether the service itself could not be asked, so that an answer kept from before may stand in. */
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
