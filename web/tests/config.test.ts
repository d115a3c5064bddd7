import { describe, expect, it } from "vitest";
import { siteConfig } from "../src/config";

const send =
  (response: Response | Error): typeof fetch =>
  async () => {
    if (response instanceof Error) throw response;
    return response;
  };

describe("siteConfig", () => {
  it.each([
    ["a deployed configuration", new Response('{"api": "/v2/api/"}'), "/v2/api"],
    ["another origin", new Response('{"api": "https://films.example/api"}'), "https://films.example/api"],
    ["no file", new Response("", { status: 404 }), "/api"],
    ["an index page instead", new Response("<!doctype html>"), "/api"],
    ["other JSON", new Response("[1]"), "/api"],
    ["another type", new Response('{"api": 5}'), "/api"],
    ["no network", new TypeError("Failed to fetch"), "/api"],
  ])("with %s", async (_case, response, base) => {
    expect(await siteConfig(send(response))).toEqual({ api: base, signIn: null });
  });

  it("names the identity provider", async () => {
    const signIn = { issuer: "https://id.example", clientId: "page", scope: "openid", signOut: "rp" };
    expect(await siteConfig(send(new Response(JSON.stringify({ signIn }))))).toEqual({ api: "/api", signIn });
  });

  it.each([[{ issuer: "https://id.example" }], [{ clientId: "page" }], [null], ["yes"]])(
    "without a whole identity provider: %o",
    async (signIn) => {
      expect((await siteConfig(send(new Response(JSON.stringify({ signIn }))))).signIn).toBeNull();
    },
  );
});
