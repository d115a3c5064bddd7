import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MemberApi } from "../src/account/member-api";
import { Outbox } from "../src/account/outbox";
import { Sync, type SyncEvents } from "../src/account/sync";
import { toSeconds } from "../src/account/time";
import type { ServerRating } from "../src/account/types";
import { WatchList } from "../src/account/watch-list";
import { ApiError } from "../src/api/problem";
import { type FilmSummary, HiddenStore, RatingStore } from "../src/state/ratings";

const film = (id: string): FilmSummary => ({ id, title: `Film ${id}`, year: 1990, genres: ["Drama"] });

/** /api/me as the page sees it: versions, If-Match, Idempotency-Keys. */
class Service {
  ratings = new Map<string, ServerRating>();
  kept = { list: new Set<string>(), "not-interested": new Set<string>() };
  keys = new Set<string>();
  isDown = false;
  refusal: Error | null = null;
  /** Loses the next answer: the write happens, and nobody is told. */
  losesAnswer = false;
  writes = 0;
  merges: { ratings: object[]; not_interested: string[] }[] = [];

  api = (): MemberApi =>
    ({
      ratings: async () => this.answer([...this.ratings.values()]),
      films: async (name: "list" | "not-interested") => this.answer([...this.kept[name]]),
      rate: async (
        id: string,
        rating: { rating: number; rated_at: number } | null,
        version: number | null,
        key: string,
      ) => {
        this.answer(null);
        const current = this.ratings.get(id) ?? null;
        if (!this.keys.has(key)) {
          if (version !== (current?.version ?? 0)) {
            throw new ApiError("problem", "changed", 412, [], 0, current);
          }
          this.keys.add(key);
          this.writes += 1;
          if (rating) this.ratings.set(id, { film_id: id, ...rating, version: (current?.version ?? 0) + 1 });
          else this.ratings.delete(id);
        }
        this.lose();
        return this.ratings.get(id) ?? null;
      },
      keep: async (name: "list" | "not-interested", id: string, isKept: boolean) => {
        this.answer(null);
        this.writes += 1;
        if (isKept) this.kept[name].add(id);
        else this.kept[name].delete(id);
        this.lose();
      },
      merge: async (body: { ratings: object[]; not_interested: string[] }) => {
        this.answer(null);
        this.merges.push(body);
        return { merged: body.ratings.length, conflicts: [], undo: "u" };
      },
    }) as unknown as MemberApi;

  /** Another device rates. */
  rate(id: string, rating: number, time: string): void {
    const rated_at = toSeconds(time);
    this.ratings.set(id, { film_id: id, rating, rated_at, version: (this.ratings.get(id)?.version ?? 0) + 1 });
  }

  private answer<T>(value: T): T {
    if (this.refusal) throw this.refusal;
    if (this.isDown) throw new ApiError("offline", "no connection");
    return value;
  }

  private lose(): void {
    if (!this.losesAnswer) return;
    this.losesAnswer = false;
    throw new ApiError("timeout", "no answer");
  }
}

/** A browser: its storage, and what a visit to the page makes of it. */
function browser(service: Service, storage = memory(), sub = "me") {
  const [ratings, hidden, list] = [new RatingStore(storage), new HiddenStore(storage), new WatchList(storage)];
  const outbox = new Outbox(storage, sub);
  const events = { merged: vi.fn(), overtaken: vi.fn(), failed: vi.fn() } satisfies SyncEvents;
  const describe = async (ids: readonly string[]) => ids.filter((id) => id !== "gone").map(film);
  const sync = new Sync(sub, service.api(), outbox, { ratings, hidden, list, describe }, storage, events);
  return { storage, ratings, hidden, list, outbox, events, sync, stars: (id: string) => ratings.of(id) };
}

function memory() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

