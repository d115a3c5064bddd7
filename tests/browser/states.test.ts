import type { Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { cards, sampleUser, settled, site, useBrowser } from "./browser";

const visit = useBrowser();
// Chromium itself reports on the console what these tests provoke.
const forgive = /Failed to load resource/;

const user = async () => (await sampleUser()).id;

describe("states", () => {
  it("empty: says so, and the way out works", async () => {
    const page = await visit(`?user=${await user()}&view=browse&from=2900&to=2950`);
    await page.getByText("No film fits all of that").waitFor();
    expect(await cards(page)).toEqual([]);
    await page.locator(".state").getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
  });

  it("unknown user: shows the problem in the API's own words", async () => {
    const page = await visit("?user=nobody-of-that-name&view=browse", { forgive });
    const response = await fetch(`${site}/api/users/nobody-of-that-name/recommendations`);
    const { detail } = (await response.json()) as { detail: string };
    expect(response.status).toBeGreaterThanOrEqual(400);
    await page.getByRole("alert").getByText(detail).waitFor();
  });

  it("years the wrong way round: shows the problem, and mending them mends it", async () => {
    const page = await visit(`?user=${await user()}&view=browse`, { forgive });
    await settled(page);
    await page.getByLabel("From year").fill("2000");
    await page.getByLabel("To year").fill("1950");
    // Refused by the API, or no film: either way it is said, and nothing spins.
    await page.locator(".state").waitFor();
    await page.getByLabel("From year").fill("1950");
    await page.getByLabel("To year").fill("2000");
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
  });

  it.each([
    ["the function fails", (route: Route) => route.fulfill({ status: 500, body: "<h1>Error</h1>" })],
    ["the connection breaks", (route: Route) => route.abort()],
  ])("%s: an error, and Try again brings the films", async (_case, fail) => {
    const page = await visit(`?user=${await user()}&view=browse`, {
      forgive,
      prepare: (opening) => opening.route("**/recommendations*", fail),
    });
    await page.getByRole("alert").getByText("That didn’t work").waitFor();
    expect(await page.locator('[aria-busy="true"], .skeleton').count()).toBe(0);
    await page.unroute("**/recommendations*");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("the API is down from the start: an error, and Try again starts the page", async () => {
    const page = await visit("", {
      forgive,
      prepare: (opening) => opening.route("**/api/**", (route) => route.abort()),
    });
    await page.getByRole("alert").waitFor();
    await page.unroute("**/api/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Who’s watching?" }).waitFor();
  });

  it("who is nobody, or not for everybody, is told so and led to those who can be seen", async () => {
    const page = await visit("?user=nobody-of-that-name", { forgive: /status of 40[34]/ });
    await page.getByRole("alert").waitFor();
    await page.getByRole("link", { name: "To the start page" }).click();
    await page.getByRole("heading", { name: "Who’s watching?" }).waitFor();
  });

  it("a failing Load more keeps the films that are there", async () => {
    const page = await visit(`?user=${await user()}&view=browse&seen=1`, { forgive });
    await settled(page);
    const before = await cards(page);
    await page.route("**/recommendations*", (route) => route.abort());
    // Not click(): it scrolls, scrolling loads by itself, and that may have failed, button gone, before the click.
    await page.getByRole("button", { name: "Load more" }).dispatchEvent("click");
    await page.getByRole("alert").waitFor();
    expect(await cards(page)).toEqual(before);
    await page.unroute("**/recommendations*");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(before.length);
    expect((await cards(page)).slice(0, before.length)).toEqual(before);
  });

  it("a slow answer that was overtaken is never shown", async () => {
    const page = await visit(`?user=${await user()}&view=browse`);
    await settled(page);
    await page.route("**/recommendations*sort=year*", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue().catch(() => {}); // the page has given it up
    });
    await page.getByLabel("Sort by").selectOption("year");
    await page.waitForRequest(/sort=year/);
    await page.getByLabel("Sort by").selectOption("popularity");
    await page.waitForResponse(/sort=popularity/);
    await settled(page);
    const shown = await cards(page);
    await page.waitForTimeout(1_800);
    expect(await cards(page)).toEqual(shown);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });
});
