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
    heading: "Added ratings",
    done: (ratings: number) => `${plural(ratings, "rating", "ratings")} added to your account.`,
    conflicts: (films: number) =>
      `You had rated ${plural(films, "film", "films")} differently before; the later rating was kept.`,
    conflict: (kept: string, other: string) => `kept: ${kept}, other: ${other}`,
    useOther: (title: string, other: string) => `${title}: use ${other} instead`,
    show: "Show",
    undo: "Undo",
    undone: "Your account is as it was before.",
    dismiss: "Keep it so",
  },
  shelves: {
    list: "My list",
    emptyList: "Your list is empty. Open a film and add it.",
    addToList: "Add to my list",
    onList: "On my list",
    none: "No saved shelves",
    noneHint: "Choose films with the filters of Browse, and save them as a shelf.",
    browse: "Open in Browse",
    saved: (time: string, release: string) => `As it was on ${time}, with release ${release}`,
    today: "What would it be today?",
    todays: (release: string) => `As it is today, with release ${release}`,
    delete: "Delete",
    deleted: (name: string) => `${name} deleted`,
    name: "Name of the shelf",
    save: "Save as a shelf",
    done: (name: string) => `${name} is saved.`,
  },
  import: {
    heading: "From a file",
    intro: "Bring your ratings from elsewhere, up to 5,000 at once. The later of two ratings of a film is kept.",
    sources: [
      "Letterboxd: Settings, Data, Export your data; ratings.csv of the archive",
      "IMDb: Your ratings, Export",
      "MovieLens: About your ratings, Export; movielens-ratings.csv",
      "This page: Account, Download",
    ],
    choose: "Choose a CSV or JSON file",
    importing: (rows: number) => `Importing ${plural(rows, "rating", "ratings")}…`,
    done: (matched: number, rows: number) =>
      `${number.format(matched)} of ${plural(rows, "rating", "ratings")} imported.`,
    skipped: (lines: number) => `${plural(lines, "line", "lines")} without a rating left out.`,
    unmatched: (rows: number) => `${plural(rows, "rating", "ratings")} matched no film`,
    mendHint: "Search for the film and choose it, or leave it out.",
    more: (rows: number) => `And ${number.format(rows)} more.`,
    search: (name: string) => `Search for the film: ${name}`,
    searchPlaceholder: "Search by title…",
    mended: (title: string) => `${title} rated`,
    errors: {
      large: "This file is too large to be an export of ratings.",
      unknown: "This is no export of Letterboxd, IMDb, MovieLens or this page.",
      empty: "This file has no ratings.",
      many: "This file has more than 5,000 ratings. Split it in two.",
    },
  },
  profile: {
    heading: "What it knows about you",
    intro: "This follows from your ratings alone. Change a rating and it changes.",
    weights: "The ratings that weigh most",
    history: "What you were shown",
    liked: (films: number) => `${plural(films, "film", "films")} liked`,
    historyNote: "Kept for a while, then forgotten.",
  },
};

export type MemberStrings = typeof memberEn;
