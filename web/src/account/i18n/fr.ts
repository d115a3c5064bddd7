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
    heading: "Notes de ce navigateur",
    done: (ratings) => `${plural(ratings, "note", "notes")} de ce navigateur dans votre compte.`,
    conflicts: (films) =>
      `Vous aviez noté ${plural(films, "film", "films")} autrement ; la note la plus récente est gardée.`,
    conflict: (kept, other) => `gardée : ${kept}, autre : ${other}`,
    useOther: (title, other) => `${title} : prendre plutôt ${other}`,
    show: "Voir",
    undo: "Annuler",
    undone: "Votre compte est comme avant.",
    dismiss: "Garder ainsi",
  },
};
