import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Page as ApiPage, Recommendation } from "../../web/src/api/types";
import { api, cards, keptRatings, known, settled, skipped, useBrowser, withRatings } from "./browser";

const visit = useBrowser();

/** Rates the film with this title on the ratings view, by the accessible name of the star. */
async function rate(page: Page, title: string, stars: string): Promise<void> {
  await page.getByRole("searchbox").fill(title);
  const group = page.getByRole("group", { name: `Your rating for ${title}`, exact: true }).first();
  await group.getByRole("radio", { name: stars, exact: true }).check();
}

describe("the visitor", () => {
  it("rates films found by title and gets the API's list for exactly these ratings", async () => {
    const films = (await known()).slice(0, 6);
    const page = await visit("?you=1", { prepare: skipped });
    await page.getByRole("link", { name: "Rate films" }).click();

    const lists: unknown[] = [];
    for (const [rated, stars] of [
      [films.slice(0, 3), ["5 stars", "5 stars", "1 star"]],
      [films.slice(3, 6), ["1 star", "5 stars", "5 stars"]],
    ] as const) {
      await page.getByRole("link", { name: "My ratings" }).click();
      for (const [i, film] of rated.entries()) await rate(page, film.title, stars[i] ?? "");
      await page.getByRole("link", { name: "Browse", exact: true }).click();
      await settled(page);
      const ratings = await keptRatings(page);
      const { items } = await api<ApiPage<Recommendation>>("/recommendations", { ratings, limit: 24 });
      await expect.poll(async () => (await cards(page)).map(({ id }) => id)).toEqual(items.map(({ id }) => id));
      lists.push(items.map(({ id }) => id));
    }
    expect(lists[1]).not.toEqual(lists[0]);
  });

  it("keeps ratings across a reload, and removes them", async () => {
    const [film] = await known();
    const page = await visit("?you=1&view=ratings");
    await rate(page, film?.title ?? "", "4 stars");
    await page.reload();
    await page.getByText("1 film rated").waitFor();
    await settled(page);
    const group = page.getByRole("group", { name: `Your rating for ${film?.title}`, exact: true }).first();
    expect(await group.getByRole("radio", { name: "4 stars", exact: true }).isChecked()).toBe(true);
    await group.getByRole("button", { name: "Remove rating" }).click();
    await page.getByText("No films rated yet").waitFor();
    expect(await keptRatings(page)).toEqual([]);
  });

  it("updates the home when a film is rated in the dialog", async () => {
    const [film] = await known();
    const page = await visit("?you=1&view=ratings");
    await rate(page, film?.title ?? "", "5 stars");
    await page.getByRole("link", { name: "See recommendations" }).click();
    await settled(page);
    const hero = await page.locator(".hero").getAttribute("data-film");
    await page.getByRole("link", { name: "Film details" }).click();
    await page.getByRole("dialog").getByRole("radio", { name: "1 star", exact: true }).check();
    await expect.poll(() => page.locator(".hero").getAttribute("data-film")).not.toBe(hero);
    expect(await page.getByRole("dialog").isVisible()).toBe(true);
  });

  it("gets films although a rated film has left the catalogue", async () => {
    const films = (await known()).slice(0, 2);
    const gone = { id: "gone-from-the-catalogue", title: "Gone", year: 1990, genres: [], average: null, count: 0 };
    const page = await visit("?you=1&view=browse", {
      forgive: /status of 422/,
      prepare: withRatings([gone, ...films], 4),
    });
    await settled(page);
    const ratings = films.map(({ id }) => ({ film_id: id, rating: 4 }));
    const { items } = await api<ApiPage<Recommendation>>("/recommendations", { ratings, limit: 24 });
    await expect.poll(async () => (await cards(page)).map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    await page.getByRole("link", { name: "Home" }).click();
    await settled(page);
    expect(await page.locator(".hero").count()).toBe(1);
  });

  it("can browse films before rating any", async () => {
    const page = await visit("?you=1&view=browse");
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
  });

  it("gets a hint if no title matches", async () => {
    const page = await visit("?you=1&view=ratings");
    await page.getByRole("searchbox").fill("qqxxzz");
    await page.getByText("Try a shorter search").waitFor();
  });
});