let service: Service;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-03-01T12:00:00Z") });
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, work: () => Promise<unknown>) => {
    last = last.then(work);
    return last;
  };
  vi.stubGlobal("navigator", { locks: { request } });
  service = new Service();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a member's browser", () => {
  it("merges the visitor's ratings once, at the first sign-in", async () => {
    const storage = memory();
    new RatingStore(storage).rate(film("1"), 4);
    new HiddenStore(storage).hide(film("2"));
    const one = browser(service, storage);
    await one.sync.run();
    await one.sync.run();
    expect(service.merges).toEqual([
      { ratings: [{ film_id: "1", rating: 4, rated_at: 1_772_366_400 }], list: [], not_interested: ["2"] },
    ]);
    expect(one.events.merged).toHaveBeenCalledOnce();
  });

  it("sends every change, and another device sees it", async () => {
    const [one, two] = [browser(service), browser(service)];
    await one.sync.run();
    one.ratings.rate(film("1"), 4);
    one.hidden.hide(film("2"));
    one.list.keep(film("3"));
    await one.sync.run();
    await two.sync.run();
    expect([two.stars("1"), two.hidden.has("2"), two.list.has("3")]).toEqual([4, true, true]);
    two.ratings.remove("1");
    two.hidden.remove("2");
    await two.sync.run();
    await one.sync.run();
    expect([one.stars("1"), one.hidden.has("2"), one.sync.isUpToDate]).toEqual([null, false, true]);
  });

  it("queues changes without a connection, over a reload, and sends the last of each film once", async () => {
    const one = browser(service);
    await one.sync.run();
    service.isDown = true;
    for (const stars of [1, 2, 5]) one.ratings.rate(film("1"), stars);
    one.ratings.rate(film("2"), 3);
    await one.sync.run();
    expect([one.outbox.list().length, one.sync.isUpToDate]).toEqual([2, false]);
    const later = browser(service, one.storage);
    service.isDown = false;
    await later.sync.run();
    expect([service.ratings.get("1")?.rating, service.ratings.get("2")?.rating, service.writes]).toEqual([5, 3, 2]);
    expect([later.stars("1"), later.stars("2"), later.sync.isUpToDate]).toEqual([5, 3, true]);
  });

  it("tries again by itself when the connection is back", async () => {
    const one = browser(service);
    await one.sync.run();
    service.isDown = true;
    one.ratings.rate(film("1"), 5);
    await vi.advanceTimersByTimeAsync(1_000);
    service.isDown = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect([service.ratings.get("1")?.rating, one.events.failed.mock.calls.length]).toEqual([5, 0]);
  });

  it("sends a change whose answer was lost again, and it counts once", async () => {
    const one = browser(service);
    await one.sync.run();
    service.losesAnswer = true;
    one.ratings.rate(film("1"), 5);
    await one.sync.run();
    await one.sync.run();
    expect([service.writes, service.ratings.get("1")?.version, one.sync.isUpToDate]).toEqual([1, 1, true]);
  });

  it("keeps the later of two ratings: this device's", async () => {
    service.rate("1", 2, "2026-02-01T00:00:00Z");
    const one = browser(service);
    await one.sync.run();
    service.rate("1", 3, "2026-02-28T00:00:00Z"); // another device, unseen here
    one.ratings.rate(film("1"), 5);
    await one.sync.run();
    expect([service.ratings.get("1")?.rating, one.stars("1"), one.events.overtaken.mock.calls]).toEqual([5, 5, []]);
  });

  it("keeps the later of two ratings: another device's, and says so", async () => {
    service.rate("1", 2, "2026-02-01T00:00:00Z");
    const one = browser(service);
    await one.sync.run();
    service.isDown = true;
    one.ratings.rate(film("1"), 5);
    await one.sync.run();
    service.isDown = false;
    service.rate("1", 3, "2026-03-02T00:00:00Z");
    await one.sync.run();
    expect([service.ratings.get("1")?.rating, one.stars("1")]).toEqual([3, 3]);
    expect(one.events.overtaken).toHaveBeenCalledWith(film("1"));
  });

  it("loses nothing typed when the session has ended", async () => {
    const one = browser(service);
    await one.sync.run();
    service.refusal = new Error("ended");
    one.ratings.rate(film("1"), 5);
    await one.sync.run();
    expect(one.events.failed).toHaveBeenCalledWith(service.refusal);
    expect([one.stars("1"), service.writes]).toEqual([5, 0]);
    service.refusal = null;
    const again = browser(service, one.storage); // signed in again
    await again.sync.run();
    expect([again.stars("1"), service.ratings.get("1")?.rating]).toEqual([5, 5]);
  });

  it("sends nothing of one member in another's name", async () => {
    const one = browser(service);
    await one.sync.run();
    service.isDown = true;
    one.ratings.rate(film("1"), 5);
    await one.sync.run();
    const others = new Service();
    const another = browser(others, one.storage, "somebody else");
    await another.sync.run();
    expect([others.merges, others.writes, another.stars("1")]).toEqual([[], 0, null]);
  });

  it("does not show films that the catalogue no longer has, and keeps their ratings", async () => {
    service.rate("gone", 4, "2026-02-01T00:00:00Z");
    const one = browser(service);
    await one.sync.run();
    expect([one.ratings.size, service.ratings.size]).toEqual([0, 1]);
  });

  it("forgets the member at sign-out", async () => {
    const one = browser(service);
    await one.sync.run();
    one.ratings.rate(film("1"), 5);
    await one.sync.run();
    one.sync.forget();
    await vi.advanceTimersByTimeAsync(0);
    expect([one.ratings.size, service.ratings.size, one.outbox.list()]).toEqual([0, 1, []]);
  });
});
