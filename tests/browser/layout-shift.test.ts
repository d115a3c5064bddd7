import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, useBrowser, withRatings } from "./browser";

const visit = useBrowser();
const MOST = 0.02;
const SIZES = [
  ["desktop", { width: 1280, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const;
type Viewport = (typeof SIZES)[number][1];

/** What moved while the view at `address` loaded, by itself; `answer` says how its requests end. */
async function shiftOf(
  address: string,
  viewport: Viewport,
  answer: (route: Route) => Promise<void>,
  after: (page: Page) => Promise<unknown>,
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<number> {
  const page = await visit(address, {
    viewport,
    forgive: /Failed to load resource/,
    prepare: async (opening) => {
      await prepare(opening);
      await opening.addInitScript(() => {
        const shifts = { total: 0 };
        Object.assign(window, { shifts });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
            if (!entry.hadRecentInput) shifts.total += entry.value;
          }
        }).observe({ type: "layout-shift", buffered: true });
      });
      await opening.route(/\/api\/|\/details-.*\.js/, async (route) => {
        // Slow enough that skeletons are painted before the answer.
        await new Promise((resolve) => setTimeout(resolve, 250));
        await answer(route);
      });
    },
  });
  await after(page);
  await page.waitForTimeout(400);
  const shift = await page.evaluate(() => (window as unknown as { shifts: { total: number } }).shifts.total);
  await page.context().close();
  return shift;
}

function expectNothingMoved(measured: Record<string, number>): void {
  for (const [address, shift] of Object.entries(measured)) expect(shift, address).toBeLessThanOrEqual(MOST);
}

describe("nothing jumps", () => {
  it.each(SIZES)("while a view loads: cumulative layout shift, %s", async (_size, viewport) => {
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
      const prepare = address.includes("ratings") ? withRatings(films) : undefined;
      measured[address] = await shiftOf(address, viewport, (route) => route.continue(), settled, prepare);
    }
    expectNothingMoved(measured);
  });

  it.each(SIZES)(
    "when a view gives an error in place of its films: cumulative layout shift, %s",
    async (_, viewport) => {
      const { id } = await sampleUser();
      const [film] = await known(1);
      const measured: Record<string, number> = {};
      const fails: [string, RegExp][] = [
        [`?user=${id}`, /\/home/],
        [`?user=${id}&view=browse`, /\/recommendations/],
        [`?user=${id}&view=how`, /\/details-/],
        [`?user=${id}&film=${film?.id}`, /\/films\//],
      ];
      for (const [address, failing] of fails) {
        measured[address] = await shiftOf(
          address,
          viewport,
          (route) =>
            failing.test(route.request().url()) ? route.fulfill({ status: 500, body: "" }) : route.continue(),
          (page) => page.locator(".state-error").first().waitFor(),
        );
      }
      measured["no network"] = await shiftOf(
        `?user=${id}`,
        viewport,
        (route) => (/\/home/.test(route.request().url()) ? route.abort() : route.continue()),
        (page) => page.locator(".state-error").first().waitFor(),
      );
      measured["no film fits"] = await shiftOf(
        `?user=${id}&view=browse&q=zzzzzz`,
        viewport,
        (route) => route.continue(),
        (page) => page.locator(".state").first().waitFor(),
      );
      expectNothingMoved(measured);
    },
  );
});
