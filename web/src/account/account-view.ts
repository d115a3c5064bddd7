import { h, uniqueId } from "../dom";
import type { MemberContext } from ".";
import { mergeSection, saveMerge } from "./merge";
import { action, actions, section } from "./parts";
import { profileSections } from "./profile";
import { saveDraft } from "./shelves-view";
import { memberStrings } from "./strings";

/** The account: who is signed in, the member's data as files, and the ways out. */
export async function accountDetails(member: MemberContext): Promise<HTMLElement[]> {
  const { context, session, api, sync } = member;
  const t = memberStrings().account;
  await sync.run();
  const [summary, management] = await Promise.all([api.summary(), session.managementPage()]);
  const merged = mergeSection(member);
  return [
    section(
      t.signedIn(member.membership.member?.name ?? ""),
      h("p", {}, t.counts(summary.ratings, summary.list, summary.not_interested, summary.shelves)),
      actions(
        action("btn-secondary", t.signOut, () => signOut(member)),
        management === null ? null : h("a", { class: "btn btn-outline-light", href: management }, t.changeEmail),
      ),
    ),
    ...(merged ? [merged] : []),
    section(
      t.data,
      h("p", { class: "lead-text" }, t.dataIntro),
      actions(
        action("btn-secondary", t.downloadJson, () => download(member, "json")),
        action("btn-secondary", t.downloadCsv, () => download(member, "csv")),
        h("a", { class: "btn btn-secondary", href: context.href({ view: "import" }) }, t.import),
      ),
      consent(member, summary.training),
    ),
    ...(await profileSections(member)),
    section(
      t.delete,
      h("p", { class: "lead-text" }, t.deleteIntro),
      actions(action("btn-primary", t.delete, () => deleteAccount(member))),
    ),
  ];
}

async function signOut(member: MemberContext): Promise<void> {
  await member.sync.run(); // what waits is sent first
  forget(member);
  await member.session.end();
}

/** The next person at this browser starts as a visitor. */
function forget({ context, membership, sync }: MemberContext): void {
  sync.forget();
  saveMerge(membership.storage, null);
  saveDraft(membership.storage, "");
  context.saved.saveHome(null);
  membership.member = null;
}

async function deleteAccount(member: MemberContext): Promise<void> {
  const { session, api } = member;
  const t = memberStrings().account;
  if (!window.confirm(t.confirmDelete)) return;
  await api.deleteAll();
  const isGone = await session.deleteAccount();
  forget(member);
  await session.forget();
  window.alert(isGone ? t.deleted : t.deletedHere);
  location.assign("?");
}

async function download({ api }: MemberContext, format: "json" | "csv"): Promise<void> {
  const url = URL.createObjectURL(await api.export(format));
  h("a", { href: url, download: `film-recommender.${format}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Whether the ratings may be trained on; off until the member says so. */
function consent({ api }: MemberContext, isGiven: boolean): HTMLElement {
  const id = uniqueId("consent");
  const input = h("input", { class: "form-check-input", type: "checkbox", role: "switch", id, checked: isGiven });
  const save = async () => {
    try {
      await api.setConsent(input.checked);
    } catch {
      input.checked = !input.checked;
    }
  };
  input.addEventListener("change", () => void save());
  return h(
    "div",
    { class: "form-check form-switch account-consent" },
    input,
    h("label", { class: "form-check-label", for: id }, memberStrings().account.consent),
  );
}
