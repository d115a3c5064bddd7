"""Bundles of up to a million films, whose model has learned something: for measuring lists, not only sizes.

Converting a model of that size takes more memory than a machine has. So a model is trained on SEED_RATINGS generated
ratings (growth_data.py), and every table of films in it is drawn out: a further film is the likeness of a film of the
seed, its numbers with noise of NOISE standard deviations. The less a film of the seed was rated, the more likenesses it
has, so that the tail grows longer as it does in larger catalogues. All precisions are made of the same numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from benchmarks.instruments import growth_data
from function.bundle.films import Film
from function.bundle.format import CURRENT, ROWS, RatingScale, read_bundle
from function.bundle.goldens import TOP, Golden
from function.bundle.interpreter import Model
from function.bundle.people import samples_of
from function.bundle.rows import rows_bytes
from function.recommending.ranking import top
from training.data.dataset import Catalog, Dataset
from training.export.bundle import directions, export
from training.export.publish import film_files, json_bytes, npz_bytes, publish_verified, samples_bytes, stage
from training.files import write_durably
from training.model.config import ModelConfig
from training.model.fit import fit
from training.model.served import Served
from training.model.tables import Precision, row_scales

SEED_RATINGS: Final = 263_768  # 3,102 people; 2,003 films, a number that no other dimension of the model has
NOISE: Final = 0.3
PEOPLE: Final = 200  # whose vectors are kept
SEED: Final = "seed.npz"
DECODER: Final = "decoder"  # of relevance
WEIGHTS: Final = "weights"  # of regression, factors and genres in the decoder
CHUNK: Final = 50_000  # films that are drawn out at once
ALIGNMENT: Final = 64  # bytes, of a table in a TFLite file
TOLERANCE: Final = 0.02  # of a quantised table, relative to its largest number


def train_seed(root: Path, precisions: tuple[Precision, ...]) -> None:
    """Train the seed; publish its bundles under `root`/PRECISION, and its tables as SEED."""
    dataset = seed_data()
    fitted = fit(dataset, dataset.interactions, ModelConfig(epochs=8, refit=False))
    for precision in precisions:
        export(fitted, root=root / precision, precision=precision, training={}, metrics={})
    people = np.linspace(0, dataset.n_users - 1, PEOPLE).astype(int)
    tables = served_tables(fitted.served, fitted.film_vectors())
    counts = np.bincount(dataset.interactions.films, minlength=dataset.n_films)
    np.savez(root / SEED, allow_pickle=False, people=fitted.user_vectors[people], counts=counts, **tables)


def served_tables(served: Served, vectors: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Everything in a served model with a row for each film, and how the relevance decoder is made of it."""
    stars, relevance = served.stars, served.relevance
    of_stars = {name: table for name, table in vars(stars).items() if np.shape(table)[:1] == (len(vectors),)}
    ours, theirs = relevance.watching.shares
    return {
        **of_stars,
        "encoder": relevance.watching.regression.encoder,
        "regression": relevance.watching.regression.decoder,
        "factors": relevance.watching.factors.films,
        "genres": relevance.genres,
        "baseline": relevance.baseline,
        "vectors": vectors,
        WEIGHTS: np.array([ours, theirs, 1], np.float32) * np.float32(relevance.in_stars),
    }


@dataclass(frozen=True)
class Likenesses:
    """The tables of a seed, drawn out to a number of films."""

    tables: Mapping[str, NDArray[np.float32]]
    weights: NDArray[np.float32]
    rows: NDArray[np.int64]  # [M] the film of the seed that each is like

    @classmethod
    def of(cls, root: Path, films: int) -> "Likenesses":
        """Of the seed below `root`; the films of the seed come first."""
        with np.load(root / SEED) as stored:
            tables = {
                name: stored[name].reshape(len(stored["counts"]), -1)
                for name in stored.files
                if name not in ("people", "counts", WEIGHTS)
            }
            counts, weights = stored["counts"], stored[WEIGHTS]
        shares = 1 / np.sqrt(counts + 1)
        drawn = np.random.default_rng(0).choice(len(counts), films - len(counts), p=shares / shares.sum())
        return cls(tables, weights, np.concatenate((np.arange(len(counts)), drawn)))

    def chunks(self, name: str) -> Iterator[NDArray[np.float32]]:
        """The table `name` [M, K], CHUNK rows at a time; the same for the same name."""
        if name == DECODER:
            yield from self._decoder()
            return
        table = self.tables[name]
        spread = np.float32(0 if name == "genres" else NOISE) * table.std(0)
        rng = np.random.default_rng(list(name.encode()))
        for start in range(0, len(self.rows), CHUNK):
            rows = self.rows[start : start + CHUNK]
            noise = rng.standard_normal((len(rows), table.shape[1]), np.float32) * spread
            noise[rows == np.arange(start, start + len(rows))] = 0  # the films of the seed themselves
            yield table[rows] + noise

    def _decoder(self) -> Iterator[NDArray[np.float32]]:
        """Relevance.decoder, made of its parts."""
        mean = self.tables["baseline"].mean()
        for *parts, level in zip(*map(self.chunks, ("regression", "factors", "genres", "baseline")), strict=True):
            yield np.hstack((*(weight * part for weight, part in zip(self.weights, parts, strict=True)), level - mean))

    def table(self, name: str) -> NDArray[np.float32]:
        """The whole table `name` [M, K]."""
        return np.concatenate(list(self.chunks(name)))

    @property
    def seed(self) -> int:
        """Films of the seed."""
        return len(self.tables["baseline"])


