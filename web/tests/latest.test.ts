import { describe, expect, it, vi } from "vitest";
import { debounce, latest } from "../src/state/latest";

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

describe("latest", () => {
  it("aborts a task when a newer one starts", async () => {
    const newest = latest(new AbortController().signal);
    const first = newest(untilAborted);
    const second = newest(async () => "second");
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    await expect(second).resolves.toBe("second");
  });

  it("aborts the current task with its signal", async () => {
    const controller = new AbortController();
    const newest = latest(controller.signal);
    const task = newest(untilAborted);
    controller.abort();
    await expect(task).rejects.toMatchObject({ name: "AbortError" });
    await expect(newest(untilAborted)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("debounce", () => {
  it("calls once after the last call, and not after the abort", () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const callback = vi.fn();
    const debounced = debounce(callback, 100, controller.signal);
    debounced();
    vi.advanceTimersByTime(60);
    debounced();
    vi.advanceTimersByTime(99);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    debounced();
    controller.abort();
    vi.advanceTimersByTime(200);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
});
