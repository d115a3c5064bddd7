import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Profile } from "../../web/src/api/types";
import { api, settled, useBrowser } from "./browser";

const visit = useBrowser();
const IMAGES = fileURLToPath(new URL("../../docs/img/", import.meta.url));

/** The README's pictures are made here: UPDATE_SCREENSHOTS=1 BUNDLE_DIR=artifacts/bundles npm run test:browser */
const update = process.env["UPDATE_SCREENSHOTS"] === "1";

describe("pictures", () => {
  it.each([
    ["page", { width: 1440, height: 1000 }],
    ["page-phone", { width: 390, height: 844 }],
  ])("%s: the home stands still and has its films", async (name, viewport) => {
    const [user] = (await api<{ users: Profile[] }>("/users?limit=1")).users;
    const page = await visit(`?user=${user?.id}`, { viewport, reducedMotion: "reduce" });
    await settled(page);
    const take = () => page.screenshot(update ? { path: `${IMAGES}${name}.png` } : {});
    const picture = await take();
    expect(Buffer.compare(await take(), picture)).toBe(0);
    expect(await page.locator(".shelf .card-film").count()).toBeGreaterThan(10);
  });
});
