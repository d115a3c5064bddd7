import { describe, expect, it } from "vitest";
import type { Page as ApiPage, Genre, Recommendation, Release } from "../../web/src/api/types";
import { api, cards, sampleUser, settled, useBrowser } from "./browser";

const PAGE_SIZE = 24;
const visit = useBrowser();

/** Two genres that many unseen films have in common. */
async function commonPair(user: string): Promise<[string, string]> {
  const { genres } = await api<{ genres: Genre[] }>("/genres");
  const names = genres.sort((a, b) => b.films - a.films).map(({ name }) => name);
  for (const a of names) {
    for (const b of names.slice(names.indexOf(a) + 1)) {
      const { total } = await api<ApiPage<Recommendation>>(`${recommendations(user, [a, b])}&limit=1`);
      if (total > PAGE_SIZE) return [a, b];
    }
  }
  throw new Error(`No two genres have more than ${PAGE_SIZE} films in common; the bundle is too small for this test.`);
}

function recommendations(user: string, genres: string[]): string {
  const parameters = new URLSearchParams([...genres.map((genre) => ["genres", genre]), ["match", "all"]]);
  return `/users/${encodeURIComponent(user)}/recommendations?${parameters}`;
}

/** A recommendation as its card shows it. */
const asCard = ({ id, title, stars }: Recommendation, max: number) => ({
  id,
  title,
  stars: `Predicted rating: ${new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(stars)} out of ${max}`,
});

