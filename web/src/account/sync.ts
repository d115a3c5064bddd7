import { ApiError, isUnreachable } from "../api/problem";
import { type FilmSummary, filmSummary, type HiddenStore, type OwnRating, type RatingStore } from "../state/ratings";
import { type KeyValueStorage, read, write } from "../state/stored";
import type { MemberApi } from "./member-api";
import type { Change, Outbox } from "./outbox";
import { toIso, toSeconds } from "./time";
import type { Merged, ServerRating } from "./types";
import type { WatchList } from "./watch-list";

const STATE = "film-recommender.synced.v1";
const LOCK = "film-recommender.sync";
const RETRY_MS = 20_000;

/** What this browser knows of the service's ratings. */
interface SyncState {
  /** Whose ratings the stores have; null: a visitor's. */
  sub: string | null;
  /** Versions of the member's ratings, by film; 0 if it is removed. */
  versions: Record<string, number>;
}

/** The stores of this browser, and how to describe films that another device has added. */
export interface Stores {
  ratings: RatingStore;
  hidden: HiddenStore;
  list: WatchList;
  describe(ids: readonly string[]): Promise<FilmSummary[]>;
}

export interface SyncEvents {
  /** The visitor's ratings became the member's. */
  merged(result: Merged): void;
  /** Another device rated a film later than this one did while it was offline: its rating was kept. */
  overtaken(film: FilmSummary): void;
  /** The session has ended, or something else that waiting does not mend. */
  failed(error: unknown): void;
}

/**
 * Keeps the stores of this browser and the member's data at the service the same. The stores are what the page shows; each
 * change of them waits in the outbox until the service has acknowledged it.
 */
