/**
 * Lets only the newest task count: starting one aborts the one before it, and `life` ending aborts the last.
 * A task gets the signal to pass on to its requests, and rejects with an AbortError when it is overtaken.
 */
export function latest(life: AbortSignal) {
  let current = new AbortController();
  life.addEventListener("abort", () => current.abort(), { once: true });
  return <T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    current.abort();
    current = new AbortController();
    if (life.aborted) current.abort();
    return task(current.signal);
  };
}

/** Calls `act` when `ms` have passed without another call; `life` ending cancels it. */
export function debounce(act: () => void, ms: number, life: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  life.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return () => {
    clearTimeout(timer);
    if (!life.aborted) timer = setTimeout(act, ms);
  };
}
