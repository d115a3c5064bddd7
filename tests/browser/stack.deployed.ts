import { expect, it } from "vitest";
import { cards, settled, useBrowser } from "./browser";

const visit = useBrowser();

it("is the page of a deployed stack, which asks five ratings and recommends", async () => {
  const page = await visit("");
  await page.getByRole("link", { name: /^You/ }).click();
  await page.getByRole("heading", { level: 1, name: "Rate five films to get started" }).waitFor();
  const rows = page.locator(".welcome-films .rating-row");
  for (let i = 0; i < 5; i++)
    await rows
      .nth(i)
      .getByRole("radio", { name: i % 2 ? "2 stars" : "5 stars", exact: true })
      .check();
  await page.getByRole("button", { name: "See recommendations" }).click();
  await settled(page);
  expect(await page.locator(".hero").getAttribute("data-film")).toBeTruthy();
  await page.getByRole("link", { name: "Browse", exact: true }).click();
  await settled(page);
  await expect.poll(async () => (await cards(page)).length).toBeGreaterThan(5);
});
