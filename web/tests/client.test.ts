import { describe, expect, it, vi } from "vitest";
import { Api, queryFields } from "../src/api/client";
import { ApiError, isUnreachable } from "../src/api/problem";
import type { Policy } from "../src/api/transport";
import { strings } from "../src/strings";

const QUICK: Policy = { timeoutsMs: [20, 20, 20], waitsMs: [1, 1], slowMs: 5_000 };

const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** An API whose transport gives `response` and keeps what it was asked. */
function apiWith(response: () => Response | Promise<Response>, policy: Policy = QUICK) {
  const send = vi.fn<typeof fetch>(async () => response());
  return { api: new Api("/api", { send, policy }), send };
}

/** A server that never answers, as fetch shows it: only the signal ends it. */
const silent: typeof fetch = (_input, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("requests", () => {
  it("asks for a user's films with repeated parameters", async () => {
    const { api, send } = apiWith(() => answer({ items: [], next_cursor: null, total: 0 }));
    const query = { genres: ["Sci-Fi", "War"], match: "all", n: 24, minYear: 1950, cursor: null } as const;
    await api.recommendations({ kind: "user", id: "a/b" }, query);
    expect(send.mock.calls[0]?.[0]).toBe(
      "/api/users/a%2Fb/recommendations?genres=Sci-Fi&genres=War&match=all&min_year=1950&n=24",
    );
  });

  it("posts a visitor's ratings", async () => {
    const { api, send } = apiWith(() => answer({ items: [], next_cursor: null, total: 0 }));
    const ratings = [{ film_id: "1", rating: 4 }];
    await api.recommendations(
      { kind: "visitor", ratings, notInterested: ["9"] },
      { n: 5, includeSeen: true, sort: "stars" },
    );
    const [url, init] = send.mock.calls[0] ?? [];
    expect([url, init?.method]).toEqual(["/api/recommendations", "POST"]);
    expect(JSON.parse(String(init?.body))).toEqual({
      ratings,
      exclude: ["9"],
      n: 5,
      include_seen: true,
      sort: "stars",
    });
  });

  it("leaves what is not set to the API's defaults", () => {
    expect(queryFields({ genres: [], match: "all", sort: "relevance", includeSeen: false, minYear: null })).toEqual({});
  });
});

describe("failures", () => {
  it("carry the problem's own words", async () => {
    const errors = [{ parameter: "n", detail: "at most 100" }];
    const { api } = apiWith(() => answer({ title: "Unprocessable", detail: "n is out of range", errors }, 422));
    const error = await failure(api.genres());
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ kind: "problem", status: 422, message: "n is out of range", details: errors });
  });

  it.each([
    [{ title: "Not found" }, "Not found"],
    [{ detail: " ", errors: "x" }, strings.errors.status(404)],
    [["odd"], strings.errors.status(404)],
  ])("fall back from detail to title to status: %o", async (body, message) => {
    const { api } = apiWith(() => answer(body, 404));
    expect(await failure(api.film("1"))).toMatchObject({ message, details: [] });
  });

  it("of a proxy that speaks HTML name the status", async () => {
    const { api } = apiWith(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await failure(api.genres())).toMatchObject({ status: 502, message: strings.errors.status(502) });
  });

  it("of a 200 that is no JSON say so", async () => {
    const { api } = apiWith(() => new Response("<!doctype html>"));
    expect(await failure(api.genres())).toMatchObject({ kind: "unreadable" });
  });

  it("of the network are offline", async () => {
    const { api } = apiWith(() => Promise.reject(new TypeError("Failed to fetch")));
    expect(await failure(api.genres())).toMatchObject({ kind: "offline", message: strings.errors.offline });
  });

  it("of a silent server come after the time-out", async () => {
    expect(await failure(new Api("/api", { send: silent, policy: QUICK }).genres())).toMatchObject({ kind: "timeout" });
  });

  it("are no ApiError when the caller itself has aborted", async () => {
    const controller = new AbortController();
    const promise = failure(new Api("/api", { send: silent }).genres({ signal: controller.signal }));
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
    return () => answer({ genres: [] }, left.shift() ?? 200);
  };

  it.each([
    ["a gateway that wakes up", [503, 504], 3],
    ["too many requests", [429], 2],
  ])("bring the answer after %s", async (_case, statuses, sent) => {
    const { api, send } = apiWith(failing(...statuses));
    expect(await api.genres()).toEqual([]);
    expect(send).toHaveBeenCalledTimes(sent);
  });

  it.each([400, 403, 404, 410, 413, 422, 500])("are not made of a %s: it would be the same", async (status) => {
    const { api, send } = apiWith(failing(status, status));
    expect(await failure(api.genres())).toMatchObject({ status });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("end after three attempts, and wait longer before each", async () => {
    const times: number[] = [];
    const send = vi.fn<typeof fetch>(async () => {
      times.push(performance.now());
      throw new TypeError("Failed to fetch");
    });
    const policy = { ...QUICK, waitsMs: [20, 60] };
    expect(await failure(new Api("/api", { send, policy }).genres())).toMatchObject({ kind: "offline" });
    const [first = 0, second = 0, third = 0] = times;
    expect(times).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(19);
    expect(third - second).toBeGreaterThanOrEqual(59);
  });

  it("are not made where the server asks for more patience than anybody has", async () => {
    const busy = () => new Response("{}", { status: 503, headers: { "retry-after": "60" } });
    const { api, send } = apiWith(busy);
    expect(await failure(api.genres())).toMatchObject({ status: 503, retryAfterMs: 60_000 });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it("stop when the caller aborts while they wait", async () => {
    const { api, send } = apiWith(failing(503, 503), { ...QUICK, waitsMs: [5_000] });
    const controller = new AbortController();
    const promise = failure(api.genres({ signal: controller.signal }));
    await vi.waitFor(() => expect(send).toHaveBeenCalled());
    controller.abort();
    expect(await promise).toMatchObject({ name: "AbortError" });
  });
});

describe("a slow request", () => {
  it("is told of, can be cancelled, and its end is told, too", async () => {
    const hide = vi.fn();
    const onSlow = vi.fn((_cancel: () => void) => hide);
    const policy = { timeoutsMs: [5_000], waitsMs: [], slowMs: 5 };
    const promise = failure(new Api("/api", { send: silent, policy, onSlow }).genres());
    await vi.waitFor(() => expect(onSlow).toHaveBeenCalled());
    expect(hide).not.toHaveBeenCalled();
    onSlow.mock.calls[0]?.[0]();
    const error = await promise;
    expect(error).toMatchObject({ kind: "cancelled", message: strings.errors.cancelled });
    expect(isUnreachable(error)).toBe(true);
    expect(hide).toHaveBeenCalledTimes(1);
  });
});
