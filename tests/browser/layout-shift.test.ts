import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, useBrowser, withRatings } from "./browser";

const visit = useBrowser();
const MOST = 0.02;

describe("nothing jumps", () => {
  it.each([
    ["desktop", { width: 1280, height: 900 }],
    ["phone", { width: 390, height: 844 }],
  ])("while a view loads: cumulative layout shift, %s", async (_size, viewport) => {
    const { id } = await sampleUser();
    const films = await known(6);
    const measured: Record<string, number> = {};
    for (const address of [
      "",
      `?user=${id}`,
      `?user=${id}&view=browse`,
      `?user=${id}&film=${films[0]?.id}`,
      "?you=1",
      "?you=1&view=ratings",
      `?user=${id}&view=how`,
    ]) {
      const page = await visit(address, {
        viewport,
        forgive: /Failed to load resource/,
        prepare: async (opening) => {
          if (address.includes("ratings")) await withRatings(films)(opening);
          await opening.addInitScript(() => {
            const shifts = { total: 0 };
            Object.assign(window, { shifts });
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries() as (PerformanceEntry & {
                value: number;
                hadRecentInput: boolean;
              })[]) {
                if (!entry.hadRecentInput) shifts.total += entry.value;
              }
            }).observe({ type: "layout-shift", buffered: true });
          });
          // Slow enough that skeletons are painted before the films.
          await opening.route("**/api/**", async (route) => {
            await new Promise((resolve) => setTimeout(resolve, 250));
            await route.continue();
          });
        },
      });
      await settled(page);
      await page.waitForTimeout(400);
      measured[address] = await page.evaluate(() => (window as unknown as { shifts: { total: number } }).shifts.total);
      await page.context().close();
    }
    for (const [address, shift] of Object.entries(measured)) expect(shift, address).toBeLessThanOrEqual(MOST);
  });
});
