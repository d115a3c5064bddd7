import { queryFields } from "../api/client";
import type { Film } from "../api/types";
import { shelf } from "../components/shelf";
import { emptyState } from "../components/states";
import { announce, h, uniqueId } from "../dom";
import { formatDate } from "../format";
import { type Filters, NO_FILTERS } from "../state/route";
import { type KeyValueStorage, read, write } from "../state/stored";
import type { MemberContext } from ".";
import { action, actions } from "./parts";
import { memberStrings } from "./strings";
import { toIso } from "./time";
import type { SavedShelf, ShelfFilters } from "./types";

const MAX_NAME = 80;
const DRAFT = "film-recommender.shelf-name.v1";

/** The watch list, and the shelves that the member has saved. */
export async function shelvesDetails(member: MemberContext, unmounted: AbortSignal): Promise<HTMLElement[]> {
  const t = memberStrings().shelves;
  await member.sync.run();
  const shelves = await member.api.shelves();
  const saved = shelves.map((each) => savedShelf(member, each));
  const list = await watchList(member, unmounted);
  return [
    list,
    ...saved,
    ...(saved.length ? [] : [emptyState(t.none, t.noneHint, browseLink(member, NO_FILTERS, t.browse))]),
  ];
}

async function watchList({ context, list }: MemberContext, unmounted: AbortSignal): Promise<HTMLElement> {
  const t = memberStrings().shelves;
  const films = await filmsOf(
    context.api,
    list.list().map(({ id }) => id),
  );
  const row = shelf(context, t.list, films);
  const empty = h("p", { class: "note" }, t.emptyList);
  const show = () => {
    row.update(films.filter(({ id }) => list.has(id)));
    empty.hidden = list.size > 0;
  };
  show();
  unmounted.addEventListener("abort", list.subscribe(show), { once: true });
  return h("section", { class: "account-section account-shelf" }, row.element, empty);
}

/** A shelf as it was saved; what the same filters give today is a click away. */
function savedShelf(member: MemberContext, saved: SavedShelf): HTMLElement {
  const { context, api } = member;
  const t = memberStrings().shelves;
  const row = shelf(context, saved.name, saved.films);
  const note = h("p", { class: "note" }, t.saved(formatDate(toIso(saved.created), true), saved.release));
  const section = h(
    "section",
    { class: "account-section account-shelf" },
    row.element,
    note,
    actions(
      action("btn-sm btn-secondary", t.today, showToday),
      browseLink(member, filtersOf(saved.filters), t.browse),
      action("btn-sm btn-outline-light", t.delete, remove),
    ),
  );
  return section;

  async function showToday(): Promise<void> {
    const today = await api.shelfToday(saved.id);
    row.update(today.films);
    note.textContent = t.todays(today.release);
    announce(note.textContent);
  }

  async function remove(): Promise<void> {
    await api.deleteShelf(saved.id);
    section.remove();
    announce(t.deleted(saved.name));
  }
}

/** Films by id in this order; those that the catalogue no longer has are left out. */
async function filmsOf(api: MemberContext["context"]["api"], ids: readonly string[]): Promise<Film[]> {
  const found = new Map((await api.filmsById(ids)).map((film) => [film.id, film]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

const browseLink = ({ context }: MemberContext, filters: Filters, label: string): HTMLElement =>
  h("a", { class: "btn btn-sm btn-secondary", href: context.href({ view: "browse", filters }) }, label);

/** Keeps the name of a shelf that is not saved yet. */
export const saveDraft = (storage: KeyValueStorage | null, name: string): void => write(storage, DRAFT, name || null);

/** A form that saves the list with these filters as a shelf. */
export function saveShelfForm({ api, context, membership }: MemberContext, filters: () => Filters): HTMLElement {
  const t = memberStrings().shelves;
  const id = uniqueId("shelf-name");
  const { storage } = membership;
  const name = h("input", {
    class: "form-control form-control-sm",
    id,
    maxlength: MAX_NAME,
    placeholder: t.name,
    value: String(read(storage, DRAFT) ?? ""),
    on: { input: () => saveDraft(storage, name.value) }, // the session may end before it is saved
  });
  const button = action("btn-sm btn-secondary", t.save, async () => {
    if (!name.value.trim()) return name.focus();
    const saved = await api.saveShelf(name.value.trim(), queryFields(filters()) as ShelfFilters);
    name.value = "";
    saveDraft(storage, "");
    const show = () => context.go({ view: "shelves", filters: NO_FILTERS });
    context.notices.show("shelf", t.done(saved.name), { label: memberStrings().merge.show, action: show }, 10_000);
  });
  const submit = (event: Event) => {
    event.preventDefault();
    button.querySelector("button")?.click();
  };
  return h(
    "form",
    { class: "account-save", on: { submit } },
    h("label", { class: "visually-hidden", for: id }, t.name),
    name,
    button,
  );
}

/** The page's filters, from the API's names. */
function filtersOf(filters: ShelfFilters): Filters {
  const { q, genres, match, min_year: minYear, max_year: maxYear, include_seen: seen, sort } = filters;
  return {
    q: q ?? "",
    genres: genres ?? [],
    match: match ?? "any",
    minYear: minYear ?? null,
    maxYear: maxYear ?? null,
    includeSeen: seen ?? false,
    sort: sort ?? "relevance",
  };
}
