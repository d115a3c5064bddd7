"""A small bundle, made in seconds: structured random weights in a real TFLite file, written by the real code.

python -m tests.support.demo_bundle OUT_ROOT [FILMS] [USERS]
"""

import io
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from function.bundle.films import Film
from function.bundle.format import ModelFacts, RatingScale
from function.bundle.goldens import Golden
from function.bundle.people import Person
from function.recommending.ranking import top
from training.export.publish import film_files, publish, samples_bytes, stage
from training.export.samples import choose_samples

HISTORY_LENGTH, SHORT_HISTORY = 512, 16
FACTORS = 8
GENRES = ("Action", "Animation", "Children", "Comedy", "Crime", "Drama", "Romance", "War")
_WORDS = ("Amélie", "Night", "River", "Silent", "Return", "Garden", "Star", "Paris", "Winter", "Road", "Glass", "Last")


def demo_bundle(
    root: Path, films: int = 400, users: int = 60, seed: int = 0, step: float = 1.0, *, odd_ids: Sequence[str] = ()
) -> Path:
    """Publish a bundle of `films` films and `users` users under `root`; returns its folder.

    The first films, and the first users, have the `odd_ids`.
    """
    rng = np.random.default_rng(seed)
    multi_hot = rng.random((films, len(GENRES))) < 0.25
    multi_hot[np.arange(films), rng.integers(0, len(GENRES), films)] = True
    taste = (multi_hot @ rng.normal(size=(len(GENRES), FACTORS)) + rng.normal(size=(films, FACTORS))).astype(np.float32)
    module, score, encode = _module(taste, rng)
    histories = [
        np.sort(rng.choice(films, int(size), replace=False)) for size in rng.integers(5, min(120, films // 2), users)
    ]
    ratings = [rng.choice(np.arange(1, 5 + step / 2, step), len(history)) for history in histories]
    vectors = np.stack([encode(history, stars) for history, stars in zip(histories, ratings, strict=True)])
    counts = np.bincount(np.concatenate(histories), minlength=films)
    film_ids = [*odd_ids, *_ids(films)[len(odd_ids) :]]
    user_ids = [*odd_ids, *[str(user + 1) for user in range(users)][len(odd_ids) :]]
    people = [
        Person(user_id, vector.astype(np.float32), history.astype(np.int32), stars.astype(np.float32))
        for user_id, vector, history, stars in zip(user_ids, vectors, histories, ratings, strict=True)
    ]
    samples = choose_samples(users, lambda user: people[user].history, multi_hot, counts)
    random_histories = _random_histories(films, np.arange(1, 5 + step / 2, step), np.random.default_rng(seed))
    content = {
        "model.tflite": _convert(module),
        **film_files(_films(film_ids, multi_hot, counts, rng), GENRES),
        "films.npz": _npz(
            vectors=taste / np.linalg.norm(taste, axis=1, keepdims=True),
            relevance=_mean_and_spread(vectors, score),
            map=np.where(counts[:, None] > 0, np.tanh(taste[:, :2]), np.nan).astype(np.float32),
        ),
        "samples.bin": samples_bytes([people[user] for user in samples]),
        "goldens.json": _json(
            {"goldens": [_golden(history, stars, encode, score) for history, stars in random_histories]}
        ),
    }
    staged = stage(
        root,
        content=content,
        people=people,
        created="2026-01-01T00:00:00+00:00",
        model=ModelFacts(
            dimensions=FACTORS + 1,
            history_length=HISTORY_LENGTH,
            users=users,
            films=films,
            genres=len(GENRES),
            scale=RatingScale(min=1, max=5, step=step),
            precision="float32",
        ),
        data={"name": "demo", "ratings": int(counts.sum()), "public": True},
        training={"seed": seed},
        metrics={},
    )
    return publish(staged, root)


def _module(taste: NDArray[np.float32], rng: np.random.Generator) -> Any:
    import tensorflow as tf

    films = len(taste)
    table = tf.constant(np.vstack((taste, np.zeros((1, FACTORS), np.float32))))  # the last row is the padding's
    bias = tf.constant(rng.normal(0, 0.3, films).astype(np.float32))
    popularity = tf.constant(rng.normal(0, 1, films).astype(np.float32))

    def _contributions(films: Any, ratings: Any) -> Any:
        """What each rating adds to the user vector, [1, H, D]."""
        known = tf.cast(films >= 0, tf.float32)
        count = tf.reduce_sum(known, 1, keepdims=True)
        rows = tf.gather(table, tf.where(films >= 0, films, tf.shape(table)[0] - 1))
        return ((ratings - 3.0) * known / (count + 3.0))[:, :, None] * rows

    def _encoded(films: Any, ratings: Any) -> Any:
        count = tf.reduce_sum(tf.cast(films >= 0, tf.float32), 1, keepdims=True)
        return {"user": tf.concat([tf.reduce_sum(_contributions(films, ratings), 1), count / 100.0], 1)}

    def _history_of(length: int) -> list[Any]:
        return [tf.TensorSpec([1, length], tf.int32, "films"), tf.TensorSpec([1, length], tf.float32, "ratings")]

    class Demo(tf.Module):  # type: ignore[misc]
        @tf.function(input_signature=_history_of(HISTORY_LENGTH))  # type: ignore[untyped-decorator]
        def encode(self, films: Any, ratings: Any) -> Any:
            return _encoded(films, ratings)

        @tf.function(input_signature=_history_of(SHORT_HISTORY))  # type: ignore[untyped-decorator]
        def encode_short(self, films: Any, ratings: Any) -> Any:
            return _encoded(films, ratings)

        @tf.function(input_signature=[*_history_of(HISTORY_LENGTH), tf.TensorSpec([1], tf.int32, "film")])  # type: ignore[untyped-decorator]
        def explain(self, films: Any, ratings: Any, film: Any) -> Any:
            return {"pull": tf.reduce_sum(_contributions(films, ratings) * tf.gather(table, film)[:, None], 2)}

        @tf.function(input_signature=[tf.TensorSpec([1, FACTORS + 1], tf.float32, "user")])  # type: ignore[untyped-decorator]
        def score(self, user: Any) -> Any:
            match = tf.matmul(user[:, :FACTORS], table[:-1], transpose_b=True)
            # The two heads rank films differently on purpose, to notice when they are swapped.
            stars = tf.clip_by_value(3.5 + bias + match, 1.0, 5.0)
            return {"stars": stars, "relevance": match + popularity}

    module = Demo()

    def score(vector: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        heads = module.score(vector[None])
        return heads["stars"][0].numpy(), heads["relevance"][0].numpy()

    def encode(history: NDArray[Any], stars: NDArray[Any]) -> NDArray[np.float32]:
        codes = np.full((1, HISTORY_LENGTH), -1, np.int32)
        codes[0, : len(history)] = history
        given = np.zeros((1, HISTORY_LENGTH), np.float32)
        given[0, : len(stars)] = stars
        vector: NDArray[np.float32] = module.encode(codes, given)["user"][0].numpy()
        return vector

    return module, score, encode


def _mean_and_spread(vectors: NDArray[np.float32], score: Any) -> NDArray[np.float32]:
    """Mean and spread of each film's relevance over all users."""
    relevance = np.stack([score(vector)[1] for vector in vectors[:200].astype(np.float32)])
    return np.stack((relevance.mean(0), relevance.std(0)), 1).astype(np.float32)


def _convert(module: Any) -> bytes:
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        signatures = {name: getattr(module, name) for name in ("encode", "encode_short", "score", "explain")}
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(signatures))
        content: bytes = converter.convert()
    return content


def _random_histories(films: int, scale: NDArray[np.floating], rng: np.random.Generator) -> list[tuple[Any, Any]]:
    """Random histories, as training/export/bundle.py makes them for goldens."""
    return [(rng.permutation(films)[:size], rng.choice(scale, size)) for size in (0, 1, 9, 30)]


def _golden(history: NDArray[Any], stars: NDArray[Any], encode: Any, score: Any) -> dict[str, Any]:
    predicted, relevance = score(encode(history, stars))
    probes = list(range(0, len(predicted), 7))
    return Golden(
        user=None,
        films=history.tolist(),
        ratings=stars.tolist(),
        probes=probes,
        stars=predicted[probes].tolist(),
        top=top(relevance, np.arange(len(relevance)), 0, 10).tolist(),
    ).model_dump()


def _ids(films: int) -> list[str]:
    return [str(10 * code + 1) for code in range(films)]  # unlike indices, to notice when they are confused


def _films(
    ids: Sequence[str], multi_hot: NDArray[np.bool_], counts: NDArray[Any], rng: np.random.Generator
) -> list[Film]:
    return [
        Film(
            id=film_id,
            title=f"The {_WORDS[code % len(_WORDS)]} {_WORDS[(code // len(_WORDS)) % len(_WORDS)]} {code}",
            year=None if code % 50 == 49 else int(rng.integers(1930, 2000)),
            genres=tuple(genre for genre, has in zip(GENRES, multi_hot[code], strict=True) if has),
            average=round(float(rng.uniform(1, 5)), 2) if counts[code] else None,
            count=int(counts[code]),
        )
        for code, film_id in enumerate(ids)
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _npz(**arrays: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[2:4]]
    sys.stdout.write(f"{demo_bundle(Path(sys.argv[1]), *sizes)}\n")
