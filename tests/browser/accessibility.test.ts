import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, skipped, useBrowser, violations, withRatings } from "./browser";

const visit = useBrowser();

const PHONE = { width: 320, height: 640 };
// A desktop of 1280 by 900 at 200% zoom.
const ZOOMED = { width: 640, height: 450 };
// A release may have no map and the site no report; Chromium then logs a 404.
const forgive = /Failed to load resource/;

interface PageState {
  name: string;
  address: string;
  prepare?: (page: Page) => Promise<unknown>;
}

/** Every view, and its states that a URL leads to. */
async function pageStates(): Promise<PageState[]> {
  const { id } = await sampleUser();
  const films = await known(8);
  const film = films.at(-1)?.id ?? "";
  const rated = withRatings(films.slice(0, 5));
  return [
    { name: "gate", address: "" },
    { name: "home", address: `?user=${id}` },
    { name: "browse", address: `?user=${id}&view=browse` },
    { name: "empty browse", address: `?user=${id}&view=browse&from=2900` },
    { name: "film", address: `?user=${id}&film=${film}` },
    { name: "first visit", address: "?you=1" },
    { name: "home without ratings", address: "?you=1", prepare: skipped },
    { name: "home with ratings", address: "?you=1", prepare: rated },
    { name: "ratings", address: "?you=1&view=ratings", prepare: rated },
    { name: "film to rate", address: `?you=1&view=ratings&film=${film}`, prepare: rated },
    { name: "how it works", address: `?user=${id}&view=how` },
    { name: "unknown user", address: "?user=nobody-of-that-name" },
  ];
}

async function open({ address, prepare }: PageState, options: Parameters<typeof visit>[1] = {}): Promise<Page> {
  const page = await visit(address, { forgive, ...options, ...(prepare && { prepare }) });
  await settled(page);
  return page;
}

describe("accessibility", () => {
  it.each([
    ["desktop", undefined],
    ["phone", PHONE],
  ])("axe finds no violations in any view or state: %s", async (_size, viewport) => {
    for (const state of await pageStates()) {
      const page = await open(state, viewport ? { viewport } : {});
      expect(await violations(page), state.name).toEqual([]);
      await page.context().close();
    }
  });

  it("axe finds no violations in the open genre list, an error and a failed import", async () => {
    const { id } = await sampleUser();
    const page = await visit(`?user=${id}&view=browse`, { forgive });
    await settled(page);
    await page.getByRole("combobox", { name: "Genres" }).click();
    await page.keyboard.press("ArrowDown");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.route("**/recommendations*", (route) => route.fulfill({ status: 500, body: "" }));
    await page.getByLabel("Sort by").selectOption("year");
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
    const ratings = await visit("?you=1&view=ratings");
    const file = { name: "ratings.json", mimeType: "application/json", buffer: Buffer.from("no") };
    await ratings.locator('input[type="file"]').setInputFiles(file);
    await ratings.getByRole("alert").waitFor();
    await settled(ratings);
    expect(await violations(ratings)).toEqual([]);
  });

  it.each([
    ["on a 320 px phone", PHONE],
    ["at 200% zoom", ZOOMED],
  ])("no view or state is wider than the window: %s", async (_case, viewport) => {
    for (const state of await pageStates()) {
      const page = await open(state, { viewport });
      const [width, dialog] = await page.evaluate(() => {
        const content = document.querySelector("dialog[open] .detail-film");
        return [document.documentElement.scrollWidth, content?.getBoundingClientRect().right ?? 0];
      });
      expect(width, state.name).toBeLessThanOrEqual(viewport.width);
      expect(dialog, state.name).toBeLessThanOrEqual(viewport.width);
      await page.context().close();
    }
  });

  it("has no animations with reduced motion", async () => {
    for (const state of await pageStates()) {
      const page = await open(state, { reducedMotion: "reduce" });
      const moving = await page.evaluate(() =>
        [...document.querySelectorAll("*")]
          .filter((element) => {
            const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
            return animationName !== "none" || Number.parseFloat(transitionDuration) > 0 || scrollBehavior === "smooth";
          })
          .map((element) => element.className),
      );
      expect(moving, state.name).toEqual([]);
      await page.context().close();
    }
  });

  it("shows the selection, focus and stars in forced colours", async () => {
    const { id } = await sampleUser();
    const page = await visit(`?user=${id}&view=browse&genre=Drama&genre=War`, { forcedColors: "active", forgive });
    await settled(page);
    const style = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { backgroundColor, borderTopWidth, outlineStyle, forcedColorAdjust } = getComputedStyle(element);
          return { backgroundColor, borderTopWidth, outlineStyle, forcedColorAdjust };
        });
    expect((await style(".nav-item[aria-current]")).backgroundColor).not.toBe(
      (await style(".page-header")).backgroundColor,
    );
    expect((await style(".btn-check:checked + .btn")).backgroundColor).not.toBe(
      (await style(".btn-check:not(:checked) + .btn")).backgroundColor,
    );
    expect((await style(".chip")).borderTopWidth).toBe("1px");
    if ((await page.locator(".stars").count()) > 0) expect((await style(".stars")).forcedColorAdjust).toBe("none");
    await page.getByRole("combobox", { name: "Genres" }).focus();
    await page.keyboard.press("ArrowDown");
    expect((await style(".option-active")).backgroundColor).not.toBe(
      (await style(".option:not(.option-active)")).backgroundColor,
    );
    await page.keyboard.press("Escape");
    await page.keyboard.press("Shift+Tab");
    expect((await style(":focus-visible")).outlineStyle).toBe("solid");
    // axe does not know the system colours.
    expect(await violations(page, { but: ["color-contrast"] })).toEqual([]);
  });
});
