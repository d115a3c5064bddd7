"""The commands, from fetch to prune. Flags are dataclass fields; docstrings are help."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from function.bundle.format import BundleError, RatingScale, read_bundle
from training.data.errors import DataError
from training.data.fetch import fetch, files_of
from training.data.load import load
from training.data.own import ColumnMap, load_files
from training.evaluation.tuned import Target, apply, default_record, flags
from training.model.config import ModelConfig
from training.posters.lookup import default_path, fresh_posters, look_up, today
from training.posters.tmdb import URL, Tmdb
from training.progress import Bars
from training.up_to_date import digests, source_digests, write_fingerprint

if TYPE_CHECKING:
    from training.data.dataset import Dataset

Name = Literal["ml-100k", "ml-1m", "ml-latest-small", "ml-25m", "ml-32m"]
ProtocolName = Literal["random", "time", "kfold", "ranking", "recbole", "new_users"]
BUNDLES = Path("artifacts/bundles")


@dataclass(frozen=True)
class Fetch:
    """Download a MovieLens data set: resumable, verified, cached in artifacts/data."""

    name: tyro.conf.Positional[Name]
    """The data set."""
    force: bool = False
    """Download it again even if it exists."""

    def run(self) -> None:
        _say(f"{self.name} is in {fetch(self.name, force=self.force)}")


@dataclass(frozen=True)
class Source:
    """Which ratings and films to use."""

    data: Name = "ml-100k"
    """A known data set; downloaded where it is missing."""
    ratings: Path | None = None
    """Your own ratings, CSV or Parquet: user, film, rating and optionally timestamp; instead of --data."""
    films: Path | None = None
    """Your own films, CSV or Parquet: film, title and optionally year, genres (A|B), tmdb_id, imdb_id."""
    columns: ColumnMap = ColumnMap()
    scale: tuple[float, float, float] | None = None
    """Lowest rating, highest rating and step, for example 0.5 5 0.5. Inferred from the ratings by default."""
    skip_bad_rows: bool = False
    """Leave invalid rows out and count them, instead of stopping at the first."""

    def load(self) -> "Dataset":
        if (ratings := self._own_ratings()) is None:
            return load(self.data, skip_bad_rows=self.skip_bad_rows)
        scale = None
        if self.scale is not None:
            low, high, step = self.scale
            if not (low < high and 0 < step <= high - low):
                raise DataError(
                    f"--scale {low:g} {high:g} {step:g}: must be lowest, highest and step, as in 0.5 5 0.5."
                )
            scale = RatingScale(min=low, max=high, step=step)
        return load_files(ratings, self.films, columns=self.columns, scale=scale, skip_bad_rows=self.skip_bad_rows)

    def files(self) -> Iterable[Path]:
        """Every file that `load` may read; a known data set is fetched for that."""
        if (ratings := self._own_ratings()) is None:
            return files_of(self.data)
        return (path for path in (ratings, self.films) if path is not None)

    def _own_ratings(self) -> Path | None:
        """The user's own ratings. Raises DataError, before a known data set is fetched in vain, for films alone."""
        if self.ratings is None and self.films is not None:
            raise DataError("--films needs --ratings: give both, or neither.")
        return self.ratings


@dataclass(frozen=True)
class Posters(Source):
    """Look up posters at TMDB, with the key in TMDB_API_KEY; resumable. Train again afterwards."""

    base_url: str = os.environ.get("TMDB_URL", URL)
    """Base URL of TMDB's API, or of a compatible one."""
    rate: float = 20
    """Maximum requests per second."""
    out: Path | None = None
    """Output file; default artifacts/posters/NAME.json."""

    def run(self) -> None:
        with Tmdb(os.environ.get("TMDB_API_KEY", ""), self.base_url, rate=self.rate) as tmdb, Bars() as progress:
            dataset = self.load()
            path = self.out or default_path(dataset.name)
            looked = look_up(dataset, tmdb, path, now=today(), progress=progress)
        _say(f"{path}: {looked.posters:,} of {dataset.n_films:,} films have a poster; {looked.asked:,} were looked up.")
        if looked.unanswered:
            _say(f"{looked.unanswered:,} got no answer. Run this again to retry them.")


