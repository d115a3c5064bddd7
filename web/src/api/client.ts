import { strings } from "../strings";
import { ApiError, problemOf } from "./problem";
import type { Film, Genre, Page, Profile, Query, Recommendation, Release, SimilarFilm, Viewer } from "./types";

/** Longer than a cold start of the function, shorter than patience. */
const TIMEOUT_MS = 12_000;

export interface Options {
  /** Aborts the request: its promise rejects with the signal's reason (an AbortError), never with an ApiError. */
  signal?: AbortSignal | undefined;
}

/** The API, typed. Every call ends: with an answer, an ApiError, or the abort its caller asked for. */
export class Api {
  constructor(
    private readonly base: string,
    private readonly send: typeof fetch = (input, init) => fetch(input, init),
    private readonly timeoutMs: number = TIMEOUT_MS,
  ) {}

  release(options?: Options): Promise<Release> {
    return this.get("/release", {}, options);
  }

  async genres(options?: Options): Promise<Genre[]> {
    return (await this.get<{ genres: Genre[] }>("/genres", {}, options)).genres;
  }

  async profiles(limit: number, options?: Options): Promise<Profile[]> {
    return (await this.get<{ users: Profile[] }>("/users", { limit }, options)).users;
  }

  films(
    query: { q?: string; sort?: "title" | "year" | "average" | "popularity"; limit?: number; cursor?: string | null },
    options?: Options,
  ): Promise<Page<Film>> {
    return this.get("/films", query, options);
  }

  film(id: string, options?: Options): Promise<Film> {
    return this.get(`/films/${encodeURIComponent(id)}`, {}, options);
  }

  async similar(id: string, n: number, options?: Options): Promise<SimilarFilm[]> {
    const path = `/films/${encodeURIComponent(id)}/similar`;
    return (await this.get<{ items: SimilarFilm[] }>(path, { n }, options)).items;
  }

  recommendations(viewer: Viewer, query: Query, options?: Options): Promise<Page<Recommendation>> {
    const fields = queryFields(query);
    if (viewer.kind === "user") {
      return this.get(`/users/${encodeURIComponent(viewer.id)}/recommendations`, fields, options);
    }
    return this.request("/recommendations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ratings: viewer.ratings, ...fields }),
      ...options,
    });
  }

  private get<T>(path: string, parameters: Record<string, Value>, options?: Options): Promise<T> {
    const search = searchOf(parameters);
    return this.request(search ? `${path}?${search}` : path, { ...options });
  }

  private async request<T>(
    path: string,
    { signal, ...init }: Omit<RequestInit, "signal"> & { signal?: AbortSignal | undefined },
  ): Promise<T> {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const stop = () => controller.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(() => controller.abort(), this.timeoutMs);
    try {
      const response = await this.send(this.base + path, {
        ...init,
        headers: { accept: "application/json", ...init.headers },
        signal: controller.signal,
      });
      if (!response.ok) throw await problemOf(response);
      return await body<T>(response);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (controller.signal.aborted) throw new ApiError("timeout", strings.errors.timeout);
      if (error instanceof ApiError) throw error;
      throw new ApiError("offline", strings.errors.offline);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

async function body<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError("unreadable", strings.errors.unreadable, response.status);
  }
}

type Value = string | number | boolean | readonly string[] | null | undefined;

/** A query as the API's field names; what is not set is left out, so that the API's defaults hold. */
export function queryFields(query: Query): Record<string, Exclude<Value, null | undefined>> {
  const fields: Record<string, Value> = {
    genres: query.genres?.length ? query.genres : undefined,
    match: query.genres?.length ? query.match : undefined,
    min_year: query.minYear,
    max_year: query.maxYear,
    include_seen: query.includeSeen || undefined,
    sort: query.sort === "relevance" ? undefined : query.sort,
    exclude: query.exclude?.length ? query.exclude : undefined,
    n: query.n,
    cursor: query.cursor,
  };
  const isSet = (entry: [string, Value]): entry is [string, Exclude<Value, null | undefined>] => entry[1] != null;
  return Object.fromEntries(Object.entries(fields).filter(isSet));
}

/** A list repeats its parameter: genres=Drama&genres=War. */
function searchOf(parameters: Record<string, Value>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value == null || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return search.toString();
}
