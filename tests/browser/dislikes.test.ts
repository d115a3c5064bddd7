import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Film, Home, Release } from "../../web/src/api/types";
import { api, keptRatings, known, settled, skipped, useBrowser } from "./browser";

const visit = useBrowser();
const SHELF_SIZE = 18;

/** The five best-known films of a genre that has so many among the best-known films. */
async function bestKnownOfGenre(): Promise<Film[]> {
  const films = await known(100);
  for (const genre of new Set(["Horror", ...films.flatMap(({ genres }) => genres)])) {
    const ofGenre = films.filter(({ genres }) => genres.includes(genre));
    if (ofGenre.length >= 5) return ofGenre.slice(0, 5);
  }
  throw new Error("No genre has five well-known films; the bundle is too small for this test.");
}

const topPicks = (page: Page) =>
  page
    .locator(".shelf")
    .first()
    .locator("[data-film]")
    .evaluateAll((films) => films.map((film) => film.getAttribute("data-film")));

const common = <Id>(a: readonly Id[], b: readonly Id[]) => a.filter((id) => b.includes(id)).length / a.length;

describe("five low ratings", () => {
  it("visibly change the home: most top picks are other films than after five high ratings", async () => {
    const films = await bestKnownOfGenre();
    const page = await visit("?you=1", { prepare: skipped });
    await settled(page);
    const withoutRatings = await topPicks(page);
    for (const { id } of films) {
      await page.evaluate((film) => history.pushState({}, "", `?you=1&film=${film}`), id);
      await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
      await page.getByRole("dialog").getByRole("radio").first().check();
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    }
    const ratings = await keptRatings(page);
    expect(ratings.map(({ film_id }) => film_id)).toEqual(films.map(({ id }) => id));
    const { hero } = await api<Home>("/home", { ratings, limit: SHELF_SIZE });
    await expect.poll(() => page.locator(".hero").getAttribute("data-film")).toBe(hero?.id);
    const afterLow = await topPicks(page);
    expect(common(afterLow, withoutRatings)).toBeLessThanOrEqual(0.7);

    const { scale } = await api<Release>("/release");
    const liked = films.map(({ id }) => ({ film_id: id, rating: scale.max }));
    const { shelves } = await api<Home>("/home", { ratings: liked, limit: SHELF_SIZE });
    const afterHigh = shelves[0]?.items.map(({ id }) => id) ?? [];
    expect(common(afterLow, afterHigh)).toBeLessThanOrEqual(0.5);
  });
});
