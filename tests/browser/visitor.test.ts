import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Page as ApiPage, Recommendation } from "../../web/src/api/types";
import { api, cards, keptRatings, known, settled, skipped, useBrowser, withRatings } from "./browser";

const visit = useBrowser();

/** Rates the film of that title on the ratings view, by the name a screen reader gives the star. */
async function rate(page: Page, title: string, stars: string): Promise<void> {
  await page.getByRole("searchbox").fill(title);
  const group = page.getByRole("group", { name: `Your rating of ${title}`, exact: true }).first();
  await group.getByRole("radio", { name: stars, exact: true }).check();
}

describe("the visitor", () => {
  it("rates three films found by title, and the list is the API's for those ratings, not the one before", async () => {
    const films = (await known()).slice(0, 6);
    const page = await visit("?you=1", { prepare: skipped });
    await page.getByRole("link", { name: "Rate films" }).click();

    const lists: unknown[] = [];
    for (const [chosen, stars] of [
      [films.slice(0, 3), ["5 stars", "5 stars", "1 star"]],
      [films.slice(3, 6), ["1 star", "5 stars", "5 stars"]],
    ] as const) {
      await page.getByRole("link", { name: "My ratings" }).click();
      for (const [i, film] of chosen.entries()) await rate(page, film.title, stars[i] ?? "");
      await page.getByRole("link", { name: "Browse", exact: true }).click();
      await settled(page);
      const ratings = await keptRatings(page);
      const { items } = await api<ApiPage<Recommendation>>("/recommendations", { ratings, n: 24 });
      await expect.poll(async () => (await cards(page)).map(({ id }) => id)).toEqual(items.map(({ id }) => id));
      lists.push(items.map(({ id }) => id));
    }
    expect(lists[1]).not.toEqual(lists[0]);
  });

  it("keeps ratings over a reload, and takes them back", async () => {
    const [film] = await known();
    const page = await visit("?you=1&view=ratings");
    await rate(page, film?.title ?? "", "4 stars");
    await page.reload();
    await page.getByText("1 film rated").waitFor();
    await settled(page);
    const group = page.getByRole("group", { name: `Your rating of ${film?.title}`, exact: true }).first();
    expect(await group.getByRole("radio", { name: "4 stars", exact: true }).isChecked()).toBe(true);
    await group.getByRole("button", { name: "Remove rating" }).click();
    await page.getByText("Nothing rated yet").waitFor();
    expect(await keptRatings(page)).toEqual([]);
  });

  it("sees the home change when a film is rated in its details, without leaving it", async () => {
    const [film] = await known();
    const page = await visit("?you=1&view=ratings");
    await rate(page, film?.title ?? "", "5 stars");
    await page.getByRole("link", { name: "See my films" }).click();
    await settled(page);
    const hero = await page.locator(".hero").getAttribute("data-film");
    await page.getByRole("link", { name: "Details & similar films" }).click();
    await page.getByRole("dialog").getByRole("radio", { name: "1 star", exact: true }).check();
    await expect.poll(() => page.locator(".hero").getAttribute("data-film")).not.toBe(hero);
    expect(await page.getByRole("dialog").isVisible()).toBe(true);
  });

  it("gets films although a film rated once is no longer in the catalogue", async () => {
    const films = (await known()).slice(0, 2);
    const gone = { id: "gone-from-the-catalogue", title: "Gone", year: 1990, genres: [], average: null, count: 0 };
    const page = await visit("?you=1&view=browse", {
      forgive: /status of 422/,
      prepare: withRatings([gone, ...films], 4),
    });
    await settled(page);
    const ratings = films.map(({ id }) => ({ film_id: id, rating: 4 }));
    const { items } = await api<ApiPage<Recommendation>>("/recommendations", { ratings, n: 24 });
    await expect.poll(async () => (await cards(page)).map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    await page.getByRole("link", { name: "Home" }).click();
    await settled(page);
    expect(await page.locator(".hero").count()).toBe(1);
  });

  it("has everybody's films to browse before rating any", async () => {
    const page = await visit("?you=1&view=browse");
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
  });

  it("reads what to do where nothing has that title", async () => {
    const page = await visit("?you=1&view=ratings");
    await page.getByRole("searchbox").fill("qqxxzz");
    await page.getByText("Try a shorter part of it").waitFor();
  });
});
