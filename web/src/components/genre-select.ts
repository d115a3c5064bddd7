import type { Genre } from "../api/types";
import { announce, h, uniqueId } from "../dom";
import { genreName, strings } from "../strings";

/**
 * Several genres by typing: the editable combobox with a list popup of the WAI-ARIA Authoring Practices. Focus stays
 * in the text field, `aria-activedescendant` follows the arrow keys; what is chosen stands before it as chips.
 */
export function genreSelect(genres: readonly Genre[], changed: (chosen: readonly string[]) => void) {
  const words = strings.browse;
  const [inputId, listId, helpId] = [uniqueId("genre"), uniqueId("genres"), uniqueId("genre-help")];
  let chosen: readonly string[] = [];
  let found: readonly Genre[] = [];
  let options: HTMLElement[] = [];
  let active = -1;

  const chips = h("ul", { class: "chips", "aria-label": words.chosen });
  const list = h("ul", {
    class: "options",
    id: listId,
    role: "listbox",
    "aria-label": words.genres,
    "aria-multiselectable": true,
    hidden: true,
    // The field keeps the focus while the list is clicked.
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
    placeholder: words.genresPlaceholder,
    "aria-autocomplete": "list",
    "aria-expanded": false,
    "aria-controls": listId,
    "aria-describedby": helpId,
    on: { input: open, click: open, keydown: onKey, blur: close },
  });
  const element = h(
    "div",
    { class: "field combobox" },
    h("label", { class: "form-label", for: inputId }, words.genres),
    h("div", { class: "form-control combobox-box", on: { click: () => input.focus() } }, chips, input),
    list,
    none,
    h("p", { class: "visually-hidden", id: helpId }, words.genresHelp),
  );
  return { element, set };

  /** Shows what is chosen elsewhere (the address); tells nobody. */
  function set(next: readonly string[]): void {
    chosen = next;
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
              "aria-label": words.remove(genreName(genre)),
              on: { click: () => remove(genre) },
            },
            "×",
          ),
        ),
      ),
    );
    if (!list.hidden) open();
  }

  function choose(next: readonly string[], said: string): void {
    set(next);
    announce(said);
    changed(next);
  }

  function remove(genre: string): void {
    choose(
      chosen.filter((name) => name !== genre),
      words.removed(genreName(genre)),
    );
    input.focus();
  }

  function toggle(genre: string): void {
    input.value = "";
    if (chosen.includes(genre)) remove(genre);
    else choose([...chosen, genre], words.added(genreName(genre)));
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
          "aria-selected": chosen.includes(name),
          on: { click: () => toggle(name) },
        },
        h("span", {}, genreName(name)),
        h("span", { class: "option-count" }, words.filmsOf(films)),
      ),
    );
    list.replaceChildren(...options);
    list.hidden = options.length === 0;
    none.hidden = options.length > 0;
    none.textContent = none.hidden ? "" : words.noGenre(input.value.trim());
    if (!none.hidden) announce(words.noGenre(input.value.trim()));
    input.setAttribute("aria-expanded", String(!list.hidden));
    // With text typed, Enter takes the first that fits; otherwise the arrows choose where to start.
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
      const latest = chosen.at(-1);
      if (latest) remove(latest);
    }
  }
}
