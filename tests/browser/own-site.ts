import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PYTHON = process.env["PYTHON"] ?? join(ROOT, ".venv/bin/python");

export interface OwnSite {
  url: string;
  /** What it has printed. */
  said: string;
  /** kill -9 for the site and its identity provider. */
  kill(): Promise<void>;
}

/** A site with sign-in, as `make serve` starts it, whose members are in the folder `members`. */
export async function ownSite(members: string, port: number, identityPort: number): Promise<OwnSite> {
  const child = spawn(
    PYTHON,
    ["-m", "infra.local_site", "--port", `${port}`, "--members", members, "--identity-port", `${identityPort}`],
    // Its own process group, so that everything can be killed at once.
    {
      cwd: ROOT,
      env: { ...process.env, BUNDLE_DIR: inject("bundles") },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    },
  );
  const site: OwnSite = { url: `http://127.0.0.1:${port}`, said: "", kill: () => kill(child) };
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk) => {
      site.said += chunk;
      if (site.said.includes(`on ${site.url} `)) resolve();
    });
    child.once("exit", () => reject(new Error(`the site ended: ${site.said}`)));
  });
  return site;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve();
  if (child.pid) process.kill(-child.pid, "SIGKILL");
  await ended;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
