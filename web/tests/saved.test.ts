import { describe, expect, it } from "vitest";
import { Preferences } from "../src/state/preferences";
import { Saved } from "../src/state/saved";

function memory() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

const home = { release: "r", hero: null, shelves: [] };

describe("saved responses", () => {
  it("include the home of one profile only", () => {
    const storage = memory();
    new Saved(storage).saveHome({ profile: { kind: "user", id: "1" }, home, time: "2026-01-01T00:00:00Z" });
    const saved = new Saved(storage);
    expect(saved.home({ kind: "user", id: "1" })?.home).toEqual(home);
    expect(saved.home({ kind: "user", id: "2" })).toBeNull();
    expect(saved.home({ kind: "visitor" })).toBeNull();
    saved.saveHome(null);
    expect(storage.items.size).toBe(0);
  });

  it("are empty if storage is denied", () => {
    expect(new Saved(null).initialData()).toBeNull();
  });
});

describe("preferences", () => {
  it("are persisted", () => {
    const storage = memory();
    const first = new Preferences(storage);
    expect([first.language, first.welcomed]).toEqual([null, false]);
    first.language = "fr";
    first.welcomed = true;
    const later = new Preferences(storage);
    expect([later.language, later.welcomed]).toEqual(["fr", true]);
  });
});
