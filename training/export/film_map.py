"""A flat map of the films: neighbours in the model's space stay neighbours on paper."""

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE

MAPPED = 1000  # the most rated films; more would be a cloud, and take longer than the training
ITERATIONS = 500
LEAST = 8  # fewer films are no map


def film_map(vectors: NDArray[np.float32], counts: NDArray[np.int64], seed: int = 0) -> NDArray[np.float32]:
    """Places [M, 2] within -1..1 of the most rated films, by t-SNE (van der Maaten & Hinton, JMLR 2008).

    `vectors` [M, K] have rows of length 1, `counts` [M] are the films' ratings. NaN for films that are not on the map.
    """
    places = np.full((len(vectors), 2), np.nan, np.float32)
    chosen = np.argsort(-counts, kind="stable")[:MAPPED]
    chosen = np.sort(chosen[counts[chosen] > 0])
    if len(chosen) < LEAST:
        return places
    perplexity = min(30.0, (len(chosen) - 1) / 3)
    tsne = TSNE(2, perplexity=perplexity, max_iter=ITERATIONS, metric="cosine", init="random", random_state=seed)
    found = tsne.fit_transform(vectors[chosen])
    found -= (found.max(0) + found.min(0)) / 2
    places[chosen] = found / max(float(np.abs(found).max()), 1e-9)
    return places
