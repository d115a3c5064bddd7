const number = new Intl.NumberFormat("en");
const plural = (n: number, one: string, other: string) => `${number.format(n)} ${n === 1 ? one : other}`;

/** The copy of "How it works" in English, loaded with that view. */
export const howEn = {
  facts: "This release",
  release: "Release",
  created: "Created",
  data: "Data set",
  ratings: "Ratings",
  users: "Users",
  films: "Films",
  genres: "Genres",
  dimensions: "Vector dimensions",
  quality: "Model quality",
  qualityIntro:
    "Measured on ratings that the model was not trained on. RMSE and MAE are errors in stars: lower is better. NDCG and precision measure the first ten recommendations: higher is better.",
  protocols: {
    random: "10% of ratings held out at random",
    time: "Most recent 10% held out",
    kfold: "5-fold cross-validation",
    ranking: "25% of each user’s ratings held out",
  } as Record<string, string>,
  scorers: {
    "this model": "This model",
    EASE: "EASE",
    "damped biases": "Damped biases",
    popularity: "Popularity",
    random: "Random",
  } as Record<string, string>,
  scorer: "Method",
  metrics: { rmse: "RMSE", mae: "MAE", ndcg: "NDCG@10", precision: "Precision@10" },
  curves: "Learning curves",
  curvesIntro: "Mean absolute error in stars after each epoch, on the training and the validation ratings.",
  towers: { user_tower: "User tower", film_tower: "Film tower" },
  epoch: "Epoch",
  training: "Training",
  validation: "Validation",
  curve: (tower: string, first: string, best: string, epochs: number) =>
    `${tower}: the validation error fell from ${first} to ${best} stars in ${epochs} epochs.`,
  noReport: "This site was built without an evaluation report.",
  otherData: "The evaluation report is for a different data set than this release.",
  map: "The map of films",
  mapIntro:
    "Films liked by the same people are close together. Hover over a point to see its title, and click it for details. With the keyboard, use the arrow keys to move between films and Enter to open one.",
  mapLabel: (films: number) =>
    `Map of ${plural(films, "film", "films")}. Use the arrow keys to move between films and Enter to open one.`,
  noMap: "This release has no map.",
  mapGenre: "Genres on the map",
  allGenres: "All genres",
};

export type HowStrings = typeof howEn;
