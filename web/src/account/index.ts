import "../styles/account.scss";
import { ApiError } from "../api/problem";
import { signIn } from "../components/membership";
import { isAbort } from "../components/states";
import type { Context } from "../context";
import type { Membership } from "../state/membership";
import type { FilmSummary } from "../state/ratings";
import type { Filters } from "../state/route";
import type { AccountViewName } from "../views/account";
import { accountDetails } from "./account-view";
import { listButton } from "./list-button";
import { MemberApi } from "./member-api";
import { MERGE_NOTICE, saveMerge } from "./merge";
import { Outbox } from "./outbox";
import { type Session, SessionEnded } from "./session";
import { saveShelfForm, shelvesDetails } from "./shelves-view";
import { memberStrings } from "./strings";
import { Sync } from "./sync";
import { WatchList } from "./watch-list";

const NOTICE = "account";
const NOTICE_MS = 15_000;
/** Films in a request: the API's limit. */
const DESCRIBED = 100;

/** The part of the page that only members have. */
export interface Account {
  view(name: AccountViewName, unmounted: AbortSignal): Promise<HTMLElement[]>;
  listButton(film: FilmSummary): HTMLElement;
  saveShelfForm(filters: () => Filters): HTMLElement;
}

/** What the members' views need. */
export interface MemberContext {
  context: Context;
  membership: Membership;
  session: Session;
  api: MemberApi;
  sync: Sync;
  list: WatchList;
}

/** Starts to keep this browser's ratings and the member's the same. */
export async function createAccount(context: Context, membership: Membership): Promise<Account> {
  const { storage } = membership;
  const session = await membership.session();
  const token = () =>
    session.token().catch((error: unknown) => {
      if (error instanceof SessionEnded) showFailure(context, error);
      throw error;
    });
  const api = new MemberApi(context.apiBase, token);
  const list = new WatchList(storage);
  const outbox = new Outbox(storage, membership.member?.sub ?? "");
  const describe = (ids: readonly string[]) => describeFilms(context, ids);
  const stores = { ratings: context.ratings, hidden: context.hidden, list, describe };
  const sync = new Sync(membership.member?.sub ?? "", api, outbox, stores, storage, {
    merged: (result) => {
      saveMerge(storage, result);
      const t = memberStrings().merge;
      const show = () => context.go({ profile: { kind: "visitor" }, view: "account" });
      context.notices.show(MERGE_NOTICE, t.done(result.merged), { label: t.show, action: show }, NOTICE_MS);
    },
    overtaken: (film) =>
      context.notices.show(NOTICE, memberStrings().session.overtaken(film.title), undefined, NOTICE_MS),
    failed: (error) => showFailure(context, error),
  });
  const member: MemberContext = { context, membership, session, api, sync, list };
  context.api.member = {
    home: (n, options) => answered(sync, () => api.home(n, options)),
    film: (id, options) => answered(sync, () => api.film(id, options)),
    recommendations: (query, options) => answered(sync, () => api.recommendations(query, options)),
  };
  void sync.run();
  addEventListener("online", () => void sync.run());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void sync.run(); // another device may have been used
  });
  return {
    async view(name, unmounted) {
      if (name === "shelves") return shelvesDetails(member, unmounted);
      if (name === "import") return (await import("./import-view")).importDetails(member, unmounted);
      return accountDetails(member);
    },
    listButton: (film) => listButton(member, film),
    saveShelfForm: (filters) => saveShelfForm(member, filters),
  };
}

/** The service's answer, if it knows all that this browser shows; any failure is left to the visitor's routes. */
async function answered<T>(sync: Sync, ask: () => Promise<T>): Promise<T | null> {
  if (!sync.isUpToDate) return null;
  try {
    return await ask();
  } catch (error) {
    if (isAbort(error)) throw error;
    return null;
  }
}

function showFailure(context: Context, error: unknown): void {
  const t = memberStrings().session;
  if (error instanceof SessionEnded || (error instanceof ApiError && error.status === 401)) {
    context.notices.show(NOTICE, t.ended, { label: t.signIn, action: () => signIn(context) });
  } else {
    context.notices.show(
      NOTICE,
      t.failed(error instanceof Error ? error.message : String(error)),
      undefined,
      NOTICE_MS,
    );
  }
}

/** Films of the catalogue by id; those that it no longer has are left out. */
async function describeFilms(context: Context, ids: readonly string[]): Promise<FilmSummary[]> {
  const films: FilmSummary[] = [];
  for (let start = 0; start < ids.length; start += DESCRIBED) {
    films.push(...(await context.api.filmsById(ids.slice(start, start + DESCRIBED))));
  }
  return films;
}
