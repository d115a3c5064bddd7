import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import type { Page as ApiPage, Film, Profile } from "../../web/src/api/types";
import { launch } from "./chromium";

export const site = inject("site");

interface Visit {
  page: Page;
  /** What the page complained of: console errors, uncaught exceptions, breaches of the Content-Security-Policy. */
  complaints: string[];
}

/**
 * One Chromium for a test file. `visit` opens an address of the site in a fresh profile; after each test whatever
 * was opened is closed, and the test fails if a page has complained (`forgive` names what a test provokes itself).
 */
export function useBrowser() {
  let browser: Browser;
  let visits: (Visit & { forgive: RegExp | null; close: () => Promise<void> })[] = [];

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
  });

  afterEach(async () => {
    const closing = visits;
    visits = [];
    for (const { close } of closing) await close();
    for (const { complaints, forgive } of closing) {
      expect(complaints.filter((complaint) => !forgive?.test(complaint))).toEqual([]);
    }
  });

  return async function visit(
    address: string,
    options: BrowserContextOptions & {
      forgive?: RegExp;
      prepare?: (page: Page) => Promise<unknown>;
      /** Another site than the one that all tests share. */
      at?: string;
    } = {},
  ): Promise<Page> {
    const { forgive = null, prepare, at = site, ...context } = options;
    const tab = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context });
    const page = await tab.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    visits.push({ page, complaints, forgive, close: () => tab.close() });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
        // biome-ignore lint/suspicious/noConsole: runs in the page, and the console is where the test listens
        console.error(`CSP ${effectiveDirective} blocked ${blockedURI}`);
      });
    });
    await prepare?.(page);
    await page.goto(`${at}/${address}`);
    return page;
  };
}

/** The API's answer, asked from outside the page. */
export async function api<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`${site}/api${path}`, { headers: { "content-type": "application/json" }, ...init });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Rules of WCAG 2.2 A and AA, and axe's own best practices, that the page breaks; with where. */
export async function violations(page: Page, { but = [] }: { but?: string[] } = {}): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (left) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const results = await (window as unknown as { axe: typeof axe }).axe.run({
      runOnly: { type: "tag", values: tags },
      rules: Object.fromEntries(left.map((rule) => [rule, { enabled: false }])),
    });
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
  }, but);
}

/** Waits until nothing on the page says that it is busy. */
export async function settled(page: Page): Promise<void> {
  await page.locator("#main").waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
}

/** The first sample user. */
export async function sampleUser(): Promise<Profile> {
  const [first] = (await api<{ users: Profile[] }>("/users?limit=1")).users;
  if (!first) throw new Error("The bundle has no sample users.");
  return first;
}

/** The most rated films: what a visitor would know. */
export const known = async (most = 40): Promise<Film[]> =>
  (await api<ApiPage<Film>>(`/films?sort=popularity&limit=${most}`)).items;

/** For `prepare`: a visitor who has been here before, with these ratings. */
export const withRatings =
  (films: readonly Film[], rating = 5) =>
  (page: Page) =>
    page.addInitScript(
      (own) => {
        // Only the first time: a reload finds what the page itself has kept.
        if (!sessionStorage.getItem("prepared")) {
          sessionStorage.setItem("prepared", "1");
          localStorage.setItem("film-recommender.ratings.v1", own);
        }
      },
      JSON.stringify(films.map(({ id, title, year, genres }) => ({ film: { id, title, year, genres }, rating }))),
    );

/** For `prepare`: a visitor who has skipped the first-visit questions. */
export const skipped = (page: Page) =>
  page.addInitScript(() => localStorage.setItem("film-recommender.welcome.v1", "true"));

/** The ratings that the page keeps, as the API takes them. */
export const keptRatings = (page: Page): Promise<{ film_id: string; rating: number }[]> =>
  page.evaluate(() =>
    JSON.parse(localStorage.getItem("film-recommender.ratings.v1") ?? "[]").map(
      (own: { film: { id: string }; rating: number }) => ({ film_id: own.film.id, rating: own.rating }),
    ),
  );

export interface Card {
  id: string | null;
  title: string | null;
  stars: string | null;
}

/** The films of the grid, in the order on the page. */
export function cards(page: Page): Promise<Card[]> {
  return page.locator(".grid .card-film:not(.skeleton)").evaluateAll((articles) =>
    articles.map((article) => ({
      id: article.getAttribute("data-film"),
      title: article.querySelector(".poster-title")?.textContent ?? null,
      stars: article.querySelector(".score")?.getAttribute("aria-label") ?? null,
    })),
  );
}
