import { defineConfig } from "vite";
import { trainingReport } from "./report.ts";

export default defineConfig({
  // Relative URLs: the page works at the root of a site and in a subdirectory.
  base: "./",
  plugins: [trainingReport()],
  build: {
    target: "es2022",
    // Every target browser supports modulepreload.
    modulePreload: { polyfill: false },
  },
  css: {
    preprocessorOptions: {
      scss: {
        quietDeps: true, // Bootstrap 5.3 is written with @import; its warnings cannot be fixed here.
        silenceDeprecations: ["import"],
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
