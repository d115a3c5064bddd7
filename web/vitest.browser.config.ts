import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The page in real Chromium against the real function. The tests live in ../tests/browser, beside the project's
// other tests; their packages live here.
export default defineConfig({
  root: here(".."),
  resolve: {
    alias: {
      "axe-core": here("node_modules/axe-core"),
      "playwright-core": here("node_modules/playwright-core"),
      vitest: here("node_modules/vitest"),
    },
  },
  test: {
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: ["tests/browser/site.ts"],
    environment: "node",
    fileParallelism: false, // one Chromium at a time: CI has two cores
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
