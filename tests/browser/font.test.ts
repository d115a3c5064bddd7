import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { settled, site, useBrowser } from "./browser";
import { serveFixture } from "./fixture";

const visit = useBrowser();
const VIEWS = ["", "?user=1", "?user=1&view=browse", "?user=1&film=5", "?you=1", "?you=1&view=ratings", "?view=how"];

/** Opens a view of the fixture and keeps the addresses of the fonts that it loads. */
async function open(address: string, locale = "en-US"): Promise<{ page: Page; fonts: string[] }> {
  const fonts: string[] = [];
  const page = await visit(address, {
    locale,
    prepare: async (opening) => {
      await serveFixture(opening);
      opening.on("request", (request) => {
        if (request.resourceType() === "font") fonts.push(request.url());
      });
    },
  });
  await settled(page);
  await page.evaluate(() => document.fonts.ready);
  return { page, fonts };
}

/** The families of the fonts that the page's text is drawn in. */
async function families(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send("DOM.enable");
  await session.send("CSS.enable");
  const { root } = await session.send("DOM.getDocument");
  const { nodeIds } = await session.send("DOM.querySelectorAll", {
    nodeId: root.nodeId,
    selector: "body :not(svg, svg *)",
  });
  const answers = await Promise.all(nodeIds.map((nodeId) => session.send("CSS.getPlatformFontsForNode", { nodeId })));
  return [...new Set(answers.flatMap(({ fonts }) => fonts.map(({ familyName }) => familyName)))];
}

describe("the page's font", () => {
  it.each(["en-US", "fr-FR"])("has every glyph of the page: %s", async (locale) => {
    for (const address of VIEWS) {
      const { page } = await open(address, locale);
      expect(await families(page), address).toEqual(["Figtree Light"]);
      await page.context().close();
    }
  });

  it("is one file of at most 30 kB from the site itself, kept for good", async () => {
    const { fonts } = await open("?user=1");
    expect(fonts).toHaveLength(1);
    const response = await fetch(fonts[0] ?? "");
    expect(response.url.startsWith(`${site}/assets/`)).toBe(true);
    expect((await response.arrayBuffer()).byteLength).toBeLessThanOrEqual(30_000);
    expect(response.headers.get("cache-control")).toContain("immutable");
    expect(response.headers.get("content-type")).toBe("font/woff2");
  });

  it("loads its other letters where a title has one", async () => {
    const { page, fonts } = await open("?user=1");
    const [first] = fonts;
    await page
      .locator(".poster-title")
      .first()
      .evaluate((title) => title.append(" Őszintén"));
    await expect.poll(() => fonts.length).toBe(2);
    expect(fonts[1]).toContain("latin-ext");
    expect(first).not.toContain("latin-ext");
  });

  it("has figures of one width where they stand below each other", async () => {
    const { page } = await open("?user=1");
    const widths = await page
      .locator(".score-value")
      .first()
      .evaluate((figure) =>
        [..."0123456789"].map((digit) => {
          figure.textContent = digit.repeat(10);
          return figure.getBoundingClientRect().width;
        }),
      );
    expect(Math.max(...widths) - Math.min(...widths)).toBeLessThan(0.1);
  });

  it("has a fallback of its height, and of its width within 2 %", async () => {
    const { page } = await open("?user=1");
    const sizes = await page.evaluate(() => {
      const line = document.createElement("span");
      line.textContent = "Because you liked The Cartographer: films that people with a taste like yours rate highly";
      Object.assign(line.style, { position: "absolute", whiteSpace: "nowrap", fontSize: "40px", lineHeight: "normal" });
      document.body.append(line);
      return ["400", "600", "700", "800", "900"].map((weight) =>
        ['"Figtree Variable"', '"Figtree fallback"'].map((family) => {
          line.style.fontWeight = weight;
          line.style.fontFamily = family;
          const { width, height } = line.getBoundingClientRect();
          return { width, height };
        }),
      );
    });
    for (const [own, fallback] of sizes) {
      expect(Math.abs((fallback?.height ?? 0) - (own?.height ?? 0))).toBeLessThanOrEqual(1);
      expect(Math.abs((fallback?.width ?? 0) / (own?.width ?? 1) - 1)).toBeLessThanOrEqual(0.02);
    }
  });
});
