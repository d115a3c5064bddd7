import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sampleUser, settled, useBrowser } from "./browser";

const visit = useBrowser();
const IMAGES = fileURLToPath(new URL("../../docs/img/", import.meta.url));

/** Takes the screenshots of the docs: UPDATE_SCREENSHOTS=1 BUNDLE_DIR=artifacts/bundles npm run test:browser */
const update = process.env["UPDATE_SCREENSHOTS"] === "1";

const DESKTOP = { width: 1440, height: 1000 };
const PHONE = { width: 390, height: 844 };

describe("screenshots", () => {
  it.each([
    ["page", DESKTOP, (user: string) => `?user=${user}`],
    ["page-phone", PHONE, (user: string) => `?user=${user}`],
    ["browse", DESKTOP, (user: string) => `?user=${user}&view=browse&genre=Sci-Fi&genre=War`],
    ["browse-phone", PHONE, (user: string) => `?user=${user}&view=browse`],
    ["film", DESKTOP, (user: string) => `?user=${user}&film=50`],
    ["film-phone", PHONE, (user: string) => `?user=${user}&film=50`],
    ["welcome", DESKTOP, () => "?you=1"],
    ["welcome-phone", PHONE, () => "?you=1"],
    ["how", DESKTOP, (user: string) => `?user=${user}&view=how`],
    ["how-phone", PHONE, (user: string) => `?user=${user}&view=how`],
    ["map", DESKTOP, (user: string) => `?user=${user}&view=how`],
    ["map-phone", PHONE, (user: string) => `?user=${user}&view=how`],
  ])("%s is stable", async (name, viewport, address) => {
    const { id } = await sampleUser();
    const page = await visit(address(id), { viewport, reducedMotion: "reduce", forgive: /Failed to load resource/ });
    await settled(page);
    const section = name.startsWith("how") ? 1 : name.startsWith("map") ? 3 : null;
    if (section !== null) {
      await page
        .locator(".how-section")
        .nth(section)
        .evaluate((element) => element.scrollIntoView());
    }
    // The first screenshots may still change.
    let picture = await page.screenshot();
    const changed = async () => {
      const before = picture;
      picture = await page.screenshot();
      return Buffer.compare(before, picture);
    };
    await expect.poll(changed, { interval: 100, timeout: 5000 }).toBe(0);
    if (update) await writeFile(`${IMAGES}${name}.png`, picture);
  });
});
