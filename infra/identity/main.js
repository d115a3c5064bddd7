/**
 * The identity provider of this machine, on 127.0.0.1 only:
 *
 *     node infra/identity/main.js --port 8765 --data artifacts/members --site http://127.0.0.1:8000 [--site …]
 *
 * It prints one line when it serves. It ends with Ctrl-C, and with whoever holds its standard input.
 */

import { parseArgs } from "node:util";
import { createIdentityServer } from "./server.js";
import { openStore } from "./store.js";

const HOST = "127.0.0.1";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    data: { type: "string" },
    site: { type: "string", multiple: true },
  },
});
if (!values.port || !values.data || !values.site) {
  process.stderr.write("usage: node infra/identity/main.js --port PORT --data FOLDER --site URL\n");
  process.exit(2);
}

const issuer = `http://${HOST}:${values.port}`;
const say = (line) => process.stderr.write(`${line}\n`);
const store = openStore(values.data);
const server = await createIdentityServer(store, { issuer, sites: values.site, say });
server.once("error", (error) => {
  say(`error: the identity provider cannot listen on port ${values.port}: ${error.message}`);
  process.exit(1);
});
server.listen(Number(values.port), HOST, () => process.stdout.write(`${issuer}\n`));

async function end() {
  server.close();
  server.closeAllConnections();
  await store.close();
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void end());
process.stdin.once("end", () => void end()).resume();
