import { describe, expect, it } from "vitest";
import { sampleUser, settled, skipped, useBrowser } from "./browser";

const visit = useBrowser();

describe("the header", () => {
  it.each([
    [390, "en"],
    [390, "fr"],
    [320, "en"],
    [320, "fr"],
  ])("is one row at %i px, in %s", async (width, locale) => {
    for (const address of ["?you=1", `?user=${(await sampleUser()).id}`]) {
      const page = await visit(address, { viewport: { width, height: 844 }, locale, prepare: skipped });
      await settled(page);
      const boxes = await page
        .locator(".brand, .nav-item:not(.nav-wide), .profile-link")
        .evaluateAll((items) => items.map((item) => item.getBoundingClientRect().toJSON()));
      expect(boxes.length).toBeGreaterThanOrEqual(4);
      // In one row every item begins above the end of every other.
      expect(Math.max(...boxes.map(({ top }) => top))).toBeLessThan(Math.min(...boxes.map(({ bottom }) => bottom)));
      for (const [i, { left }] of boxes.entries()) expect(left).toBeGreaterThanOrEqual(boxes[i - 1]?.right ?? 0);
      expect(boxes.at(-1)?.right).toBeLessThanOrEqual(width);
      for (const { width, height } of boxes) expect(Math.min(width, height)).toBeGreaterThanOrEqual(24); // WCAG 2.2, target size
    }
  });
});
