/** The identity provider in its own process, and a browser's part of its protocol: cookies, redirects, PKCE. */

import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CLIENT } from "../names.js";

const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));

export const SITE = "http://127.0.0.1:8000";

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts the provider; `said` has what it prints on its standard error. */
export async function start(data, port) {
  const child = spawn(process.execPath, [MAIN, "--port", String(port), "--data", data, "--site", SITE]);
  const running = { issuer: `http://127.0.0.1:${port}`, child, said: "" };
  child.stderr.on("data", (chunk) => {
    running.said += chunk;
  });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(() => {
      throw new Error(`the provider ended: ${running.said}`);
    }),
  ]);
  if (line !== running.issuer) throw new Error(`it serves on ${line}`);
  return running;
}

export async function kill(running, signal = "SIGKILL") {
  running.child.kill(signal);
  await once(running.child, "exit");
}

/** A browser with its cookies. */
export class Browser {
  cookies = new Map();

  constructor(issuer) {
    this.issuer = issuer;
  }

  async fetch(path, { form, headers = {}, ...init } = {}) {
    const url = new URL(path, this.issuer);
    const response = await fetch(url, {
      redirect: "manual",
      ...init,
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        accept: "text/html",
        ...(form && { origin: this.issuer }),
        ...headers,
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    return response;
  }

  /** Follows redirects within the provider; returns the response, or the URL where they leave it. */
  async follow(response) {
    let location = response.headers.get("location");
    while (location) {
      const url = new URL(location, this.issuer);
      if (url.origin !== this.issuer) return url;
      this.path = url.pathname;
      response = await this.fetch(location);
      location = response.headers.get("location");
    }
    return response;
  }

  /** Asks to sign in: the sign-in page, or the page's URL with a code if there is a session. */
  async authorize(parameters = {}) {
    this.verifier = randomBytes(32).toString("base64url");
    const query = new URLSearchParams({
      client_id: CLIENT,
      response_type: "code",
      redirect_uri: `${SITE}/`,
      scope: "openid email me",
      state: "s",
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...parameters,
    });
    for (const [name, value] of [...query]) if (value === "") query.delete(name);
    return this.follow(await this.fetch(`/auth?${query}`));
  }

  /** Sends the form of the current interaction: "sign-in" or "sign-up". */
  async submit(step, email, password) {
    return this.follow(await this.fetch(`${this.path}/${step}`, { form: { email, password } }));
  }

  /** Signs up and returns the tokens. */
  async signUp(email, password) {
    await this.authorize();
    return this.tokens(await this.submit("sign-up", email, password));
  }

  async signIn(email, password) {
    await this.authorize();
    return this.tokens(await this.submit("sign-in", email, password));
  }

  tokens(url) {
    return this.token({
      grant_type: "authorization_code",
      code: url.searchParams.get("code"),
      redirect_uri: `${SITE}/`,
      code_verifier: this.verifier,
    });
  }

  async token(fields) {
    const body = new URLSearchParams({ client_id: CLIENT, ...fields });
    return (await fetch(`${this.issuer}/token`, { method: "POST", body })).json();
  }

  refresh(refresh_token) {
    return this.token({ grant_type: "refresh_token", refresh_token });
  }
}

export const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
