import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { keptRatings, settled, skipped, useBrowser, violations } from "./browser";
import { freePort, type OwnSite, ownSite } from "./own-site";

const PASSWORD = "correct horse battery";
const RATED = 5;

const visit = useBrowser();

/** Fills in the provider's form of this name. */
async function submit(page: Page, name: string, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name }).click();
}

async function signUp(page: Page, email: string): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByRole("link", { name: "Create an account" }).click();
  await submit(page, "Create an account", email);
  await page.getByRole("link", { name: "Account" }).first().waitFor();
}

async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await submit(page, "Sign in", email, password);
  await page.getByRole("link", { name: "Account" }).first().waitFor();
}

/** Rates the first films of the ratings view with these stars; returns their ids. */
async function rate(page: Page, stars: readonly number[]): Promise<string[]> {
  await page.getByRole("link", { name: "My ratings" }).click();
  await settled(page);
  const rows = page.locator(".results .rating-row");
  const ids: string[] = [];
  for (const [i, count] of stars.entries()) {
    const row = rows.nth(i);
    ids.push((await row.getAttribute("data-film")) ?? "");
    await row.getByRole("radio", { name: count === 1 ? "1 star" : `${count} stars`, exact: true }).check();
  }
  return ids;
}

/** Waits until the service has acknowledged everything. */
const sent = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith("film-recommender.outbox")));

const ratings = async (page: Page) =>
  Object.fromEntries((await keptRatings(page)).map((own) => [own.film_id, own.rating]));

