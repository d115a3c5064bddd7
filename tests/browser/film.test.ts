import { describe, expect, it } from "vitest";
import type { PersonalFilm } from "../../web/src/api/types";
import { api, keptRatings, known, sampleUser, settled, useBrowser, withRatings } from "./browser";
import { FILMS, serveFixture } from "./fixture";

const visit = useBrowser();
const number = (value: number) =>
  new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(value);

describe("a film's details", () => {
  it("show the API's stars, match and reasons", async () => {
    const { id } = await sampleUser();
    const [film] = await known(1);
    const expected = await api<PersonalFilm>(`/users/${id}/films/${film?.id}`);
    const page = await visit(`?user=${id}&film=${film?.id}`);
    const dialog = page.getByRole("dialog", { name: expected.title });
    await dialog.waitFor();
    const score = dialog.locator(".detail-predicted .score");
    expect(await score.getAttribute("aria-label")).toContain(number(expected.stars));
    const match = await dialog.locator(".detail-match").textContent();
    expect(match).toMatch(new RegExp(`^${Math.round(expected.percentile)}% match – \\w{3}`));
    expect(await dialog.locator(".why-film a").allTextContents()).toEqual(
      expected.why.map((reason) => reason.film.title),
    );
    expect(await dialog.locator(".detail-average").textContent()).toContain(String(expected.count));
    expect(await dialog.getByRole("radio").count()).toBe(0); // only the visitor can rate
  });

  it("show reasons in words, also those that lower a recommendation", async () => {
    const page = await visit("?you=1&film=1", {
      prepare: async (opening) => {
        await serveFixture(opening);
        await withRatings(FILMS.slice(30, 33))(opening);
      },
    });
    const reasons = page.locator(".why-film");
    await reasons.first().waitFor();
    const [main, also, less] = FILMS.slice(30, 33).map(({ title }) => title);
    expect(await reasons.allTextContents()).toEqual([
      `Main reason${main}rated 5 stars`,
      `Also because of${also}rated 4 stars`,
      `Less because you disliked${less}rated 1 star`,
    ]);
    const widths = await page.locator(".why-bar").evaluateAll((bars) => bars.map((bar) => bar.clientWidth));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    expect(await page.locator(".why").textContent()).not.toContain("%");
  });

  it("update the prediction after a rating, but not the rating input", async () => {
    const films = await known();
    const [film] = films.slice(10);
    const page = await visit(`?you=1&view=ratings&film=${film?.id}`, { prepare: withRatings(films.slice(0, 5)) });
    const dialog = page.getByRole("dialog");
    const prediction = () => dialog.locator(".detail-prediction").textContent();
    await dialog.getByRole("radio").first().waitFor();
    const [before, input] = [await prediction(), await dialog.locator(".rate input").first().elementHandle()];
    await dialog.getByRole("radio", { name: "1 star", exact: true }).check();
    await expect.poll(prediction).not.toBe(before);
    expect(await input?.evaluate((element) => element.isConnected)).toBe(true);
  });

  it("hide a film everywhere after Not interested, and show it again", async () => {
    const films = await known();
    const page = await visit("?you=1", { prepare: withRatings(films.slice(0, 5)) });
    await settled(page);
    const hero = (await page.locator(".hero").getAttribute("data-film")) ?? "";
    await page.getByRole("link", { name: "Film details" }).click();
    const dialog = page.getByRole("dialog");
    const title = (await dialog.locator(".detail-title").textContent()) ?? "";
    const button = dialog.getByRole("button", { name: `Not interested: ${title}` });
    await button.click();
    await expect.poll(() => page.locator(".hero").getAttribute("data-film")).not.toBe(hero);
    expect(await button.getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("Escape");
    await settled(page);
    expect(await page.evaluate(() => document.activeElement?.closest("main")?.id)).toBe("main"); // the link is gone
    expect(await page.locator(`main [data-film="${hero}"]`).count()).toBe(0);
    await page.reload();
    await settled(page);
    expect(await page.locator(`main [data-film="${hero}"]`).count()).toBe(0);
    await page.getByRole("link", { name: "Browse", exact: true }).click();
    await settled(page);
    expect(await page.locator(`main [data-film="${hero}"]`).count()).toBe(0);

    await page.getByRole("link", { name: "My ratings" }).click();
    await page.locator(".ratings-hidden").getByRole("button", { name: "Show again" }).click();
    await page.getByRole("link", { name: "Home" }).click();
    await expect.poll(() => page.locator(".hero").getAttribute("data-film")).toBe(hero);
  });

  it("still load if a hidden film has left the catalogue", async () => {
    const gone = { id: "gone-from-the-catalogue", title: "Gone", year: 1990, genres: [] };
    for (const address of ["?you=1", "?you=1&view=browse"]) {
      const page = await visit(address, {
        forgive: /status of 422/,
        prepare: async (opening) => {
          await withRatings(await known(3))(opening);
          await opening.addInitScript(
            (hidden) => {
              localStorage.setItem("film-recommender.not-interested.v1", hidden);
            },
            JSON.stringify([gone]),
          );
        },
      });
      await settled(page);
      expect(await page.locator("main .card-film").count()).toBeGreaterThan(5);
    }
  });

  it("have half stars if the scale does, also with the keyboard", async () => {
    const page = await visit("?you=1&view=ratings&film=1", {
      prepare: (opening) => serveFixture(opening, { step: 0.5 }),
    });
    const radios = page.getByRole("dialog").getByRole("radio");
    await radios.first().waitFor();
    expect(await radios.count()).toBe(10);
    await page.getByRole("dialog").getByRole("radio", { name: "3.5 stars" }).check();
    expect(await keptRatings(page)).toEqual([{ film_id: "1", rating: 3.5 }]);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await keptRatings(page)).toEqual([{ film_id: "1", rating: 4.5 }]);
    const steps = await page
      .locator(".detail-rate .rate-step")
      .evaluateAll((all) => all.map((e) => e.getBoundingClientRect().width));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(24); // WCAG 2.2, target size
  });
});

