import { type Context, isVisitor, viewerName } from "../context";
import { h } from "../dom";
import { formatRoute, NO_FILTERS, START, type View, type Who } from "../state/route";
import { LANGUAGES, type Language, language, strings } from "../strings";
import { avatar } from "./avatar";
import { tmdbNotice } from "./poster";

/** The head of the page, once it is known who is watching. */
export function pageHeader(context: Context, who: Who): HTMLElement {
  const words = strings.nav;
  const name = viewerName(context);
  const link = (target: View, label: string, style = "") =>
    h(
      "a",
      {
        class: `nav-item ${style}`,
        href: context.href({ view: target, filters: NO_FILTERS }),
        "aria-current": context.route().view === target ? "page" : null,
      },
      label,
    );
  return h(
    "header",
    { class: "page-header" },
    h("a", { class: "brand", href: context.href({ view: "home", filters: NO_FILTERS }) }, strings.brand),
    h(
      "nav",
      { class: "page-nav", "aria-label": words.label },
      link("home", words.home),
      link("browse", words.browse),
      isVisitor(context) && link("ratings", words.ratings),
      link("how", words.how, "nav-wide"), // on a narrow screen the footer has it
    ),
    h(
      "a",
      { class: "who", href: formatRoute(START), "aria-label": words.switchProfile(name) },
      avatar(who),
      h("span", { class: "who-name", "aria-hidden": true }, name),
    ),
  );
}

export function pageFooter(context: Context, speak: (next: Language) => void): HTMLElement {
  const choose = h(
    "select",
    {
      class: "form-select form-select-sm",
      id: "language",
      on: { change: () => speak(choose.value as Language) },
    },
    ...Object.entries(LANGUAGES).map(([code, name]) =>
      h("option", { value: code, lang: code, selected: code === language }, name),
    ),
  );
  return h(
    "footer",
    { class: "page-footer" },
    h("span", {}, strings.footer),
    h("a", { href: context.href({ view: "how", filters: NO_FILTERS }) }, strings.nav.how),
    h("span", {}, strings.release(context.release.release)),
    h("span", { class: "language" }, h("label", { for: "language" }, strings.language), choose),
    tmdbNotice(),
  );
}
