import { describe, expect, it } from "vitest";
import { formatRoute, NO_FILTERS, parseRoute, parseYear, type Route, START } from "../src/state/route";

const full: Route = {
  profile: { kind: "user", id: "a b&c=1" },
  view: "browse",
  filters: {
    q: "l’été & co",
    genres: ["Sci-Fi", "Children's & more"],
    match: "all",
    minYear: 1960,
    maxYear: 1999,
    includeSeen: true,
    sort: "year",
  },
  film: "50",
};

describe("the URL", () => {
  it.each([START, full, { ...full, profile: { kind: "visitor" } as const, view: "ratings" as const }])(
    "round-trips a route: %o",
    (route) => {
      expect(parseRoute(formatRoute(route))).toEqual(route);
    },
  );

  it("leaves out default values", () => {
    expect(formatRoute(START)).toBe("?");
    expect(formatRoute({ ...START, profile: { kind: "visitor" } })).toBe("?you=1");
  });

  it("distinguishes a sample user with the id you from the visitor", () => {
    expect(parseRoute("?user=you").profile).toEqual({ kind: "user", id: "you" });
  });

  it.each(["", "?view=cellar&sort=smell&match=some&from=never&to=20000&seen=yes&film=&user=", "?genre=&view=ratings"])(
    "ignores invalid parameters: %s",
    (search) => {
      expect(parseRoute(search)).toEqual(START);
    },
  );

  it("shows the ratings view to the visitor only", () => {
    expect(parseRoute("?user=1&view=ratings").view).toBe("home");
  });

  it("removes duplicate genres", () => {
    expect(parseRoute("?genre=War&genre=War").filters).toEqual({ ...NO_FILTERS, genres: ["War"] });
  });
});

describe("parseYear", () => {
  it("requires four digits", () => {
    expect(["1995", " 1995 ", "95", "19951", "199x", "", null].map(parseYear)).toEqual([
      1995,
      1995,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