describe("a sample profile", () => {
  it("filters by two genres with “All”, loads more and shows the API's films", async () => {
    const user = await sampleUser();
    const [a, b] = await commonPair(user.id);
    const { scale } = await api<Release>("/release");

    const page = await visit("");
    await page.getByRole("link", { name: user.name }).click();
    await page.getByRole("heading", { name: `Films for ${user.name}` }).waitFor();
    await page.getByRole("link", { name: "Browse", exact: true }).click();
    const genres = page.getByRole("combobox", { name: "Genres" });
    for (const genre of [a, b]) {
      await genres.fill(genre);
      await page.getByRole("option", { name: new RegExp(`^${genre} ?\\d`) }).click();
    }
    await genres.press("Escape");
    await page.getByText("All", { exact: true }).click();
    await settled(page);

    const one = await api<ApiPage<Recommendation>>(`${recommendations(user.id, [a, b])}&limit=${PAGE_SIZE}`);
    const expected = one.items.map((film) => asCard(film, scale.max));
    await expect.poll(() => cards(page)).toEqual(expected);
    await page.getByText(`Showing ${PAGE_SIZE} of ${one.total} films`).waitFor();
    for (const film of one.items) expect(film.genres).toEqual(expect.arrayContaining([a, b]));

    await page.getByRole("button", { name: "Load more" }).click();
    const cursor = encodeURIComponent(one.next_cursor ?? "");
    const two = await api<ApiPage<Recommendation>>(
      `${recommendations(user.id, [a, b])}&limit=${PAGE_SIZE}&cursor=${cursor}`,
    );
    expected.push(...two.items.map((film) => asCard(film, scale.max)));
    await expect.poll(() => cards(page)).toEqual(expected);
    expect(new Set(expected.map(({ id }) => id)).size).toBe(expected.length);
    // The focus moves to the first new film.
    const focused = page.locator(".card-film", { has: page.locator("a:focus") });
    expect(await focused.getAttribute("data-film")).toBe(two.items[0]?.id);
  });

  it("keeps the list in the URL: reload, Back and a shared link show the same", async () => {
    const user = await sampleUser();
    const [a, b] = await commonPair(user.id);
    const query = new URLSearchParams([
      ["user", user.id],
      ["view", "browse"],
      ["genre", a],
      ["genre", b],
      ["match", "all"],
      ["seen", "1"],
      ["sort", "year"],
    ]);
    const page = await visit(`?${query}`);
    await settled(page);
    const shared = await cards(page);
    expect(shared.length).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.getAll("genre")).toEqual([]);
    await settled(page);
    await page.goBack();
    await expect.poll(() => cards(page)).toEqual(shared);
    expect(await page.getByRole("list", { name: "Selected genres" }).locator("li > span").allTextContents()).toEqual([
      a,
      b,
    ]);
    expect(await page.getByLabel("Sort by").inputValue()).toBe("year");
    expect(await page.getByRole("switch").isChecked()).toBe(true);
    await page.reload();
    await expect.poll(() => cards(page)).toEqual(shared);
  });

  it("searches by title while typing, with one request and one history entry", async () => {
    const user = await sampleUser();
    const { items } = await api<ApiPage<Recommendation>>(`/users/${user.id}/recommendations?limit=40`);
    const word =
      items
        .at(-1)
        ?.title.split(" ")
        .find((part) => part.length > 3) ?? "";
    const page = await visit(`?user=${user.id}&view=browse`);
    await settled(page);
    const queries: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/recommendations")) queries.push(new URL(request.url()).searchParams.get("q") ?? "");
    });
    await page.getByLabel("Title").pressSequentially(word, { delay: 20 });
    const { items: found } = await api<ApiPage<Recommendation>>(
      `/users/${user.id}/recommendations?limit=${PAGE_SIZE}&q=${encodeURIComponent(word)}`,
    );
    expect(found.length).toBeGreaterThan(0);
    await expect.poll(async () => (await cards(page)).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
    expect(queries).toEqual([word]);
    await page.reload();
    expect(await page.getByLabel("Title").inputValue()).toBe(word);
    await expect.poll(async () => (await cards(page)).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
  });

  it("loads a few pages by scrolling, then by the button", async () => {
    const user = await sampleUser();
    const page = await visit(`?user=${user.id}&view=browse&seen=1`);
    await settled(page);
    expect((await cards(page)).length).toBe(PAGE_SIZE);
    const count = async () => {
      await page.mouse.wheel(0, 20_000);
      return (await cards(page)).length;
    };
    await expect.poll(count).toBe(4 * PAGE_SIZE);
    await page.waitForTimeout(600);
    expect(await count()).toBe(4 * PAGE_SIZE);
    await page.getByRole("button", { name: "Load more" }).click();
    await expect.poll(async () => (await cards(page)).length).toBe(5 * PAGE_SIZE);
    const ids = (await cards(page)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("opens a film with similar films; Escape and Back close it and return the focus", async () => {
    const user = await sampleUser();
    const page = await visit(`?user=${encodeURIComponent(user.id)}&view=browse`);
    await settled(page);
    const link = page.locator(".grid .card-film a").nth(1);
    const [, card] = await cards(page);
    const viewTitle = await page.title();
    await link.click();
    const dialog = page.getByRole("dialog", { name: card?.title ?? "" });
    await dialog.waitFor();
    expect(await page.title()).toContain(card?.title);
    await expect.poll(() => dialog.locator(".score").first().getAttribute("aria-label")).toBe(card?.stars);
    const { items } = await api<{ items: { title: string }[] }>(
      `/films/${encodeURIComponent(card?.id ?? "")}/similar?limit=12`,
    );
    const similar = dialog.locator(".card-film:not(.skeleton) .poster-title");
    await expect.poll(() => similar.allTextContents()).toEqual(items.map(({ title }) => title));
    expect(new URL(page.url()).searchParams.get("film")).toBe(card?.id);

    await similar.first().click();
    await page.getByRole("dialog", { name: items[0]?.title ?? "" }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await expect.poll(() => new URL(page.url()).searchParams.get("film")).toBe(null);
    expect(await page.title()).toBe(viewTitle);
    await expect.poll(() => link.evaluate((element) => element === document.activeElement)).toBe(true);

    await link.click();
    await dialog.waitFor();
    await page.goBack();
    await dialog.waitFor({ state: "hidden" });
    expect(new URL(page.url()).searchParams.get("view")).toBe("browse");
  });
});
