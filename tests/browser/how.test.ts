import { describe, expect, it } from "vitest";
import type { FilmMap, Release } from "../../web/src/api/types";
import { api, sampleUser, settled, site, useBrowser } from "./browser";

const visit = useBrowser();
// A release may have no map; Chromium then logs a 404.
const forgive = /Failed to load resource/;

describe("how it works", () => {
  it("shows the release, the metrics beside other methods and the learning curves", async () => {
    const { release, data, model } = await api<Release>("/release");
    const page = await visit("?view=how", { forgive });
    await page.getByRole("heading", { level: 1, name: "How it works" }).waitFor();
    const facts = page.locator(".facts");
    await facts.waitFor();
    await expect.poll(() => facts.textContent()).toContain(release);
    expect(await facts.textContent()).toContain(new Intl.NumberFormat("en").format(model.films));
    const report = await fetch(`${site}/report.json`);
    if (!report.ok) return void (await page.getByText("built without an evaluation report").waitFor());
    const { data: trained, protocols } = (await report.json()) as {
      data: { sha256: string };
      protocols: { rows: unknown[] }[];
    };
    expect(await page.locator(".curve canvas").count()).toBe(2);
    if (trained.sha256 !== data["sha256"])
      return void (await page.getByText("for a different data set than this release").waitFor());
    expect(await page.locator(".metrics").count()).toBe(protocols.length);
    expect(await page.locator(".metrics tbody tr").count()).toBe(protocols.flatMap(({ rows }) => rows).length);
  });

  it("is linked from the footer and loads the plotting library on demand", async () => {
    const { id } = await sampleUser();
    const scripts: string[] = [];
    const page = await visit(`?user=${id}`, {
      forgive,
      prepare: async (opening) => opening.on("request", (request) => scripts.push(request.url())),
    });
    await settled(page);
    expect(scripts.filter((url) => url.includes("details"))).toEqual([]);
    await page.getByRole("contentinfo").getByRole("link", { name: "How it works" }).click();
    await settled(page);
    expect(scripts.some((url) => url.includes("details"))).toBe(true);
    await page.goBack();
    await page.locator(".hero").waitFor();
  });

  it("has a map to hover, click and navigate by keyboard", async () => {
    const response = await fetch(`${site}/api/map`);
    const page = await visit(`?user=${(await sampleUser()).id}&view=how`, { forgive });
    await settled(page);
    if (response.status === 404) return void (await page.getByText("This release has no map.").waitFor());
    const { points } = (await response.json()) as FilmMap;
    const plot = page.locator(".map-plot");
    await plot.scrollIntoViewIfNeeded();
    const over = page.locator(".u-over").last();
    const box = await over.boundingBox();
    const [film] = points;
    if (!box || !film) throw new Error("The map is empty.");
    const position = { x: ((film.x + 1.06) / 2.12) * box.width, y: ((1.06 - film.y) / 2.12) * box.height };
    await over.hover({ position });
    const tooltip = page.locator(".map-tooltip");
    await tooltip.waitFor();
    const title = await tooltip.textContent();
    expect(points.map((point) => point.title)).toContain(title);
    await over.click({ position });
    await page.getByRole("dialog", { name: title ?? "" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });

    await page.mouse.move(0, 0);
    await plot.focus();
    const visited = new Set<string | null>();
    for (const key of ["ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"]) {
      await page.keyboard.press(key);
      visited.add(await tooltip.textContent());
    }
    expect(visited.size).toBeGreaterThan(2);
    const last = await tooltip.textContent();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: last ?? "" }).waitFor();
  });
});
