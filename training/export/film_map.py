"""A two-dimensional map of the films, in which neighbours in the model's space stay neighbours."""

import os

# Otherwise scikit-learn counts physical cores with lscpu, and prints a traceback if it finds none, as in a chroot.
os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE

MAPPED = 1000  # most rated films; more would be unreadable, and take longer than training
ITERATIONS = 500
MIN_FILMS = 8


def film_map(vectors: NDArray[np.float32], counts: NDArray[np.int64], seed: int = 0) -> NDArray[np.float32]:
    """Coordinates [M, 2] within -1..1 of the most rated films, by t-SNE (van der Maaten & Hinton, JMLR 2008).

    `vectors` [M, K] have rows of length 1, `counts` [M] are the films' ratings. Films that are not on the map are NaN.
    """
    coordinates = np.full((len(vectors), 2), np.nan, np.float32)
    chosen = np.argsort(-counts, kind="stable")[:MAPPED]
    chosen = np.sort(chosen[counts[chosen] > 0])
    if len(chosen) < MIN_FILMS:
        return coordinates
    perplexity = min(30.0, (len(chosen) - 1) / 3)
    tsne = TSNE(2, perplexity=perplexity, max_iter=ITERATIONS, metric="cosine", init="random", random_state=seed)
    found = tsne.fit_transform(vectors[chosen])
    found -= (found.max(0) + found.min(0)) / 2
    coordinates[chosen] = found / max(float(np.abs(found).max()), 1e-9)
    return coordinates
