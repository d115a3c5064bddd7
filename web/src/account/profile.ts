import { ratingRow, ratingRows } from "../components/rating-row";
import { h } from "../dom";
import { formatDate } from "../format";
import { genreName } from "../strings";
import type { MemberContext } from ".";
import { section } from "./parts";
import { memberStrings } from "./strings";
import { toIso } from "./time";
import type { Profile, Shown } from "./types";

/** Films named of each time. */
const SHOWN = 5;

/** What it knows about the member: genres, the ratings that weigh most, each one click to change, and what was shown. */
export async function profileSections({ context, api }: MemberContext): Promise<HTMLElement[]> {
  const t = memberStrings().profile;
  const [profile, history] = await Promise.all([api.profile(), api.history()]);
  const ids = history.items.flatMap(({ film_ids }) => film_ids.slice(0, SHOWN));
  const films = new Map((await context.api.filmsById([...new Set(ids)])).map((film) => [film.id, film]));
  const most = Math.max(...profile.genres.map(({ liked }) => liked), 1);
  const genre = ({ name, liked }: Profile["genres"][number]) =>
    h(
      "li",
      {},
      h("span", {}, genreName(name)),
      h("meter", { min: 0, max: most, value: liked, "aria-label": genreName(name) }),
      h("span", { class: "note" }, t.liked(liked)),
    );
  const shown = ({ shown_at, film_ids }: Shown) =>
    h(
      "li",
      {},
      h("span", { class: "note" }, formatDate(toIso(shown_at), true)),
      ...film_ids.flatMap((id) => {
        const film = films.get(id);
        return film ? [h("a", { href: context.href({ film: id }) }, film.title)] : [];
      }),
    );
  return [
    section(
      t.heading,
      h("p", { class: "lead-text" }, t.intro),
      h("ul", { class: "account-genres" }, ...profile.genres.map(genre)),
      h("h3", { class: "shelf-title" }, t.weights),
      ratingRows(profile.weightiest.map(({ film }) => ratingRow(context, film))),
    ),
    section(
      t.history,
      h("p", { class: "note" }, t.historyNote),
      h("ul", { class: "account-list" }, ...history.items.map(shown)),
    ),
  ];
}
