import type { Genre, Match, Sort } from "../api/types";
import { SORTS } from "../api/types";
import { h, uniqueId } from "../dom";
import { type Filters, NO_FILTERS, parseYear } from "../state/route";
import { strings } from "../strings";
import { genreSelect } from "./genre-select";

/** `typed` changes replace the history entry, so that Back does not undo them letter by letter. */
type OnChange = (filters: Filters, options: { typed: boolean }) => void;

/** The filter form of the browse view; `onChange` gets all filters after each change. */
export function filterForm(genres: readonly Genre[], onChange: OnChange) {
  const t = strings.browse;
  let filters = NO_FILTERS;
  const change = (part: Partial<Filters>, typed = false) => {
    filters = { ...filters, ...part };
    show();
    onChange(filters, { typed });
  };

  const searchId = uniqueId("title");
  const search = h("input", {
    class: "form-control",
    id: searchId,
    type: "search",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 100,
    placeholder: t.searchPlaceholder,
    on: { input: () => change({ q: search.value.trim() }, true) },
  });
  const genre = genreSelect(genres, (selected) => change({ genres: selected }));
  const match = matchSwitch((value) => change({ match: value }));
  const from = yearField(t.from, (minYear) => change({ minYear }));
  const to = yearField(t.to, (maxYear) => change({ maxYear }));
  const sortId = uniqueId("sort");
  const sort = h(
    "select",
    { class: "form-select", id: sortId, on: { change: () => change({ sort: sort.value as Sort }) } },
    ...SORTS.map((name) => h("option", { value: name }, t.sorts[name])),
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
    t.clear,
  );
  const element = h(
    "form",
    { class: "filters", "aria-label": t.filters, on: { submit: (event) => event.preventDefault() } },
    h("div", { class: "field" }, h("label", { class: "form-label", for: searchId }, t.search), search),
    genre.element,
    match.element,
    h("div", { class: "field field-years" }, from.element, to.element),
    h("div", { class: "field" }, h("label", { class: "form-label", for: sortId }, t.sort), sort),
    h(
      "div",
      { class: "field filters-footer" },
      h(
        "div",
        { class: "form-check form-switch" },
        seen,
        h("label", { class: "form-check-label", for: seenId }, t.seen),
      ),
      clear,
    ),
  );
  return {
    element,
    /** Shows the filters of a new URL, without calling `onChange`. */
    set(next: Filters): void {
      filters = next;
      show();
    },
  };

  function show(): void {
    if (search.value.trim() !== filters.q) search.value = filters.q; // keeps a trailing space while typing
    genre.set(filters.genres);
    match.set(filters.match, filters.genres.length);
    from.set(filters.minYear);
    to.set(filters.maxYear);
    sort.value = filters.sort;
    seen.checked = filters.includeSeen;
    clear.disabled = JSON.stringify(filters) === JSON.stringify(NO_FILTERS);
  }
}

/** Whether a film needs any or all of the genres; disabled unless two or more are selected. */
function matchSwitch(onChange: (match: Match) => void) {
  const t = strings.browse;
  const name = uniqueId("match");
  const choice = (value: Match, label: string) => {
    const id = uniqueId("match");
    const input = h("input", {
      type: "radio",
      class: "btn-check",
      name,
      id,
      value,
      on: { change: () => onChange(value) },
    });
    return { input, label: h("label", { class: "btn btn-outline-light", for: id }, label) };
  };
  const any = choice("any", t.matchAny);
  const all = choice("all", t.matchAll);
  const element = h(
    "fieldset",
    { class: "field" },
    h("legend", { class: "form-label" }, t.match),
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

/** A year or nothing; `onChange` is called as soon as the year is complete or empty. */
function yearField(label: string, onChange: (year: number | null) => void) {
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
          onChange(next);
        }
      },
      blur: check,
    },
  });
  return {
    element: h("div", {}, h("label", { class: "form-label", for: id }, label), input, hint),
    set(next: number | null): void {
      if (next === value) return; // keeps an incomplete year while typing
      value = next;
      input.value = next === null ? "" : String(next);
      check();
    },
  };
}