describe("posters", () => {
  // One grey pixel, the smallest PNG there is.
  const pixel = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
    "base64",
  );
  const TMDB = "https://image.tmdb.org/**";

  it("are TMDB's if there are any, loaded lazily, with its notice; a failed one is replaced by generated art", async () => {
    const requested: string[] = [];
    const page = await visit("?user=1", {
      forgive: /Failed to load resource/,
      prepare: async (opening) => {
        await serveFixture(opening, { posters: true });
        await opening.route(TMDB, (route) => {
          requested.push(new URL(route.request().url()).pathname);
          return route.request().url().includes("poster-2.")
            ? route.fulfill({ status: 404 })
            : route.fulfill({ body: pixel, contentType: "image/png" });
        });
      },
    });
    await settled(page);
    await page.getByText("This product uses the TMDB API but is not endorsed or certified by TMDB.").waitFor();
    await page.locator('[data-film="3"] .poster-picture-loaded').waitFor();
    const picture = page.locator('[data-film="3"] .poster-picture');
    expect(
      await picture.evaluate((image: HTMLImageElement) => [
        image.width > 0,
        image.getAttribute("width"),
        image.getAttribute("height"),
        image.loading,
        image.alt,
      ]),
    ).toEqual([true, "342", "513", "lazy", ""]);
    await expect.poll(() => page.locator('[data-film="2"] .poster-picture').count()).toBe(0);
    expect(await page.locator('[data-film="2"] .art').count()).toBe(1);
    expect(requested.every((path) => /^\/t\/p\/w342\/poster-\d+\.jpg$/.test(path))).toBe(true);
    expect(requested.length).toBeLessThan(FILMS.length); // off-screen images are not loaded
  });

  it("that are generated need no notice and no third-party requests", async () => {
    const { id } = await sampleUser();
    const foreign: string[] = [];
    const page = await visit(`?user=${id}`, {
      prepare: async (opening) => opening.on("request", (request) => foreign.push(request.url())),
    });
    await settled(page);
    if ((await page.locator(".poster-picture").count()) > 0) return; // a bundle with posters
    expect(await page.locator("#tmdb-notice").isVisible()).toBe(false);
    expect(foreign.filter((url) => !url.startsWith(new URL(page.url()).origin))).toEqual([]);
  });
});
