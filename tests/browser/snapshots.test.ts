import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { settled, useBrowser } from "./browser";
import { drawsAlike } from "./chromium";
import { serveFixture } from "./fixture";

/**
 * What the main views look like, at half their size so that the pictures stay small. Browser and fonts are npm's, so
 * every machine draws the same: a pixel counts as different beyond THRESHOLD of the colour distance (five levels of
 * grey of 256) where it is no smoothed edge, and MOST of all pixels may be. UPDATE_SNAPSHOTS=1 takes the present look
 * as the right one.
 */
const THRESHOLD = 0.02;
const MOST = 0.002;
const update = process.env["UPDATE_SNAPSHOTS"] === "1";
const place = (name: string) => fileURLToPath(new URL(`snapshots/${name}.png`, import.meta.url));

const visit = useBrowser();

const SIZES = { desktop: { width: 1200, height: 800 }, phone: { width: 390, height: 780 } };
const VIEWS = {
  gate: "",
  home: "?user=1",
  browse: "?user=1&view=browse",
  film: "?user=1&film=5",
  welcome: "?you=1",
  ratings: "?you=1&view=ratings",
  how: "?user=1&view=how",
};
type Size = keyof typeof SIZES;
type View = keyof typeof VIEWS;

async function open(view: View, size: Size): Promise<Page> {
  const page = await visit(VIEWS[view], {
    viewport: SIZES[size],
    reducedMotion: "reduce",
    deviceScaleFactor: 0.5,
    prepare: (opening) => serveFixture(opening),
  });
  await settled(page);
  if (view === "how") await page.getByRole("heading", { name: "The map of films" }).scrollIntoViewIfNeeded();
  await page.evaluate(() => document.fonts.ready);
  return page;
}

/** The share of the picture that is not as in the snapshot `name`. */
function difference(name: string, taken: Buffer): number {
  expect(existsSync(place(name)), `snapshots/${name}.png: run with UPDATE_SNAPSHOTS=1`).toBe(true);
  const [now, before] = [PNG.sync.read(taken), PNG.sync.read(readFileSync(place(name)))];
  expect([now.width, now.height]).toEqual([before.width, before.height]);
  const different = pixelmatch(before.data, now.data, undefined, now.width, now.height, { threshold: THRESHOLD });
  return different / (now.width * now.height);
}

describe.skipIf(!drawsAlike)("the look of", () => {
  for (const size of Object.keys(SIZES) as Size[]) {
    it.each(Object.keys(VIEWS) as View[])(`%s, ${size}`, async (view) => {
      const page = await open(view, size);
      const name = `${view}-${size}`;
      const taken = await page.screenshot();
      if (update) {
        mkdirSync(new URL("snapshots/", import.meta.url), { recursive: true });
        writeFileSync(place(name), taken);
        return;
      }
      const share = difference(name, taken);
      const looks = join(tmpdir(), `${name}.png`); // to look at
      if (share > MOST) writeFileSync(looks, taken);
      expect(share, `${looks} has the present look`).toBeLessThanOrEqual(MOST);
    });
  }
});

describe.skipIf(!drawsAlike || update)("a change is seen:", () => {
  it.each<[change: string, view: View, rule: string]>([
    ["cards 8 px wider", "home", ".shelf-row > * { width: calc(var(--card) + 8px) }"],
    ["another grey behind the page", "gate", ":root { --page: #14141a }"],
    ["another grey of small print", "browse", ":root { --muted: #9a9aaa }"],
    ["titles a little lighter", "home", ".poster-title { font-weight: 700 }"],
    ["another font", "ratings", "body { font-family: sans-serif }"],
  ])("%s", async (_change, view, rule) => {
    const shares: Record<string, number> = {};
    for (const size of Object.keys(SIZES) as Size[]) {
      const page = await open(view, size);
      await page.evaluate(
        (text) => document.styleSheets[0]?.insertRule(text, document.styleSheets[0].cssRules.length),
        rule,
      );
      shares[size] = difference(`${view}-${size}`, await page.screenshot());
    }
    for (const [size, share] of Object.entries(shares)) expect(share, size).toBeGreaterThan(MOST);
  });
});
