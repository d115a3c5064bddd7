import { defineConfig } from "vite";
import { trainingReport } from "./report.ts";

export default defineConfig({
  // Relative addresses: the page works at the root of a site and below a folder alike.
  base: "./",
  plugins: [trainingReport()],
  build: {
    target: "es2022",
    // The polyfill is for browsers older than the target.
    modulePreload: { polyfill: false },
  },
  css: {
    preprocessorOptions: {
      scss: {
        quietDeps: true, // Bootstrap 5.3 is written with @import; its warnings are not ours to mend.
        silenceDeprecations: ["import"],
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
