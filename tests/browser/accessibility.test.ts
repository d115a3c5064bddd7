import { describe, expect, it } from "vitest";
import type { Page as ApiPage, Film, Genre, Profile } from "../../web/src/api/types";
import { api, settled, useBrowser, violations } from "./browser";

const visit = useBrowser();

const profile = async (): Promise<Profile> => {
  const [first] = (await api<{ users: Profile[] }>("/users?limit=1")).users;
  if (!first) throw new Error("The bundle has no sample users.");
  return first;
};
const film = async () => (await api<ApiPage<Film>>("/films?sort=popularity&limit=1")).items[0]?.id ?? "";

const PHONE = { width: 320, height: 640 };

/** Addresses of the main states, by name. */
async function places(): Promise<[string, string][]> {
  const { id } = await profile();
  return [
    ["gate", ""],
    ["home", `?user=${id}`],
    ["browse", `?user=${id}&view=browse`],
    ["empty browse", `?user=${id}&view=browse&from=2900`],
    ["film", `?user=${id}&film=${await film()}`],
    ["visitor’s home", "?you=1"],
    ["ratings", "?you=1&view=ratings"],
    ["film to rate", `?you=1&view=ratings&film=${await film()}`],
  ];
}

describe("accessibility", () => {
  it("axe finds nothing in any main state, on desktop and phone", async () => {
    for (const [name, address] of await places()) {
      for (const viewport of [undefined, PHONE]) {
        const page = await visit(address, viewport ? { viewport } : {});
        await settled(page);
        expect(await violations(page), `${name}, ${viewport ? "phone" : "desktop"}`).toEqual([]);
        await page.context().close();
      }
    }
  });

  it("axe finds nothing in the open genre list, nor in an error", async () => {
    const { id } = await profile();
    const page = await visit(`?user=${id}&view=browse`, { forgive: /Failed to load resource/ });
    await settled(page);
    await page.getByRole("combobox", { name: "Genres" }).click();
    await page.keyboard.press("ArrowDown");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.route("**/recommendations*", (route) => route.fulfill({ status: 503, body: "" }));
    await page.getByLabel("Sort by").selectOption("year");
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("nothing is wider than a 320 px phone, in any main state", async () => {
    for (const [name, address] of await places()) {
      const page = await visit(address, { viewport: PHONE });
      await settled(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, name).toBeLessThanOrEqual(PHONE.width);
      await page.context().close();
    }
  });

  it("moves nothing where the visitor wants less motion", async () => {
    const { id } = await profile();
    const page = await visit(`?user=${id}`, { reducedMotion: "reduce" });
    await settled(page);
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")].filter((element) => {
          const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
          return animationName !== "none" || Number.parseFloat(transitionDuration) > 0 || scrollBehavior === "smooth";
        }).length,
    );
    expect(moving).toBe(0);
  });
});

describe("by keyboard alone", () => {
  it("from the door to a filtered list: profile, view, two genres in and one out", async () => {
    const someone = await profile();
    const { genres } = await api<{ genres: Genre[] }>("/genres");
    const names = genres.map(({ name }) => name);
    const page = await visit("");
    const press = (...keys: string[]) =>
      keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const focusedName = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const tabTo = async (text: string) => {
      for (let i = 0; i < 30; i += 1) {
        await press("Tab");
        if ((await focusedName()).startsWith(text)) return;
      }
      throw new Error(`Tab never came to ${text}`);
    };

    await page.getByRole("heading", { name: "Who’s watching?" }).waitFor();
    await tabTo(someone.name);
    await press("Enter");
    await page.getByRole("heading", { level: 1, name: someone.name }).waitFor();
    // The focus is on the heading: back from there is the navigation.
    await press("Shift+Tab", "Shift+Tab");
    expect(await focusedName()).toBe("Browse");
    await press("Enter");
    await settled(page);

    const input = page.getByRole("combobox", { name: "Genres" });
    await press("Tab");
    expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
    const chosen = () => page.getByRole("list", { name: "Chosen genres" }).locator("li > span").allTextContents();

    // By arrows: the first, then the last of the list.
    await press("ArrowDown");
    expect(await input.getAttribute("aria-expanded")).toBe("true");
    const active = await input.getAttribute("aria-activedescendant");
    expect(await page.locator(`[id="${active}"]`).textContent()).toContain(names[0] ?? "");
    await press("Enter", "ArrowUp", "Enter");
    expect(await chosen()).toEqual([names[0], names.at(-1)]);
    // By typing; Escape closes without leaving.
    await press("Backspace", "Backspace");
    expect(await chosen()).toEqual([]);
    const typed = names[1] ?? "";
    await page.keyboard.type(typed.slice(0, 4).toLowerCase());
    expect(await page.getByRole("option").first().textContent()).toContain(typed);
    await press("Enter", "Escape");
    expect(await input.getAttribute("aria-expanded")).toBe("false");
    expect(await chosen()).toEqual([typed]);
    await expect.poll(() => new URL(page.url()).searchParams.getAll("genre")).toEqual([typed]);
    await settled(page);

    // The chip's own button takes it away and gives the focus back.
    await press("Shift+Tab", "Enter");
    expect(await chosen()).toEqual([]);
    expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("rates a film with arrow keys", async () => {
    const page = await visit(`?you=1&film=${await film()}`);
    const radios = page.getByRole("dialog").getByRole("radio");
    await radios.first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await radios.nth(2).isChecked()).toBe(true);
    expect(await page.evaluate(() => localStorage.length)).toBe(1);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });
});
