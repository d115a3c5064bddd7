import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    site: string;
    /** The bundles that the site serves; "" if the site is another's. */
    bundles: string;
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PYTHON = process.env["PYTHON"] ?? join(ROOT, ".venv/bin/python");
const START_MS = 60_000;
/** It imports TensorFlow and trains: seconds on a machine that has nothing else to do. */
const BUNDLE_MS = 300_000;

/**
 * The site that the tests visit: SITE_URL where it is set; else the real page and function of this machine, on a
 * free port, with the bundle of BUNDLE_DIR or a small one made for the tests.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["SITE_URL"];
  if (given) {
    project.provide("bundles", "");
    project.provide("site", given.replace(/\/+$/, ""));
    return async () => {};
  }
  if (!existsSync(join(ROOT, "web/dist/index.html")))
    throw new Error("web/dist: not built. Run `npm run build` in web/.");
  const temporary = mkdtempSync(join(tmpdir(), "browser-tests-"));
  const bundles = process.env["BUNDLE_DIR"] ?? demoBundle(temporary);
  project.provide("bundles", bundles);
  const server = spawn(PYTHON, ["-m", "infra.local_site", "--port", "0"], {
    cwd: ROOT,
    env: { ...process.env, BUNDLE_DIR: bundles },
    stdio: ["ignore", "inherit", "pipe"],
  });
  try {
    project.provide("site", await address(server));
  } catch (error) {
    server.kill();
    throw error;
  }
  return async () => {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGINT");
    await gone;
    rmSync(temporary, { recursive: true });
  };
}

function demoBundle(folder: string): string {
  // TensorFlow says much on the way; what it said is part of the error should it fail.
  execFileSync(PYTHON, ["-m", "tests.support.demo_bundle", folder], { cwd: ROOT, stdio: "pipe", timeout: BUNDLE_MS });
  return folder;
}

/** The address that the server says it serves on; all that it says is shown should it not come to that. */
function address(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`The site did not start in ${START_MS} ms:\n${said}`)), START_MS);
    server.stderr?.on("data", (chunk) => {
      said += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (url) {
        clearTimeout(timer);
        resolve(url);
      }
    });
    server.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`The site ended with status ${code}:\n${said}`));
    });
  });
}
