import type { Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Film } from "../../web/src/api/types";
import { cards, known, sampleUser, settled, useBrowser, withRatings } from "./browser";

const visit = useBrowser();
const MAX_SHIFT = 0.02;
const SIZES = [
  ["desktop", { width: 1280, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const;
type Viewport = (typeof SIZES)[number][1];

/** The cumulative layout shift while `address` loads; `respond` handles its requests. */
async function shiftOf(
  address: string,
  viewport: Viewport,
  respond: (route: Route) => Promise<void>,
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
        // Slow enough that skeletons are painted first.
        await new Promise((resolve) => setTimeout(resolve, 250));
        await respond(route);
      });
    },
  });
  await after(page);
  await page.waitForTimeout(400);
  const shift = await page.evaluate(() => (window as unknown as { shifts: { total: number } }).shifts.total);
  await page.context().close();
  return shift;
}

function expectNoShift(measured: Record<string, number>): void {
  for (const [address, shift] of Object.entries(measured)) expect(shift, address).toBeLessThanOrEqual(MAX_SHIFT);
}

async function views([film]: Film[]): Promise<string[]> {
  const { id } = await sampleUser();
  return [
    "",
    `?user=${id}`,
    `?user=${id}&view=browse`,
    `?user=${id}&film=${film?.id}`,
    "?you=1",
    "?you=1&view=ratings",
    `?user=${id}&view=how`,
  ];
}

describe("no layout shift", () => {
  it.each(SIZES)("while a view loads: %s", async (_size, viewport) => {
    const films = await known(6);
    const measured: Record<string, number> = {};
    for (const address of await views(films)) {
      const prepare = address.includes("ratings") ? withRatings(films) : undefined;
      measured[address] = await shiftOf(address, viewport, (route) => route.continue(), settled, prepare);
    }
    expectNoShift(measured);
  });

  it.each(SIZES)("when the page's font replaces its fallback: %s", async (_size, viewport) => {
    const films = await known(6);
    const measured: Record<string, number> = {};
    for (const address of await views(films)) {
      const prepare = async (page: Page) => {
        if (address.includes("ratings")) await withRatings(films)(page);
        await page.route("**/*.woff2", async (route) => {
          await settled(page);
          await page.waitForTimeout(100); // painted with the fallback
          await route.continue();
        });
      };
      const after = async (page: Page) => {
        await settled(page);
        await page.evaluate(() => document.fonts.ready);
      };
      measured[address] = await shiftOf(address, viewport, (route) => route.continue(), after, prepare);
    }
    expectNoShift(measured);
  });

  it.each(SIZES)("when an error or empty state replaces loading content: %s", async (_size, viewport) => {
    const { id } = await sampleUser();
    const films = await known(6);
    const broken = (route: Route) => route.fulfill({ status: 500, body: "" });
    const notFound = (route: Route) =>
      route.fulfill({ status: 404, json: { title: "Not found", detail: "No such film" } });
    const unreachable = (route: Route) => route.abort();
    const film = films[0]?.id;
    const fails: [string, RegExp, (route: Route) => Promise<void>][] = [
      ["", /\/release/, broken],
      [`?user=${id}`, /\/home/, broken],
      [`?user=${id}`, /\/home/, notFound],
      [`?user=${id}`, /\/home/, unreachable],
      [`?user=${id}&view=browse`, /\/recommendations/, broken],
      [`?user=${id}&view=browse&q=zzzzzz`, /\/nothing/, broken],
      [`?user=${id}&film=${film}`, new RegExp(`/films/${film}$`), broken],
      [`?user=${id}&film=${film}`, new RegExp(`/films/${film}$`), notFound],
      [`?user=${id}&film=${film}`, /\/similar/, broken],
      ["?you=1", /\/starters/, broken],
      ["?you=1&view=ratings", /\/films\?/, broken],
      [`?user=${id}&view=how`, /\/details-/, broken],
      [`?user=${id}&view=how`, /\/map/, broken],
    ];
    const measured: Record<string, number> = {};
    for (const [address, failing, fail] of fails) {
      measured[`${address} ${failing} ${fail.name}`] = await shiftOf(
        address,
        viewport,
        (route) => (failing.test(route.request().url()) ? fail(route) : route.continue()),
        (page) => page.locator(".state").first().waitFor(),
        address.includes("ratings") ? withRatings(films) : undefined,
      );
    }
    expectNoShift(measured);
  });

  it.each(SIZES)("when a slow request is cancelled: %s", async (_size, viewport) => {
    const { id } = await sampleUser();
    const film = (await known(1))[0]?.id;
    const unanswered: [string, RegExp][] = [
      [`?user=${id}`, /\/home/],
      [`?user=${id}&view=browse`, /\/recommendations/],
      [`?user=${id}&film=${film}`, new RegExp(`/films/${film}$`)],
      ["?you=1", /\/starters/],
    ];
    const measured: Record<string, number> = {};
    for (const [address, path] of unanswered) {
      measured[address] = await shiftOf(
        address,
        viewport,
        (route) => (path.test(route.request().url()) ? Promise.resolve() : route.continue()),
        async (page) => {
          await page.getByRole("button", { name: "Cancel" }).click();
          await page.getByRole("alert").getByText("Cancelled.").waitFor();
        },
      );
    }
    expectNoShift(measured);
  });

  it.each(SIZES)("when more films, fewer films or another language load: %s", async (_size, viewport) => {
    const { id } = await sampleUser();
    const late = async (route: Route) => {
      await new Promise((resolve) => setTimeout(resolve, 700)); // shifts within 500 ms of a key press do not count
      await route.continue().catch(() => {}); // the page has aborted it
    };
    const acts: [string, (page: Page) => Promise<unknown>][] = [
      [
        `?user=${id}&view=browse&seen=1`,
        async (page) => {
          await page.keyboard.press("End");
          await expect.poll(async () => (await cards(page)).length, { timeout: 10_000 }).toBeGreaterThan(24);
        },
      ],
      [
        "?you=1&view=ratings",
        async (page) => {
          await page.getByRole("searchbox").pressSequentially("zzzz");
          await page.locator(".state").waitFor();
        },
      ],
      [
        `?user=${id}`,
        async (page) => {
          await page.getByLabel("Language").selectOption("fr");
          await settled(page);
        },
      ],
    ];
    const measured: Record<string, number> = {};
    for (const [address, act] of acts) {
      const prepare = address.includes("ratings") ? withRatings(await known(6)) : undefined;
      measured[address] = await shiftOf(
        address,
        viewport,
        late,
        async (page) => settled(page).then(() => act(page)),
        prepare,
      );
    }
    expectNoShift(measured);
  });
});
