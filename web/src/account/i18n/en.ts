const number = new Intl.NumberFormat("en");
const plural = (n: number, one: string, other: string) => `${number.format(n)} ${n === 1 ? one : other}`;

/** The members' copy in English, loaded with their part of the page. */
export const memberEn = {
  account: {
    signedIn: (name: string) => (name ? `Signed in as ${name}` : "You are signed in"),
    counts: (ratings: number, list: number, hidden: number, shelves: number) =>
      [
        plural(ratings, "rating", "ratings"),
        `${plural(list, "film", "films")} on your list`,
        `${plural(hidden, "film", "films")} you are not interested in`,
        plural(shelves, "shelf", "shelves"),
      ].join(" · "),
    signOut: "Sign out",
    changeEmail: "Change e-mail address",
    data: "Your data",
    dataIntro: "Everything that is kept of you, in one file.",
    downloadJson: "Download as JSON",
    downloadCsv: "Download ratings as CSV",
    import: "Import ratings",
    consent: "Let my ratings improve the recommendations, without my name",
    delete: "Delete account",
    deleteIntro: "Deletes your account with all ratings, lists and shelves. This can’t be undone.",
    confirmDelete: "Delete your account and everything in it? This can’t be undone.",
    deleted: "Your account and everything in it is deleted.",
    deletedHere:
      "Everything that was kept of you is deleted. Your sign-in itself belongs to the identity provider: delete it there.",
  },
  session: {
    ended: "Your session has ended. What you do is kept in this browser until you sign in again.",
    signIn: "Sign in",
    failed: (reason: string) => `Your account could not be reached: ${reason}`,
    overtaken: (title: string) => `Another device has rated ${title} since. Its rating is shown.`,
    waiting: (changes: number) => `${plural(changes, "change", "changes")} waiting to be sent`,
  },
  merge: {
    heading: "Ratings from this browser",
    done: (ratings: number) => `${plural(ratings, "rating", "ratings")} from this browser added to your account.`,
    conflicts: (films: number) =>
      `You had rated ${plural(films, "film", "films")} differently before; the later rating was kept.`,
    conflict: (kept: string, other: string) => `kept: ${kept}, other: ${other}`,
    useOther: (title: string, other: string) => `${title}: use ${other} instead`,
    show: "Show",
    undo: "Undo",
    undone: "Your account is as it was before.",
    dismiss: "Keep it so",
  },
};

export type MemberStrings = typeof memberEn;
