import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CLIENT, RESOURCE } from "../names.js";
import { Browser, claims, freePort, kill, SITE, start } from "./client.js";

const PASSWORD = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "identity-"));
let port;
let server;
let people = 0;

const browser = () => new Browser(server.issuer);
const newEmail = () => {
  people += 1;
  return `person${people}@example.org`;
};

before(async () => {
  port = await freePort();
  server = await start(folder, port);
});

after(async () => {
  await kill(server);
  rmSync(folder, { recursive: true });
});

describe("signing in", () => {
  it("gives the page an access token for the API and an ID token with the address", async () => {
    const email = newEmail();
    const tokens = await browser().signUp(` ${email.toUpperCase()} `, PASSWORD);
    const access = claims(tokens.access_token);
    const header = JSON.parse(Buffer.from(tokens.access_token.split(".")[0], "base64url"));
    assert.deepEqual([header.alg, header.typ], ["RS256", "at+jwt"]);
    assert.deepEqual([access.iss, access.aud, access.client_id, access.scope], [server.issuer, RESOURCE, CLIENT, "me"]);
    assert.equal(access.exp - access.iat, 600);
    assert.deepEqual([claims(tokens.id_token).sub, claims(tokens.id_token).email], [access.sub, email]);
  });

  it("knows the same account again, in another browser", async () => {
    const email = newEmail();
    const first = await browser().signUp(email, PASSWORD);
    const second = await browser().signIn(email, PASSWORD);
    assert.equal(claims(second.access_token).sub, claims(first.access_token).sub);
  });

  it("asks nothing while the session lasts", async () => {
    const one = browser();
    await one.signUp(newEmail(), PASSWORD);
    const url = await one.authorize();
    assert.ok(url.searchParams.get("code"));
  });

  it("refuses a wrong password, and after five of them also the right one", async () => {
    const email = newEmail();
    await browser().signUp(email, PASSWORD);
    const one = browser();
    await one.authorize();
    for (let i = 0; i < 5; i += 1) {
      const refused = await one.submit("sign-in", email, "a wrong password");
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), /address or the password is wrong/);
    }
    assert.match(await (await one.submit("sign-in", email, PASSWORD)).text(), /Too many wrong passwords/);
  });

  it("refuses addresses and passwords that are none, and an address that is taken", async () => {
    const email = newEmail();
    await browser().signUp(email, PASSWORD);
    const one = browser();
    await one.authorize();
    for (const [address, password, said] of [
      ["nobody", PASSWORD, /Enter an e-mail address/],
      [newEmail(), "short", /at least 10/],
      [newEmail(), "x".repeat(201), /at most 200/],
      [email, PASSWORD, /account with this address already/],
    ]) {
      const refused = await one.submit("sign-up", address, password);
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), said);
    }
  });

  it("speaks French, and shows what was typed as text", async () => {
    const one = browser();
    const page = await one.authorize({ ui_locales: "fr" });
    assert.match(await page.text(), /lang="fr"[\s\S]*Se connecter/);
    const refused = await one.submit("sign-in", '"><script>alert(1)</script>', PASSWORD);
    assert.doesNotMatch(await refused.text(), /<script>alert/);
  });
});

