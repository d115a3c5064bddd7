import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, skipped, useBrowser, violations, withRatings } from "./browser";

const visit = useBrowser();
const HOME = /\/api\/home/;

const buttons = (page: Page, within: string) => page.locator(`${within} [data-not-interested]`);
const hiddenFilms = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    JSON.parse(localStorage.getItem("film-recommender.not-interested.v1") ?? "[]").map(({ id }: { id: string }) => id),
  );

async function visitorHome(options: Parameters<typeof visit>[1] = {}): Promise<Page> {
  const page = await visit("?you=1", { ...options, prepare: withRatings((await known()).slice(0, 5)) });
  await settled(page);
  return page;
}

describe("not interested", () => {
  it("hides a film of a shelf with one tap, tells the API, and can be undone", async () => {
    const page = await visitorHome({ hasTouch: true, viewport: { width: 390, height: 844 } });
    const button = buttons(page, ".shelf").nth(1);
    const film = (await button.getAttribute("data-not-interested")) ?? "";
    const [request] = await Promise.all([page.waitForRequest(HOME), button.tap()]);
    expect(request.postDataJSON()).toMatchObject({ not_interested: [film] });
    await expect.poll(() => page.locator(`main [data-film="${film}"]`).count()).toBe(0);
    expect(await hiddenFilms(page)).toEqual([film]);
    await page.getByRole("status").getByText("is hidden, and films like it will come up less.").waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByRole("button", { name: "Undo" }).tap();
    await expect.poll(() => page.locator(`main [data-film="${film}"]`).count()).toBeGreaterThan(0);
    expect(await hiddenFilms(page)).toEqual([]);
    expect(await page.locator(".notice").count()).toBe(0);
  });

  it("works with the keyboard: the focus moves to the film that takes its place", async () => {
    const page = await visitorHome();
    const shelf = buttons(page, ".shelf:first-of-type");
    await shelf.first().focus();
    await page.keyboard.press("ArrowRight");
    const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset["notInterested"]);
    const film = await focused();
    expect(film).toBe(await shelf.nth(1).getAttribute("data-not-interested"));
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(`main [data-film="${film}"]`).count()).toBe(0);
    await expect.poll(focused).toBe(await shelf.nth(1).getAttribute("data-not-interested"));

    await buttons(page, ".hero").focus();
    const hero = await focused();
    await page.keyboard.press("Space");
    await expect.poll(() => page.locator(".hero").getAttribute("data-film")).not.toBe(hero);
    await expect.poll(focused).toBe(await page.locator(".hero").getAttribute("data-film"));
  });

  it("is on every film that a visitor is shown, by name, large enough, and without hovering", async () => {
    const films = await known();
    const film = films.at(-1)?.id ?? "";
    const rated = withRatings(films.slice(0, 5));
    const places: [address: string, within: string, prepare: (page: Page) => Promise<unknown>][] = [
      ["?you=1", ".hero", rated],
      ["?you=1", ".shelf-item", rated],
      ["?you=1", ".shelf-item", skipped],
      ["?you=1", ".rating-row", async () => {}], // the first visit
      ["?you=1&view=browse", ".grid .card-film", rated],
      ["?you=1&view=ratings", ".results .rating-row", rated],
      [`?you=1&film=${film}`, ".detail-film", rated],
      [`?you=1&film=${film}`, ".detail-similar .card-film", rated],
    ];
    for (const [address, within, prepare] of places) {
      const page = await visit(address, { prepare });
      await settled(page);
      const place = `${address} ${within}`;
      const count = await page.locator(within).count();
      expect(count, place).toBeGreaterThan(0);
      const found = await buttons(page, within).evaluateAll((all) =>
        all.map((button) => {
          const { width, height } = button.getBoundingClientRect();
          const { opacity, visibility } = getComputedStyle(button);
          return { name: button.getAttribute("aria-label"), size: Math.min(width, height), opacity, visibility };
        }),
      );
      expect(found.length, place).toBe(count);
      for (const { name, size, opacity, visibility } of found) {
        expect(name, place).toMatch(/^Not interested: .+/);
        expect(size, place).toBeGreaterThanOrEqual(24); // WCAG 2.2, target size
        expect([opacity, visibility], place).toEqual(["1", "visible"]);
      }
      await page.context().close();
    }
  });

  it("hides a film of Browse and of the similar films, and replaces one on the first visit", async () => {
    const films = await known();
    const prepare = withRatings(films.slice(0, 5));
    for (const address of ["?you=1&view=browse", `?you=1&film=${films.at(-1)?.id}`]) {
      const page = await visit(address, { prepare });
      await settled(page);
      const list = address.includes("film=") ? ".detail-similar" : ".grid";
      const film = await buttons(page, list).first().getAttribute("data-not-interested");
      await buttons(page, list).first().click();
      await expect.poll(() => page.locator(`${list} [data-film="${film}"]`).count()).toBe(0);
      await page.getByRole("button", { name: "Undo" }).click();
      await expect.poll(() => page.locator(`${list} [data-film="${film}"]`).count()).toBe(1);
    }
    const welcome = await visit("?you=1");
    await settled(welcome);
    const film = await buttons(welcome, ".welcome").first().getAttribute("data-not-interested");
    await buttons(welcome, ".welcome").first().click();
    expect(await welcome.locator(`.welcome [data-film="${film}"]`).count()).toBe(0);
    expect(await welcome.locator(".welcome .rating-row").count()).toBe(5);
  });

  it("offers to undo it for ten seconds", async () => {
    const page = await visit("?you=1&view=ratings", { prepare: (opening) => opening.clock.install() });
    await settled(page);
    await buttons(page, ".results").first().click();
    await page.mouse.move(0, 0); // the notice stays while the pointer is on it
    await page.clock.fastForward(9_000);
    expect(await page.locator(".notice").count()).toBe(1);
    await page.clock.fastForward(2_000);
    await expect.poll(() => page.locator(".notice").count()).toBe(0);
  });

  it("is visible in forced colours, and shows whether it is pressed", async () => {
    const page = await visit("?you=1&view=ratings", { forcedColors: "active" });
    await settled(page);
    const button = buttons(page, ".results").first();
    const style = () =>
      button.evaluate((element) => {
        const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(element);
        return { backgroundColor, borderTopColor, borderTopWidth };
      });
    const before = await style();
    expect(before.borderTopWidth).toBe("1px");
    expect(before.borderTopColor).not.toBe(before.backgroundColor);
    await button.click();
    await expect.poll(async () => (await style()).backgroundColor).not.toBe(before.backgroundColor);
    await button.click();
    await expect.poll(async () => (await style()).backgroundColor).toBe(before.backgroundColor);
  });

  it("is not offered for sample profiles, whose ratings are given", async () => {
    const page = await visit(`?user=${(await sampleUser()).id}`);
    await settled(page);
    expect(await buttons(page, "main").count()).toBe(0);
  });
});
