import { describe, expect, it } from "vitest";
import type { Genre } from "../../web/src/api/types";
import { api, keptRatings, known, sampleUser, settled, useBrowser } from "./browser";

const visit = useBrowser();

describe("by keyboard alone", () => {
  it("from the profile gate to a filtered list, adding and removing genres", async () => {
    const someone = await sampleUser();
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
      throw new Error(`Tab never reached ${text}`);
    };

    await page.getByRole("heading", { name: "Who’s watching?" }).waitFor();
    await tabTo(someone.name);
    await press("Enter");
    await page.getByRole("heading", { level: 1, name: someone.name }).waitFor();
    // The focus is on the heading, after the navigation.
    await press("Shift+Tab", "Shift+Tab", "Shift+Tab");
    expect(await focusedName()).toBe("Browse");
    await press("Enter");
    await settled(page);

    const input = page.getByRole("combobox", { name: "Genres" });
    await press("Tab", "Tab");
    expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
    const selected = () => page.getByRole("list", { name: "Selected genres" }).locator("li > span").allTextContents();

    // By arrows: the first, then the last of the list.
    await press("ArrowDown");
    expect(await input.getAttribute("aria-expanded")).toBe("true");
    const active = await input.getAttribute("aria-activedescendant");
    expect(await page.locator(`[id="${active}"]`).textContent()).toContain(names[0] ?? "");
    await press("Enter", "ArrowUp", "Enter");
    expect(await selected()).toEqual([names[0], names.at(-1)]);
    // By typing; Escape closes without leaving.
    await press("Backspace", "Backspace");
    expect(await selected()).toEqual([]);
    const typed = names[1] ?? "";
    await page.keyboard.type(typed.slice(0, 4).toLowerCase());
    expect(await page.getByRole("option").first().textContent()).toContain(typed);
    await press("Enter", "Escape");
    expect(await input.getAttribute("aria-expanded")).toBe("false");
    expect(await selected()).toEqual([typed]);
    await expect.poll(() => new URL(page.url()).searchParams.getAll("genre")).toEqual([typed]);
    await settled(page);

    // The chip's button removes it and returns the focus.
    await press("Shift+Tab", "Enter");
    expect(await selected()).toEqual([]);
    expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("a first visit: rates five films with arrow keys and goes on to the home", async () => {
    const page = await visit("?you=1");
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.locator(".welcome-films .rating-row:not(.skeleton)").first().waitFor();
    await page.getByRole("heading", { level: 1 }).focus();
    for (let i = 0; i < 5; i += 1) {
      await press("Tab", "Tab", "Space", ...Array.from({ length: i % 3 }, () => "ArrowRight")); // title, stars
      if (i < 4) await press("Tab", "Tab", "Tab"); // past Remove rating and Haven’t seen it to Not interested
    }
    await page.getByText("5 of 5 rated").waitFor();
    const done = page.getByRole("button", { name: "See recommendations" });
    for (let i = 0; i < 6 && !(await done.evaluate((element) => element === document.activeElement)); i += 1)
      await press("Tab");
    await press("Enter");
    await settled(page);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    // Open the hero's details, and return.
    await press("Tab", "Enter");
    await page.getByRole("dialog").waitFor();
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    const back = () => page.evaluate(() => document.activeElement?.closest("[data-film]")?.className);
    await expect.poll(back).toBe("hero");
  });

  it("rates a film with arrow keys", async () => {
    const [film] = await known(1);
    const page = await visit(`?you=1&film=${film?.id}`);
    const radios = page.getByRole("dialog").getByRole("radio");
    await radios.first().waitFor();
    await radios.first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await radios.nth(2).isChecked()).toBe(true);
    expect(await keptRatings(page)).toHaveLength(1);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });
});