describe("the protocol", () => {
  it("demands PKCE, and sends nobody to an address that is not the page's", async () => {
    const without = await browser().authorize({ code_challenge: "", code_challenge_method: "" });
    assert.equal(without.searchParams.get("error"), "invalid_request");
    for (const redirect_uri of [
      "https://evil.example/",
      `${SITE}/elsewhere`,
      `${SITE}.evil.example/`,
      "//evil.example",
    ]) {
      const page = await browser().authorize({ redirect_uri });
      assert.equal(page.status, 400);
    }
  });

  it("gives no token for a code with another verifier, nor for a code used twice", async () => {
    const one = browser();
    await one.authorize();
    const url = await one.submit("sign-up", newEmail(), PASSWORD);
    const { verifier } = one;
    one.verifier = "a".repeat(43);
    assert.equal((await one.tokens(url)).error, "invalid_grant");
    one.verifier = verifier;
    const again = await one.authorize();
    const tokens = await one.tokens(again);
    assert.equal((await one.tokens(again)).error, "invalid_grant");
    assert.equal((await one.refresh(tokens.refresh_token)).error, "invalid_grant");
  });

  it("rotates refresh tokens, and revokes all of them when one is used twice", async () => {
    const one = browser();
    const first = await one.signUp(newEmail(), PASSWORD);
    const second = await one.refresh(first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal((await one.refresh(first.refresh_token)).error, "invalid_grant");
    assert.equal((await one.refresh(second.refresh_token)).error, "invalid_grant");
  });

  it("refuses a form that another site sends", async () => {
    const one = browser();
    await one.authorize();
    for (const origin of ["https://evil.example", "null"]) {
      const form = { email: newEmail(), password: PASSWORD };
      assert.equal((await one.fetch(`${one.path}/sign-up`, { form, headers: { origin } })).status, 403);
    }
  });

  it("lets only scripts of the page ask for tokens", async () => {
    const body = new URLSearchParams({ client_id: CLIENT, grant_type: "refresh_token", refresh_token: "none" });
    const ask = (origin) => fetch(`${server.issuer}/token`, { method: "POST", body, headers: { origin } });
    assert.equal((await ask(SITE)).headers.get("access-control-allow-origin"), SITE);
    assert.equal((await ask("https://evil.example")).status, 400);
    assert.equal((await ask("https://evil.example")).headers.get("access-control-allow-origin"), null);
  });

  it("answers under its own name only", async () => {
    const ask = (host) =>
      new Promise((resolve) => {
        get(`${server.issuer}/.well-known/openid-configuration`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
      });
    assert.equal(await ask("evil.example"), 421);
    assert.equal(await ask(`127.0.0.1:${port}`), 200);
  });

  it("refuses large forms, other methods and unknown steps", async () => {
    const one = browser();
    await one.authorize();
    const form = { email: "a".repeat(20_000), password: PASSWORD };
    assert.equal((await one.fetch(`${one.path}/sign-in`, { form })).status, 413);
    assert.equal((await one.fetch(`${one.path}/sign-in`, { method: "PUT" })).status, 405);
    assert.equal((await one.fetch(`${one.path}/elsewhere`)).status, 404);
    assert.equal((await browser().fetch("/interaction/unknown")).status, 400);
  });
});

describe("signing out", () => {
  it("ends the session and its refresh tokens", async () => {
    const one = browser();
    const tokens = await one.signUp(newEmail(), PASSWORD);
    const query = new URLSearchParams({
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${SITE}/`,
    });
    const html = await (await one.fetch(`/session/end?${query}`)).text();
    const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(html);
    const left = await one.follow(await one.fetch("/session/end/confirm", { form: { xsrf, logout: "yes" } }));
    assert.equal(left.href, `${SITE}/`);
    assert.equal((await one.refresh(tokens.refresh_token)).error, "invalid_grant");
    assert.equal((await one.authorize()).status, 200); // the sign-in page
  });
});

describe("a forgotten password", () => {
  it("is replaced by the link in the terminal, once, and every session ends", async () => {
    const email = newEmail();
    const one = browser();
    const tokens = await one.signUp(email, PASSWORD);
    const two = browser();
    await two.authorize();
    const sent = await two.fetch(`${two.path}/forgotten`, { form: { email } });
    assert.match(await sent.text(), /sends no mail/);
    const [, first] = /reset\?token=(\S+)/.exec(server.said);
    await two.fetch(`${two.path}/forgotten`, { form: { email } });
    const token = server.said.match(/(?<=reset\?token=)\S+/g).at(-1);
    const early = await two.fetch("/reset", { form: { token: first, password: "another password" } });
    assert.equal(early.status, 400); // only the last link counts
    assert.equal((await two.fetch("/reset", { form: { token, password: "short" } })).status, 400);
    assert.equal((await two.fetch("/reset", { form: { token, password: "another password" } })).status, 200);
    assert.equal((await two.fetch("/reset", { form: { token, password: "a third password" } })).status, 400);
    assert.equal((await one.refresh(tokens.refresh_token)).error, "invalid_grant");
    const again = await browser().signIn(email, "another password");
    assert.equal(claims(again.access_token).sub, claims(tokens.access_token).sub);
  });

  it("says the same of an address that nobody has, and prints no link", async () => {
    const one = browser();
    await one.authorize();
    const before = server.said;
    const sent = await one.fetch(`${one.path}/forgotten`, { form: { email: "nobody@example.org" } });
    assert.match(await sent.text(), /sends no mail/);
    assert.equal(server.said, before);
  });
});

describe("the account", () => {
  it("gets another address with its password, and stays the same", async () => {
    const [one, next] = [browser(), newEmail()];
    const { access_token } = await one.signUp(newEmail(), PASSWORD);
    assert.equal((await one.fetch("/manage", { form: { email: next, password: "a wrong password" } })).status, 400);
    assert.equal((await one.fetch("/manage", { form: { email: next, password: PASSWORD } })).status, 200);
    const again = await browser().signIn(next, PASSWORD);
    assert.equal(claims(again.access_token).sub, claims(access_token).sub);
    assert.equal((await browser().fetch("/manage")).status, 401);
  });

  it("is deleted with its sessions by its own access token, and by no other", async () => {
    const [one, email] = [browser(), newEmail()];
    const tokens = await one.signUp(email, PASSWORD);
    const remove = (token) =>
      fetch(`${server.issuer}/account`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
    const [head, , signature] = tokens.access_token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims(tokens.access_token), sub: "x" })).toString("base64url");
    for (const token of ["", tokens.id_token, tokens.refresh_token, `${head}.${forged}.${signature}`]) {
      assert.equal((await remove(token)).status, 401);
    }
    assert.equal((await remove(tokens.access_token)).status, 204);
    assert.equal((await one.refresh(tokens.refresh_token)).error, "invalid_grant");
    assert.equal((await one.authorize()).status, 200);
    assert.equal((await one.submit("sign-in", email, PASSWORD)).status, 400);
    assert.ok((await browser().signUp(email, PASSWORD)).access_token); // the address is free again
  });
});

describe("kill -9", () => {
  it("loses no account, session, key or refresh token", async () => {
    const one = browser();
    const email = newEmail();
    const tokens = await one.signUp(email, PASSWORD);
    const jwks = await (await one.fetch("/jwks")).text();
    await kill(server);
    server = await start(folder, port);
    assert.equal(await (await one.fetch("/jwks")).text(), jwks);
    assert.ok((await one.refresh(tokens.refresh_token)).access_token);
    assert.ok((await one.authorize()).searchParams.get("code"));
    assert.ok((await browser().signIn(email, PASSWORD)).access_token);
  });

  it("in the middle of sign-ups loses none that was acknowledged", async () => {
    const acknowledged = [];
    const run = async () => {
      for (;;) {
        const email = newEmail();
        await browser().signUp(email, PASSWORD);
        acknowledged.push(email);
      }
    };
    const runs = [run(), run()].map((each) => each.catch(() => {}));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await kill(server);
    await Promise.all(runs);
    server = await start(folder, port);
    assert.ok(acknowledged.length > 0);
    for (const email of acknowledged) assert.ok((await browser().signIn(email, PASSWORD)).access_token, email);
  });

  it("of whoever started it ends it, too", async () => {
    server.child.stdin.end();
    await new Promise((resolve) => server.child.once("exit", resolve));
    assert.equal(server.child.exitCode, 0);
    server = await start(folder, port);
  });
});

it("keeps its file to its user", () => {
  assert.equal(statSync(join(folder, "identity.lmdb")).mode & 0o077, 0);
});
