import { describe, expect, it } from "vitest";
import { MemberApi } from "../src/account/member-api";

interface Sent {
  path: string;
  method: string;
  headers: Headers;
  body: unknown;
}

/** An API that gives these answers, and what it was asked. */
function answering(...answers: (object | null)[]) {
  const sent: Sent[] = [];
  const send: typeof fetch = async (input, init) => {
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : null;
    sent.push({ path: String(input), method: init?.method ?? "GET", headers: new Headers(init?.headers), body });
    const answer = answers.shift();
    return answer ? Response.json(answer) : new Response(null, { status: 204 });
  };
  return { sent, api: new MemberApi("/api", async () => "token", { send }) };
}

describe("a member's API", () => {
  it("sends the token, the version that was seen and the key of the change", async () => {
    const { api, sent } = answering({ film_id: "a b", rating: 4, rated_at: 9, version: 8 }, null);
    await api.rate("a b", { rating: 4, rated_at: 9 }, 7, "key");
    expect(await api.rate("a b", null, 8, "other")).toBeNull();
    expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PUT", "/api/me/ratings/a%20b", { rating: 4, rated_at: 9 }],
      ["DELETE", "/api/me/ratings/a%20b", null],
    ]);
    const [put] = sent;
    expect(["authorization", "if-match", "idempotency-key"].map((name) => put?.headers.get(name))).toEqual([
      "Bearer token",
      '"7"',
      "key",
    ]);
  });

  it("gives every other change a key, so that it may be sent again", async () => {
    const { api, sent } = answering({ id: "1" }, { id: "2" });
    await api.saveShelf("Tonight", { genres: ["War"] });
    await api.saveShelf("Tonight", { genres: ["War"] });
    const keys = sent.map(({ headers }) => headers.get("idempotency-key"));
    expect(new Set(keys).size).toBe(2);
    expect(keys).not.toContain(null);
  });

  it("reads every page of what is kept", async () => {
    const { api, sent } = answering(
      { items: [{ film_id: "1" }], next_cursor: "two" },
      { items: [{ film_id: "2" }], next_cursor: null },
    );
    expect(await api.films("not-interested")).toEqual(["1", "2"]);
    expect(sent.map(({ path }) => path)).toEqual([
      "/api/me/not-interested?limit=1000",
      "/api/me/not-interested?limit=1000&cursor=two",
    ]);
  });

  it("does not ask without a session", async () => {
    const ended = new Error("ended");
    const { sent } = answering();
    const api = new MemberApi("/api", () => Promise.reject(ended), { send: fetch });
    await expect(api.summary()).rejects.toBe(ended);
    expect(sent).toEqual([]);
  });
});
