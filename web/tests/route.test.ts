import { describe, expect, it } from "vitest";
import { formatRoute, NO_FILTERS, parseRoute, parseYear, type Route, START } from "../src/state/route";

const full: Route = {
  who: { kind: "user", id: "a b&c=1" },
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

describe("the address", () => {
  it.each([START, full, { ...full, who: { kind: "visitor" } as const, view: "ratings" as const }])(
    "brings back what it was made of: %o",
    (route) => {
      expect(parseRoute(formatRoute(route))).toEqual(route);
    },
  );

  it("is short where nothing is said", () => {
    expect(formatRoute(START)).toBe("?");
    expect(formatRoute({ ...START, who: { kind: "visitor" } })).toBe("?you=1");
  });

  it("tells a sample user called you from the visitor", () => {
    expect(parseRoute("?user=you").who).toEqual({ kind: "user", id: "you" });
  });

  it.each(["", "?view=cellar&sort=smell&match=some&from=never&to=20000&seen=yes&film=&user=", "?genre=&view=ratings"])(
    "treats nonsense as absent: %s",
    (search) => {
      expect(parseRoute(search)).toEqual(START);
    },
  );

  it("keeps the ratings to the visitor", () => {
    expect(parseRoute("?user=1&view=ratings").view).toBe("home");
  });

  it("takes a genre once", () => {
    expect(parseRoute("?genre=War&genre=War").filters).toEqual({ ...NO_FILTERS, genres: ["War"] });
  });
});

describe("parseYear", () => {
  it("wants four digits", () => {
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
