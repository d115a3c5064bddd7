import { describe, expect, it, vi } from "vitest";
import { Api, queryFields } from "../src/api/client";
import { ApiError, isUnreachable } from "../src/api/problem";
import type { RetryPolicy } from "../src/api/transport";
import { strings } from "../src/strings";

const FAST: RetryPolicy = { timeoutsMs: [20, 20, 20], backoffMs: [1, 1], slowMs: 5_000 };

const jsonResponse = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** An Api that gets `response`, and the mock that records its requests. */
function apiWith(response: () => Response | Promise<Response>, policy: RetryPolicy = FAST) {
  const send = vi.fn<typeof fetch>(async () => response());
  return { api: new Api("/api", { send, policy }), send };
}

/** A fetch from a server that never responds. */
const unresponsive: typeof fetch = (_input, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("requests", () => {
  it("requests a user's films with repeated parameters", async () => {
    const { api, send } = apiWith(() => jsonResponse({ items: [], next_cursor: null, total: 0 }));
    const query = { genres: ["Sci-Fi", "War"], match: "all", limit: 24, minYear: 1950, cursor: null } as const;
    await api.recommendations({ kind: "user", id: "a/b" }, query);
    expect(send.mock.calls[0]?.[0]).toBe(
      "/api/users/a%2Fb/recommendations?genres=Sci-Fi&genres=War&match=all&min_year=1950&limit=24",
    );
  });

  it("posts a visitor's ratings", async () => {
    const { api, send } = apiWith(() => jsonResponse({ items: [], next_cursor: null, total: 0 }));
    const ratings = [{ film_id: "1", rating: 4 }];
    await api.recommendations(
      { kind: "visitor", ratings, notInterested: ["9"] },
      { limit: 5, includeSeen: true, sort: "stars" },
    );
    const [url, init] = send.mock.calls[0] ?? [];
    expect([url, init?.method]).toEqual(["/api/recommendations", "POST"]);
    expect(JSON.parse(String(init?.body))).toEqual({
      ratings,
      not_interested: ["9"],
      limit: 5,
      include_seen: true,
      sort: "stars",
    });
  });

  it("sends every id in the one segment of the path that the API decodes", async () => {
    const { api, send } = apiWith(() => jsonResponse({ items: [] }));
    // As in tests/contract/test_ids.py, which decodes them again over every transport.
    for (const id of ["starters", "a b", "Amélie", "Ночь на Земле", "😀", "...", "a+b", "a&b=c", "a;b,c", "a:b@c"]) {
      await api.film(id);
      const url = new URL(String(send.mock.lastCall?.[0]), "https://films.example.org");
      expect([url.pathname.split("/").length, url.search, url.hash]).toEqual([4, "", ""]);
      expect(decodeURIComponent(url.pathname)).toBe(`/api/films/${id}`);
    }
    await api.starters(15);
    expect(send.mock.lastCall?.[0]).toBe("/api/starters?limit=15");
  });

  it("leaves out unset fields", () => {
    expect(queryFields({ genres: [], match: "all", sort: "relevance", includeSeen: false, minYear: null })).toEqual({});
  });
});

describe("failures", () => {
  it("have the message of the problem details", async () => {
    const errors = [{ parameter: "n", detail: "at most 100" }];
    const { api } = apiWith(() => jsonResponse({ title: "Unprocessable", detail: "n is out of range", errors }, 422));
    const error = await failure(api.genres());
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ kind: "problem", status: 422, message: "n is out of range", details: errors });
  });

  it.each([
    [{ title: "Not found" }, "Not found"],
    [{ detail: " ", errors: "x" }, strings.errors.status(404)],
    [["odd"], strings.errors.status(404)],
  ])("fall back from detail to title to status: %o", async (body, message) => {
    const { api } = apiWith(() => jsonResponse(body, 404));
    expect(await failure(api.film("1"))).toMatchObject({ message, details: [] });
  });

  it("name the status if the body is HTML", async () => {
    const { api } = apiWith(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await failure(api.genres())).toMatchObject({ status: 502, message: strings.errors.status(502) });
  });

  it("are unreadable if a 200 is not JSON", async () => {
    const { api } = apiWith(() => new Response("<!doctype html>"));
    expect(await failure(api.genres())).toMatchObject({ kind: "unreadable" });
  });

  it("are offline if the network fails", async () => {
    const { api } = apiWith(() => Promise.reject(new TypeError("Failed to fetch")));
    expect(await failure(api.genres())).toMatchObject({ kind: "offline", message: strings.errors.offline });
  });

  it("are a timeout if the server does not respond", async () => {
    expect(await failure(new Api("/api", { send: unresponsive, policy: FAST }).genres())).toMatchObject({
      kind: "timeout",
    });
  });

  it("are an AbortError if the caller aborts", async () => {
    const controller = new AbortController();
    const promise = failure(new Api("/api", { send: unresponsive }).genres({ signal: controller.signal }));
    controller.abort();
    expect(await promise).toMatchObject({ name: "AbortError" });
    const never = vi.fn<typeof fetch>();
    const late = failure(new Api("/api", { send: never }).genres({ signal: controller.signal }));
    expect(await late).toMatchObject({ name: "AbortError" });
    expect(never).not.toHaveBeenCalled();
  });
});