@dataclass(frozen=True)
class ImportStore(Source):
    """Add the ratings of members who agreed to a data set, without their names; then train on the files."""

    store: str = os.environ.get("STORE", "")
    """Where members' data is kept: sqlite:///PATH or dynamodb://TABLE."""
    out: Path = Path("artifacts/members")
    """Folder of ratings.parquet and films.parquet."""

    def run(self) -> None:
        from training.data.members import import_store

        if not self.store:
            raise DataError(
                "--store is missing: name the members' store, for example sqlite:///artifacts/members.sqlite3"
            )
        made = import_store(self.store, self.load(), self.out)
        _say(f"{made.ratings:,} ratings of {made.members:,} members who agreed are in {made.folder}. Train on them:")
        _say(f"python -m training train --ratings {made.folder}/ratings.parquet --films {made.folder}/films.parquet")


@dataclass(frozen=True)
class Tune(Source):
    """Search hyper-parameters on validation, never on a test split; resumable."""

    trials: int = 40
    """Total number of trials, those of an earlier run included. The first has the defaults."""
    target: Target = "lists"
    """lists: NDCG@10 of the relevance head. stars: RMSE of the towers. The two searches share no field."""
    seed: int = 0
    """Seed of the splits, the fits and the search: the same seed tries the same values."""
    out: Path | None = None
    """Record of all trials, for --tuned of train and evaluate; default artifacts/tune/NAME-TARGET.json."""

    def run(self) -> None:
        dataset = self.load()
        path = self.out or default_record(dataset.name, self.target)
        from training.evaluation.tune import tune

        with Bars() as progress:
            record = tune(dataset, self.target, path, trials=self.trials, seed=self.seed, progress=progress)
        best, default = record.best, record.default
        _say(f"{path}: {len(record.trials)} trials; the defaults score {default.value:.4f}, the best {best.value:.4f}.")
        if best is default:
            _say("No trial is better than the defaults.")
        else:
            _say(f"Pass --tuned {path} to train, or: {flags(best.params)}")


@dataclass(frozen=True)
class Modelled(Source):
    """Options of the commands that fit a model."""

    model: ModelConfig = ModelConfig()
    tuned: tuple[Path, ...] = ()
    """One or two records of the command tune. They set the fields that were searched; --model must not."""

    def configured(self) -> ModelConfig:
        """`model` with the tuned values. Raises DataError."""
        return apply(self.model, self.tuned)


