import { avatar } from "../components/avatar";
import { type Context, profileName, type ViewHandle } from "../context";
import { h } from "../dom";
import { START, type Who } from "../state/route";
import { strings } from "../strings";

/** "Who's watching?": the sample users and the visitor. */
export function gateView(context: Context): ViewHandle {
  const words = strings.gate;
  const tile = (who: Who, name: string, hint: string) =>
    h(
      "li",
      {},
      h(
        "a",
        { class: "profile", href: context.href({ ...START, who }) },
        avatar(who),
        h("span", { class: "profile-name" }, name),
        h("span", { class: "profile-hint" }, hint),
      ),
    );
  const element = h(
    "div",
    { class: "gate" },
    h("h1", { tabindex: -1 }, words.heading),
    h("p", { class: "gate-intro" }, words.intro),
    h(
      "ul",
      { class: "profiles", "aria-label": words.profiles },
      tile({ kind: "visitor" }, words.you, words.youHint(context.ratings.size)),
      ...context.profiles.map(({ id, name, ratings }) =>
        tile({ kind: "user", id }, profileName(name), words.rated(ratings)),
      ),
    ),
  );
  return { element, title: words.heading };
}