def item_matrix(films: Likenesses) -> NDArray[np.float32]:
    """[M, 1 + 2 D + K]: its product with a user vector, and `film_bias`, is relevance."""
    pairs = zip(films.chunks("films"), films.chunks(DECODER), strict=True)
    return np.concatenate([np.hstack(pair) for pair in pairs])


def generate(root: Path, precision: Precision, films: int, out: Path) -> Path:
    """Publish the bundle of so many films of the seed below `root` under `out`; returns its folder."""
    seed = read_bundle(root / precision / CURRENT)
    likenesses = Likenesses.of(root, films)
    out.mkdir(parents=True)
    model = out / ".model.tflite"
    grow(seed.model.read_bytes(), likenesses, model)
    vectors = [
        directions(rows / np.linalg.norm(rows, axis=1, keepdims=True), precision)
        for rows in likenesses.chunks("vectors")
    ]
    content = {
        "model.tflite": model.read_bytes(),
        **film_files(_films(seed.films, likenesses), seed.genres),
        "films.npz": npz_bytes(
            vectors=np.concatenate(vectors),
            map=np.resize(seed.film_tables.map, (films, 2)),
            relevance=seed.film_tables.relevance[likenesses.rows],
        ),
        "samples.bin": samples_bytes(list(samples_of(seed))),
        "goldens.json": json_bytes(
            {"goldens": [each.model_dump() for each in _goldens(Model(model, precision), films)]}
        ),
    }
    model.unlink()
    if precision == "int8":
        content[ROWS] = rows_bytes(item_matrix(likenesses), likenesses.table("film_bias").ravel())
    staged = stage(
        out,
        content=content,
        created=seed.manifest.created,
        model=seed.manifest.model.model_copy(update={"films": films}),
        data={"name": "generated", "public": True},
        training={},
        metrics=seed.manifest.metrics,
    )
    return publish_verified(staged, out)


def grow(content: bytes, films: Likenesses, path: Path) -> None:
    """Write to `path` the TFLite file `content`, a seed's, with as many films as `films` has.

    Tables are behind the FlatBuffer, which has their places: with a million films they are more than the 2 GB that a
    FlatBuffer can be. Raises ValueError where a tensor of the seed is none of its tables.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    parts: dict[int, _Part] = {}
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            shape = [] if tensor.shape is None else list(tensor.shape)
            if films.seed not in shape:
                continue
            tensor.shape = [len(films.rows) if size == films.seed else size for size in shape]
            data = model.buffers[tensor.buffer].data
            if data is not None:
                parts[tensor.buffer] = _Part.of(np.asarray(data), tensor, films)
    for number in parts:
        model.buffers[number].data = None
    end = len(_packed(model, parts, 0))
    write_durably(path, _file(_packed(model, parts, end), parts, films))


@dataclass(frozen=True)
class _Part:
    """A table in a TFLite file: which of the seed's, and how its numbers are stored."""

    name: str
    form: str
    dtype: np.dtype[Any]
    scale: NDArray[np.float32]  # of int8: one for all films, or for each; [1] or [M]
    size: int  # bytes

    @classmethod
    def of(cls, data: NDArray[np.uint8], tensor: Any, films: Likenesses) -> "_Part":
        """Also gives `tensor` the scales of the table when it is drawn out."""
        kind = KINDS[tensor.type]
        rows = data.view(kind).reshape(films.seed, -1).astype(np.float32)
        scale = np.ones(1, np.float32)
        scaled = tensor.quantization is not None and tensor.quantization.scale is not None
        if scaled:
            scale = np.asarray(tensor.quantization.scale, np.float32)
            rows *= scale[:, None]
        name, form = _named(rows, films)
        if scaled:
            largest = np.concatenate([np.abs(FORMS[form](chunk)).max(1) for chunk in films.chunks(name)])
            scale = np.maximum(largest if len(scale) > 1 else largest.max(keepdims=True), 1e-9) / np.float32(127)
            tensor.quantization.scale = scale
            tensor.quantization.zeroPoint = np.zeros(len(scale), np.int64)
        return cls(name, form, kind, scale, len(films.rows) * rows.shape[1] * kind.itemsize)

    def chunks(self, films: Likenesses) -> Iterator[bytes]:
        """The bytes of the table."""
        start = 0
        for chunk in films.chunks(self.name):
            rows = FORMS[self.form](chunk)
            if self.dtype == np.int8:
                scale = self.scale[start : start + len(rows)] if len(self.scale) > 1 else self.scale
                rows = np.rint(rows / scale[:, None])
            start += len(rows)
            yield rows.astype(self.dtype).tobytes()


