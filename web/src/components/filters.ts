import type { Genre, Match, Sort } from "../api/types";
import { SORTS } from "../api/types";
import { h, uniqueId } from "../dom";
import { type Filters, NO_FILTERS, parseYear } from "../state/route";
import { strings } from "../strings";
import { genreSelect } from "./genre-select";

/** A letter typed is no step to come back to, other changes are. */
type Changed = (filters: Filters, options: { typed: boolean }) => void;

/** The form that narrows the browse list; `changed` is told the whole of it after each change. */
export function filterForm(genres: readonly Genre[], changed: Changed) {
  const words = strings.browse;
  let filters = NO_FILTERS;
  const change = (part: Partial<Filters>, typed = false) => {
    filters = { ...filters, ...part };
    show();
    changed(filters, { typed });
  };

  const searchId = uniqueId("title");
  const search = h("input", {
    class: "form-control",
    id: searchId,
    type: "search",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 100,
    placeholder: words.searchPlaceholder,
    on: { input: () => change({ q: search.value.trim() }, true) },
  });
  const genre = genreSelect(genres, (chosen) => change({ genres: chosen }));
  const match = matchSwitch((value) => change({ match: value }));
  const from = yearField(words.from, (minYear) => change({ minYear }));
  const to = yearField(words.to, (maxYear) => change({ maxYear }));
  const sortId = uniqueId("sort");
  const sort = h(
    "select",
    { class: "form-select", id: sortId, on: { change: () => change({ sort: sort.value as Sort }) } },
    ...SORTS.map((name) => h("option", { value: name }, words.sorts[name])),
  );
  const seenId = uniqueId("seen");
  const seen = h("input", {
    class: "form-check-input",
    type: "checkbox",
    role: "switch",
    id: seenId,
    on: { change: () => change({ includeSeen: seen.checked }) },
  });
  const clear = h(
    "button",
    { type: "button", class: "btn btn-outline-light filters-clear", on: { click: () => change(NO_FILTERS) } },
    words.clear,
  );
  const element = h(
    "form",
    { class: "filters", "aria-label": words.filters, on: { submit: (event) => event.preventDefault() } },
    h("div", { class: "field" }, h("label", { class: "form-label", for: searchId }, words.search), search),
    genre.element,
    match.element,
    h("div", { class: "field field-years" }, from.element, to.element),
    h("div", { class: "field" }, h("label", { class: "form-label", for: sortId }, words.sort), sort),
    h(
      "div",
      { class: "field filters-last" },
      h(
        "div",
        { class: "form-check form-switch" },
        seen,
        h("label", { class: "form-check-label", for: seenId }, words.seen),
      ),
      clear,
    ),
  );
  return {
    element,
    /** Shows these filters (the address has changed); tells nobody. */
    set(next: Filters): void {
      filters = next;
      show();
    },
  };

  function show(): void {
    if (search.value.trim() !== filters.q) search.value = filters.q; // a space just typed stays
    genre.set(filters.genres);
    match.set(filters.match, filters.genres.length);
    from.set(filters.minYear);
    to.set(filters.maxYear);
    sort.value = filters.sort;
    seen.checked = filters.includeSeen;
    clear.disabled = JSON.stringify(filters) === JSON.stringify(NO_FILTERS);
  }
}

/** Any of the genres, or all of them; means nothing before there are two, and says so by being disabled. */
function matchSwitch(changed: (match: Match) => void) {
  const words = strings.browse;
  const name = uniqueId("match");
  const choice = (value: Match, label: string) => {
    const id = uniqueId("match");
    const input = h("input", {
      type: "radio",
      class: "btn-check",
      name,
      id,
      value,
      on: { change: () => changed(value) },
    });
    return { input, label: h("label", { class: "btn btn-outline-light", for: id }, label) };
  };
  const any = choice("any", words.matchAny);
  const all = choice("all", words.matchAll);
  const element = h(
    "fieldset",
    { class: "field" },
    h("legend", { class: "form-label" }, words.match),
    h("div", { class: "btn-group" }, any.input, any.label, all.input, all.label),
  );
  return {
    element,
    set(match: Match, genres: number): void {
      any.input.checked = match === "any";
      all.input.checked = match === "all";
      element.disabled = genres < 2;
    },
  };
}

/** A year or nothing. Told on each keystroke that completes or empties it, so nothing waits for a blur. */
function yearField(label: string, changed: (year: number | null) => void) {
  const [id, hintId] = [uniqueId("year"), uniqueId("year-hint")];
  let value: number | null = null;
  const hint = h("span", { class: "field-hint", id: hintId, hidden: true }, strings.browse.yearInvalid);
  const check = () => {
    const wrong = input.value.trim() !== "" && parseYear(input.value) === null;
    hint.hidden = !wrong;
    input.setAttribute("aria-invalid", String(wrong));
  };
  const input = h("input", {
    class: "form-control",
    id,
    type: "text",
    inputmode: "numeric",
    maxlength: 4,
    autocomplete: "off",
    placeholder: "––––",
    "aria-describedby": hintId,
    on: {
      input: () => {
        const next = parseYear(input.value);
        if (!hint.hidden) check();
        if (next !== value && (next !== null || input.value.trim() === "")) {
          value = next;
          changed(next);
        }
      },
      blur: check,
    },
  });
  return {
    element: h("div", {}, h("label", { class: "form-label", for: id }, label), input, hint),
    set(next: number | null): void {
      if (next === value) return; // half-typed text stays
      value = next;
      input.value = next === null ? "" : String(next);
      check();
    },
  };
}
