/** OpenID Connect by oidc-provider: one public client, the page, with authorization code and PKCE. */

import "./runtime.js";
import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";
import { CLIENT, PATHS, RESOURCE, SCOPE } from "./names.js";
import { languageOf, page, pageHeaders } from "./pages.js";
import { adapterFor } from "./store.js";

const DAY = 24 * 60 * 60;

/** `sites` are the addresses of the page: where it may send people back to, and whose scripts may ask for tokens. */
export async function createProvider(store, accounts, { issuer, sites }) {
  const { jwks, cookies } = await keys(store);
  const redirects = sites.map((site) => `${site}/`);
  const show = (ctx, html) => {
    ctx.set(pageHeaders(sites));
    ctx.body = html;
  };
  return new Provider(issuer, {
    adapter: adapterFor(store),
    jwks,
    cookies: { keys: cookies },
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: redirects,
        post_logout_redirect_uris: redirects,
      },
    ],
    responseTypes: ["code"],
    clientAuthMethods: ["none"],
    clientBasedCORS: (_ctx, origin) => sites.includes(origin),
    findAccount: (_ctx, id) => {
      const account = accounts.find(id);
      return account && { accountId: id, claims: () => ({ sub: id, email: account.email }) };
    },
    claims: { openid: ["sub"], email: ["email"] },
    conformIdTokenClaims: false, // the e-mail address is in the ID token: the page asks for nothing else
    discovery: { account_deletion_endpoint: issuer + PATHS.account, account_management_uri: issuer + PATHS.manage },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: RESOURCE,
          accessTokenTTL: 10 * 60,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
      rpInitiatedLogout: {
        enabled: true,
        // With the page's ID token it was the page that asked: the form is sent at once.
        logoutSource: (ctx, form) =>
          show(ctx, page.signOut(languageOf(ctx), form, Boolean(ctx.oidc.entities.IdTokenHint))),
        postLogoutSuccessSource: (ctx) => show(ctx, page.message(languageOf(ctx), "signedOut", { site: sites[0] })),
      },
    },
    renderError: (ctx, { error_description: detail }) =>
      show(ctx, page.message(languageOf(ctx), "failed", { site: sites[0], detail })),
    // The page is ours: nobody is asked whether it may know them.
    loadExistingGrant: async (ctx) => {
      const { provider, client, session } = ctx.oidc;
      const known = session.grantIdFor(client.clientId);
      const grant = known && (await provider.Grant.find(known));
      if (grant) return grant;
      const fresh = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      fresh.addOIDCScope("openid email");
      fresh.addResourceScope(RESOURCE, SCOPE);
      await fresh.save();
      return fresh;
    },
    // Rotated at each use; used twice, all of its family are revoked. Signing out ends it.
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    interactions: { url: (_ctx, { uid }) => `${PATHS.interaction}/${uid}` },
    ttl: {
      AuthorizationCode: 60,
      Grant: 400 * DAY,
      IdToken: 10 * 60,
      Interaction: 60 * 60,
      RefreshToken: 30 * DAY,
      Session: 30 * DAY,
    },
  });
}

/** Keys that sign tokens and cookies: made at the first start and kept. */
async function keys(store) {
  const kept = store.get(["keys"]);
  if (kept) return kept;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const fresh = {
    jwks: {
      keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: randomBytes(8).toString("hex") }],
    },
    cookies: [randomBytes(32).toString("base64url")],
  };
  await store.put(["keys"], fresh);
  return fresh;
}