export class Sync {
  private applying = false;
  private before: Snapshot;
  private isStale = true; // whether another device may have changed something
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly sub: string,
    private readonly api: MemberApi,
    private readonly outbox: Outbox,
    private readonly stores: Stores,
    private readonly storage: KeyValueStorage | null,
    private readonly events: SyncEvents,
  ) {
    this.before = snapshot(stores);
    for (const store of [stores.ratings, stores.hidden, stores.list]) store.subscribe(() => this.changed());
  }

  /** Whether the service knows everything that the stores have. */
  get isUpToDate(): boolean {
    return this.state().sub === this.sub && this.outbox.list().length === 0;
  }

  /** Sends what waits, and takes what other devices have changed. */
  run(): Promise<void> {
    this.isStale = true;
    return this.exchange();
  }

  /** One tab does this at a time. Never rejects: without a connection it tries again later. */
  private exchange(): Promise<void> {
    clearTimeout(this.retry);
    return navigator.locks.request(LOCK, async () => {
      try {
        if (this.state().sub !== this.sub) await this.adopt();
        await this.push();
        if (this.isStale) await this.pull();
      } catch (error) {
        if (isUnreachable(error)) this.retry = setTimeout(() => void this.exchange(), RETRY_MS);
        else this.events.failed(error);
      }
    });
  }

  /** Takes back a merge: the member's ratings are as they were before this browser's were added. */
  async undo(id: string): Promise<void> {
    await this.api.undo(id);
    await this.run();
  }

  /** Forgets the member's data in this browser. */
  forget(): void {
    this.outbox.clear();
    this.apply(() => {
      for (const store of [this.stores.ratings, this.stores.hidden, this.stores.list]) store.clear();
    });
    write(this.storage, STATE, null);
  }

  /** The first time: a visitor's ratings are merged into the member's; another member's are left to them. */
  private async adopt(): Promise<void> {
    const { ratings, hidden, list } = this.stores;
    if (this.state().sub === null && ratings.size + hidden.size > 0) {
      const result = await this.api.merge({
        ratings: ratings.list().map(({ film, rating, time }) => ({
          film_id: film.id,
          rating,
          rated_at: time === undefined ? null : toSeconds(time),
        })),
        list: list.list().map(({ id }) => id),
        not_interested: hidden.list().map(({ id }) => id),
      });
      this.events.merged(result);
    }
    write(this.storage, STATE, { sub: this.sub, versions: {} } satisfies SyncState);
  }

  private async push(): Promise<void> {
    for (let change = this.outbox.list()[0]; change; change = this.outbox.list()[0]) {
      const version = await this.send(change).catch((error: unknown) => this.refused(change, error));
      this.outbox.remove(change, version);
      if (change.kind === "rating") this.setVersion(change.film.id, version);
    }
  }

  /** A change that can never be carried out, such as of a film that the catalogue no longer has, must not hold up others. */
  private refused(change: Change, error: unknown): number {
    const isFinal = error instanceof ApiError && [400, 404, 413, 422].includes(error.status ?? 0);
    if (!isFinal) throw error;
    this.events.failed(error);
    this.isStale = true;
    return change.version;
  }

  /** Returns the version of the film's rating afterwards, 0 if there is none. */
  private async send(change: Change): Promise<number> {
    const { kind, film, key, time, value } = change;
    if (kind !== "rating") {
      await this.api.keep(kind, film.id, value === true, key);
      return 0;
    }
    const rating = typeof value === "number" ? { rating: value, rated_at: toSeconds(time) } : null;
    try {
      return (await this.api.rate(film.id, rating, change.version, key))?.version ?? 0;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 412)) throw error;
      const current = error.current as ServerRating | null;
      if (current && current.rated_at > toSeconds(time)) {
        this.events.overtaken(film);
        this.isStale = true; // the pull that follows brings its rating
        return current.version;
      }
      const version = current?.version ?? 0;
      return (await this.api.rate(film.id, rating, version, `${key}-${version}`))?.version ?? 0;
    }
  }

  private async pull(): Promise<void> {
    const [ratings, hidden, list] = await Promise.all([
      this.api.ratings(),
      this.api.films("not-interested"),
      this.api.films("list"),
    ]);
    const films = await this.films([...ratings.map(({ film_id }) => film_id), ...hidden, ...list]);
    const known = (ids: readonly string[]) => ids.flatMap((id) => films.get(id) ?? []);
    ratings.sort((a, b) => a.rated_at - b.rated_at);
    const own: OwnRating[] = ratings.flatMap(({ film_id, rating, rated_at }) => {
      const film = films.get(film_id);
      return film ? [{ film, rating, time: toIso(rated_at) }] : [];
    });
    const versions = Object.fromEntries(ratings.map(({ film_id, version }) => [film_id, version]));
    write(this.storage, STATE, { sub: this.sub, versions } satisfies SyncState);
    this.apply(() => {
      replace(this.stores.ratings, own);
      replace(this.stores.hidden, known(hidden));
      replace(this.stores.list, known(list));
      for (const change of this.outbox.list()) this.redo(change);
    });
    this.isStale = false;
  }

  /** Shows a change that the service does not know yet. */
  private redo({ kind, film, value, time }: Change): void {
    const { ratings, hidden, list } = this.stores;
    if (kind === "rating" && typeof value === "number") ratings.put({ film, rating: value, time });
    else if (kind === "rating") ratings.remove(film.id);
    else if (value) (kind === "list" ? list : hidden).put(film);
    else (kind === "list" ? list : hidden).remove(film.id);
  }

  /** Summaries of films by id: of the stores, else of the catalogue. */
  private async films(ids: readonly string[]): Promise<Map<string, FilmSummary>> {
    const { ratings, hidden, list } = this.stores;
    const films = [...hidden.list(), ...list.list(), ...ratings.list().map(({ film }) => film)];
    const known = new Map(films.map((film) => [film.id, film]));
    const missing = [...new Set(ids)].filter((id) => !known.has(id));
    for (const film of await this.stores.describe(missing)) known.set(film.id, filmSummary(film));
    return known;
  }

  /** Puts what the member has changed in the stores into the outbox. */
  private changed(): void {
    if (this.applying) return;
    const after = snapshot(this.stores);
    const now = new Date().toISOString();
    for (const kind of KINDS) {
      const films = new Map([...this.before[kind], ...after[kind]].map(([id, { film }]) => [id, film]));
      for (const [id, film] of films) {
        const value = after[kind].get(id)?.value ?? null;
        if (value === (this.before[kind].get(id)?.value ?? null)) continue;
        const time = after[kind].get(id)?.time ?? now;
        const version = this.state().versions[id] ?? 0;
        this.outbox.add({ key: crypto.randomUUID(), kind, film, value, time, version });
      }
    }
    this.before = after;
    void this.exchange();
  }

  /** Changes the stores without telling the service. */
  private apply(change: () => void): void {
    this.applying = true;
    try {
      change();
    } finally {
      this.applying = false;
      this.before = snapshot(this.stores);
    }
  }

  private state(): SyncState {
    return (read(this.storage, STATE) as SyncState | null) ?? { sub: null, versions: {} };
  }

  private setVersion(film: string, version: number): void {
    const { sub, versions } = this.state();
    write(this.storage, STATE, { sub, versions: { ...versions, [film]: version } } satisfies SyncState);
  }
}

const KINDS = ["rating", "list", "not-interested"] as const;

type Snapshot = Record<
  Change["kind"],
  Map<string, { film: FilmSummary; value: number | true; time?: string | undefined }>
>;

const snapshot = ({ ratings, hidden, list }: Stores): Snapshot => ({
  rating: new Map(ratings.list().map(({ film, rating, time }) => [film.id, { film, value: rating, time }])),
  list: new Map(list.list().map((film) => [film.id, { film, value: true }])),
  "not-interested": new Map(hidden.list().map((film) => [film.id, { film, value: true }])),
});

/** Tells the store's listeners only if something is different. */
function replace<Item>(store: { list(): Item[]; replace(items: readonly Item[]): void }, items: Item[]): void {
  if (JSON.stringify(store.list()) !== JSON.stringify(items)) store.replace(items);
}
