"""Every choice that shapes the model, with its default and the reason for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Hyper-parameters. The defaults were chosen on validation splits of ml-100k; docs/model-card.md tells how."""

    embedding: int = 64
    """Dimensions of the star embeddings, each side. The reference has 50; beyond 64 validation gains nothing."""

    epochs: int = 60
    """Passes over the ratings at the most. The reference stops at 20 at a constant rate; ours falls to 0 (cosine)."""

    ratings_shown: int = 30_000_000
    """Ratings to train on at the most, counting every pass: many ratings need fewer passes (ml-1m: 30)."""

    patience: int = 15
    """Epochs without a better validation error after which a tower stops; its best epoch is the one that is kept."""

    learning_rate: float = 0.003
    """Adam's first learning rate; the cosine schedule takes it to 0."""

    batch_rows: int = 64
    """Histories (users or films) per step, at least. Larger batches are faster and, at equal epochs, worse."""

    batch_ratings: int = 2800
    """Ratings per step, at least: `batch_rows` short histories would move whole tables for little."""

    keep: float = 0.85
    """Share of a history that is shown while the rest is predicted: a rating never helps to predict itself."""

    l2_user: float = 25.0
    """Weight decay of the user tower: times the sum of its tables' squares, beside the sum of the squared errors of all
    ratings. A prior's strength does not depend on how many ratings there are (Salakhutdinov & Mnih, NIPS 2007)."""

    l2_film: float = 12.5
    """Weight decay of the film tower, likewise."""

    damping: float = 5.0
    """Ratings' worth of doubt in a mean: biases are shrunk as if so many average ratings had been given, too."""

    fold_in_noise: float = 0.8
    """Variance of ratings around their prediction, in stars squared, when a visitor's place is solved for."""

    relevance_rank: int = 192
    """Dimensions of the relevance embedding. ml-100k needs about 32, ml-1m more."""

    relevance_l2: float | None = None
    """Lambda of the item-item regression; None chooses it on validation. Larger for more users (EASE, Steck 2019)."""

    relevance_dropout: float = 0.3
    """Emphasised denoising (EDLAE, Steck 2020): as if so large a share of every history had been dropped at random."""

    relevance_user_damping: float = 0.5
    """How much less than its length a history weighs in the regression: 0 not at all, 1 every user alike."""

    relevance_film_damping: float = 0.4
    """Likewise for popular films."""

    relevance_factors: int = 96
    """Dimensions of the factored half. Regularisation, not their number, sets how much they can tell."""

    relevance_factors_l2: float | None = None
    """Regularisation of the factored half, times the ratings of a row; None chooses it on validation."""

    relevance_unseen: float = 0.2
    """Weight of a film that was not rated, beside one that was: w0 of iALS."""

    relevance_rounds: int = 6
    """Alternations of the factored half; validation gains nothing from more."""

    relevance_mix: float | None = None
    """Share of the factored half in the order of films, 0 to 1; None chooses it on validation."""

    relevance_rating_weight: float = 0.15
    """How much a star above or below the mean counts in a history, beside having rated the film at all."""

    relevance_liking: float | None = None
    """Weight of the predicted stars in the order of films, beside the likelihood of watching; None chooses it on
    validation. More means fewer disliked films, and fewer that the person would have watched anyway."""

    relevance_films: int = 8000
    """Of more than 2 million ratings: the films, the most rated first, that take part in the regression; its square is
    the memory. The others are placed by genre and decade in it. Fewer ratings have all their films in it."""

    validation: float = 0.1
    """Share of the training ratings on which epochs and lambda are chosen."""

    refit: bool = True
    """After choosing, train once more on all ratings, validation included, for the chosen number of epochs."""

    seed: int = 0
    """Of splits, initial weights and batches: the same seed gives the same metrics."""

    def passes(self, ratings: int) -> int:
        """How many epochs so many ratings get at the most."""
        return max(1, min(self.epochs, round(self.ratings_shown / max(ratings, 1))))
