import type { Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { cards, sampleUser, settled, site, useBrowser } from "./browser";

const visit = useBrowser();
// Chromium logs the failures that these tests provoke.
const forgive = /Failed to load resource/;

const user = async () => (await sampleUser()).id;

describe("states", () => {
  it("empty: shows a message and a button that clears the filters", async () => {
    const page = await visit(`?user=${await user()}&view=browse&from=2900&to=2950`);
    await page.getByText("No films match your filters").waitFor();
    expect(await cards(page)).toEqual([]);
    await page.locator(".state").getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
  });

  it("unknown user: shows the API's message", async () => {
    const page = await visit("?user=nobody-of-that-name&view=browse", { forgive });
    const response = await fetch(`${site}/api/users/nobody-of-that-name/recommendations`);
    const { detail } = (await response.json()) as { detail: string };
    expect(response.status).toBeGreaterThanOrEqual(400);
    await page.getByRole("alert").getByText(detail).waitFor();
  });

  it("years in the wrong order: shows a message until they are fixed", async () => {
    const page = await visit(`?user=${await user()}&view=browse`, { forgive });
    await settled(page);
    await page.getByLabel("From year").fill("2000");
    await page.getByLabel("To year").fill("1950");
    // An error of the API or an empty list: either way there is a message.
    await page.locator(".state").waitFor();
    await page.getByLabel("From year").fill("1950");
    await page.getByLabel("To year").fill("2000");
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
  });

  it.each([
    ["the function fails", (route: Route) => route.fulfill({ status: 500, body: "<h1>Error</h1>" })],
    ["the connection breaks", (route: Route) => route.abort()],
  ])("%s: shows an error; Try again loads the films", async (_case, fail) => {
    const page = await visit(`?user=${await user()}&view=browse`, {
      forgive,
      prepare: (opening) => opening.route("**/recommendations*", fail),
    });
    await page.getByRole("alert").getByText("Something went wrong").waitFor();
    expect(await page.locator('[aria-busy="true"], .skeleton').count()).toBe(0);
    await page.unroute("**/recommendations*");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(0);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("the API is down from the start: shows an error; Try again starts the page", async () => {
    const page = await visit("", {
      forgive,
      prepare: (opening) => opening.route("**/api/**", (route) => route.abort()),
    });
    await page.getByRole("alert").waitFor();
    await page.unroute("**/api/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Who’s watching?" }).waitFor();
  });

  it("an unknown or private user: shows an error and a link to the start page", async () => {
    const page = await visit("?user=nobody-of-that-name", { forgive: /status of 40[34]/ });
    await page.getByRole("alert").waitFor();
    await page.getByRole("link", { name: "Go to the start page" }).click();
    await page.getByRole("heading", { name: "Who’s watching?" }).waitFor();
  });

  it("a failing Load more keeps the films", async () => {
    const page = await visit(`?user=${await user()}&view=browse&seen=1`, { forgive });
    await settled(page);
    const before = await cards(page);
    await page.route("**/recommendations*", (route) => route.abort());
    // Not click(), which scrolls and so may load the page by itself.
    await page.getByRole("button", { name: "Load more" }).dispatchEvent("click");
    await page.getByRole("alert").waitFor();
    expect(await cards(page)).toEqual(before);
    await page.unroute("**/recommendations*");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(before.length);
    expect((await cards(page)).slice(0, before.length)).toEqual(before);
  });

  it("a superseded slow response is never shown", async () => {
    const page = await visit(`?user=${await user()}&view=browse`);
    await settled(page);
    await page.route("**/recommendations*sort=year*", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue().catch(() => {}); // the page has aborted it
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
