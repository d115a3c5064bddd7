import type { MemberStrings } from "./en";

const number = new Intl.NumberFormat("fr");
const plural = (n: number, one: string, other: string) => `${number.format(n)} ${n < 2 ? one : other}`;

/** The members' copy in French. */
export const memberFr: MemberStrings = {
  account: {
    signedIn: (name) => (name ? `Connecté : ${name}` : "Vous êtes connecté"),
    counts: (ratings, list, hidden, shelves) =>
      [
        plural(ratings, "note", "notes"),
        `${plural(list, "film", "films")} dans votre liste`,
        plural(hidden, "film qui ne vous intéresse pas", "films qui ne vous intéressent pas"),
        plural(shelves, "étagère", "étagères"),
      ].join(" · "),
    signOut: "Se déconnecter",
    changeEmail: "Changer d’adresse e-mail",
    data: "Vos données",
    dataIntro: "Tout ce qui est gardé de vous, dans un fichier.",
    downloadJson: "Télécharger en JSON",
    downloadCsv: "Télécharger les notes en CSV",
    import: "Importer des notes",
    consent: "Mes notes peuvent améliorer les recommandations, sans mon nom",
    delete: "Supprimer le compte",
    deleteIntro: "Supprime votre compte avec toutes les notes, listes et étagères. C’est définitif.",
    confirmDelete: "Supprimer votre compte et tout ce qu’il contient ? C’est définitif.",
    deleted: "Votre compte et tout ce qu’il contenait sont supprimés.",
    deletedHere:
      "Tout ce qui était gardé de vous est supprimé. Votre identifiant appartient au fournisseur d’identité : supprimez-le chez lui.",
  },
  session: {
    ended: "Votre session est terminée. Ce que vous faites reste dans ce navigateur jusqu’à la prochaine connexion.",
    signIn: "Se connecter",
    failed: (reason) => `Votre compte n’a pas pu être joint : ${reason}`,
    overtaken: (title) => `Un autre appareil a noté ${title} depuis. Sa note est affichée.`,
    waiting: (changes) => plural(changes, "changement en attente d’envoi", "changements en attente d’envoi"),
  },
  merge: {
    heading: "Notes ajoutées",
    done: (ratings) => `${plural(ratings, "note ajoutée", "notes ajoutées")} à votre compte.`,
    conflicts: (films) =>
      `Vous aviez noté ${plural(films, "film", "films")} autrement ; la note la plus récente est gardée.`,
    conflict: (kept, other) => `gardée : ${kept}, autre : ${other}`,
    useOther: (title, other) => `${title} : prendre plutôt ${other}`,
    show: "Voir",
    undo: "Annuler",
    undone: "Votre compte est comme avant.",
    dismiss: "Garder ainsi",
  },
  shelves: {
    list: "Ma liste",
    emptyList: "Votre liste est vide. Ouvrez un film et ajoutez-le.",
    addToList: "Ajouter à ma liste",
    onList: "Dans ma liste",
    none: "Aucune étagère enregistrée",
    noneHint: "Choisissez des films avec les filtres de Parcourir, puis enregistrez-les comme étagère.",
    browse: "Ouvrir dans Parcourir",
    saved: (time, release) => `Telle qu’elle était le ${time}, avec la version ${release}`,
    today: "Que serait-elle aujourd’hui ?",
    todays: (release) => `Telle qu’elle est aujourd’hui, avec la version ${release}`,
    delete: "Supprimer",
    deleted: (name) => `${name} supprimée`,
    name: "Nom de l’étagère",
    save: "Enregistrer comme étagère",
    done: (name) => `${name} est enregistrée.`,
  },
  import: {
    heading: "D’un fichier",
    intro:
      "Apportez vos notes d’ailleurs, jusqu’à 5 000 à la fois. De deux notes d’un film, la plus récente est gardée.",
    sources: [
      "Letterboxd : Settings, Data, Export your data ; ratings.csv dans l’archive",
      "IMDb : Your ratings, Export",
      "MovieLens : About your ratings, Export ; movielens-ratings.csv",
      "Cette page : Compte, Télécharger",
    ],
    choose: "Choisissez un fichier CSV ou JSON",
    importing: (rows) => `Importation de ${plural(rows, "note", "notes")}…`,
    done: (matched, rows) => `${number.format(matched)} sur ${plural(rows, "note importée", "notes importées")}.`,
    skipped: (lines) => plural(lines, "ligne sans note laissée de côté.", "lignes sans note laissées de côté."),
    unmatched: (rows) => plural(rows, "note sans film correspondant", "notes sans film correspondant"),
    mendHint: "Cherchez le film et choisissez-le, ou laissez-le de côté.",
    more: (rows) => `Et ${number.format(rows)} de plus.`,
    search: (name) => `Chercher le film : ${name}`,
    searchPlaceholder: "Chercher par titre…",
    mended: (title) => `${title} noté`,
    errors: {
      large: "Ce fichier est trop grand pour un export de notes.",
      unknown: "Ce n’est pas un export de Letterboxd, d’IMDb, de MovieLens ou de cette page.",
      empty: "Ce fichier n’a pas de notes.",
      many: "Ce fichier a plus de 5 000 notes. Coupez-le en deux.",
    },
  },
  profile: {
    heading: "Ce que le modèle sait de vous",
    intro: "Cela ne vient que de vos notes. Changez une note et cela change.",
    weights: "Les notes qui pèsent le plus",
    history: "Ce qui vous a été montré",
    liked: (films) => plural(films, "film aimé", "films aimés"),
    historyNote: "Gardé un temps, puis oublié.",
  },
};
