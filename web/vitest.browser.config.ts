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
      lighthouse: here("node_modules/lighthouse"),
      pixelmatch: here("node_modules/pixelmatch"),
      "playwright-core": here("node_modules/playwright-core"),
      pngjs: here("node_modules/pngjs"),
      "tar-fs": here("node_modules/tar-fs"),
      vitest: here("node_modules/vitest"),
    },
  },
  test: {
    // Lighthouse takes a quarter of a minute a view and wants the machine for itself: npm run test:lighthouse. A deployed
    // stack has a site of its own: tests/container/test_deployed_stack.py runs npm run test:deployed.
    include: [`tests/browser/*.${process.env["KIND"] ?? "test"}.ts`],
    globalSetup: ["tests/browser/site.ts"],
    environment: "node",
    fileParallelism: false, // one Chromium at a time: CI has two cores
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
