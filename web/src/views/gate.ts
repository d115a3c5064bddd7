import { avatar } from "../components/avatar";
import { accountLink } from "../components/membership";
import { type Context, profileName, type ViewHandle } from "../context";
import { h } from "../dom";
import { type ProfileRef, START } from "../state/route";
import { strings } from "../strings";

/** The profile gate: the visitor and the sample users. */
export function gateView(context: Context): ViewHandle {
  const t = strings.gate;
  const tile = (profile: ProfileRef, name: string, hint: string) =>
    h(
      "li",
      {},
      h(
        "a",
        { class: "profile", href: context.href({ ...START, profile }) },
        avatar(profile),
        h("span", { class: "profile-name" }, name),
        h("span", { class: "profile-hint" }, hint),
      ),
    );
  const element = h(
    "div",
    { class: "gate" },
    h("h1", { tabindex: -1 }, t.heading),
    h("p", { class: "gate-intro" }, t.intro),
    h(
      "ul",
      { class: "profiles", "aria-label": t.profiles },
      tile({ kind: "visitor" }, t.you, t.youHint(context.ratings.size)),
      ...context.profiles.map(({ id, name, ratings }) =>
        tile({ kind: "user", id }, profileName(name), t.rated(ratings)),
      ),
    ),
    accountLink(context, "btn btn-outline-light gate-account"),
  );
  return { element, title: t.heading };
}
