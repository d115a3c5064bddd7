import { ratingRow, ratingRows, skeletonRow } from "../components/rating-row";
import { ratingsFile } from "../components/ratings-file";
import { emptyState, errorState, hold, isAbort } from "../components/states";
import type { Context, ViewHandle } from "../context";
import { announce, h, uniqueId } from "../dom";
import { debounce, latest } from "../state/latest";
import { strings } from "../strings";

const FOUND = 12;

/** Where the visitor finds films and rates them. Shows well-known ones until something is searched. */
export function ratingsView(context: Context, life: AbortSignal): ViewHandle {
  const words = strings.ratings;
  const newest = latest(life);
  const soon = debounce(find, 200, life);
  const searchId = uniqueId("search");
  const progress = h("p", { class: "ratings-progress" });
  const done = h("a", { class: "btn btn-primary", href: context.href({ view: "home" }) }, words.done);
  const search = h("input", {
    class: "form-control form-control-lg",
    id: searchId,
    type: "search",
    autocomplete: "off",
    maxlength: 100,
    placeholder: words.search,
    on: { input: soon },
  });
  const foundTitle = h("h2", { class: "shelf-title" }, words.wellKnown);
  const found = h("div", { class: "results" });
  const yours = h("section", { class: "ratings-yours" });
  const hidden = h("section", { class: "ratings-hidden" });
  const element = h(
    "div",
    { class: "ratings" },
    h("h1", { tabindex: -1 }, words.heading),
    h("p", { class: "lead-text" }, strings.home.stranger),
    h("div", { class: "ratings-bar" }, progress, done),
    h("label", { class: "visually-hidden", for: searchId }, words.search),
    search,
    foundTitle,
    found,
    yours,
    hidden,
    ratingsFile(context),
    h("p", { class: "note" }, words.intro),
  );

  async function find(): Promise<void> {
    const q = search.value.trim();
    if (found.childElementCount === 0) found.replaceChildren(ratingRows(Array.from({ length: FOUND }, skeletonRow)));
    found.setAttribute("aria-busy", "true");
    try {
      const page = await newest((signal) => context.api.films({ q, sort: "popularity", limit: FOUND }, { signal }));
      const title = q === "" ? words.wellKnown : words.found(page.total, q);
      foundTitle.textContent = page.total === 0 ? words.noneFound(q) : title;
      hold(found);
      found.replaceChildren(
        page.total === 0
          ? emptyState(words.noneFound(q), words.noneFoundHint)
          : ratingRows(page.items.map((film) => ratingRow(context, film))),
      );
      if (q !== "") announce(foundTitle.textContent);
    } catch (error) {
      if (isAbort(error)) return;
      foundTitle.textContent = q === "" ? words.wellKnown : words.search;
      hold(found);
      found.replaceChildren(errorState(error, find));
    }
    found.setAttribute("aria-busy", "false");
  }

  function show(): void {
    const { size } = context.ratings;
    progress.textContent = words.progress(size);
    done.hidden = size === 0;
    // Redrawn unless the change was made right there, under the visitor's hand.
    if (!yours.contains(document.activeElement) || size === 0) showYours();
  }

  function showYours(): void {
    yours.hidden = context.ratings.size === 0;
    const clear = () => {
      if (!window.confirm(words.clearSure)) return;
      context.ratings.clear();
      context.saved.keepHome(null); // what was made of the ratings goes with them
    };
    yours.replaceChildren(
      h("h2", { class: "shelf-title" }, words.yours),
      ratingRows(
        context.ratings
          .list()
          .reverse()
          .map(({ film }) => ratingRow(context, film)),
      ),
      h("button", { type: "button", class: "btn btn-outline-light", on: { click: clear } }, words.clear),
    );
  }

  function showHidden(): void {
    hidden.hidden = context.hidden.size === 0;
    const again = (id: string) =>
      h(
        "button",
        { type: "button", class: "btn btn-sm btn-secondary", on: { click: () => context.hidden.remove(id) } },
        strings.film.interested,
      );
    hidden.replaceChildren(
      h("h2", { class: "shelf-title" }, words.hiddenFilms),
      ratingRows(
        context.hidden
          .list()
          .reverse()
          .map((film) => ratingRow(context, film, again(film.id))),
      ),
    );
  }

  show();
  showHidden();
  void find();
  const leave = [context.ratings.subscribe(show), context.hidden.subscribe(showHidden)];
  life.addEventListener("abort", () => leave.forEach((end) => void end()), { once: true });
  return { element, title: words.heading };
}
