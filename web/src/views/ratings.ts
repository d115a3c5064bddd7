import { privacyNote } from "../components/membership";
import { notInterestedButton } from "../components/not-interested";
import { ratingRow, ratingRows, skeletonRow } from "../components/rating-row";
import { ratingsFile } from "../components/ratings-file";
import { emptyState, errorState, isAbort, keepHeight } from "../components/states";
import type { Context, ViewHandle } from "../context";
import { announce, h, uniqueId } from "../dom";
import { debounce, latest } from "../state/latest";
import type { FilmSummary } from "../state/ratings";
import { strings } from "../strings";

const RESULT_COUNT = 12;

/** The visitor searches and rates films here. Shows popular films until there is a search. */
export function ratingsView(context: Context, unmounted: AbortSignal): ViewHandle {
  const t = strings.ratings;
  const newest = latest(unmounted);
  const searchSoon = debounce(find, 200, unmounted);
  const searchId = uniqueId("search");
  const progress = h("p", { class: "ratings-progress" });
  const done = h("a", { class: "btn btn-primary", href: context.href({ view: "home" }) }, t.done);
  const search = h("input", {
    class: "form-control form-control-lg",
    id: searchId,
    type: "search",
    autocomplete: "off",
    maxlength: 100,
    placeholder: t.search,
    on: { input: searchSoon },
  });
  const foundTitle = h("h2", { class: "shelf-title" }, t.popular);
  const found = h("div", { class: "results" });
  const yours = h("section", { class: "ratings-yours" });
  const hidden = h("section", { class: "ratings-hidden" });
  const element = h(
    "div",
    { class: "ratings" },
    h("h1", { tabindex: -1 }, t.heading),
    h("p", { class: "lead-text" }, strings.home.rateToStart),
    h("div", { class: "ratings-bar" }, progress, done),
    h("label", { class: "visually-hidden", for: searchId }, t.search),
    search,
    foundTitle,
    found,
    yours,
    hidden,
    ratingsFile(context),
    privacyNote(context),
  );

  async function find(): Promise<void> {
    const q = search.value.trim();
    if (found.childElementCount === 0)
      found.replaceChildren(ratingRows(Array.from({ length: RESULT_COUNT }, skeletonRow)));
    found.setAttribute("aria-busy", "true");
    try {
      const page = await newest((signal) =>
        context.api.films({ q, sort: "popularity", limit: RESULT_COUNT }, { signal }),
      );
      const title = q === "" ? t.popular : t.found(page.total, q);
      foundTitle.textContent = page.total === 0 ? t.noneFound(q) : title;
      keepHeight(found);
      found.replaceChildren(
        page.total === 0
          ? emptyState(t.noneFound(q), t.noneFoundHint)
          : ratingRows(
              page.items.map((film) => ratingRow(context, film, { corner: notInterestedButton(context, film) })),
            ),
      );
      if (q !== "") announce(foundTitle.textContent);
    } catch (error) {
      if (isAbort(error)) return;
      foundTitle.textContent = q === "" ? t.popular : t.search;
      keepHeight(found);
      found.replaceChildren(errorState(error, find));
    }
    found.setAttribute("aria-busy", "false");
  }

  function show(): void {
    const { size } = context.ratings;
    progress.textContent = t.progress(size);
    done.hidden = size === 0;
    // Not rendered again while the focus is in it.
    if (!yours.contains(document.activeElement) || size === 0) showYours();
  }

  function showYours(): void {
    yours.hidden = context.ratings.size === 0;
    const clear = () => {
      if (!window.confirm(t.confirmClear)) return;
      context.ratings.clear();
      context.saved.saveHome(null); // it was based on the ratings
    };
    yours.replaceChildren(
      h("h2", { class: "shelf-title" }, t.yours),
      ratingRows(
        context.ratings
          .list()
          .reverse()
          .map(({ film }) => ratingRow(context, film)),
      ),
      h("button", { type: "button", class: "btn btn-outline-light", on: { click: clear } }, t.clear),
    );
  }

  function showHidden(): void {
    hidden.hidden = context.hidden.size === 0;
    const showAgain = ({ id, title }: FilmSummary) =>
      h(
        "button",
        {
          type: "button",
          class: "btn btn-sm btn-secondary",
          "aria-label": strings.film.showAgainFilm(title),
          on: { click: () => context.hidden.remove(id) },
        },
        strings.film.showAgain,
      );
    hidden.replaceChildren(
      h("h2", { class: "shelf-title" }, t.hiddenFilms),
      ratingRows(
        context.hidden
          .list()
          .reverse()
          .map((film) => ratingRow(context, film, { controls: [showAgain(film)] })),
      ),
    );
  }

  show();
  showHidden();
  void find();
  const unsubscribe = [context.ratings.subscribe(show), context.hidden.subscribe(showHidden)];
  unmounted.addEventListener("abort", () => unsubscribe.forEach((stop) => void stop()), { once: true });
  return { element, title: t.heading };
}
