import type { Genre } from "../api/types";
import { announce, h, uniqueId } from "../dom";
import { genreName, strings } from "../strings";

/**
 * A multi-select for genres: the editable combobox with listbox popup of the WAI-ARIA Authoring Practices. The focus
 * stays in the text field and `aria-activedescendant` follows the arrow keys; selected genres are shown as chips.
 */
export function genreSelect(genres: readonly Genre[], onChange: (selected: readonly string[]) => void) {
  const t = strings.browse;
  const [inputId, listId, helpId] = [uniqueId("genre"), uniqueId("genres"), uniqueId("genre-help")];
  let selected: readonly string[] = [];
  let found: readonly Genre[] = [];
  let options: HTMLElement[] = [];
  let active = -1;

  const chips = h("ul", { class: "chips", "aria-label": t.selected });
  const list = h("ul", {
    class: "options",
    id: listId,
    role: "listbox",
    "aria-label": t.genres,
    "aria-multiselectable": true,
    hidden: true,
    // Keeps the focus in the field when an option is clicked.
    on: { mousedown: (event) => event.preventDefault() },
  });
  const none = h("p", { class: "options options-none", hidden: true });
  const input = h("input", {
    id: inputId,
    type: "text",
    class: "combobox-input",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: t.genresPlaceholder,
    "aria-autocomplete": "list",
    "aria-expanded": false,
    "aria-controls": listId,
    "aria-describedby": helpId,
    on: { input: open, click: open, keydown: onKey, blur: close },
  });
  const element = h(
    "div",
    { class: "field combobox" },
    h("label", { class: "form-label", for: inputId }, t.genres),
    h("div", { class: "form-control combobox-box", on: { click: () => input.focus() } }, chips, input),
    list,
    none,
    h("p", { class: "visually-hidden", id: helpId }, t.genresHelp),
  );
  return { element, set };

  /** Shows the genres of a new URL, without calling `onChange`. */
  function set(next: readonly string[]): void {
    selected = next;
    chips.hidden = next.length === 0;
    chips.replaceChildren(
      ...next.map((genre) =>
        h(
          "li",
          { class: "chip" },
          h("span", {}, genreName(genre)),
          h(
            "button",
            {
              type: "button",
              class: "chip-remove",
              "aria-label": t.remove(genreName(genre)),
              on: { click: () => remove(genre) },
            },
            "×",
          ),
        ),
      ),
    );
    if (!list.hidden) open();
  }

  function select(next: readonly string[], message: string): void {
    set(next);
    announce(message);
    onChange(next);
  }

  function remove(genre: string): void {
    select(
      selected.filter((name) => name !== genre),
      t.removed(genreName(genre)),
    );
    input.focus();
  }

  function toggle(genre: string): void {
    input.value = "";
    if (selected.includes(genre)) remove(genre);
    else select([...selected, genre], t.added(genreName(genre)));
    open();
  }

  function open(): void {
    const text = input.value.trim().toLowerCase();
    found = genres.filter(({ name }) => genreName(name).toLowerCase().includes(text));
    options = found.map(({ name, films }) =>
      h(
        "li",
        {
          class: "option",
          id: uniqueId("option"),
          role: "option",
          "aria-selected": selected.includes(name),
          on: { click: () => toggle(name) },
        },
        h("span", {}, genreName(name)),
        h("span", { class: "option-count" }, t.filmsOf(films)),
      ),
    );
    list.replaceChildren(...options);
    list.hidden = options.length === 0;
    none.hidden = options.length > 0;
    none.textContent = none.hidden ? "" : t.noGenre(input.value.trim());
    if (!none.hidden) announce(t.noGenre(input.value.trim()));
    input.setAttribute("aria-expanded", String(!list.hidden));
    // With text in the field, Enter selects the first match.
    activate(text === "" ? -1 : 0);
  }

  function close(): void {
    list.hidden = true;
    none.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(next: number): void {
    options[active]?.classList.remove("option-active");
    active = options.length === 0 ? -1 : next;
    const option = options[active];
    option?.classList.add("option-active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function onKey(event: KeyboardEvent): void {
    const isOpen = !list.hidden;
    const last = options.length - 1;
    const keys: Record<string, () => void> = {
      ArrowDown: () => {
        if (!isOpen) open();
        activate(isOpen && active < options.length - 1 ? active + 1 : 0);
      },
      ArrowUp: () => {
        if (!isOpen) open();
        activate(isOpen && active > 0 ? active - 1 : options.length - 1);
      },
      Enter: () => {
        const name = found[active]?.name;
        if (isOpen && name) toggle(name);
      },
      Escape: () => {
        if (isOpen) close();
        else input.value = "";
      },
    };
    if (isOpen && active >= 0) {
      keys["Home"] = () => activate(0);
      keys["End"] = () => activate(last);
    }
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (event.key === "Backspace" && input.value === "") {
      const last = selected.at(-1);
      if (last) remove(last);
    }
  }
}
