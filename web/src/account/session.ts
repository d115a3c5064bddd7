import { ErrorResponse, type OidcMetadata, type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { ApiError } from "../api/problem";
import type { SignInConfig } from "../config";
import type { Member } from "../state/membership";

/** Access tokens are renewed this long before they expire. */
const MARGIN_S = 30;
const LOCK = "film-recommender.session";

/** The session has ended, and only signing in again helps. */
export class SessionEnded extends Error {}

/** The metadata of some providers names more than OpenID Connect does. */
interface Metadata extends OidcMetadata {
  account_deletion_endpoint?: string;
  account_management_uri?: string;
}

/**
 * A session with the identity provider, by authorization code and PKCE. Tokens are kept in localStorage, so that a visit
 * tomorrow is still signed in; the page's Content-Security-Policy allows no foreign script that could read them.
 */
export class Session {
  private readonly manager: UserManager;

  constructor(
    private readonly config: SignInConfig,
    language: string,
  ) {
    const here = location.origin + location.pathname;
    this.manager = new UserManager({
      authority: config.issuer,
      client_id: config.clientId,
      redirect_uri: here,
      post_logout_redirect_uri: here,
      scope: config.scope,
      ...(config.resource ? { resource: config.resource } : {}),
      ui_locales: language,
      userStore: new WebStorageStateStore({ store: localStorage }),
      stateStore: new WebStorageStateStore({ store: localStorage }),
      automaticSilentRenew: false, // tokens are renewed when they are needed
    });
  }

  /** Leaves the page for the provider's sign-in, which comes back to `search`. */
  async begin(search: string): Promise<void> {
    await this.manager.signinRedirect({ state: search });
  }

  /** Takes the provider's answer from the URL. Returns the member, and where they were. Throws if it is none of ours. */
  async finish(): Promise<{ member: Member; search: string }> {
    const user = await this.manager.signinRedirectCallback();
    await this.manager.clearStaleState();
    return { member: memberOf(user), search: typeof user.state === "string" ? user.state : "?" };
  }

  /**
   * An access token that is still valid for a while; renews it if it is not. One tab does that at a time, since a refresh
   * token is valid once. Throws SessionEnded, or an ApiError if the provider is not reached.
   */
  token(): Promise<string> {
    return navigator.locks.request(LOCK, async () => {
      const user = await this.manager.getUser();
      if (!user) throw new SessionEnded();
      if ((user.expires_in ?? 0) > MARGIN_S) return user.access_token;
      return (await this.renewed(user)).access_token;
    });
  }

  private async renewed(user: User): Promise<User> {
    try {
      const renewed = user.refresh_token ? await this.manager.signinSilent() : null;
      if (renewed) return renewed;
    } catch (error) {
      if (!(error instanceof ErrorResponse)) throw new ApiError("offline", String(error));
    }
    await this.manager.removeUser();
    throw new SessionEnded();
  }

  /** Ends the session here and at the provider, and leaves the page for it to begin anew. */
  async end(): Promise<void> {
    const user = await this.manager.getUser();
    await this.manager.revokeTokens(["refresh_token"]).catch(() => {}); // not every provider can
    await this.manager.removeUser();
    const metadata = await this.metadata();
    const logout = metadata?.end_session_endpoint;
    if (!logout) return location.assign("?");
    const here = location.origin + location.pathname;
    const parameters =
      this.config.signOut === "cognito"
        ? { client_id: this.config.clientId, logout_uri: here }
        : { client_id: this.config.clientId, post_logout_redirect_uri: here, id_token_hint: user?.id_token ?? "" };
    location.assign(`${logout}?${new URLSearchParams(parameters)}`);
  }

  /** Forgets the session in this browser. */
  async forget(): Promise<void> {
    await this.manager.removeUser();
  }

  /** Deletes the account at the provider. Returns whether the provider can do that from here. */
  async deleteAccount(): Promise<boolean> {
    const token = await this.token();
    const endpoint = (await this.metadata())?.account_deletion_endpoint;
    if (this.config.signOut !== "cognito" && !endpoint) return false;
    const response = endpoint
      ? await fetch(endpoint, { method: "DELETE", headers: { authorization: `Bearer ${token}` } })
      : await fetch(new URL(this.config.issuer).origin, {
          method: "POST",
          headers: {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.DeleteUser",
          },
          body: JSON.stringify({ AccessToken: token }),
        });
    if (!response.ok) throw new ApiError("problem", `${response.status}`, response.status);
    return true;
  }

  /** The provider's page to change the e-mail address, if it has one. */
  async managementPage(): Promise<string | null> {
    return (await this.metadata())?.account_management_uri ?? null;
  }

  private metadata(): Promise<Partial<Metadata> | null> {
    return this.manager.metadataService.getMetadata().catch(() => null);
  }
}

const memberOf = ({ profile }: User): Member => ({
  sub: profile.sub,
  name: profile.name ?? profile.email ?? profile.preferred_username ?? "",
});
