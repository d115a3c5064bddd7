import type { Film } from "../api/types";
import { drawArt } from "../art/poster";
import { h } from "../dom";
import { strings } from "../strings";

/** TMDB asks that its pictures be loaded from its own host. Width and height are those of w342, in pixels. */
const TMDB = "https://image.tmdb.org/t/p/w342";
const [WIDTH, HEIGHT] = [342, 513];

let used = false;

/** TMDB's notice: its terms require it where its posters are shown; hidden until the first one is. */
export const tmdbNotice = (): HTMLElement => h("span", { id: "tmdb-notice", hidden: !used }, strings.tmdb);

/**
 * A film's poster. The generated one is always there, with its title as real text that scales, wraps and is read out;
 * TMDB's picture lies over it once it has come, and if it never comes nothing is missing.
 */
export function poster(film: Film, heading: "h2" | "h3" | "span"): HTMLElement {
  const length = film.title.length > 34 ? "long" : film.title.length > 16 ? "middle" : "short";
  return h(
    "div",
    { class: "poster" },
    drawArt(film),
    h(
      "div",
      { class: "poster-words" },
      h(heading, { class: `poster-title poster-title-${length}` }, film.title),
      h("span", { class: "poster-year" }, film.year === null ? strings.film.yearUnknown : String(film.year)),
    ),
    picture(film),
  );
}

export function picture({ poster: path }: Film): HTMLElement | null {
  // Only what has the shape of TMDB's paths becomes an address.
  if (!path || !/^\/[\w.-]+$/.test(path)) return null;
  used = true;
  const notice = document.getElementById("tmdb-notice");
  if (notice) notice.hidden = false;
  const image = h("img", {
    class: "poster-picture",
    width: WIDTH,
    height: HEIGHT,
    loading: "lazy",
    decoding: "async",
    alt: "",
    on: { error: () => image.remove(), load: () => image.classList.add("poster-picture-there") },
  });
  image.src = TMDB + path; // after its listeners and loading="lazy"
  return image;
}
