import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, useBrowser, violations } from "./browser";

const visit = useBrowser();
// Chromium itself reports on the console what these tests provoke.
const forgive = /Failed to load resource/;
const HOME = /\/api\/(users\/[^/]+\/)?home/;

const home = async () => `?user=${(await sampleUser()).id}`;
const heroOf = (page: Page) => page.locator(".hero").getAttribute("data-film");
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a bad connection", () => {
  it("skeletons stand where the films will be, and are gone when they are there", async () => {
    let free = () => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const page = await visit(await home(), {
      prepare: (opening) =>
        opening.route(HOME, async (route) => {
          await held;
          await route.continue();
        }),
    });
    await page.locator(".hero.skeleton").waitFor();
    expect(await page.locator(".shelf-item.skeleton").count()).toBeGreaterThan(3);
    expect(await violations(page)).toEqual([]);
    free();
    await settled(page);
    expect(await page.locator(".skeleton").count()).toBe(0);
  });

  it("a gateway that fails twice is asked again, and the home comes by itself", async () => {
    let asked = 0;
    const times: number[] = [];
    const page = await visit(await home(), {
      forgive,
      prepare: (opening) =>
        opening.route(HOME, (route: Route) => {
          asked += 1;
          times.push(performance.now());
          return asked < 3 ? route.fulfill({ status: 503, body: "" }) : route.continue();
        }),
    });
    await page.locator(".hero:not(.skeleton)").waitFor();
    expect(asked).toBe(3);
    const [first = 0, second = 0, third = 0] = times;
    expect(third - second).toBeGreaterThan(second - first); // it backs off
  });

  it("slow: says so, can be cancelled, and Try again brings the films", async () => {
    const page = await visit(await home(), {
      forgive,
      prepare: (opening) => opening.route(HOME, () => {}), // for ever
    });
    await page.getByText("This takes longer than usual.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("alert").getByText("Cancelled.").waitFor();
    expect(await page.locator(".notice, .skeleton, [aria-busy='true']").count()).toBe(0);
    await page.unroute(HOME);
    await page.getByRole("button", { name: "Try again" }).click();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1"); // not lost with the button
    await page.locator(".hero:not(.skeleton)").waitFor();
  });

  it("slow behind a film's details: what is said, and Cancel, are in reach there", async () => {
    const [film] = await known(1);
    const details = new RegExp(`/films/${film?.id}$`);
    const page = await visit(`${await home()}&film=${film?.id}`, {
      forgive,
      prepare: (opening) => opening.route(details, () => {}), // for ever
    });
    const dialog = page.getByRole("dialog", { name: "Details & similar films" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByRole("alert").getByText("Cancelled.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.unroute(details);
    await dialog.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("dialog", { name: film?.title ?? "" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("detail-close");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("#app > .notices").count()).toBe(1);
  });

  it("silent: is given up after the last time-out, with the words for it", async () => {
    const page = await visit(await home(), { prepare: (opening) => opening.route(HOME, () => {}) });
    await page.getByRole("alert").getByText("The server took too long to answer.").waitFor({ timeout: 40_000 });
    expect(await page.locator(".notice, .skeleton, [aria-busy='true']").count()).toBe(0);
  });

  it("down: the home of last time is there, with a notice; Try again brings today's", async () => {
    const page = await visit(await home(), { forgive });
    await settled(page);
    const before = await heroOf(page);
    await page.route("**/api/**", (route) => route.abort());
    await page.reload();
    await page.getByText("The service cannot be reached. These are the films of").waitFor();
    expect(await heroOf(page)).toBe(before);
    expect(await page.locator(".shelf .card-film").count()).toBeGreaterThan(5);
    expect(await violations(page)).toEqual([]);
    await page.unroute("**/api/**");
    await page.getByRole("status").getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
    expect(await heroOf(page)).toBe(before);
  });

  it("offline: says so at once, keeps what is there, and goes on by itself with the connection", async () => {
    const page = await visit(await home(), { forgive: /Failed to load resource|ERR_INTERNET_DISCONNECTED/ });
    await settled(page);
    await page.context().setOffline(true);
    await page.getByText("You are offline.").waitFor();
    expect(await page.locator(".hero").count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("link", { name: "Browse", exact: true }).click();
    await page.getByRole("alert").getByText("The server could not be reached.").waitFor();
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await page.locator(".hero").waitFor(); // the browser's own cache, or the saved home
    await page.context().setOffline(false);
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
  });

  it("a refusal is told in the problem's own words, and nothing else is asked", async () => {
    let asked = 0;
    const problem = {
      title: "Unprocessable",
      detail: "n is out of range",
      errors: [{ parameter: "n", detail: "at most 100" }],
    };
    const page = await visit(await home(), {
      forgive,
      prepare: (opening) =>
        opening.route(HOME, (route) => {
          asked += 1;
          return route.fulfill({ status: 422, json: problem, contentType: "application/problem+json" });
        }),
    });
    await page.getByRole("alert").getByText("n is out of range").waitFor();
    await page.getByRole("alert").getByText("n: at most 100").waitFor();
    await later(1_000);
    expect(asked).toBe(1);
  });
});
