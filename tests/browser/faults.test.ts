import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, useBrowser, violations } from "./browser";

const visit = useBrowser();
// Chromium logs the failures that these tests provoke.
const forgive = /Failed to load resource/;
const HOME = /\/api\/(users\/[^/]+\/)?home/;

const home = async () => `?user=${(await sampleUser()).id}`;
const heroOf = (page: Page) => page.locator(".hero").getAttribute("data-film");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a bad connection", () => {
  it("shows skeletons until the films have loaded", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
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
    release();
    await settled(page);
    expect(await page.locator(".skeleton").count()).toBe(0);
  });

  it("retries twice after gateway errors", async () => {
    let requests = 0;
    const times: number[] = [];
    const page = await visit(await home(), {
      forgive,
      prepare: (opening) =>
        opening.route(HOME, (route: Route) => {
          requests += 1;
          times.push(performance.now());
          return requests < 3 ? route.fulfill({ status: 503, body: "" }) : route.continue();
        }),
    });
    await page.locator(".hero:not(.skeleton)").waitFor();
    expect(requests).toBe(3);
    const [first = 0, second = 0, third = 0] = times;
    expect(third - second).toBeGreaterThan(second - first); // it backs off
  });

  it("slow: shows a notice; the request can be cancelled and retried", async () => {
    const page = await visit(await home(), {
      forgive,
      prepare: (opening) => opening.route(HOME, () => {}), // never responds
    });
    await page.getByText("This is taking longer than usual.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("alert").getByText("Cancelled.").waitFor();
    expect(await page.locator(".notice, .skeleton, [aria-busy='true']").count()).toBe(0);
    await page.unroute(HOME);
    await page.getByRole("button", { name: "Try again" }).click();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1"); // the button is gone
    await page.locator(".hero:not(.skeleton)").waitFor();
  });

  it("slow film details: the notice and its button are inside the dialog", async () => {
    const [film] = await known(1);
    const details = new RegExp(`/films/${film?.id}$`);
    const page = await visit(`${await home()}&film=${film?.id}`, {
      forgive,
      prepare: (opening) => opening.route(details, () => {}), // never responds
    });
    const dialog = page.getByRole("dialog", { name: "Film details" });
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

  it("no response: shows an error after the last time-out", async () => {
    const page = await visit(await home(), { prepare: (opening) => opening.route(HOME, () => {}) });
    await page.getByRole("alert").getByText("The server took too long to respond.").waitFor({ timeout: 40_000 });
    expect(await page.locator(".notice, .skeleton, [aria-busy='true']").count()).toBe(0);
  });

  it("down: shows the saved home with a notice and a retry button", async () => {
    const page = await visit(await home(), { forgive });
    await settled(page);
    const hero = await heroOf(page);
    await page.route("**/api/**", (route) => route.abort());
    await page.reload();
    await page.getByText("The service is unavailable. Showing films saved on").waitFor();
    expect(await heroOf(page)).toBe(hero);
    expect(await page.locator(".shelf .card-film").count()).toBeGreaterThan(5);
    expect(await violations(page)).toEqual([]);
    await page.unroute("**/api/**");
    await page.getByRole("status").getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
    expect(await heroOf(page)).toBe(hero);
  });

  it("offline: shows a notice, keeps the page and updates when the connection returns", async () => {
    const page = await visit(await home(), { forgive: /Failed to load resource|ERR_INTERNET_DISCONNECTED/ });
    await settled(page);
    await page.context().setOffline(true);
    await page.getByText("You’re offline.").waitFor();
    expect(await page.locator(".hero").count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("link", { name: "Browse", exact: true }).click();
    await page.getByRole("alert").getByText("Can’t reach the server.").waitFor();
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await page.locator(".hero").waitFor(); // the browser's own cache, or the saved home
    await page.context().setOffline(false);
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
  });

  it("shows the message of problem details, without a retry", async () => {
    let requests = 0;
    const problem = {
      title: "Unprocessable",
      detail: "n is out of range",
      errors: [{ parameter: "limit", detail: "at most 100" }],
    };
    const page = await visit(await home(), {
      forgive,
      prepare: (opening) =>
        opening.route(HOME, (route) => {
          requests += 1;
          return route.fulfill({ status: 422, json: problem, contentType: "application/problem+json" });
        }),
    });
    await page.getByRole("alert").getByText("n is out of range").waitFor();
    await page.getByRole("alert").getByText("limit: at most 100").waitFor();
    await sleep(1_000);
    expect(requests).toBe(1);
  });
});
