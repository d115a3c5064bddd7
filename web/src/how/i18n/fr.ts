import type { HowStrings } from "./en";

const number = new Intl.NumberFormat("fr");
const plural = (n: number, one: string, other: string) => `${number.format(n)} ${n < 2 ? one : other}`;

/** The copy of "How it works" in French. */
export const howFr: HowStrings = {
  facts: "Cette version",
  release: "Version",
  created: "Date de création",
  data: "Jeu de données",
  ratings: "Notes",
  users: "Utilisateurs",
  films: "Films",
  genres: "Genres",
  dimensions: "Dimensions des vecteurs",
  quality: "Qualité du modèle",
  qualityIntro:
    "Mesurée sur des notes que le modèle n’a pas vues pendant l’entraînement. La RMSE et la MAE sont des erreurs en étoiles : plus elles sont basses, mieux c’est. Le NDCG et la précision évaluent les dix premières recommandations : plus ils sont élevés, mieux c’est.",
  protocols: {
    random: "10 % des notes mis de côté au hasard",
    time: "10 % les plus récents mis de côté",
    kfold: "Validation croisée à 5 blocs",
    ranking: "25 % des notes de chaque utilisateur mis de côté",
  },
  scorers: {
    "this model": "Ce modèle",
    EASE: "EASE",
    "damped biases": "Biais amortis",
    popularity: "Popularité",
    random: "Aléatoire",
  },
  scorer: "Méthode",
  metrics: { rmse: "RMSE", mae: "MAE", ndcg: "NDCG@10", precision: "Précision@10" },
  curves: "Courbes d’apprentissage",
  curvesIntro: "Erreur absolue moyenne en étoiles après chaque époque, sur les notes d’entraînement et de validation.",
  towers: { user_tower: "Tour utilisateur", film_tower: "Tour film" },
  epoch: "Époque",
  training: "Notes d’entraînement",
  validation: "Notes de validation",
  curve: (tower, first, best, epochs) =>
    `${tower} : l’erreur de validation est passée de ${first} à ${best} étoiles en ${epochs} époques.`,
  noReport: "Ce site a été généré sans rapport d’évaluation.",
  otherData: "Le rapport d’évaluation porte sur un autre jeu de données que cette version.",
  map: "La carte des films",
  mapIntro:
    "Les films aimés par les mêmes personnes sont proches. Survolez un point pour voir son titre et cliquez dessus pour en savoir plus. Au clavier, utilisez les flèches pour passer d’un film à l’autre et Entrée pour ouvrir sa fiche.",
  mapLabel: (films) =>
    `Carte de ${plural(films, "film", "films")}. Utilisez les flèches pour passer d’un film à l’autre et Entrée pour ouvrir sa fiche.`,
  noMap: "Cette version n’a pas de carte.",
  mapGenre: "Genres sur la carte",
  allGenres: "Tous les genres",
};
