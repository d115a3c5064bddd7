import { afterEach, describe, expect, it } from "vitest";
import { memberEn } from "../src/account/i18n/en";
import { memberFr } from "../src/account/i18n/fr";
import { formatCount, formatDate, formatStars } from "../src/format";
import { howEn } from "../src/how/i18n/en";
import { howFr } from "../src/how/i18n/fr";
import { en } from "../src/i18n/en";
import { fr } from "../src/i18n/fr";
import { importErrorsEn, importErrorsFr } from "../src/i18n/import-errors";
import { genreName, language, preferredLanguage, setLanguage, strings } from "../src/strings";

afterEach(() => setLanguage("en"));

describe("the initial language", () => {
  it.each([
    [null, ["fr-CA", "en"], "fr"],
    [null, ["de-DE", "fr"], "fr"],
    [null, ["en-GB", "fr"], "en"],
    [null, ["ja"], "en"],
    [null, [], "en"],
    ["fr", ["en"], "fr"],
    ["xx", ["fr"], "fr"],
  ] as const)("saved %s, browser %o: %s", (saved, browser, expected) => {
    expect(preferredLanguage(saved, browser)).toBe(expected);
  });
});

describe("French", () => {
  it("changes texts, numbers and dates", async () => {
    await setLanguage("fr");
    expect([language, strings.nav.home, genreName("War"), genreName("Unheard")]).toEqual([
      "fr",
      "Accueil",
      "Guerre",
      "Unheard",
    ]);
    expect([formatStars(4.25), formatCount(100_000)]).toEqual(["4,3", "100\u202f000"]);
    expect(formatDate("2026-11-23T16:24:28")).toBe("23 novembre 2026");
    expect(formatDate("yesterday")).toBe("yesterday");
  });

  it("has its own plural rule", () => {
    expect([0, 1, 2].map(fr.browse.count)).toEqual(["0 film", "1 film", "2 films"]);
    expect([0, 1, 2].map(en.browse.count)).toEqual(["0 films", "1 film", "2 films"]);
  });

  it("translates every English string", () => {
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
    walk(memberEn, memberFr, "member");
    walk(howEn, howFr, "how");
    walk(importErrorsEn, importErrorsFr, "import");
    expect(same).toEqual([".brand"]);
  });
});
