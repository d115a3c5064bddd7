"""Every choice that shapes the model, with its default and the reason for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """Hyper-parameters. The defaults were chosen on validation splits of ml-100k; docs/model-card.md tells how."""

    embedding: int = 64
    """Dimensions of the star embeddings, each side. The reference has 50; beyond 64 validation gains nothing."""

    epochs: int = 60
    """Passes over the ratings at the most. The reference stops at 20 at a constant rate; ours falls to 0 (cosine)."""

    patience: int = 15
    """Epochs without a better validation error after which a tower stops; its best epoch is the one that is kept."""

    learning_rate: float = 0.003
    """Adam's first learning rate; the cosine schedule takes it to 0."""

    batch_rows: int = 64
    """Histories (users or films) per step. Larger batches are faster and, at equal epochs, worse."""

    keep: float = 0.85
    """Share of a history that is shown while the rest is predicted: a rating never helps to predict itself."""

    l2_user: float = 0.0003
    """Weight decay of the user tower: times the sum of its tables' squares, added to the mean squared error."""

    l2_film: float = 0.00015
    """Weight decay of the film tower, likewise."""

    damping: float = 5.0
    """Ratings' worth of doubt in a mean: biases are shrunk as if so many average ratings had been given, too."""

    fold_in_noise: float = 0.8
    """Variance of ratings around their prediction, in stars squared, when a visitor's place is solved for."""

    relevance_rank: int = 96
    """Dimensions of the relevance embedding. EASE's scores keep their ranking quality from about 32 on."""

    relevance_l2: float | None = None
    """Lambda of the item-item regression; None chooses it on validation. Larger for more users (EASE, Steck 2019)."""

    relevance_dropout: float = 0.5
    """Emphasised denoising (EDLAE, Steck 2020): as if so large a share of every history had been dropped at random."""

    relevance_rating_weight: float = 0.15
    """How much a star above or below the mean counts in a history, beside having rated the film at all."""

    relevance_films: int = 8000
    """Films, the most rated first, that get relevance embeddings of their own; its square is the memory. Films beyond
    are placed by genre and decade alone."""

    validation: float = 0.1
    """Share of the training ratings on which epochs and lambda are chosen."""

    refit: bool = True
    """After choosing, train once more on all ratings, validation included, for the chosen number of epochs."""

    seed: int = 0
    """Of splits, initial weights and batches: the same seed gives the same metrics."""
