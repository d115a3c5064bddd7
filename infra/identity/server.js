/** The HTTP server: our pages and the deletion of an account; everything else is oidc-provider's. */

import { createServer } from "node:http";
import { createLocalJWKSet, jwtVerify } from "jose";
import { AccountError, Accounts } from "./accounts.js";
import { CLIENT, PATHS, RESOURCE } from "./names.js";
import { languageOf, page, pageHeaders } from "./pages.js";
import { createProvider } from "./provider.js";

const MAX_FORM_BYTES = 10_000;

/** `issuer` is this server's own address, `sites` are the page's; `say` prints a line for the person at the terminal. */
export async function createIdentityServer(store, { issuer, sites, say }) {
  const accounts = new Accounts(store);
  const provider = await createProvider(store, accounts, { issuer, sites });
  const oidc = provider.callback();
  const publicKeys = createLocalJWKSet({
    keys: store.get(["keys"]).jwks.keys.map(({ kty, n, e, alg, use, kid }) => ({ kty, n, e, alg, use, kid })),
  });

  return createServer(async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      const isExpired = error.name === "SessionNotFound";
      if (!isExpired && !error.status) say(`error: ${request.method} ${request.url}: ${error.stack}`);
      if (response.headersSent) response.end();
      else
        show(
          response,
          page.message(languageOf(request), "failed", { site: sites[0] }),
          error.status ?? (isExpired ? 400 : 500),
        );
    }
  });

  async function route(request, response) {
    if (request.headers.host !== new URL(issuer).host) throw refusal(421); // another name for this machine
    const url = new URL(request.url, issuer);
    const [, area, uid, step = "sign-in"] = url.pathname.split("/");
    if (url.pathname === PATHS.account) return deleteAccount(request, response);
    if (url.pathname === PATHS.reset) return reset(request, response, url);
    if (url.pathname === PATHS.manage) return manage(request, response);
    if (`/${area}` === PATHS.interaction && uid) return interaction(request, response, step);
    return oidc(request, response);
  }

  /** Sign-in, sign-up and forgotten password, on the way from the site and back to it. */
  async function interaction(request, response, step) {
    const { uid, params } = await provider.interactionDetails(request, response);
    const language = languageOf(request, params.ui_locales);
    const template = { "sign-in": page.signIn, "sign-up": page.signUp, forgotten: page.forgotten }[step];
    if (!template) throw refusal(404);
    if (request.method === "GET") return show(response, template(language, uid));
    const { email, password } = await form(request);
    if (step === "forgotten") {
      await sendReset(email);
      return show(response, page.message(language, "sent", { link: `${PATHS.interaction}/${uid}` }));
    }
    try {
      const account = await (step === "sign-up" ? accounts.signUp(email, password) : accounts.signIn(email, password));
      await provider.interactionFinished(request, response, { login: { accountId: account.id, remember: true } });
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      show(response, template(language, uid, { error: error.reason, email }), 400);
    }
  }

  async function sendReset(email) {
    const token = await accounts.resetToken(email);
    if (token) say(`New password for ${email.trim()}: ${issuer}${PATHS.reset}?token=${token}`);
  }

  async function reset(request, response, url) {
    const language = languageOf(request);
    if (request.method === "GET") return show(response, page.reset(language, url.searchParams.get("token") ?? ""));
    const { token, password } = await form(request);
    try {
      await accounts.resetPassword(token, password);
      show(response, page.message(language, "reset", { site: sites[0] }));
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      show(response, page.reset(language, token, { error: error.reason }), 400);
    }
  }

  /** A new e-mail address, for whoever is signed in here and knows the password. */
  async function manage(request, response) {
    const session = await provider.Session.get(provider.createContext(request, response));
    if (!session.accountId) throw refusal(401);
    const language = languageOf(request);
    if (request.method === "GET") return show(response, page.manage(language, sites[0]));
    const { email, password } = await form(request);
    try {
      await accounts.changeEmail(session.accountId, password, email);
      show(response, page.message(language, "changed", { site: sites[0] }));
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      show(response, page.manage(language, sites[0], { error: error.reason, email }), 400);
    }
  }

  /** DELETE with the access token that the page has; the page's origin is another, so the browser asks first. */
  async function deleteAccount(request, response) {
    const { origin, authorization = "" } = request.headers;
    if (sites.includes(origin)) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-allow-methods", "DELETE");
      response.setHeader("access-control-allow-headers", "authorization");
      response.setHeader("vary", "origin");
    }
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (request.method !== "DELETE") return response.writeHead(405, { allow: "DELETE, OPTIONS" }).end();
    let subject;
    try {
      const rules = { issuer, audience: RESOURCE, typ: "at+jwt", algorithms: ["RS256"] };
      const { payload } = await jwtVerify(authorization.replace(/^Bearer /i, ""), publicKeys, rules);
      if (payload.client_id !== CLIENT) throw new Error("another client's token");
      subject = payload.sub;
    } catch {
      return response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    }
    await accounts.delete(subject);
    response.writeHead(204).end();
  }

  /** The fields of a form of ours. A form that another site sends is refused. */
  async function form(request) {
    if (request.method !== "POST") throw refusal(405);
    if (request.headers.origin !== issuer) throw refusal(403);
    const chunks = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MAX_FORM_BYTES) throw refusal(413);
      chunks.push(chunk);
    }
    const fields = new URLSearchParams(Buffer.concat(chunks).toString());
    return Object.fromEntries(["email", "password", "token"].map((name) => [name, fields.get(name) ?? ""]));
  }

  function show(response, html, status = 200) {
    response.writeHead(status, pageHeaders(sites)).end(html);
  }
}

const refusal = (status) => Object.assign(new Error(`refused with ${status}`), { status });
