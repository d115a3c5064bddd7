const DEFAULT_API = "/api";
const TIMEOUT_MS = 4_000;

/** How people sign in: an OpenID Connect provider, and this page as its public client (docs/sign-in.md). */
export interface SignInConfig {
  issuer: string;
  clientId: string;
  scope: string;
  /** RFC 8707, for providers that ask for it. */
  resource?: string;
  /** "rp": RP-Initiated Logout 1.0; "cognito": Amazon Cognito, which has its own. */
  signOut: "rp" | "cognito";
}

export interface SiteConfig {
  /** The base URL of the API. */
  api: string;
  /** null: this site has no sign-in. */
  signIn: SignInConfig | null;
}

/**
 * `site-config.json`, which a deployment writes: {"api": "/api", "signIn": {…}}. Without a valid file, the API is at /api
 * on this origin and nobody can sign in.
 */
export async function siteConfig(send: typeof fetch = (input, init) => fetch(input, init)): Promise<SiteConfig> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const response = await send("site-config.json", { cache: "no-cache", signal: controller.signal });
    const config = (response.ok ? await response.json() : {}) as { api?: unknown; signIn?: SignInConfig } | null;
    const api = typeof config?.api === "string" && config.api !== "" ? config.api.replace(/\/+$/, "") : DEFAULT_API;
    return { api, signIn: config?.signIn?.issuer && config.signIn.clientId ? config.signIn : null };
  } catch {
    return { api: DEFAULT_API, signIn: null };
  } finally {
    clearTimeout(timer);
  }
}
