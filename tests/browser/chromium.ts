import { createReadStream, createWriteStream, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import { type Browser, chromium } from "playwright-core";
import { extract } from "tar-fs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** An installed Chromium or Chrome to use in the place of npm's. */
const INSTALLED = process.env["CHROMIUM"];

/** npm's Chromium with the fonts of fonts.conf draws the same picture on every machine; another need not. */
export const drawsAlike = !INSTALLED;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-lcd-text",
  "--font-render-hinting=none",
];

/** The edge of an emulated CloudFront, as address and port, whose certificate only the test that has it knows. */
const EDGE = process.env["EDGE"];
const EMULATED = EDGE ? [`--host-resolver-rules=MAP *.cloudfront.net:443 ${EDGE}`, "--ignore-certificate-errors"] : [];

/** The machine's fonts, language and time zone are none of the page's. */
const ENVIRONMENT = { FONTCONFIG_FILE: here("fonts.conf"), LC_ALL: "en_US.UTF-8", TZ: "UTC" };

/** Starts the browser that the tests use; `flags` are added to the tests' own. */
export async function launch(...flags: string[]): Promise<Browser> {
  const args = [...FLAGS, ...EMULATED, ...flags];
  const env = { ...process.env, ...ENVIRONMENT };
  if (INSTALLED) return chromium.launch({ executablePath: INSTALLED, args, env });
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args,
    env: { ...env, LD_LIBRARY_PATH: join(folder, "lib") },
  });
}

/**
 * The folder with npm's Chromium and the libraries that it needs, unpacked at the first use. It lies in the package,
 * so that npm takes it away with the package. The package's own code would unpack to the system's temporary folder
 * and take whatever Chromium is there already.
 */
async function unpacked(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `npm has no Chromium for ${process.platform} on ${process.arch}. Install Chromium or Chrome and name its program, for example: CHROMIUM=/usr/bin/chromium make test`,
    );
  }
  const packed = here("../../web/node_modules/@sparticuz/chromium/");
  const folder = join(packed, "unpacked");
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(`${folder}-`);
  const inflate = (name: string, target: NodeJS.WritableStream) =>
    pipeline(createReadStream(join(packed, "bin", name)), createBrotliDecompress(), target);
  await inflate("chromium.br", createWriteStream(join(fresh, "chromium"), { mode: 0o755 }));
  await inflate("al2023.tar.br", extract(fresh));
  try {
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    if (!existsSync(folder)) throw error; // else another run was first
  }
  return folder;
}
