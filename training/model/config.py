"""The model's hyper-parameters, with their defaults and the reasons for them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Hyper-parameters. The defaults were chosen on validation splits; see docs/model-card.md."""

    embedding: int = 64
    """Dimensions of the star embeddings of each tower. More than 64 does not improve validation."""

    epochs: int = 60
    """Maximum passes over the ratings."""

    ratings_shown: int = 30_000_000
    """Maximum ratings to train on, summed over the passes: large data sets need fewer passes (ml-1m: 30)."""

    patience: int = 15
    """A tower stops after so many epochs without a better validation error. Its best epoch is kept."""

    learning_rate: float = 0.003
    """Adam's initial learning rate; a cosine schedule reduces it to 0."""

    batch_rows: int = 64
    """Minimum histories (users or films) per step. Larger batches are faster and, at equal epochs, worse."""

    batch_ratings: int = 2800
    """Minimum ratings per step: with short histories, `batch_rows` rows would update whole tables for little."""

    keep: float = 0.85
    """Share of a history that is shown while the rest is predicted: a rating never helps to predict itself."""

    l2_user: float = 25.0
    """Weight decay of the user tower: the factor of the sum of squared weights, relative to the sum of squared errors
    over all ratings. So it does not depend on the number of ratings (Salakhutdinov & Mnih, NIPS 2007)."""

    l2_film: float = 12.5
    """Weight decay of the film tower, in the same unit."""

    damping: float = 5.0
    """Damping of means and biases: each is shrunk as if it had so many additional average ratings."""

    fold_in_noise: float = 0.7
    """Variance of ratings around their prediction, in stars squared, in the ridge regression of a folded-in user. Less
    is better for long histories, but then five low ratings lower the predicted stars of all films too far."""

    user_tower_share: float | None = None
    """Share of the user tower's prediction in the stars, the film tower's having the rest; None chooses it on
    validation. Which tower predicts better depends on the data."""

    relevance_rank: int = 192
    """Dimensions of the relevance embedding. ml-100k needs about 32, ml-1m more."""

    relevance_l2: float | None = None
    """Lambda of the item-item regression; None chooses it on validation. Larger for more users (EASE, Steck 2019)."""

    relevance_dropout: float = 0.3
    """Emphasised denoising (EDLAE, Steck 2020): the share of every history dropped at random, in closed form."""

    relevance_user_damping: float = 0.5
    """Damping of long histories in the regression: 0 is none, 1 gives every user the same weight."""

    relevance_film_damping: float = 0.4
    """Damping of popular films in the regression, in the same unit."""

    relevance_factors: int = 96
    """Dimensions of the implicit factors. Their capacity is limited by regularisation rather than by dimensions."""

    relevance_factors_l2: float | None = None
    """Regularisation of the factors, per rating of a row; None chooses it on validation."""

    relevance_unseen: float = 0.2
    """Weight of an unrated film relative to a rated one: w0 of iALS."""

    relevance_rounds: int = 6
    """Alternations of the factors; more do not improve validation."""

    relevance_mix: float | None = None
    """Share of the factors in the likelihood of watching, 0 to 1; None chooses it on validation."""

    relevance_rating_weight: float = 0.2
    """Weight of each star above or below the user's mean in a history, where the rating itself has weight 1."""

    relevance_target_weight: float = 0.28
    """The same weight in what the regression predicts from histories: whether a film was watched *and liked*."""

    relevance_liking: float | None = None
    """Weight of the predicted stars in the ranking, relative to the likelihood of watching; None chooses it on
    validation. A higher weight gives fewer disliked films, and fewer that the user would have watched anyway."""

    relevance_films: int = 8000
    """Maximum films in the regression for data with more than 2 million ratings, the most rated first; memory grows
    with its square. The others are imputed from genre and decade. Smaller data sets have no maximum."""

    validation: float = 0.1
    """Share of the training ratings on which epochs and regularisation are chosen."""

    refit: bool = True
    """After the choice, train on with all ratings, validation included (tower_fit.refit_towers)."""

    seed: int = 0
    """Seed of splits, initial weights and batches: the same seed gives the same metrics."""

    def passes(self, ratings: int) -> int:
        """The maximum number of epochs for so many ratings."""
        return max(1, min(self.epochs, round(self.ratings_shown / max(ratings, 1))))