describe.skipIf(inject("bundles") === "")("a member", () => {
  const members = mkdtempSync(join(tmpdir(), "members-"));
  let ports: [number, number];
  let own: OwnSite;
  let people = 0;

  const newEmail = () => {
    people += 1;
    return `person${people}@example.org`;
  };
  const open = (address = "?you=1", forgive = /never/) => visit(address, { at: own.url, prepare: skipped, forgive });

  beforeAll(async () => {
    ports = [await freePort(), await freePort()];
    own = await ownSite(members, ...ports);
  });

  afterAll(async () => {
    await own.kill();
    rmSync(members, { recursive: true });
  });

  it("keeps ratings and shelves on every device, through kill -9, until the account is deleted", async () => {
    const email = newEmail();
    const first = await open();
    await signUp(first, email);
    const stars = [5, 4, 1, 3, 5];
    const ids = await rate(first, stars);
    await sent(first);
    const expected = Object.fromEntries(ids.map((id, i) => [id, stars[i]]));
    expect(Object.keys(expected)).toHaveLength(RATED);

    const second = await open();
    await signIn(second, email);
    await expect.poll(() => ratings(second)).toEqual(expected);
    await second.getByRole("link", { name: "My ratings" }).click();
    await second.getByText(`${RATED} films rated`).waitFor();

    await second.getByRole("link", { name: "Browse", exact: true }).click();
    await second.getByLabel("Name of the shelf").fill("Tonight");
    await second.getByRole("button", { name: "Save as a shelf" }).click();
    await second.getByText("Tonight is saved.").waitFor();

    await own.kill();
    own = await ownSite(members, ...ports);

    const third = await open("?you=1", /400 \(/); // a wrong password, at the end
    await signIn(third, email);
    await expect.poll(() => ratings(third)).toEqual(expected);
    await third.getByRole("link", { name: "My shelves" }).click();
    const shelf = third.getByRole("region", { name: "Tonight" });
    await shelf.waitFor();
    expect(await shelf.getByRole("listitem").count()).toBeGreaterThan(0);
    // The session of before kill -9 goes on, too.
    await second.reload();
    await settled(second);
    await second.getByRole("link", { name: "My shelves" }).click();
    await second.getByRole("region", { name: "Tonight" }).waitFor();

    await third.getByRole("link", { name: "Account" }).first().click();
    const said: string[] = [];
    third.on("dialog", (dialog) => {
      said.push(dialog.message());
      void dialog.accept();
    });
    await third.getByRole("button", { name: "Delete account" }).click();
    await third.getByRole("button", { name: "Sign in" }).first().waitFor();
    expect(said.at(-1)).toContain("is deleted");
    expect(await third.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("ratings")))).toEqual([]);

    await third.getByRole("button", { name: "Sign in" }).first().click();
    await submit(third, "Sign in", email);
    await third.getByText("The address or the password is wrong.").waitFor();
    const again = await open();
    await signUp(again, email); // the address is free, and nothing is left
    await sent(again);
    expect(await ratings(again)).toEqual({});
  });

  it("brings the visitor's ratings along, shows what differed, and takes it all back", async () => {
    const email = newEmail();
    const first = await open();
    await signUp(first, email);
    const [film = ""] = await rate(first, [2]);
    await sent(first);

    const second = await open();
    await second.waitForTimeout(1_100); // times are whole seconds, and the second rating is to be the later one
    const [same, other = ""] = await rate(second, [5, 4]);
    expect(same).toBe(film);
    await signIn(second, email);
    await second.getByRole("button", { name: "Show" }).click();
    await second.getByText("differently before; the later rating was kept").waitFor();
    await second.getByText("kept: 5, other: 2").waitFor();
    expect(await ratings(second)).toEqual({ [film]: 5, [other]: 4 });
    await second.getByRole("button", { name: "Undo" }).click();
    await second.locator("main").getByText("Your account is as it was before.").waitFor();
    await expect.poll(() => ratings(second)).toEqual({ [film]: 2 });
  });

  it("queues what is done without a connection, and it arrives", async () => {
    const email = newEmail();
    const page = await open("?you=1", /ERR_INTERNET_DISCONNECTED/);
    await signUp(page, email);
    await page.getByRole("link", { name: "My ratings" }).click();
    await settled(page);
    await page.context().setOffline(true);
    const row = page.locator(".results .rating-row").first();
    for (const stars of ["2 stars", "3 stars", "4 stars"])
      await row.getByRole("radio", { name: stars, exact: true }).check();
    const id = (await row.getAttribute("data-film")) ?? "";
    await page.context().setOffline(false);
    await sent(page);
    const other = await open();
    await signIn(other, email);
    await expect.poll(() => ratings(other)).toEqual({ [id]: 4 });
  });

  it("renews an expired token silently, and loses nothing when the session has ended", async () => {
    const email = newEmail();
    const page = await open("?you=1", /40[01] \(/);
    await signUp(page, email);
    const expire = (whole: boolean) =>
      page.evaluate((isWhole) => {
        const key = Object.keys(localStorage).find((name) => name.startsWith("oidc.user:")) ?? "";
        const user = JSON.parse(localStorage.getItem(key) ?? "{}");
        localStorage.setItem(
          key,
          JSON.stringify({ ...user, expires_at: 1, ...(isWhole ? { refresh_token: "used up" } : {}) }),
        );
      }, whole);
    await expire(false);
    const [first = ""] = await rate(page, [4]);
    await sent(page);
    await expire(true);
    const second = (await page.locator(".results .rating-row").nth(1).getAttribute("data-film")) ?? "";
    await page.locator(".results .rating-row").nth(1).getByRole("radio", { name: "5 stars", exact: true }).check();
    await page.getByText("Your session has ended").waitFor();
    await page.locator(".notice").getByRole("button", { name: "Sign in" }).click();
    // The provider's own session goes on: no password is asked for.
    await page.getByRole("heading", { name: "My ratings" }).waitFor();
    await sent(page);
    const other = await open();
    await signIn(other, email);
    await expect.poll(() => ratings(other)).toEqual({ [first]: 4, [second]: 5 });
  });

  it("leaves nothing in the browser after signing out", async () => {
    const email = newEmail();
    const page = await open();
    await signUp(page, email);
    await rate(page, [5]);
    await sent(page);
    await page.getByRole("link", { name: "Account" }).first().click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).first().waitFor();
    const kept = await page.evaluate(() => Object.keys(localStorage).sort());
    expect(kept).toEqual(["film-recommender.basics.v1", "film-recommender.welcome.v1"]); // no one's in particular
    await page.getByRole("button", { name: "Sign in" }).first().click();
    await page.getByLabel("Password").waitFor(); // the provider's session has ended, too
  });

  it("sets a new password by the link in the terminal", async () => {
    const email = newEmail();
    await signUp(await open(), email);
    const page = await open();
    await page.getByRole("button", { name: "Sign in" }).first().click();
    await page.getByRole("link", { name: "Forgotten your password?" }).click();
    await page.getByLabel("E-mail address").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText("This machine sends no mail").waitFor();
    const link = new RegExp(`New password for ${email}: (\\S+)`);
    await expect.poll(() => own.said).toMatch(link);
    await page.goto(link.exec(own.said)?.[1] ?? "");
    await page.getByLabel("New password").fill("a new pass phrase");
    await page.getByRole("button", { name: "Set a new password" }).click();
    await page.getByRole("link", { name: "Back to Filmshelf" }).click();
    await signIn(page, email, "a new pass phrase");
  });

  it("imports ratings, and mends what did not match", async () => {
    const page = await open();
    await signUp(page, newEmail());
    const [known] = (await (await fetch(`${own.url}/api/films?sort=popularity&limit=1`)).json()).items;
    await page.goto(`${own.url}/?you=1&view=import`);
    const lines = [
      "Date,Name,Year,Letterboxd URI,Rating",
      `2024-05-01,${known.title},${known.year},https://boxd.it/1,4`,
    ];
    const csv = [...lines, "2024-05-02,A film that nobody knows,1901,https://boxd.it/2,3"].join("\n");
    let answer = () => {};
    const shown = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/api/me/import", async (route) => {
      await shown;
      await route.continue();
    });
    await page
      .getByLabel("Choose a CSV or JSON file")
      .setInputFiles({ name: "ratings.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByRole("progressbar", { name: "2 ratings" }).waitFor();
    answer();
    await page.getByText("1 of 2 ratings imported.").waitFor();
    await expect.poll(() => ratings(page)).toEqual({ [known.id]: 4 });
    await page.getByRole("searchbox", { name: "Search for the film: A film that nobody knows (1901)" }).fill("the");
    await page.locator(".account-mend button").last().click();
    await expect.poll(async () => Object.values(await ratings(page))).toEqual([4, 3]);
    await sent(page);
  });

  it("has a list, shelves as they would be today, what the model knows, and everything as a file", async () => {
    const page = await open();
    await signUp(page, newEmail());
    const [first = ""] = await rate(page, [5, 4, 1]);
    await sent(page);
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByRole("link", { name: "Film details" }).click();
    const film = (await page.getByRole("dialog").getByRole("heading", { level: 2 }).first().textContent()) ?? "";
    await page.getByRole("button", { name: "Add to my list" }).click();
    await page.keyboard.press("Escape");
    await sent(page);
    await page.goto(`${own.url}/?you=1&view=browse&genre=Drama`);
    await page.getByLabel("Name of the shelf").fill("Dramas");
    await page.getByRole("button", { name: "Save as a shelf" }).click();
    await page.locator(".notice").getByRole("button", { name: "Show" }).click();
    await page.getByRole("region", { name: "My list" }).getByText(film).first().waitFor();
    const shelf = page.getByRole("region", { name: "Dramas" });
    const films = () =>
      shelf.locator("[data-film]").evaluateAll((cards) => cards.map((card) => card.getAttribute("data-film")));
    const before = await films();
    await page.getByText("As it was on").waitFor();
    await page.getByRole("button", { name: "What would it be today?" }).click();
    await page.locator("main").getByText("As it is today").waitFor();
    expect(await films()).toEqual(before); // nothing has changed since

    await page.getByRole("link", { name: "Account" }).first().click();
    await page.getByText("3 ratings · 1 film on your list").waitFor();
    const weighty = page.locator(`.rating-row[data-film="${first}"]`); // one of the ratings that weigh most
    await weighty.getByRole("radio", { name: "3 stars", exact: true }).check();
    await expect.poll(async () => (await ratings(page))[first]).toBe(3);
    await sent(page);
    await page.getByRole("switch", { name: /improve the recommendations/ }).check();
    const file = async (name: string) => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
      return readFileSync(await download.path(), "utf8");
    };
    const data = JSON.parse(await file("Download as JSON"));
    expect([data.ratings.length, data.list.length, data.shelves[0].name]).toEqual([3, 1, "Dramas"]);
    expect((await file("Download ratings as CSV")).trim().split("\n")).toHaveLength(4);
    await page.reload();
    expect(await page.getByRole("switch", { name: /improve the recommendations/ }).isChecked()).toBe(true);
  });

  it("takes no sign-in that it did not ask for", async () => {
    const page = await open("?code=stolen&state=forged");
    await page.getByText("Signing in did not work").waitFor();
    expect(page.url()).toBe(`${own.url}/`);
    expect(await page.evaluate(() => localStorage.getItem("film-recommender.member.v1"))).toBeNull();
  });

  it("breaks no rule of accessibility, and fits a phone", async () => {
    const page = await visit("?you=1", { at: own.url, prepare: skipped, viewport: { width: 320, height: 700 } });
    const check = async () => {
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    };
    await settled(page);
    await check();
    await page.getByRole("contentinfo").getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Password").waitFor();
    for (const [name, field] of [
      ["Forgotten your password?", "E-mail address"],
      ["Back to sign-in", "Password"],
      ["Create an account", "Password"],
    ] as const) {
      await page.getByRole("link", { name }).click();
      await page.getByLabel(field).waitFor();
      await check();
    }
    await submit(page, "Create an account", newEmail());
    await rate(page, [5, 1]);
    await sent(page);
    for (const view of ["account", "shelves", "import", "browse"]) {
      await page.goto(`${own.url}/?you=1&view=${view}`);
      await settled(page);
      await check();
    }
  });
});
