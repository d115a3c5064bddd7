import type { Account } from "../account";
import type { Context } from "../context";
import { h } from "../dom";
import { formatRoute } from "../state/route";
import { strings } from "../strings";

/** "Sign in", or the link to the account; nothing where the site has no sign-in. */
export function accountLink(context: Context, className: string): HTMLElement | null {
  const { membership } = context;
  if (!membership) return null;
  const isHere = context.route().view === "account";
  return membership.member
    ? h(
        "a",
        {
          class: className,
          href: context.href({ profile: { kind: "visitor" }, view: "account" }),
          "aria-current": isHere ? "page" : null,
        },
        strings.nav.account,
      )
    : h("button", { type: "button", class: className, on: { click: () => signIn(context) } }, strings.nav.signIn);
}

/** Where the ratings are kept. */
export const privacyNote = ({ membership }: Context): HTMLElement =>
  h("p", { class: "note" }, membership?.member ? strings.ratings.members : strings.ratings.intro);

/** Leaves the page to sign in; comes back to the same view. */
export function signIn(context: Context): void {
  const back = formatRoute({ ...context.route(), profile: { kind: "visitor" } });
  context.membership?.signIn(back).catch(() => context.notices.show("sign-in", strings.nav.signInFailed));
}

/** A place for something that only members have; it stays empty for visitors. */
export function memberSlot(context: Context, render: (account: Account) => HTMLElement): HTMLElement | null {
  if (!context.membership?.member) return null;
  const slot = h("span", { class: "member-slot" });
  // If it cannot be loaded, the rest of the page works without it.
  context.membership.account(context).then(
    (account) => slot.replaceChildren(render(account)),
    () => {},
  );
  return slot;
}
