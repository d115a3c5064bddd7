"""The record of a hyper-parameter search. One JSON file, complete after every trial."""

import dataclasses
import json
import math
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from training.data.errors import DataError
from training.files import replace
from training.model.config import ModelConfig

Target = Literal["stars", "lists"]
Params = dict[str, int | float]
"""Values of fields of ModelConfig."""
METRICS: dict[Target, str] = {"stars": "RMSE in stars, the lower the better", "lists": "NDCG@10, the higher the better"}
OUT = Path("artifacts/tune")


@dataclass(frozen=True)
class Trial:
    """One set of values and its result on validation."""

    params: Params
    value: float  # in the unit that METRICS names
    seconds: float


@dataclass(frozen=True)
class Search:
    """Everything that determines a search: only an identical one is resumed."""

    data: dict[str, Any]  # name, sha256, number of ratings
    target: Target
    seed: int
    protocol: dict[str, Any]  # whose training part was searched, and how it was split
    space: dict[str, list[Any]]  # by field: lowest, highest, "log" or "even"
    config: dict[str, Any]  # the defaults at the time; the first trial has their values


@dataclass(frozen=True)
class Record:
    """A search and its trials; the first has the defaults."""

    search: Search
    trials: tuple[Trial, ...] = ()

    @property
    def best(self) -> Trial:
        """The best trial; the first of equals."""
        return (min if self.search.target == "stars" else max)(self.trials, key=lambda trial: trial.value)

    @property
    def default(self) -> Trial:
        """The trial with the defaults."""
        return self.trials[0]


def default_record(data: str, target: Target) -> Path:
    """The default path of a record."""
    return OUT / f"{data}-{target}.json"


def flags(params: Params) -> str:
    """The flags of `train` for these values."""
    return shlex.join(word for name, value in params.items() for word in (_flag(name), f"{value}"))


def write_record(path: Path, record: Record, environment: dict[str, Any]) -> None:
    """Write by rename. `environment` has date, machine and versions. Raises DataError where it cannot be written."""
    content = {
        **environment,
        **asdict(record.search),
        "metric": METRICS[record.search.target],
        "default": record.trials[0].value if record.trials else None,
        "best": {**asdict(record.best), "flags": flags(record.best.params)} if record.trials else None,
        "trials": [asdict(trial) for trial in record.trials],
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, _json(content))
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error}). Choose another path with --out.") from error


def read_record(path: Path) -> Record | None:
    """Read what `write_record` wrote; None where there is no such file. Raises DataError for anything else."""
    try:
        raw = json.loads(path.read_text())
        names = [field.name for field in dataclasses.fields(Search)]
        trials = (Trial(_params(each["params"]), _number(each["value"]), each["seconds"]) for each in raw["trials"])
        return Record(Search(**{name: raw[name] for name in names}), tuple(trials))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: is not a record of `tune` ({_reason(error)}). Choose another file, or delete it."
        ) from error


def apply(config: ModelConfig, paths: Sequence[Path]) -> ModelConfig:
    """`config` with the best values of the records `paths`.

    Raises DataError where one is not such a record or has no trial yet, and where a field is set twice: by two records,
    or by a record and a non-default value in `config`.
    """
    found: Params = {}
    for path in paths:
        record = read_record(path)
        if record is None:
            raise DataError(f"{path}: there is no such file. Make it with `python -m training tune`.")
        if not record.trials:
            raise DataError(f"{path}: has no trial yet. Run `python -m training tune` again.")
        for name in record.best.params:
            if name in found:
                raise DataError(f"{path}: sets {name}, as another --tuned file does. Use one of them.")
            if getattr(config, name) != getattr(ModelConfig(), name):
                raise DataError(f"{path}: sets {name}, as {_flag(name)} does. Use one of them.")
        found |= record.best.params
    return dataclasses.replace(config, **found)  # type: ignore[arg-type]  # _params checked the types


def _params(raw: dict[str, Any]) -> Params:
    types = {name: type(value) for name, value in asdict(ModelConfig()).items()}
    if not raw:
        raise ValueError("a trial without values")
    for name, value in raw.items():
        if name not in types:
            raise ValueError(f"{name!r} is not a field of the model")
        if types[name] is int and type(value) is not int:
            raise ValueError(f"{name} is {value!r}, which is not an integer")
        _number(value)
    return raw


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return float(value)


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _flag(name: str) -> str:
    return f"--model.{name.replace('_', '-')}"


def _json(content: dict[str, Any]) -> str:
    """One trial per line, so that diffs are readable."""
    trials = ",\n".join(f"  {json.dumps(trial)}" for trial in content.pop("trials"))
    return f'{json.dumps(content, indent=1)[:-2]},\n "trials": [\n{trials}\n ]\n}}\n'
