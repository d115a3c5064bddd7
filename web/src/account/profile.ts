import { ratingRow, ratingRows } from "../components/rating-row";
import { h } from "../dom";
import { formatDate } from "../format";
import { genreName } from "../strings";
import type { MemberContext } from ".";
import { section } from "./account-view";
import { memberStrings } from "./strings";

/** What it knows about the member: genres, the ratings that weigh most, each one click to change, and what was shown. */
export async function profileSections({ context, api }: MemberContext): Promise<HTMLElement[]> {
  const t = memberStrings().profile;
  const [profile, history] = await Promise.all([api.profile(), api.history()]);
  const films = new Map(
    (await context.api.filmsById(history.items.map(({ film_id }) => film_id))).map((film) => [film.id, film]),
  );
  const most = Math.max(...profile.genres.map(({ share }) => share), 0.01);
  return [
    section(
      t.heading,
      h("p", { class: "lead-text" }, t.intro),
      h(
        "ul",
        { class: "account-genres" },
        ...profile.genres.map(({ genre, share }) =>
          h(
            "li",
            {},
            h("span", {}, genreName(genre)),
            h("meter", { min: 0, max: most, value: Math.max(share, 0), "aria-label": genreName(genre) }),
          ),
        ),
      ),
      h("h3", { class: "shelf-title" }, t.weights),
      ratingRows(profile.ratings.flatMap(({ film }) => ratingRow(context, film))),
    ),
    section(
      t.history,
      h("p", { class: "note" }, t.historyNote),
      h(
        "ul",
        { class: "account-list" },
        ...history.items.flatMap(({ film_id, shown_at }) => {
          const film = films.get(film_id);
          return film
            ? [
                h(
                  "li",
                  {},
                  h("a", { href: context.href({ film: film.id }) }, film.title),
                  h("span", { class: "note" }, formatDate(shown_at, true)),
                ),
              ]
            : [];
        }),
      ),
    ),
  ];
}
