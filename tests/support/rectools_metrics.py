"""List metrics by RecTools, from an .npz file to JSON. Runs in an environment with RecTools."""

import json
import sys

import numpy as np
import pandas as pd
from rectools import Columns  # type: ignore[import-not-found]  # not of our environment
from rectools.metrics import (  # type: ignore[import-not-found]
    MRR,
    NDCG,
    AvgRecPopularity,
    CatalogCoverage,
    HitRate,
    MeanInvUserFreq,
    Precision,
    Recall,
    calc_metrics,
)

K = 10


def main(arrays: str) -> None:
    """`arrays` holds scores [U, M], and as pairs [R, 2] of user and film: train and held_out.

    The lists are also made here, with pandas: all unseen films by descending score, for the users of held_out.
    """
    with np.load(arrays) as given:
        scores, train, held_out = (given[name] for name in ("scores", "train", "held_out"))
    seen, wanted = (pd.DataFrame(pairs, columns=[Columns.User, Columns.Item]) for pairs in (train, held_out))
    users, films = np.indices(scores.shape).reshape(2, -1)
    every = pd.DataFrame({Columns.User: users, Columns.Item: films, "score": scores.ravel()})
    every = every[every[Columns.User].isin(wanted[Columns.User])]
    unseen = every.merge(seen, on=Columns.UserItem, how="left", indicator="of").query("of == 'left_only'").copy()
    unseen[Columns.Rank] = unseen.groupby(Columns.User)["score"].rank(ascending=False, method="first").astype(int)
    found = calc_metrics(
        {
            "ndcg": NDCG(K, divide_by_achievable=True),
            "precision": Precision(K),
            "recall": Recall(K),
            "hit_rate": HitRate(K),
            "mrr": MRR(K),
            "coverage": CatalogCoverage(K, normalize=True),
            "popularity": AvgRecPopularity(K),
            "novelty": MeanInvUserFreq(K),
        },
        reco=unseen[[Columns.User, Columns.Item, Columns.Rank]],
        interactions=wanted,
        prev_interactions=seen,
        catalog=np.arange(scores.shape[1]),
    )
    found["popularity"] /= seen[Columns.User].nunique()  # RecTools counts ratings; ours is their share of the people
    sys.stdout.write(json.dumps({name: float(value) for name, value in found.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
