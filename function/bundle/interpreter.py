"""The seam to TensorFlow Lite: LiteRT, or tflite-runtime where that is what is installed."""

from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from function.bundle.format import Bundle, BundleError

try:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    RUNTIME: Final = "litert"
except ImportError:  # the same interpreter under its former name
    from tflite_runtime.interpreter import Interpreter, OpResolverType

    RUNTIME: Final = "tflite-runtime"  # type: ignore[misc]

PADDING: Final = -1
SIGNATURES: Final = {"encode", "score", "explain"}
SHORT: Final = "encode_short"  # the same for a short history, in a part of the time; bundles before 2.1 have none


class _Encoder:
    """A signature that encodes histories of up to `length` ratings."""

    def __init__(self, run: Any) -> None:
        self.run = run
        self.length = int(run.get_input_details()["films"]["shape"][1])


class Model:
    """`model.tflite`, ready to run, on one thread: Lambda gives a part of a core, and a call takes microseconds."""

    def __init__(self, model: Path | bytes, precision: str = "float32") -> None:
        """`model` is a file, which is mapped, or its content. Raises BundleError where it is no TFLite model with the
        three signatures."""
        given: dict[str, Any] = {"model_path": str(model)} if isinstance(model, Path) else {"model_content": model}
        if precision == "int8":
            # As fast without XNNPACK, which makes a copy of all weights before the first answer.
            given["experimental_op_resolver_type"] = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        try:
            self._interpreter: Any = Interpreter(**given, num_threads=1)
            signatures = self._interpreter.get_signature_list()
            if not set(signatures) >= SIGNATURES:
                raise ValueError(f"its signatures are {sorted(signatures)}, not {sorted(SIGNATURES)}")
            # By name: the order of a signature's tensors is the converter's choice.
            self._encoders = [
                _Encoder(self._interpreter.get_signature_runner(name))
                for name in (SHORT, "encode")
                if name in signatures
            ]
            self._score = self._interpreter.get_signature_runner("score")
            self._explain = self._interpreter.get_signature_runner("explain")
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"model.tflite: {RUNTIME} cannot run it ({error}). Export the bundle again.") from error
        self.history_length = self._encoders[-1].length
        # The interpreter writes into its own tensors: two threads at once would read each other's answers.
        self._lock = Lock()

    @classmethod
    def of(cls, bundle: Bundle) -> "Model":
        """The model of a bundle."""
        return cls(bundle.model, bundle.manifest.model.precision)

    def encode(self, films: NDArray[np.int32], ratings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user vector [D] of a history: film indices [n] and stars [n], the latest last.

        Of a longer history than the model takes, the latest ratings count.
        """
        encoder = next((one for one in self._encoders if len(films) <= one.length), self._encoders[-1])
        indices, stars = padded(films, ratings, encoder.length)
        with self._lock:
            vector: NDArray[np.float32] = encoder.run(films=indices, ratings=stars)["user"][0].copy()
        return vector

    def score(self, vector: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Both heads for the whole catalogue, in one invocation: stars [M] and relevance [M]."""
        with self._lock:
            heads = self._score(user=vector[None].astype(np.float32))
            return heads["stars"][0].copy(), heads["relevance"][0].copy()

    def explain(self, films: NDArray[np.int32], ratings: NDArray[np.float32], film: int) -> NDArray[np.float32]:
        """What each rating of a history [n] adds to the relevance of the film with the index `film`; [n].

        Their sum, and what everybody gets, is that relevance. Ratings beyond the model's length add nothing.
        """
        indices, stars = padded(films, ratings, self.history_length)
        with self._lock:
            explained = self._explain(films=indices, ratings=stars, film=np.array([film], np.int32))
            contributions = explained["pull"][0].copy()
        recent = min(len(films), self.history_length)
        return np.concatenate((np.zeros(len(films) - recent, np.float32), contributions[:recent]))


def padded(
    films: NDArray[np.int32], ratings: NDArray[np.float32], length: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The latest `length` ratings of a history, padded for the model: film indices and stars, [1, length] each."""
    recent = slice(-length, None)
    indices = np.full((1, length), PADDING, np.int32)
    stars = np.zeros((1, length), np.float32)
    indices[0, : len(films[recent])] = films[recent]
    stars[0, : len(ratings[recent])] = ratings[recent]
    return indices, stars
