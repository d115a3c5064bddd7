import { describe, expect, it, vi } from "vitest";
import { Api, queryFields } from "../src/api/client";
import { ApiError } from "../src/api/problem";
import { strings } from "../src/strings";

const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** An API whose transport gives `response` and keeps what it was asked. */
function apiWith(response: () => Response | Promise<Response>, timeoutMs?: number) {
  const send = vi.fn<typeof fetch>(async () => response());
  return { api: new Api("/api", send, timeoutMs), send };
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
    await api.recommendations({ kind: "visitor", ratings }, { n: 5, includeSeen: true, sort: "stars" });
    const [url, init] = send.mock.calls[0] ?? [];
    expect([url, init?.method]).toEqual(["/api/recommendations", "POST"]);
    expect(JSON.parse(String(init?.body))).toEqual({ ratings, n: 5, include_seen: true, sort: "stars" });
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
    expect(await failure(new Api("/api", silent, 10).genres())).toMatchObject({ kind: "timeout" });
  });

  it("are no ApiError when the caller itself has aborted", async () => {
    const controller = new AbortController();
    const promise = failure(new Api("/api", silent).genres({ signal: controller.signal }));
    controller.abort();
    expect(await promise).toMatchObject({ name: "AbortError" });
    const never = vi.fn<typeof fetch>();
    const late = failure(new Api("/api", never).genres({ signal: controller.signal }));
    expect(await late).toMatchObject({ name: "AbortError" });
    expect(never).not.toHaveBeenCalled();
  });
});