@dataclass(frozen=True)
class Train(Modelled):
    """Train, evaluate, export and verify a bundle; it replaces the current one once it is complete."""

    protocols: tuple[ProtocolName, ...] = ("random",)
    """How to evaluate before the final fit on all ratings, which reuses what the first protocol chose.
    `--protocols` without a value skips the evaluation. The command evaluate runs all of them."""
    precision: Literal["float32", "float16", "int8"] = "float32"
    """Precision of the exported weights; its error is measured and recorded."""
    rescored: bool = True
    """Score the first films of a list again, by rows of 16 bits, if the weights are int8."""
    out: Path = BUNDLES
    """The bundle root."""
    report: Path = Path("artifacts/report")
    """Folder of the evaluation report."""
    posters: Path | None = None
    """Output of the command posters; default artifacts/posters/NAME.json, if it exists."""
    if_needed: bool = False
    """Do nothing if the current bundle was made from the same data, configuration and sources."""

    def run(self) -> None:
        if self.if_needed and os.environ.get("TF_CONFIG"):  # the others would wait for an idle chief
            raise DataError("--if-needed with TF_CONFIG: only the first worker has a bundle to compare. Leave one out.")
        model = self.configured()
        read = digests(self.files())  # before they are read: who alters one meanwhile trains again the next time
        dataset = self.load()
        if self.posters and not self.posters.exists():
            raise DataError(f"{self.posters}: no such file. Make it with `python -m training posters`.")
        posters_file = self.posters or default_path(dataset.name)
        read |= digests((posters_file, *self.tuned))
        posters = fresh_posters(posters_file, now=today())
        fingerprint = self._fingerprint(dataset.sha256, posters)
        if self.if_needed and _current_fingerprint(self.out) == fingerprint:
            write_fingerprint(self.out, read, for_today=bool(posters))
            _say(f"The bundle in {self.out} is up to date.")
            return
        _say(
            f"{dataset.name}: {len(dataset.interactions):,} ratings of {dataset.n_films:,} films by {dataset.n_users:,}"
        )
        # TensorFlow takes seconds to import, so do it only once it is needed.
        from training.cluster.workers import together
        from training.evaluation.evaluate import evaluate
        from training.evaluation.facts import environment_facts
        from training.evaluation.report.write import write_report
        from training.export.bundle import export
        from training.model.fit import fit

        with together() as workers, Bars() as progress:
            evaluation, earlier = evaluate(dataset, model, self.protocols, progress=progress)
            fitted = fit(dataset, dataset.interactions, model, earlier=earlier, progress=progress)
        if not workers.chief:
            _say("Done; the first worker writes the report and the bundle.")
            return
        if self.protocols:
            _say(f"Report: {write_report(evaluation, self.report)}")
        exported = export(
            fitted,
            root=self.out,
            precision=self.precision,
            rescored=self.rescored,
            training={
                "fingerprint": fingerprint,
                "config": asdict(model),
                "chosen": asdict(fitted.chosen),
                **environment_facts(),
            },
            metrics=evaluation.summary(),
            posters=posters,
        )
        if self.if_needed:
            write_fingerprint(self.out, read, for_today=bool(posters))
        _say(f"Verified: TFLite is within {exported.max_star_error:.1g} stars of Keras. Bundle: {exported.folder}")

    def _fingerprint(self, data: str, posters: dict[str, str]) -> str:
        facts = {
            "data": data,
            "posters": posters,
            "model": asdict(self.configured()),
            "protocols": self.protocols,
            "precision": self.precision,
            "rescored": self.rescored,
            "sources": source_digests(),
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Evaluate(Modelled):
    """Measure the model beside the baselines and write the report; trains no bundle."""

    protocols: tuple[ProtocolName, ...] = ("random", "time")
    """random: 90/10. time: the last tenth. kfold: 5 folds. ranking: 75/25 of each user. recbole: RecBole's 8:1:1.
    new_users: users the model was not fitted to."""
    personalisation: float = 0.0
    """0 to 1: also measure lists that favour what is relevant to one user over what is relevant to all."""
    out: Path = Path("artifacts/report")
    """Folder of report.html, report.md, evaluation.json and the plots."""

    def run(self) -> None:
        model = self.configured()
        dataset = self.load()
        from training.cluster.workers import together
        from training.evaluation.evaluate import evaluate
        from training.evaluation.report.write import write_report

        with together() as workers, Bars() as progress:
            evaluation, _ = evaluate(
                dataset, model, self.protocols, personalisation=self.personalisation, progress=progress
            )
        if not workers.chief:
            _say("Done; the first worker writes the report.")
            return
        _say(f"Report: {write_report(evaluation, self.out)}")


@dataclass(frozen=True)
class Verify:
    """Verify a bundle: hashes, shapes, and its goldens on the installed runtime."""

    bundle: tyro.conf.Positional[Path] = BUNDLES
    """A bundle, or a bundle root."""

    def run(self) -> None:
        from function.bundle.goldens import check_goldens
        from function.bundle.interpreter import RUNTIME, Model

        bundle = read_bundle(self.bundle, people=True)
        checked = check_goldens(bundle, Model.of(bundle))
        _say(
            f"Release {bundle.manifest.release} is intact. On {RUNTIME} its {checked.goldens} goldens are within "
            f"{checked.max_star_error:.1g} stars of Keras."
        )


@dataclass(frozen=True)
class Prune:
    """Publish a bundle with the users who may be shown on the open network, for an image or a release made by hand."""

    bundle: tyro.conf.Positional[Path] = BUNDLES
    """A bundle, or a bundle root."""
    users: Literal["none", "samples", "all"] | None = None
    """Whom to keep; by default samples of MovieLens and nobody of your own data. Only "all" keeps people.bin."""
    out: Path = Path("artifacts/published")
    """The bundle root."""

    def run(self) -> None:
        from training.export.prune import prune

        bundle = read_bundle(self.bundle)
        folder = prune(bundle, self.out, self.users or bundle.manifest.default_open_users)
        _say(f"{folder}: {read_bundle(folder).manifest.model.users} of {bundle.manifest.model.users} users.")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status: 1 for bad input, 2 for a wrong flag (by tyro), 130 when interrupted."""
    commands = (
        Annotated[Fetch, tyro.conf.subcommand("fetch")]
        | Annotated[Posters, tyro.conf.subcommand("posters")]
        | Annotated[ImportStore, tyro.conf.subcommand("import-store")]
        | Annotated[Tune, tyro.conf.subcommand("tune")]
        | Annotated[Train, tyro.conf.subcommand("train")]
        | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
        | Annotated[Verify, tyro.conf.subcommand("verify")]
        | Annotated[Prune, tyro.conf.subcommand("prune")]
    )
    command: Any = tyro.cli(commands, args=arguments, prog="python -m training")
    try:
        command.run()
    except (DataError, BundleError) as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; existing files are untouched")
        return 130
    return 0


def _current_fingerprint(root: Path) -> str | None:
    try:
        return str(read_bundle(root).manifest.training.get("fingerprint"))  # a damaged bundle is made again
    except BundleError:
        return None


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
