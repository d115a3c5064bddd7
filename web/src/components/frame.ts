import { type Context, isVisitor, viewerName } from "../context";
import { h, svg } from "../dom";
import { formatRoute, NO_FILTERS, type ProfileRef, START, type View } from "../state/route";
import { LANGUAGES, type Language, language, strings } from "../strings";
import { avatar } from "./avatar";
import { accountLink } from "./membership";
import { tmdbNotice } from "./poster";

/** The header, shown once a profile is chosen. */
export function pageHeader(context: Context, profile: ProfileRef): HTMLElement {
  const t = strings.nav;
  const name = viewerName(context);
  const link = (target: View, label: string, className = "") =>
    h(
      "a",
      {
        class: `nav-item ${className}`,
        href: context.href({ view: target, filters: NO_FILTERS }),
        "aria-current": context.route().view === target ? "page" : null,
      },
      label,
    );
  return h(
    "header",
    { class: "page-header" },
    h(
      "a",
      { class: "brand", href: context.href({ view: "home", filters: NO_FILTERS }) },
      logo(),
      h("span", { class: "brand-name" }, strings.brand),
    ),
    h(
      "nav",
      { class: "page-nav", "aria-label": t.label },
      link("home", t.home),
      link("browse", t.browse),
      isVisitor(context) && link("ratings", t.ratings),
      isVisitor(context) && context.membership?.member && link("shelves", t.shelves, "nav-wide"),
      link("how", t.how, "nav-wide"), // small screens have it in the footer only
    ),
    accountLink(context, "nav-item nav-wide account-link"),
    h(
      "a",
      { class: "profile-link", href: formatRoute(START), "aria-label": t.switchProfile(name) },
      avatar(profile),
      h("span", { class: "profile-link-name", "aria-hidden": true }, name),
    ),
  );
}

/** As in public/favicon.svg; it stands for the name on small screens. */
const logo = (): SVGElement =>
  svg(
    "svg",
    { class: "logo", viewBox: "5 5 24 22", "aria-hidden": true, focusable: "false" },
    svg("path", { d: "M7 6h5v20H7zM13.500 6h4v20h-4z", fill: "#e5383b" }),
    svg("path", { d: "m19 7.500 4-1.200 5.200 18.200-4 1.200z", fill: "#ffb703" }),
  );

export function pageFooter(context: Context, onLanguage: (language: Language) => void): HTMLElement {
  const select = h(
    "select",
    {
      class: "form-select form-select-sm",
      id: "language",
      on: { change: () => onLanguage(select.value as Language) },
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
    accountLink(context, "account-link"),
    h("span", {}, strings.release(context.release.release)),
    h("span", { class: "language" }, h("label", { for: "language" }, strings.language), select),
    tmdbNotice(),
  );
}
