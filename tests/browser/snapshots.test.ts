import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { settled, useBrowser } from "./browser";
import { serveFixture } from "./fixture";

/**
 * What the main views look like, at half their size so that the pictures stay small. Fonts and their edges differ
 * from machine to machine: a pixel counts as different beyond THRESHOLD of the colour distance, and MOST of all
 * pixels may be. UPDATE_SNAPSHOTS=1 takes the present look as the right one.
 */
const THRESHOLD = 0.2;
const MOST = 0.02;
const update = process.env["UPDATE_SNAPSHOTS"] === "1";
const place = (name: string) => fileURLToPath(new URL(`snapshots/${name}.png`, import.meta.url));

const visit = useBrowser();

const SIZES = { desktop: { width: 1200, height: 800 }, phone: { width: 390, height: 780 } };
const VIEWS: [name: string, address: string, prepare?: (page: Page) => Promise<unknown>][] = [
  ["gate", ""],
  ["home", "?user=1"],
  ["browse", "?user=1&view=browse"],
  ["film", "?user=1&film=5"],
  ["welcome", "?you=1"],
  ["ratings", "?you=1&view=ratings"],
  [
    "how",
    "?user=1&view=how",
    (page) => page.getByRole("heading", { name: "The map of films" }).scrollIntoViewIfNeeded(),
  ],
];

describe("the look of", () => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    it.each(VIEWS)(`%s, ${size}`, async (view, address, prepare) => {
      const page = await visit(address, {
        viewport,
        reducedMotion: "reduce",
        deviceScaleFactor: 0.5,
        prepare: (opening) => serveFixture(opening),
      });
      await settled(page);
      await prepare?.(page);
      await page.evaluate(() => document.fonts.ready);
      const name = `${view}-${size}`;
      const taken = await page.screenshot();
      if (update) {
        mkdirSync(new URL("snapshots/", import.meta.url), { recursive: true });
        writeFileSync(place(name), taken);
        return;
      }
      expect(existsSync(place(name)), `snapshots/${name}.png: run with UPDATE_SNAPSHOTS=1`).toBe(true);
      const [now, before] = [PNG.sync.read(taken), PNG.sync.read(readFileSync(place(name)))];
      expect([now.width, now.height]).toEqual([before.width, before.height]);
      const different = pixelmatch(before.data, now.data, undefined, now.width, now.height, { threshold: THRESHOLD });
      const share = different / (now.width * now.height);
      const looks = join(tmpdir(), `${name}.png`); // to look at
      if (share > MOST) writeFileSync(looks, taken);
      expect(share, `${looks} has the present look`).toBeLessThanOrEqual(MOST);
    });
  }
});
