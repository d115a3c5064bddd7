import { strings } from "../strings";
import { ApiError, problemOf } from "./problem";

/** Time-outs and retries of a request. */
export interface RetryPolicy {
  /** Per attempt. The first is short: a cold server may have started by the second. */
  timeoutsMs: readonly number[];
  /** The delay before each retry. */
  backoffMs: readonly number[];
  /** When `onSlow` is called. */
  slowMs: number;
}

/** At most 23 seconds in total, which is longer than a cold start of the function. */
const DEFAULT_POLICY: RetryPolicy = { timeoutsMs: [5_000, 8_000, 8_000], backoffMs: [400, 1_400], slowMs: 2_500 };

/** A longer Retry-After is reported as an error instead of being waited for. */
const MAX_RETRY_AFTER_MS = 5_000;

/** Called when a request is slow, with a function that cancels it; returns a function to call when it has ended. */
export type OnSlow = (cancel: () => void) => () => void;

export interface TransportOptions {
  send?: typeof fetch;
  policy?: RetryPolicy;
  onSlow?: OnSlow;
}

/**
 * JSON over HTTP with time-outs and retries with back-off. Every request ends with a response, an ApiError or, if the
 * caller aborts it, an AbortError. Requests are read-only or have an Idempotency-Key, so retries are safe.
 */
export class Transport {
  private readonly fetch: typeof fetch;
  private readonly policy: RetryPolicy;
  private readonly onSlow: OnSlow;

  constructor(
    private readonly base: string,
    {
      send = (input, init) => fetch(input, init),
      policy = DEFAULT_POLICY,
      onSlow = () => () => {},
    }: TransportOptions = {},
  ) {
    this.fetch = send;
    this.policy = policy;
    this.onSlow = onSlow;
  }

  json<T>(path: string, init: Omit<RequestInit, "signal">, signal?: AbortSignal): Promise<T> {
    return this.send(path, init, parseBody<T>, signal);
  }

  /** A response that is not JSON. */
  blob(path: string, init: Omit<RequestInit, "signal">): Promise<Blob> {
    return this.send(path, init, (response) => response.blob());
  }

  private async send<T>(path: string, init: RequestInit, parse: Parse<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const cancellation = new AbortController();
    const aborted = signal ? AbortSignal.any([signal, cancellation.signal]) : cancellation.signal;
    let hideSlow = () => {};
    const slow = setTimeout(() => {
      hideSlow = this.onSlow(() => cancellation.abort(new ApiError("cancelled", strings.errors.cancelled)));
    }, this.policy.slowMs);
    try {
      return await this.attempts(path, init, parse, aborted);
    } finally {
      clearTimeout(slow);
      hideSlow();
    }
  }

  private async attempts<T>(path: string, init: RequestInit, parse: Parse<T>, aborted: AbortSignal): Promise<T> {
    const { timeoutsMs, backoffMs } = this.policy;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.attempt(path, init, parse, aborted, timeoutsMs[attempt] ?? 0);
      } catch (error) {
        const delayMs = Math.max(backoffMs[attempt] ?? 0, error instanceof ApiError ? error.retryAfterMs : 0);
        const isLast = attempt + 1 >= timeoutsMs.length || delayMs > MAX_RETRY_AFTER_MS;
        if (isLast || !isTransient(error)) throw error;
        await delay(delayMs * (1 + Math.random() / 4), aborted);
      }
    }
  }

  private async attempt<T>(
    path: string,
    init: RequestInit,
    parse: Parse<T>,
    aborted: AbortSignal,
    timeoutMs: number,
  ): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.fetch(this.base + path, {
        ...init,
        headers: { accept: "application/json", ...init.headers },
        signal: AbortSignal.any([aborted, timeout]),
      });
      if (!response.ok) throw await problemOf(response);
      return await parse(response);
    } catch (error) {
      aborted.throwIfAborted();
      if (timeout.aborted) throw new ApiError("timeout", strings.errors.timeout);
      if (error instanceof ApiError) throw error;
      throw new ApiError("offline", strings.errors.offline);
    }
  }
}

/** Whether a retry may succeed. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.kind === "offline") return globalThis.navigator?.onLine !== false;
  return error.kind === "timeout" || [429, 502, 503, 504].includes(error.status ?? 0);
}

function delay(ms: number, aborted: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(aborted.reason);
    };
    const timer = setTimeout(() => {
      aborted.removeEventListener("abort", stop);
      resolve();
    }, ms);
    aborted.addEventListener("abort", stop, { once: true });
  });
}

type Parse<T> = (response: Response) => Promise<T>;

/** An empty body, as of 204, is null. */
async function parseBody<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text || (response.status === 204 ? "null" : "")) as T;
  } catch {
    throw new ApiError("unreadable", strings.errors.unreadable, response.status);
  }
}
