import type { Page, Route } from "playwright-core";
import type { Film, Home, HomeShelf, PersonalFilm, Recommendation } from "../../web/src/api/types";
import type { Report } from "../../web/src/how/report";

/**
 * A mock API, for snapshots, which must be the same on every machine, and for data that the demo bundle lacks (posters,
 * half stars). Flows are tested with the real function instead.
 */

const TITLES = [
  ...["The Long Ferry", "Night of the Lanterns", "Paper Moons", "A Winter in Oslo", "Copper Valley", "Signal Lost"],
  ...["The Clockmaker’s Daughter", "Tin Soldiers", "Blue Hour", "Grandmother’s War", "The Lighthouse Keepers", "Salt"],
  ...[
    "Seven Doors",
    "Harvest Song",
    "Last Train to Lisbon",
    "Under the Ice",
    "The Understudy",
    "Red Dust",
    "Echo Park",
  ],
  ...["Midsummer", "The Cartographer", "Ghost Notes", "Half a Kingdom", "Rainmaker", "Orbit", "The Quiet Coast"],
  ...["Sparrow", "An Honest Thief", "Velvet", "The Ninth Wave", "Bread and Roses", "Northbound", "Glass Houses"],
  ...[
    "Wolf Creek Road",
    "Tomorrow’s People",
    "The Apprentice Magician",
    "Dust and Diamonds",
    "Little Giants",
    "Aurora",
  ],
];
const GENRES = ["Drama", "Sci-Fi", "Comedy", "War", "Romance", "Horror", "Western", "Animation"];

export const FILMS: readonly Film[] = TITLES.map((title, i) => ({
  id: String(i + 1),
  title,
  year: i % 13 === 12 ? null : 1938 + ((i * 17) % 86),
  genres: [GENRES[i % 8] ?? "", ...(i % 3 ? [] : [GENRES[(i * 5 + 3) % 8] ?? ""])].filter(
    (g, k, all) => all.indexOf(g) === k,
  ),
  average: i % 17 === 16 ? null : 2.6 + ((i * 7) % 20) / 10,
  count: i % 17 === 16 ? 0 : 12 + ((i * 97) % 480),
  tmdb_id: null,
  imdb_id: null,
  poster: null,
}));

const recommended = (film: Film, rank: number): Recommendation => ({
  ...film,
  stars: 4.8 - rank * 0.07,
  relevance: 1 / (rank + 1),
  seen: false,
});

interface Options {
  step: number;
  posters: boolean;
}

function films({ posters }: Options): Recommendation[] {
  return FILMS.map((film, i) => recommended({ ...film, poster: posters ? `/poster-${film.id}.jpg` : null }, i));
}

function home(options: Options): Home {
  const all = films(options);
  const shelf = (kind: HomeShelf["kind"], from: number, about: Partial<HomeShelf> = {}): HomeShelf => ({
    kind,
    film: null,
    genre: null,
    items: all.slice(from, from + 9),
    ...about,
  });
  return {
    release: "fixture",
    hero: all[0] ?? null,
    shelves: [
      shelf("top", 1),
      shelf("because", 10, { film: FILMS[30] ?? null }),
      shelf("genre", 19, { genre: "Drama" }),
      shelf("popular", 28),
    ],
  };
}

function personal(id: string, options: Options): PersonalFilm {
  const film = films(options).find((film) => film.id === id) ?? films(options)[0];
  if (!film) throw new Error("The fixture has no films.");
  const why = [
    { rating: 5, share: 0.5 },
    { rating: 4, share: 0.3 },
    { rating: 1, share: -0.2 },
  ].flatMap((reason, i) => {
    const rated = FILMS[30 + i];
    return rated ? [{ ...reason, film: rated }] : [];
  });
  return { ...film, percentile: 93, why };
}

const falling = (end: number): [number, number][] =>
  Array.from({ length: 12 }, (_, i) => [end - 0.1 + 0.4 / (i + 1), end + 0.1 / (i + 1)]);

const REPORT: Report = {
  data: { name: "fixture", sha256: "" },
  protocols: [
    {
      protocol: "random",
      rows: [
        { scorer: "this model", metrics: { rmse: 0.9, mae: 0.7, ndcg: 0.3, precision: 0.2 } },
        { scorer: "popularity", metrics: { rmse: 1, mae: 0.8, ndcg: 0.1, precision: 0.05 } },
      ],
    },
  ],
  curves: { user_tower: falling(0.71), film_tower: falling(0.69) },
};

/** The response to a path; undefined if there is none. */
function respond(path: string, options: Options): unknown {
  const [, first, second, third] = path.split("/");
  const items = films(options);
  const page = { items: items.slice(0, 24), next_cursor: null, total: 24 };
  if (path === "/release") {
    return {
      release: "fixture",
      created: "2026-01-01T00:00:00+00:00",
      scale: { min: options.step, max: 5, step: options.step },
      model: { dimensions: 9, users: 60, films: FILMS.length, genres: GENRES.length },
      data: { name: "fixture", sha256: "", ratings: 1_234 },
      metrics: { random: { rmse: 0.9, mae: 0.7, ndcg: 0.3, precision: 0.2 } },
    };
  }
  if (path === "/genres") return { genres: GENRES.map((name, i) => ({ name, films: 40 - i })) };
  if (path === "/users") {
    const users = ["Drama & War", "Comedy", "Sci-Fi & Horror", "Romance"];
    return { users: users.map((name, i) => ({ id: String(i + 1), name, ratings: 50 + i, favourite_genres: [] })) };
  }
  if (path === "/map") {
    const points = FILMS.map(({ id, title, genres }, i) => ({
      film_id: id,
      title,
      x: Math.cos(i * 2.4) * Math.sqrt(i / FILMS.length),
      y: Math.sin(i * 2.4) * Math.sqrt(i / FILMS.length),
      genre: genres[0] ?? "",
    }));
    return { genres: GENRES, points };
  }
  if (path.endsWith("/home")) return home(options);
  if (path.endsWith("/recommendations")) return page;
  if (path.endsWith("/similar")) return { items: items.slice(5, 14).map((film) => ({ ...film, similarity: 0.9 })) };
  if (path === "/starters") return { items: items.slice(12, 24) };
  if (path === "/films") return page;
  if (first === "users" && third === "films") return personal(path.split("/")[4] ?? "", options);
  if (first === "films") return personal(second ?? "", options);
  return undefined;
}

/** Replaces the real API of a page by the mock. */
export async function serveFixture(page: Page, options: Partial<Options> = {}): Promise<void> {
  const allOptions = { step: 1, posters: false, ...options };
  await page.route("**/report.json", (route: Route) => route.fulfill({ json: REPORT }));
  await page.route("**/api/**", (route: Route) => {
    const body = respond(new URL(route.request().url()).pathname.replace(/^.*\/api/, ""), allOptions);
    return body === undefined
      ? route.fulfill({ status: 404, json: { title: "Not found" } })
      : route.fulfill({ json: body });
  });
}
