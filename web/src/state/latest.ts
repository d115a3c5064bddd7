/**
 * Runs only the latest task: starting one aborts the previous one, and aborting `signal` aborts the current one.
 * A task gets a signal to pass to its requests, and rejects with an AbortError when it is superseded.
 */
export function latest(signal: AbortSignal) {
  let current = new AbortController();
  signal.addEventListener("abort", () => current.abort(), { once: true });
  return <T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    current.abort();
    current = new AbortController();
    if (signal.aborted) current.abort();
    return task(current.signal);
  };
}

/** Calls `callback` once `ms` have passed without another call; aborting `signal` cancels it. */
export function debounce(callback: () => void, ms: number, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return () => {
    clearTimeout(timer);
    if (!signal.aborted) timer = setTimeout(callback, ms);
  };
}
