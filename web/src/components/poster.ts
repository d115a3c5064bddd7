import type { Film } from "../api/types";
import { drawArt } from "../art/poster";
import { h } from "../dom";
import { strings } from "../strings";

/** TMDB's image host; width and height are those of its w342 format, in pixels. */
const IMAGE_BASE = "https://image.tmdb.org/t/p/w342";
const [WIDTH, HEIGHT] = [342, 513];

let used = false;

/** The notice that TMDB's terms require; hidden until a TMDB poster is shown. */
export const tmdbNotice = (): HTMLElement => h("span", { id: "tmdb-notice", hidden: !used }, strings.tmdb);

/**
 * A film's poster: a generated picture with the title as text, which scales, wraps and is read out. TMDB's picture, if
 * there is one, covers it once it has loaded.
 */
export function poster(film: Film, heading: "h2" | "h3" | "span"): HTMLElement {
  const length = film.title.length > 34 ? "long" : film.title.length > 16 ? "middle" : "short";
  return h(
    "div",
    { class: "poster" },
    drawArt(film),
    h(
      "div",
      { class: "poster-caption" },
      h(heading, { class: `poster-title poster-title-${length}` }, film.title),
      h("span", { class: "poster-year" }, film.year === null ? strings.film.yearUnknown : String(film.year)),
    ),
    picture(film),
  );
}

export function picture({ poster: path }: Film): HTMLElement | null {
  // Only a path in TMDB's format is used in a URL.
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
    on: { error: () => image.remove(), load: () => image.classList.add("poster-picture-loaded") },
  });
  image.src = IMAGE_BASE + path; // set last: listeners and loading="lazy" must come first
  return image;
}
