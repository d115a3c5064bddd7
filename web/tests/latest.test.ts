import { describe, expect, it, vi } from "vitest";
import { debounce, latest } from "../src/state/latest";

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

describe("latest", () => {
  it("aborts the task that a newer one overtakes", async () => {
    const newest = latest(new AbortController().signal);
    const first = newest(untilAborted);
    const second = newest(async () => "second");
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    await expect(second).resolves.toBe("second");
  });

  it("ends with the life it belongs to", async () => {
    const life = new AbortController();
    const newest = latest(life.signal);
    const task = newest(untilAborted);
    life.abort();
    await expect(task).rejects.toMatchObject({ name: "AbortError" });
    await expect(newest(untilAborted)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("debounce", () => {
  it("acts once after the last call, and not after the life's end", () => {
    vi.useFakeTimers();
    const life = new AbortController();
    const act = vi.fn();
    const soon = debounce(act, 100, life.signal);
    soon();
    vi.advanceTimersByTime(60);
    soon();
    vi.advanceTimersByTime(99);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(act).toHaveBeenCalledTimes(1);
    soon();
    life.abort();
    vi.advanceTimersByTime(200);
    expect(act).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
});