describe("retries", () => {
  const failing = (...statuses: number[]) => {
    const left = [...statuses];
    return () => jsonResponse({ genres: [] }, left.shift() ?? 200);
  };

  it.each([
    ["gateway errors", [503, 504], 3],
    ["too many requests", [429], 2],
  ])("succeed after %s", async (_case, statuses, sent) => {
    const { api, send } = apiWith(failing(...statuses));
    expect(await api.genres()).toEqual([]);
    expect(send).toHaveBeenCalledTimes(sent);
  });

  it.each([400, 403, 404, 410, 413, 422, 500])("are not made for a %s", async (status) => {
    const { api, send } = apiWith(failing(status, status));
    expect(await failure(api.genres())).toMatchObject({ status });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("end after three attempts, with increasing delays", async () => {
    const times: number[] = [];
    const send = vi.fn<typeof fetch>(async () => {
      times.push(performance.now());
      throw new TypeError("Failed to fetch");
    });
    const policy = { ...FAST, backoffMs: [20, 60] };
    expect(await failure(new Api("/api", { send, policy }).genres())).toMatchObject({ kind: "offline" });
    const [first = 0, second = 0, third = 0] = times;
    expect(times).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(19);
    expect(third - second).toBeGreaterThanOrEqual(59);
  });

  it("are not made if Retry-After is too long", async () => {
    const busy = () => new Response("{}", { status: 503, headers: { "retry-after": "60" } });
    const { api, send } = apiWith(busy);
    expect(await failure(api.genres())).toMatchObject({ status: 503, retryAfterMs: 60_000 });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("stop if the caller aborts during the delay", async () => {
    const { api, send } = apiWith(failing(503, 503), { ...FAST, backoffMs: [5_000] });
    const controller = new AbortController();
    const promise = failure(api.genres({ signal: controller.signal }));
    await vi.waitFor(() => expect(send).toHaveBeenCalled());
    controller.abort();
    expect(await promise).toMatchObject({ name: "AbortError" });
  });
});

describe("a slow request", () => {
  it("is reported, can be cancelled, and its end is reported", async () => {
    const hide = vi.fn();
    const onSlow = vi.fn((_cancel: () => void) => hide);
    const policy = { timeoutsMs: [5_000], backoffMs: [], slowMs: 5 };
    const promise = failure(new Api("/api", { send: unresponsive, policy, onSlow }).genres());
    await vi.waitFor(() => expect(onSlow).toHaveBeenCalled());
    expect(hide).not.toHaveBeenCalled();
    onSlow.mock.calls[0]?.[0]();
    const error = await promise;
    expect(error).toMatchObject({ kind: "cancelled", message: strings.errors.cancelled });
    expect(isUnreachable(error)).toBe(true);
    expect(hide).toHaveBeenCalledTimes(1);
  });
});
