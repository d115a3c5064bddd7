import { Transport, type TransportOptions } from "./transport";
import type {
  Film,
  FilmMap,
  Genre,
  Home,
  Page,
  PersonalFilm,
  Profile,
  Query,
  Recommendation,
  Release,
  SimilarFilm,
  Viewer,
} from "./types";

export interface Options {
  /** Aborts the request: its promise rejects with the signal's reason (an AbortError), never with an ApiError. */
  signal?: AbortSignal | undefined;
}

export interface FilmsQuery extends Omit<Query, "sort" | "includeSeen" | "exclude"> {
  sort?: "title" | "year" | "average" | "popularity";
  limit?: number;
}

/** What is answered from a member's stored ratings. null: it cannot be now, and the visitor's routes answer. */
export interface MemberRoutes {
  home(n: number, options?: Options): Promise<Home | null>;
  film(id: string, options?: Options): Promise<PersonalFilm | null>;
  recommendations(query: Query, options?: Options): Promise<Page<Recommendation> | null>;
}

/** A typed client of the API. Every call ends with a response, an ApiError or, if the caller aborts it, an AbortError. */
export class Api {
  private readonly transport: Transport;
  /** Set while somebody is signed in. */
  member: MemberRoutes | null = null;

  constructor(base: string, options: TransportOptions = {}) {
    this.transport = new Transport(base, options);
  }

  release(options?: Options): Promise<Release> {
    return this.get("/release", {}, options);
  }

  async genres(options?: Options): Promise<Genre[]> {
    return (await this.get<{ genres: Genre[] }>("/genres", {}, options)).genres;
  }

  async profiles(limit: number, options?: Options): Promise<Profile[]> {
    return (await this.get<{ users: Profile[] }>("/users", { limit }, options)).users;
  }

  films({ limit, sort, ...query }: FilmsQuery, options?: Options): Promise<Page<Film>> {
    return this.get("/films", { ...queryFields(query), sort, limit }, options);
  }

  /** These films, at most 100; those that are not in the catalogue are left out. */
  async filmsById(ids: readonly string[], options?: Options): Promise<Film[]> {
    if (ids.length === 0) return [];
    return (await this.get<Page<Film>>("/films", { ids, lenient: true, limit: ids.length }, options)).items;
  }

  film(id: string, options?: Options): Promise<Film> {
    return this.get(`/films/${encodeURIComponent(id)}`, {}, options);
  }

  async similar(id: string, n: number, options?: Options): Promise<SimilarFilm[]> {
    const path = `/films/${encodeURIComponent(id)}/similar`;
    return (await this.get<{ items: SimilarFilm[] }>(path, { limit: n }, options)).items;
  }

  /** Well-known films whose ratings tell most about someone's taste, for a new visitor to rate. */
  async starters(n: number, options?: Options): Promise<Film[]> {
    return (await this.get<{ items: Film[] }>("/starters", { limit: n }, options)).items;
  }

  map(options?: Options): Promise<FilmMap> {
    return this.get("/map", {}, options);
  }

  /** The home: the hero and all shelves, in one response. */
  async home(viewer: Viewer, n: number, options?: Options): Promise<Home> {
    if (viewer.kind === "user") return this.get(`/users/${encodeURIComponent(viewer.id)}/home`, { limit: n }, options);
    const { ratings, notInterested } = viewer;
    const members = await this.member?.home(n, options);
    return members ?? this.post("/home", { ratings, not_interested: notInterested, limit: n }, options);
  }

  /** A film for the viewer: predicted stars, match and the reasons. */
  async filmFor(viewer: Viewer, id: string, options?: Options): Promise<PersonalFilm> {
    const film = encodeURIComponent(id);
    if (viewer.kind === "user") return this.get(`/users/${encodeURIComponent(viewer.id)}/films/${film}`, {}, options);
    const members = await this.member?.film(id, options);
    const { ratings, notInterested } = viewer;
    return members ?? this.post(`/films/${film}`, { ratings, not_interested: notInterested }, options);
  }

  async recommendations(viewer: Viewer, query: Query, options?: Options): Promise<Page<Recommendation>> {
    const fields = queryFields(query);
    if (viewer.kind === "user") {
      return this.get(`/users/${encodeURIComponent(viewer.id)}/recommendations`, fields, options);
    }
    const dislikes = viewer.notInterested.length ? { not_interested: viewer.notInterested } : {};
    const members = await this.member?.recommendations(query, options);
    return members ?? this.post("/recommendations", { ratings: viewer.ratings, ...dislikes, ...fields }, options);
  }

  private get<T>(path: string, parameters: Record<string, Value>, options?: Options): Promise<T> {
    const search = toSearch(parameters);
    return this.transport.json(search ? `${path}?${search}` : path, {}, options?.signal);
  }

  private post<T>(path: string, body: object, options?: Options): Promise<T> {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return this.transport.json(path, init, options?.signal);
  }
}

type Value = string | number | boolean | readonly string[] | null | undefined;

/** A query with the API's field names; unset fields are left out, so that the API's defaults apply. */
export function queryFields(query: Query): Record<string, Exclude<Value, null | undefined>> {
  const fields: Record<string, Value> = {
    q: query.q || undefined,
    genres: query.genres?.length ? query.genres : undefined,
    match: query.genres?.length ? query.match : undefined,
    min_year: query.minYear,
    max_year: query.maxYear,
    include_seen: query.includeSeen || undefined,
    sort: query.sort === "relevance" ? undefined : query.sort,
    limit: query.limit,
    cursor: query.cursor,
  };
  const isSet = (entry: [string, Value]): entry is [string, Exclude<Value, null | undefined>] => entry[1] != null;
  return Object.fromEntries(Object.entries(fields).filter(isSet));
}

/** A list becomes a repeated parameter: genres=Drama&genres=War. */
export function toSearch(parameters: Record<string, Value>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value == null || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, String(item));
  }
  return search.toString();
}
