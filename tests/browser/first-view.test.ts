import { expect, it } from "vitest";
import type { Page as ApiPage, Home, Recommendation } from "../../web/src/api/types";
import { api, sampleUser, settled, useBrowser } from "./browser";

const visit = useBrowser();

/** scripts/stranger runs this against what `make up` serves (SITE_URL), and keeps the picture (FIRST_VIEW names it). */
const picture = process.env["FIRST_VIEW"];

it("what somebody sees first: a choice of profiles, and the home that one of them leads to", async () => {
  const { id, name } = await sampleUser();
  const { items } = await api<ApiPage<Recommendation>>(`/users/${id}/recommendations?limit=5`);
  expect(items).toHaveLength(5);

  const page = await visit("");
  await page.getByRole("link", { name }).click();
  await page.getByRole("heading", { name: `Films for ${name}` }).waitFor();
  await settled(page);
  const { hero } = await api<Home>(`/users/${id}/home`);
  expect(await page.locator(".hero").getAttribute("data-film")).toBe(hero?.id);
  expect(await page.locator(".shelf").count()).toBeGreaterThan(2);
  if (picture) await page.screenshot({ path: picture });
});
