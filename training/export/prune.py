"""A bundle for the open network: of the known users it keeps only those who may be shown.

Everything about visitors stays as it is, since the model, the films and their facts do not change. Sample profiles keep
their vectors and ratings under new ids; of everybody else nothing is left.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import CONTENT, Bundle, BundleError
from function.bundle.interpreter import Model
from function.recommending.recommender import Recommender
from function.settings import OpenUsers
from training.export.publish import json_bytes, npz_bytes, publish_verified, stage


def prune(bundle: Bundle, root: Path, open_users: OpenUsers) -> Path:
    """Publish under `root` what may be shown of `bundle`, and return the folder; "all" copies it as it is.

    Raises BundleError if the bundle is from before goldens were made up: its own are somebody's ratings.
    """
    if "public" not in bundle.manifest.data:
        raise BundleError(f"{bundle.folder}: made by an older version, and its goldens are a user's. Train it again.")
    content = {name: (bundle.folder / name).read_bytes() for name in CONTENT}
    facts = bundle.manifest.model
    if open_users != "all":
        kept = _samples(bundle) if open_users == "samples" else []
        content |= _users_files(bundle, kept)
        facts = facts.model_copy(update={"users": len(kept)})
    staged = stage(
        root,
        content=content,
        created=bundle.manifest.created,
        model=facts,
        data=bundle.manifest.data,
        training=bundle.manifest.training,
        metrics=bundle.manifest.metrics,
    )
    return publish_verified(staged, root)


def _samples(bundle: Bundle) -> list[int]:
    """The indices of the sample profiles, ascending."""
    return sorted(profile.user for profile in Recommender(bundle, Model(bundle.model)).profiles)


def _users_files(bundle: Bundle, kept: list[int]) -> dict[str, bytes]:
    """The files that hold anything of a user, with the users `kept` only."""
    known = bundle.known_users
    histories = [known.histories.of(user) for user in kept]
    empty: tuple[NDArray[np.int32], NDArray[np.float32]] = (np.empty(0, np.int32), np.empty(0, np.float32))
    encodings = json.loads((bundle.folder / "encodings.json").read_bytes())
    return {
        # Ids of people may mean something elsewhere, so the samples get others.
        "encodings.json": json_bytes({**encodings, "users": [f"sample-{number + 1}" for number in range(len(kept))]}),
        "users.npz": npz_bytes(
            vectors=known.vectors[kept],
            indptr=np.cumsum([0, *(len(films) for films, _ in histories)], dtype=np.int64),
            films=np.concatenate([empty[0], *(films for films, _ in histories)]),
            ratings=np.concatenate([empty[1], *(ratings for _, ratings in histories)]),
        ),
        "goldens.json": json_bytes({"goldens": list(_goldens(bundle, kept))}),
    }


def _goldens(bundle: Bundle, kept: list[int]) -> list[dict[str, Any]]:
    """Those of histories, which are made up, and those of the users `kept`, by their new indices."""
    index = {user: number for number, user in enumerate(kept)}
    return [
        {**golden, "user": None if golden["user"] is None else index[golden["user"]]}
        for golden in bundle.goldens
        if golden["user"] is None or golden["user"] in index
    ]
