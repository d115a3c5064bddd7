import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Film, Home } from "../../web/src/api/types";
import { api, keptRatings, known, settled, useBrowser, withRatings } from "./browser";

const visit = useBrowser();

const titles = (films: readonly Film[]) => films.map(({ title }) => title);

describe("a first visit", () => {
  it("asks for five ratings, replaces films not seen, and leads to the home", async () => {
    const { items } = await api<{ items: Film[] }>("/starters?limit=25");
    const page = await visit("");
    await page.getByRole("link", { name: /^You/ }).click();
    await page.getByRole("heading", { level: 1, name: "Rate five films to get started" }).waitFor();
    const shown = page.locator(".welcome-films .rating-title a");
    await expect.poll(() => shown.allTextContents()).toEqual(titles(items.slice(0, 5)));

    await page.getByRole("button", { name: `Haven’t seen it: ${items[1]?.title}. Show another film` }).click();
    const [a, , c, d, e, f] = items;
    await expect.poll(() => shown.allTextContents()).toEqual([a, f, c, d, e].map((film) => film?.title));
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(f?.title);

    for (const [i, row] of (await page.locator(".welcome-films .rating-row").all()).entries()) {
      await row.getByRole("radio", { name: i % 2 ? "2 stars" : "5 stars", exact: true }).check();
    }
    await page.getByText("5 of 5 rated").waitFor();
    await page.getByRole("button", { name: "See recommendations" }).click();
    await settled(page);
    const home = await api<Home>("/home", { ratings: await keptRatings(page), exclude: [], limit: 18 });
    expect(await page.locator(".hero").getAttribute("data-film")).toBe(home.hero?.id);
    await page
      .getByRole("heading", { name: /^Because you liked/ })
      .first()
      .waitFor();
    await page.reload();
    await settled(page);
    expect(await page.locator(".hero").getAttribute("data-film")).toBe(home.hero?.id);
  });

  it("can be skipped for good; the home then has popular films and a link to rate films", async () => {
    const page = await visit("?you=1");
    await page.getByRole("button", { name: "Skip for now" }).click();
    await page.getByRole("link", { name: "Rate films" }).waitFor();
    await settled(page);
    expect(await page.locator(".shelf .card-film").count()).toBeGreaterThan(5);
    await page.reload();
    await page.getByRole("link", { name: "Rate films" }).waitFor();
  });
});

describe("ratings as a file", () => {
  it("are exported, cleared and imported", async () => {
    const films = await known(3);
    const page = await visit("?you=1&view=ratings", { prepare: withRatings(films, 4) });
    const before = await keptRatings(page);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("film-ratings.json");
    const path = await download.path();
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ format: "film-recommender ratings", version: 1 });

    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Clear all ratings" }).click();
    await page.getByText("No films rated yet").waitFor();
    expect(await keptRatings(page)).toEqual([]);
    await page.locator('input[type="file"]').setInputFiles(path);
    await page.getByText("3 films rated").waitFor();
    expect(await keptRatings(page)).toEqual(before);
    await page.getByText("Imported 3 ratings and 0 hidden films").first().waitFor();
  });

  it.each([
    ["not JSON", "five stars", "This file is not valid JSON"],
    ["other JSON", '{"films": []}', "it has no list of ratings"],
    [
      "an invalid rating",
      '{"ratings": [{"film": {"id": "1", "title": "Heat", "genres": []}, "rating": 11}]}',
      "Rating 1 (Heat) is not valid on the scale",
    ],
  ])("are not imported if invalid: %s", async (_case, text, message) => {
    const films = await known(2);
    const page = await visit("?you=1&view=ratings", { prepare: withRatings(films, 4) });
    const before = await keptRatings(page);
    const file = { name: "ratings.json", mimeType: "application/json", buffer: Buffer.from(text) };
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByRole("alert").getByText(message).waitFor();
    expect(await keptRatings(page)).toEqual(before);
  });
});
