import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Home } from "../../web/src/api/types";
import { api, known, sampleUser, settled, useBrowser, withRatings } from "./browser";

const visit = useBrowser();
const SHELF_SIZE = 18;

/** The film ids on the page: the hero's, and those of each shelf. */
const shown = (page: Page) =>
  page.evaluate(() => ({
    hero: document.querySelector(".hero")?.getAttribute("data-film") ?? null,
    shelves: [...document.querySelectorAll(".shelf")].map((shelf) =>
      [...shelf.querySelectorAll("[data-film]")].map((film) => film.getAttribute("data-film")),
    ),
  }));

const asShown = ({ hero, shelves }: Home) => ({
  hero: hero?.id ?? null,
  shelves: shelves.map(({ items }) => items.map(({ id }) => id)),
});

describe("the home", () => {
  it("shows the API's home, from one request, with every kind of shelf", async () => {
    const { id, name } = await sampleUser();
    const calls: string[] = [];
    const page = await visit(`?user=${id}`, {
      prepare: async (opening) => opening.on("request", (request) => calls.push(new URL(request.url()).pathname)),
    });
    await settled(page);
    const home = await api<Home>(`/users/${id}/home?limit=${SHELF_SIZE}`);
    expect(await shown(page)).toEqual(asShown(home));
    expect(home.hero).not.toBeNull();
    const kinds = new Set(home.shelves.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(["top", "because", "genre", "popular", "average"]));
    expect(calls.filter((path) => /home|recommendations/.test(path))).toEqual([`/api/users/${id}/home`]);
    await page.getByRole("heading", { name: `Top picks for ${name}` }).waitFor();
    await page
      .getByRole("heading", { name: /^Because this profile liked / })
      .first()
      .waitFor();
  });

  it("scrolls a shelf by buttons, keys, wheel and touch, and never automatically", async () => {
    const { id } = await sampleUser();
    const page = await visit(`?user=${id}`, { reducedMotion: "reduce", hasTouch: true });
    await settled(page);
    const row = page.locator(".shelf-row").first();
    const at = () => row.evaluate((element) => element.scrollLeft);
    await page.waitForTimeout(1_500);
    expect(await at()).toBe(0);

    const [previous, next] = [page.locator(".shelf-button").nth(0), page.locator(".shelf-button").nth(1)];
    expect(await previous.getAttribute("aria-disabled")).toBe("true");
    await next.click();
    await expect.poll(at).toBeGreaterThan(200);
    await previous.click();
    await expect.poll(at).toBe(0);

    const links = row.locator(".poster-link");
    await links.first().focus();
    await page.keyboard.press("ArrowRight");
    expect(await links.nth(1).evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("End");
    expect(await links.last().evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(at).toBeGreaterThan(200);
    await page.keyboard.press("Home");
    await expect.poll(at).toBeLessThan(50);

    await row.hover();
    await page.mouse.wheel(400, 0);
    await expect.poll(at).toBeGreaterThan(100);
    await row.evaluate((element) => element.scrollTo(0, 0));

    const box = await row.boundingBox();
    if (!box) throw new Error("The first shelf has no box.");
    const devtools = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", x?: number) =>
      devtools.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: x === undefined ? [] : [{ x, y: box.y + 100 }],
      });
    await touch("touchStart", 900);
    for (let x = 870; x >= 500; x -= 30) await touch("touchMove", x);
    await touch("touchEnd");
    await expect.poll(at).toBeGreaterThan(100);
  });

  it("updates after a rating without flicker or scrolling", async () => {
    const films = (await known()).slice(0, 6);
    const page = await visit("?you=1", { prepare: withRatings(films.slice(0, 4)) });
    await settled(page);
    const before = await shown(page);
    await page.evaluate(() => {
      const seen = { empty: 0, skeletons: 0 };
      Object.assign(window, { seen });
      new MutationObserver(() => {
        if (!document.querySelector(".hero") || document.querySelectorAll(".shelf-item").length < 5) seen.empty += 1;
        seen.skeletons += document.querySelectorAll("main .skeleton").length;
      }).observe(document.querySelector("main") ?? document.body, { childList: true, subtree: true });
    });
    await page.evaluate(() => scrollTo(0, 300));
    await page.evaluate((film) => history.pushState({ step: true }, "", `?you=1&film=${film}`), films[5]?.id);
    await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").first().check();
    await expect.poll(() => shown(page)).not.toEqual(before);
    const ratings = [
      ...films.slice(0, 4).map(({ id }) => ({ film_id: id, rating: 5 })),
      { film_id: films[5]?.id, rating: 1 },
    ];
    const home = await api<Home>("/home", { ratings, exclude: [], limit: SHELF_SIZE });
    await expect.poll(() => shown(page).then(({ hero }) => hero)).toEqual(home.hero?.id);
    expect(await page.evaluate(() => (window as unknown as { seen: object }).seen)).toEqual({ empty: 0, skeletons: 0 });
    expect(await page.evaluate(() => scrollY)).toBe(300);
  });
});
