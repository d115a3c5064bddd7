import type { Account } from "../account";
import type { Session } from "../account/session";
import type { SignInConfig } from "../config";
import type { Context } from "../context";
import { language } from "../strings";
import { type KeyValueStorage, read, write } from "./stored";

const KEY = "film-recommender.member.v1";

/** Who is signed in, from the ID token. */
export interface Member {
  /** The provider's id of this person; it never changes. */
  sub: string;
  name: string;
}

/**
 * Whether this browser has a member. Everything else about accounts is loaded only for those who sign in or have done so,
 * so that visitors do not wait for it.
 */
export class Membership {
  private loading: Promise<Account> | null = null;
  private connecting: Promise<Session> | null = null;

  constructor(
    readonly storage: KeyValueStorage | null,
    private readonly config: SignInConfig,
  ) {}

  get member(): Member | null {
    return read(this.storage, KEY) as Member | null;
  }

  set member(member: Member | null) {
    write(this.storage, KEY, member);
  }

  /** Leaves the page to sign in, and comes back to the URL `search`. Rejects if the provider is not reached. */
  async signIn(search: string): Promise<void> {
    await (await this.session()).begin(search);
  }

  /** Takes the provider's answer from the URL, if there is one. Rejects if nobody has signed in by it. */
  async finishSignIn(): Promise<void> {
    if (!/[?&]state=/.test(location.search)) return;
    try {
      const { member, search } = await (await this.session()).finish();
      this.member = member;
      history.replaceState(null, "", search);
    } catch (error) {
      history.replaceState(null, "", location.pathname);
      throw error;
    }
  }

  session(): Promise<Session> {
    this.connecting ??= import("../account/session").then(({ Session }) => new Session(this.config, language));
    return kept(this.connecting, () => {
      this.connecting = null;
    });
  }

  /** The part of the page that only members have. */
  account(context: Context): Promise<Account> {
    this.loading ??= import("../account").then(({ createAccount }) => createAccount(context, this));
    return kept(this.loading, () => {
      this.loading = null;
    });
  }
}

/** A module that could not be loaded is asked for again by the next call. */
function kept<T>(loading: Promise<T>, forget: () => void): Promise<T> {
  loading.catch(forget);
  return loading;
}
