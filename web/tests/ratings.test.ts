import { describe, expect, it, vi } from "vitest";
import { HiddenStore, RatingStore } from "../src/state/ratings";

function memory(initial: Record<string, string> = {}) {
  const items = new Map(Object.entries(initial));
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

const film = (id: string, ...genres: string[]) => ({ id, title: `Film ${id}`, year: 1999, genres });

describe("RatingStore", () => {
  it("is persisted", () => {
    const storage = memory();
    new RatingStore(storage).rate(film("1", "War"), 4.5);
    const later = new RatingStore(storage);
    expect(later.of("1")).toBe(4.5);
    expect(later.forRequest()).toEqual([{ film_id: "1", rating: 4.5 }]);
  });

  it("moves a film that is rated again to the end, and removes its key when cleared", () => {
    const storage = memory();
    const store = new RatingStore(storage);
    for (const id of ["1", "2", "1"]) store.rate(film(id), 3);
    expect(store.forRequest().map((rating) => rating.film_id)).toEqual(["2", "1"]);
    store.remove("2");
    store.clear();
    expect(store.size).toBe(0);
    expect(storage.items.size).toBe(0);
  });

  it("calls listeners on changes only, until they unsubscribe", () => {
    const store = new RatingStore(null);
    const listener = vi.fn();
    const unsubscribe = store.subscribe(listener);
    store.rate(film("1"), 3);
    store.remove("unknown");
    unsubscribe();
    store.clear();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it.each(["not json", "{}", "null", '[{"rating":"5"},null,{"rating":4,"film":{"id":7}}]'])(
    "starts empty if the stored value is invalid: %s",
    (text) => {
      const storage = memory();
      storage.getItem = () => text;
      expect(new RatingStore(storage).size).toBe(0);
    },
  );

  it("works in memory if storage is denied", () => {
    const deny = () => {
      throw new DOMException("no", "SecurityError");
    };
    const store = new RatingStore({ getItem: deny, setItem: deny, removeItem: deny });
    store.rate(film("1"), 2);
    expect(store.of("1")).toBe(2);
  });

  it("sends the newest ratings, up to the API's limit", () => {
    const store = new RatingStore(null);
    for (let i = 0; i < 510; i += 1) store.rate(film(String(i)), 3);
    const sent = store.forRequest();
    expect([sent.length, sent[0]?.film_id, sent.at(-1)?.film_id]).toEqual([500, "10", "509"]);
  });

  it("does not send rejected films until they are rated again, but keeps them", () => {
    const storage = memory();
    const store = new RatingStore(storage);
    for (const id of ["1", "2"]) store.rate(film(id), 3);
    expect([store.reject(["1"]), store.reject(["1"])]).toEqual([true, false]);
    expect(store.forRequest()).toEqual([{ film_id: "2", rating: 3 }]);
    expect(new RatingStore(storage).size).toBe(2);
    store.rate(film("1"), 4);
    expect(store.forRequest()).toHaveLength(2);
  });
});

describe("HiddenStore", () => {
  it("stores hidden films separately from ratings", () => {
    const storage = memory();
    new HiddenStore(storage).hide({ ...film("1", "War"), average: 3 } as never);
    const later = new HiddenStore(storage);
    expect(later.list()).toEqual([film("1", "War")]); // only the summary
    later.reject(["1"]);
    expect(later.forRequest()).toEqual([]);
    expect(new RatingStore(storage).size).toBe(0);
  });
});
