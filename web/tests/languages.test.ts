import { afterEach, describe, expect, it } from "vitest";
import { formatCount, formatDate, formatStars } from "../src/format";
import { en } from "../src/i18n/en";
import { fr } from "../src/i18n/fr";
import { genreName, language, preferredLanguage, speak, strings } from "../src/strings";

afterEach(() => speak("en"));

describe("the language to start with", () => {
  it.each([
    [null, ["fr-CA", "en"], "fr"],
    [null, ["de-DE", "fr"], "fr"],
    [null, ["en-GB", "fr"], "en"],
    [null, ["ja"], "en"],
    [null, [], "en"],
    ["fr", ["en"], "fr"],
    ["xx", ["fr"], "fr"],
  ] as const)("chosen %s, browser %o: %s", (chosen, browser, expected) => {
    expect(preferredLanguage(chosen, browser)).toBe(expected);
  });
});

describe("French", () => {
  it("changes words, figures and dates at once", async () => {
    await speak("fr");
    expect([language, strings.nav.home, genreName("War"), genreName("Unheard")]).toEqual([
      "fr",
      "Accueil",
      "Guerre",
      "Unheard",
    ]);
    expect([formatStars(4.25), formatCount(100_000)]).toEqual(["4,3", "100\u202f000"]);
    expect(formatDate("2026-11-23T16:24:28Z")).toBe("23 novembre 2026");
    expect(formatDate("yesterday")).toBe("yesterday");
  });

  it("counts as French does", () => {
    expect([0, 1, 2].map(fr.browse.count)).toEqual(["0 film", "1 film", "2 films"]);
    expect([0, 1, 2].map(en.browse.count)).toEqual(["0 films", "1 film", "2 films"]);
  });

  it("has every word of English, and none left in it", () => {
    const same: string[] = [];
    const walk = (a: object, b: object, path: string): void => {
      for (const [key, value] of Object.entries(a)) {
        const other: unknown = (b as Record<string, unknown>)[key];
        if (typeof value === "object" && key !== "genreNames") walk(value, other as object, `${path}.${key}`);
        else expect(typeof other, `${path}.${key}`).toBe(typeof value);
        if (typeof value === "string" && value === other && value.length > 8) same.push(`${path}.${key}`);
      }
    };
    walk(en, fr, "");
    expect(same).toEqual([".brand"]);
  });
});
