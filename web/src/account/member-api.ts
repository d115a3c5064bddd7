import { type Options, queryFields, toSearch } from "../api/client";
import { Transport, type TransportOptions } from "../api/transport";
import type { Home, PersonalFilm, Query, Recommendation, Page as RecommendationPage } from "../api/types";
import type {
  Imported,
  ImportRow,
  Merged,
  MergeRequest,
  NewRating,
  Page,
  Profile,
  SavedShelf,
  ServerRating,
  ShelfFilters,
  Shown,
  Summary,
  TodaysShelf,
} from "./types";

/** Merges and imports of thousands of ratings take longer than other requests. */
const LONG = { timeoutsMs: [60_000], backoffMs: [], slowMs: 60_000 };

export type Collection = "list" | "not-interested";

/** A typed client of /api/me. Every call ends with a response, an ApiError, or what `token` throws. */
export class MemberApi {
  private readonly transport: Transport;
  private readonly long: Transport;

  constructor(
    base: string,
    private readonly token: () => Promise<string>,
    options: TransportOptions = {},
  ) {
    this.transport = new Transport(`${base}/me`, options);
    this.long = new Transport(`${base}/me`, { ...options, policy: LONG });
  }

  summary(): Promise<Summary> {
    return this.send("GET", "");
  }

  ratings(): Promise<ServerRating[]> {
    return this.all("/ratings");
  }

  async films(collection: Collection): Promise<string[]> {
    return (await this.all<{ film_id: string }>(`/${collection}`)).map(({ film_id }) => film_id);
  }

  /** Writes a rating, or removes it with null, if the stored one has `version`; 0 is none. */
  rate(film: string, rating: NewRating | null, version: number, key: string): Promise<ServerRating | null> {
    const path = `/ratings/${encodeURIComponent(film)}`;
    const headers = { "idempotency-key": key, "if-match": `"${version}"` };
    return rating === null ? this.send("DELETE", path, undefined, headers) : this.send("PUT", path, rating, headers);
  }

  async keep(collection: Collection, film: string, isKept: boolean, key: string): Promise<void> {
    const path = `/${collection}/${encodeURIComponent(film)}`;
    await this.send(isKept ? "PUT" : "DELETE", path, undefined, { "idempotency-key": key });
  }

  merge(body: MergeRequest): Promise<Merged> {
    return this.send("POST", "/merge", body, {}, this.long);
  }

  async undo(id: string): Promise<void> {
    await this.send("POST", `/undo/${encodeURIComponent(id)}`, undefined, {}, this.long);
  }

  import(source: string, rows: readonly ImportRow[]): Promise<Imported> {
    return this.send("POST", "/import", { source, rows }, {}, this.long);
  }

  /** The home, from the stored ratings. */
  home(n: number, { signal }: Options = {}): Promise<Home> {
    return this.send("GET", `/home?limit=${n}`, undefined, {}, this.transport, signal);
  }

  recommendations(query: Query, { signal }: Options = {}): Promise<RecommendationPage<Recommendation>> {
    const path = `/recommendations?${toSearch(queryFields(query))}`;
    return this.send("GET", path, undefined, {}, this.transport, signal);
  }

  film(id: string, { signal }: Options = {}): Promise<PersonalFilm> {
    return this.send("GET", `/films/${encodeURIComponent(id)}`, undefined, {}, this.transport, signal);
  }

  async shelves(): Promise<SavedShelf[]> {
    return (await this.send<{ items: SavedShelf[] }>("GET", "/shelves")).items;
  }

  saveShelf(name: string, filters: ShelfFilters): Promise<SavedShelf> {
    return this.send("POST", "/shelves", { name, filters });
  }

  async deleteShelf(id: string): Promise<void> {
    await this.send("DELETE", `/shelves/${encodeURIComponent(id)}`);
  }

  /** What the same filters give today. */
  shelfToday(id: string): Promise<TodaysShelf> {
    return this.send("GET", `/shelves/${encodeURIComponent(id)}/today`);
  }

  profile(): Promise<Profile> {
    return this.send("GET", "/profile");
  }

  history(): Promise<Page<Shown>> {
    return this.send("GET", "/history?limit=20");
  }

  /** Everything that is stored, as a file. */
  async export(format: "json" | "csv"): Promise<Blob> {
    return this.long.blob(format === "csv" ? "/export?format=csv" : "/export", { headers: await this.headers() });
  }

  async setConsent(training: boolean): Promise<void> {
    await this.send("PUT", "/consent", { training });
  }

  /** Deletes everything that is stored. */
  async deleteAll(): Promise<void> {
    await this.send("DELETE", "", undefined, {}, this.long);
  }

  private async all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const search: string = new URLSearchParams({ limit: "1000", ...(cursor ? { cursor } : {}) }).toString();
      const page: Page<Item> = await this.send("GET", `${path}?${search}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return items;
  }

  private async send<T>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
    transport = this.transport,
    signal?: AbortSignal,
  ): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const all = {
      ...(await this.headers()),
      ...(method === "POST" ? { "idempotency-key": crypto.randomUUID() } : {}), // so that the transport may retry
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    return transport.json<T>(path, { method, headers: all, ...content }, signal);
  }

  private async headers(): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await this.token()}` };
  }
}
