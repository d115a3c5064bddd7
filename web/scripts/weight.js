// Writes a table of the built files and their compressed sizes into docs/page.md.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const DIST = here("../dist/");
const DOCUMENT = here("../../docs/page.md");
const BUDGET = 120_000;

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const html = readFileSync(`${DIST}index.html`, "utf8");

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.replace(/\/+/g, "/").slice(DIST.length))
  .map((name) => {
    const bytes = readFileSync(DIST + name);
    // File names contain a content hash; the table should change only when sizes do.
    const label = name.replace(/-[\w-]{8}\./, "-*.");
    const isFirst = name === "index.html" || html.includes(name);
    return {
      name,
      label,
      isFirst,
      raw: bytes.length,
      gzip: gzipSync(bytes).length,
      brotli: brotliCompressSync(bytes).length,
    };
  })
  .sort((a, b) => Number(b.isFirst) - Number(a.isFirst) || b.gzip - a.gzip);

const sum = (list, key) => list.reduce((total, file) => total + file[key], 0);
const first = files.filter(({ name, isFirst }) => isFirst && /\.(js|css|woff2)$/.test(name));
const row = ({ label, isFirst, raw, gzip, brotli }) =>
  `| ${label} | ${isFirst ? "initially" : "on demand"} | ${kB(raw)} | ${kB(gzip)} | ${kB(brotli)} |`;
const table = [
  "| file | loaded | raw | gzip | brotli |",
  "| --- | --- | ---: | ---: | ---: |",
  ...files.map(row),
  `| **first load: JS, CSS, font** | | ${kB(sum(first, "raw"))} | **${kB(sum(first, "gzip"))}** | ${kB(sum(first, "brotli"))} |`,
].join("\n");

const document = readFileSync(DOCUMENT, "utf8");
const [start, end] = ["<!-- weight -->", "<!-- /weight -->"];
const [before, rest] = document.split(start);
writeFileSync(DOCUMENT, `${before}${start}\n${table}\n${end}${rest.split(end)[1]}`);

if (sum(first, "gzip") > BUDGET) {
  process.stderr.write(
    `First load: ${kB(sum(first, "gzip"))} of JS, CSS and font, over the budget of ${kB(BUDGET)}.\n`,
  );
  process.exitCode = 1;
}
