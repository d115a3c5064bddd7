import { describe, expect, it } from "vitest";
import { known, sampleUser, settled, useBrowser, violations, withRatings } from "./browser";

const visit = useBrowser();

describe("the language", () => {
  it("is the browser's, if available", async () => {
    const page = await visit("", { locale: "fr-CA" });
    await page.getByRole("heading", { name: "Qui regarde ?" }).waitFor();
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
      "fr",
      "ltr",
    ]);
  });

  it("can be switched in place and is saved", async () => {
    const { id } = await sampleUser();
    const page = await visit(`?user=${id}&view=browse&sort=year`);
    await settled(page);
    await page.getByLabel("Language").selectOption("fr");
    await page.getByRole("heading", { level: 1, name: "Parcourir" }).waitFor();
    expect(await page.title()).toContain("Parcourir");
    expect(await page.getByLabel("Trier par").inputValue()).toBe("year");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("language");
    await settled(page);
    expect(await violations(page)).toEqual([]);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Parcourir" }).waitFor();
    await page.getByLabel("Langue").selectOption("en");
    await page.getByRole("heading", { level: 1, name: "Browse" }).waitFor();
  });

  it("supports right-to-left layout without overflow", async () => {
    const { id } = await sampleUser();
    const films = await known(5);
    for (const address of [`?user=${id}`, `?user=${id}&view=browse`, "?you=1&view=ratings", `?user=${id}&view=how`]) {
      const page = await visit(address, { viewport: { width: 360, height: 740 }, prepare: withRatings(films) });
      await settled(page);
      await page.evaluate(() => {
        document.documentElement.dir = "rtl";
      });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, address).toBeLessThanOrEqual(360);
      if (address === `?user=${id}`) {
        const row = page.locator(".shelf-row").first();
        await page.locator(".shelf-button").nth(1).click();
        await expect.poll(() => row.evaluate((element) => element.scrollLeft)).toBeLessThan(-100);
      }
      await page.context().close();
    }
  });
});