KINDS: Final[Mapping[int, np.dtype[Any]]] = {
    schema.TensorType.FLOAT32: np.dtype(np.float32),
    schema.TensorType.FLOAT16: np.dtype(np.float16),
    schema.TensorType.INT8: np.dtype(np.int8),
}


# How a table may be stored: as it is; as integers of 8 bits; and the scale of each row of these.
FORMS: Final[Mapping[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]]] = {
    "plain": lambda rows: rows,
    "integers": lambda rows: np.rint(rows / row_scales(rows)),
    "scales": row_scales,
}


def _named(rows: NDArray[np.float32], films: Likenesses) -> tuple[str, str]:
    """The table of the seed that has these rows, and its form."""
    decoder = np.concatenate(list(Likenesses(films.tables, films.weights, np.arange(films.seed)).chunks(DECODER)))
    for name, table in {**films.tables, DECODER: decoder}.items():
        for form, formed in FORMS.items():
            known = formed(table)
            if known.shape == rows.shape and np.abs(rows - known).max() <= TOLERANCE * np.abs(known).max():
                return name, form
    raise ValueError(f"a tensor of shape {rows.shape} is none of the tables of the seed")


def _packed(model: Any, parts: Mapping[int, _Part], end: int) -> bytes:
    """The FlatBuffer, with the places of `parts` from `end` on."""
    place = end
    for number, part in parts.items():
        place += -place % ALIGNMENT
        model.buffers[number].offset, model.buffers[number].size = place or 1, part.size  # 0 would be left out
        place += part.size
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _file(head: bytes, parts: Mapping[int, _Part], films: Likenesses) -> Iterator[bytes]:
    yield head
    place = len(head)
    for part in parts.values():
        yield bytes(-place % ALIGNMENT)
        place += -place % ALIGNMENT + part.size
        yield from part.chunks(films)


def _films(seed: Any, films: Likenesses) -> list[Film]:
    known = list(seed)
    return [
        known[row]._replace(id=str(film + 1), title=f"A Film with the Number {film}", tmdb_id=film + 1)
        for film, row in enumerate(films.rows.tolist())
    ]


def _goldens(model: Model, films: int) -> Iterator[Golden]:
    """What the model answers itself, since Keras has no such model."""
    rng = np.random.default_rng(3)
    for size in (0, 1, 10):
        history = rng.permutation(films)[:size].astype(np.int32)
        ratings = np.full(size, 4, np.float32)
        stars, relevance = model.score(model.encode(history, ratings))
        yield Golden(
            user=None,
            films=history.tolist(),
            ratings=ratings.tolist(),
            probes=[0, 1, 2],
            stars=stars[:3].tolist(),
            top=top(relevance, np.arange(films), 0, TOP).tolist(),
        )


def seed_data() -> Dataset:
    """What the seed is trained on."""
    rows, first = growth_data.draw(SEED_RATINGS)
    rng = np.random.default_rng(0)
    second = rng.integers(0, len(growth_data.GENRES), len(first))
    names = [tuple({growth_data.GENRES[genre]: None for genre in pair}) for pair in zip(first, second, strict=True)]
    ids = tuple(str(film + 1) for film in range(len(first)))
    catalog = Catalog(
        ids,
        tuple(f"A Film with the Number {film}" for film in ids),
        rng.integers(1930, 2024, len(ids)).astype(np.int32),
        tuple(names),
        np.arange(1, len(ids) + 1),
        tuple(f"tt{int(film):07}" for film in ids),
    )
    users = tuple(str(user + 1) for user in range(int(rows.users.max()) + 1))
    return Dataset("generated", rows, catalog, users, RatingScale(min=0.5, max=5, step=0.5), "generated", public=True)
