"""implicit's ALS: its `recommend` leaves out what the user has seen and a filter of films, as a request does."""

# mypy: disable-error-code="import-not-found,import-untyped"
# (the library is in the peers' environment only)

from typing import Any

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

from benchmarks.scoring.contract import LIST, Catalogue, measure

FACTORS = 128
FILTERED = 3  # every third film is left out, as a filter by genre leaves films out


def way(catalogue: Catalogue) -> Any:
    shape = (len(catalogue.users), len(catalogue.bias))
    ratings = np.ones(len(catalogue.films), np.float32)
    rated = scipy.sparse.csr_matrix((ratings, catalogue.films, catalogue.indptr), shape)
    model = AlternatingLeastSquares(FACTORS, iterations=5, num_threads=1, random_state=0)
    model.fit(rated, show_progress=False)
    left_out = np.arange(0, shape[1], FILTERED)
    return lambda: model.recommend(0, rated[0], N=LIST, filter_already_liked_items=True, filter_items=left_out)


if __name__ == "__main__":
    measure(f"implicit, ALS of {FACTORS} factors: recommend with filter_items", way, 2000)
