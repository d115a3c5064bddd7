import { strings } from "../strings";
import { ApiError, problemOf } from "./problem";

/** How long a request may take, and how often it is sent again. */
export interface Policy {
  /** Of each attempt; the first is given up early, for the next may meet a server that is awake by then. */
  timeoutsMs: readonly number[];
  /** Before each attempt but the first. */
  waitsMs: readonly number[];
  /** After this long the visitor is told, and may cancel. */
  slowMs: number;
}

/** 23 seconds at the very worst: longer than a cold start of the function, not longer than patience. */
const POLICY: Policy = { timeoutsMs: [5_000, 8_000, 8_000], waitsMs: [400, 1_400], slowMs: 2_500 };

/** A server that asks for more patience than this gets an error instead of another attempt. */
const LONGEST_WAIT_MS = 5_000;

/** Told of a request that takes long, with the way to end it; returns what is called when it has ended. */
export type OnSlow = (cancel: () => void) => () => void;

export interface TransportOptions {
  send?: typeof fetch;
  policy?: Policy;
  onSlow?: OnSlow;
}

/**
 * JSON over HTTP with time-outs, and retries that back off: every request ends with an answer, an ApiError, or the
 * abort its caller asked for. All requests here only read, so sending one again does no harm.
 */
export class Transport {
  private readonly send: typeof fetch;
  private readonly policy: Policy;
  private readonly onSlow: OnSlow;

  constructor(
    private readonly base: string,
    { send = (input, init) => fetch(input, init), policy = POLICY, onSlow = () => () => {} }: TransportOptions = {},
  ) {
    this.send = send;
    this.policy = policy;
    this.onSlow = onSlow;
  }

  async json<T>(path: string, init: Omit<RequestInit, "signal">, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const visitor = new AbortController();
    const ended = signal ? AbortSignal.any([signal, visitor.signal]) : visitor.signal;
    let hideSlow = () => {};
    const slow = setTimeout(() => {
      hideSlow = this.onSlow(() => visitor.abort(new ApiError("cancelled", strings.errors.cancelled)));
    }, this.policy.slowMs);
    try {
      return await this.attempts<T>(path, init, ended);
    } finally {
      clearTimeout(slow);
      hideSlow();
    }
  }

  private async attempts<T>(path: string, init: RequestInit, ended: AbortSignal): Promise<T> {
    const { timeoutsMs, waitsMs } = this.policy;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.attempt<T>(path, init, ended, timeoutsMs[attempt] ?? 0);
      } catch (error) {
        const wait = Math.max(waitsMs[attempt] ?? 0, error instanceof ApiError ? error.retryAfterMs : 0);
        const isLast = attempt + 1 >= timeoutsMs.length || wait > LONGEST_WAIT_MS;
        if (isLast || !isPassing(error)) throw error;
        await pause(wait * (1 + Math.random() / 4), ended);
      }
    }
  }

  private async attempt<T>(path: string, init: RequestInit, ended: AbortSignal, timeoutMs: number): Promise<T> {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.send(this.base + path, {
        ...init,
        headers: { accept: "application/json", ...init.headers },
        signal: AbortSignal.any([ended, late]),
      });
      if (!response.ok) throw await problemOf(response);
      return await body<T>(response);
    } catch (error) {
      ended.throwIfAborted();
      if (late.aborted) throw new ApiError("timeout", strings.errors.timeout);
      if (error instanceof ApiError) throw error;
      throw new ApiError("offline", strings.errors.offline);
    }
  }
}

/** Whether the same request may well succeed in a moment. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.kind === "offline") return globalThis.navigator?.onLine !== false;
  return error.kind === "timeout" || [429, 502, 503, 504].includes(error.status ?? 0);
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(ended.reason);
    };
    const timer = setTimeout(() => {
      ended.removeEventListener("abort", stop);
      resolve();
    }, ms);
    ended.addEventListener("abort", stop, { once: true });
  });
}

async function body<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError("unreadable", strings.errors.unreadable, response.status);
  }
}
