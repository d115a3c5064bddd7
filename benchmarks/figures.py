"""Write the measured figures into README, CONTRIBUTING and three documents, from the JSON files of the benchmarks.

python -m benchmarks.figures
"""

import json
from collections.abc import Callable
from typing import Any

from benchmarks.tables import catalogue, cold_start, image, jobs, people, requests, retrieval
from benchmarks.tables import load as loads
from benchmarks.tables.document import markdown, put
from benchmarks.tables.quality import Line, lines
from tests.support.sam import ROOT
from training.files import replace

Facts = dict[str, Any]


def load(path: str) -> Facts:
    found: Facts = json.loads((ROOT / path).read_text())
    return found


def quality(evaluation: Facts) -> str:
    rows: list[tuple[str, ...]] = [("ml-100k", "this model", "damped biases", "popularity", "EASE", "published")]
    by = {
        result["protocol"]: {row["scorer"]: row["metrics"] for row in result["rows"]}
        for result in evaluation["results"]
    }

    def line(label: str, protocol: str, metric: str, form: str, published: str) -> tuple[str, ...]:
        found = [
            by[protocol].get(name, {}).get(metric) for name in ("this model", "damped biases", "popularity", "EASE")
        ]
        return (label, *("-" if value is None else form.format(value) for value in found), published)

    rows += [
        line("5-fold RMSE, stars", "kfold", "rmse", "{:.4f}", "SVD++ 0.919, SVD 0.934"),
        line("5-fold MAE, stars", "kfold", "mae", "{:.4f}", "SVD++ 0.721, SVD 0.737"),
        line("75/25 NDCG@10, liked films", "ranking", "liked_ndcg", "{:.4f}", ""),
        line("75/25 NDCG@10, all watched films", "ranking", "ndcg", "{:.4f}", "BiVAE 0.475, SVD 0.096"),
        line("75/25 Precision@10", "ranking", "precision", "{:.4f}", "BiVAE 0.412, SVD 0.091"),
        line("new users, NDCG@10 from half of their ratings", "new_users", "ndcg", "{:.4f}", ""),
        line("90/10 RMSE, stars", "random", "rmse", "{:.4f}", ""),
        line("90/10 MAE, stars", "random", "mae", "{:.4f}", ""),
        line("90/10 MAE, min-max unit", "random", "mae_unit", "{:.4f}", ""),
        line("last 10 % by time, RMSE", "time", "rmse", "{:.4f}", ""),
        line("last 10 % by time, NDCG@10", "time", "ndcg", "{:.4f}", ""),
    ]
    facts = evaluation["facts"]
    note = (
        f"\n\n`make report`, {facts['date']}, {facts['machine']}, TensorFlow {facts['versions']['tensorflow']}, seed 0."
    )
    return markdown(rows) + note + " Published: Surprise's README (SVD, SVD++), Recommenders' README (BiVAE, SVD)."


BESIDE = (
    ("ranking", "liked_ndcg", "lists, 75/25 NDCG@10, liked films"),
    ("new_users", "liked_ndcg", "lists for new users, NDCG@10, liked films"),
    ("recbole", "liked_ndcg", "lists, RecBole's 8:1:1, NDCG@10, liked films"),
    ("kfold", "rmse", "stars, 5-fold RMSE"),
    ("kfold", "mae", "stars, 5-fold MAE"),
    ("random", "rmse", "stars, 90/10 RMSE"),
    ("random", "mae", "stars, 90/10 MAE"),
    ("ranking", "ndcg", "lists, 75/25 NDCG@10, all watched films"),
    ("ranking", "precision", "lists, 75/25 P@10"),
    ("new_users", "ndcg", "lists for new users, NDCG@10"),
    ("recbole", "ndcg", "lists, RecBole's 8:1:1, NDCG@10"),
    ("kfold", "first_ten_precision", "rated films only, P@10, 5-fold"),
    ("kfold", "first_ten_recall", "rated films only, R@10, 5-fold"),
)


def beside_others(result: Facts) -> str:
    """Our model and the best of the others on both data sets, for every protocol on which ours was measured."""
    rows: list[tuple[object, ...]] = [("", "measure", "this model", "best other", "popularity", "random")]
    for data in ("ml-100k", "ml-1m"):
        for protocol, metric, label in BESIDE:
            found = {line.scorer: line for line in lines(result["runs"], data, protocol)}
            ours = found.pop("this model", None)
            found = {name: line for name, line in found.items() if metric in line.means}
            if ours is None or metric not in ours.means or not {"popularity", "random"} <= set(found):
                continue
            weak = {name: found.pop(name) for name in ("popularity", "random")}
            best = (min if metric in ("rmse", "mae") else max)(found.values(), key=lambda line: line.means[metric])
            others = f"{best.scorer} {_with_interval(best, metric)}"
            rows.append(
                (data, label, _with_interval(ours, metric), others, *(_with_interval(x, metric) for x in weak.values()))
            )
    machine = result["machine"]
    return (
        f"{markdown(rows)}\n\n`make bench-quality`, {result['date']}, {machine['cpu']}, {machine['cores']} cores; "
        "± is half the width of the 95 % interval, over 5 seeds on ml-100k and over the folds of one seed on ml-1m."
    )


def _with_interval(line: Line, metric: str) -> str:
    half_width = f" ± {line.half_widths[metric]:.4f}" if metric in line.half_widths else ""
    return f"{line.means[metric]:.4f}{half_width}"


def setup(result: Facts) -> str:
    uses = {
        "serve": ("serving", "`make serve`; `make up` with a bundle that is up to date"),
        "train": ("and training", "`make up` when there is something to train, `make tune`, `make evaluate`"),
        "dev": ("and development", "`make test`, `make check`, `make bench`"),
        "page": ("the page's build", "`make up`, `make web`"),
        "page-dev": ("the page's tests", "`make test`, `make check`"),
        "identity": ("sign-in on this machine", "`make up`, `make serve`"),
    }
    rows: list[tuple[object, ...]] = [("set up", "for", "packages", "seconds more", "MB on the disk, in all")]
    for row in result["rows"]:
        name, use = uses[row["layer"]]
        rows.append((name, use, row["packages"] or "", row["seconds"], f"{row['megabytes']:,}"))
    machine = result["machine"]
    where = f"{machine['cpu']}, {machine['cores']} cores, Python {result['versions']['python']}"
    return f"{markdown(rows)}\n\n`python -m benchmarks.setup`, {result['date']}, {where}, caches empty."


def ablation(result: Facts) -> str:
    rows = [("variant", "RMSE", "MAE", "seconds to fit")]
    rows += [
        (row["variant"], f"{row['rmse']:.4f}", f"{row['mae']:.4f}", row["seconds"] or "") for row in result["rows"]
    ]
    rankers = [("ranking", "NDCG@10, liked films", "NDCG@10, all watched films")]
    rankers += [(row["variant"], f"{row['liked_ndcg']:.4f}", f"{row['ndcg']:.4f}") for row in result["relevance"]]
    machine = result["machine"]
    note = f"{result['date']}, {machine['cpu']}, {machine['cores']} cores, shared."
    return f"{markdown(rows)}\n\n{markdown(rankers)}\n\n{note}"


def tuning(*records: Facts) -> str:
    rows: list[tuple[object, ...]] = [("search", "trials", "defaults", "best", "changes to the defaults")]
    for record in records:
        best, default = record["best"], record["trials"][0]["params"]
        changes = [f"`{name}` {value}" for name, value in best["params"].items() if value != default[name]]
        values = f"{record['default']:.4f}", f"{best['value']:.4f}"
        label = f"{record['target']}: {record['metric']}"
        rows.append((label, len(record["trials"]), *values, ", ".join(changes) or "none: the defaults are best"))
    last = records[-1]
    note = f"{last['date']}, {last['machine']}, Optuna {last['versions']['optuna']}, seed {last['seed']}."
    return f"{markdown(rows)}\n\n{note}"


def new_users(evaluation: Facts) -> str:
    given = (1, 3, 5, 10, 20, 50)
    rows = [("ratings given", *given)]
    result = next(result for result in evaluation["results"] if result["protocol"] == "new_users")
    for row in result["rows"]:
        if "personalisation" not in row["scorer"]:
            rows.append((row["scorer"], *(f"{row['metrics'][f'liked_given_{n}']:.4f}" for n in given)))
    return markdown(rows)


def personalisation(evaluation: Facts) -> str:
    rows = [("lists", "NDCG@10", "coverage@10", "popularity share")]
    result = next(result for result in evaluation["results"] if result["protocol"] == "ranking")
    for row in result["rows"]:
        if row["scorer"].startswith("this model") or row["scorer"] in ("EASE", "popularity"):
            found = row["metrics"]
            share = f"{found['popularity']:.1%}"
            rows.append((row["scorer"], f"{found['ndcg']:.4f}", f"{found['coverage']:.1%}", share))
    return markdown(rows)


def slices(result: Facts) -> str:
    rows = [("by", "group", "users", "RMSE", "MAE", "NDCG@10", "95 % interval")]
    for row in result["users"]:
        low, high = row["interval"]
        errors = f"{row['rmse']:.3f}", f"{row['mae']:.3f}", f"{row['ndcg']:.3f}", f"{low:.3f} to {high:.3f}"
        rows.append((row["kind"], row["group"], row["users"], *errors))
    return markdown(rows)


def cold_films(result: Facts) -> str:
    cold = result["cold_films"]
    rows = [(f"lists of the {cold['films']} films without ratings", "NDCG@10", "95 % interval")]
    for name, value in cold["ndcg"].items():
        low, high = cold["intervals"][name]
        rows.append((name, f"{value:.4f}", f"{low:.4f} to {high:.4f}"))
    errors = ", ".join(f"{name} {value:.3f}" for name, value in cold["rmse"].items())
    return f"{markdown(rows)}\n\nRMSE of their predicted stars: {errors}."


def neighbours(result: Facts) -> str:
    return markdown(
        [("film", "nearest films"), *((film, "; ".join(near)) for film, near in result["neighbours"].items())]
    )


def development(result: Facts) -> str:
    rows: list[tuple[object, ...]] = [("verb", "seconds", "CPU seconds", "load average before")]
    for verb, runs in result["verbs"].items():
        quickest = min(runs, key=lambda run: run["seconds"])
        rows.append((f"`{verb}`", quickest["seconds"], quickest["cpu"], quickest["load"]))
    machine = result["machine"]
    note = f"`python -m benchmarks.development`, {result['date']}, {machine['cpu']}, {machine['cores']} cores; "
    runs = "one run" if result["runs"] == 1 else f"the quickest of {result['runs']} runs"
    return f"{markdown(rows)}\n\n{note}{runs}. Other processes slow a run down: see the load."


REQUESTS = "benchmarks/results/requests.json"
PEOPLE = "benchmarks/results/people.json"
RETRIEVAL = "benchmarks/results/retrieval.json"
CATALOGUE = "benchmarks/results/catalogue.json"
COLD_START = "benchmarks/results/cold_start.json"
IMAGE = "benchmarks/results/image.json"
LOAD = "benchmarks/results/load.json"
REPORT = "docs/report/ml-100k/evaluation.json"
# Document, block, what makes the block, and the results that it reads.
BLOCKS: tuple[tuple[str, str, Callable[..., str], tuple[str, ...]], ...] = (
    ("README.md", "set-up", setup, ("benchmarks/results/setup.json",)),
    ("README.md", "quality", quality, (REPORT,)),
    ("README.md", "beside others", beside_others, ("benchmarks/results/quality.json",)),
    ("README.md", "requests", requests.requests, (REQUESTS,)),
    ("README.md", "cold start", cold_start.cold_start, (COLD_START,)),
    ("CONTRIBUTING.md", "development", development, ("benchmarks/results/development.json",)),
    ("docs/image.md", "layers", image.layers, (IMAGE,)),
    ("docs/image.md", "packages", image.packages, (IMAGE,)),
    ("docs/image.md", "phases", cold_start.phases, (COLD_START,)),
    ("docs/image.md", "memory", cold_start.memory, (COLD_START,)),
    ("docs/performance.md", "requests", requests.requests, (REQUESTS,)),
    ("docs/performance.md", "layers", requests.layers, (REQUESTS,)),
    ("docs/performance.md", "scoring", requests.scoring, (REQUESTS,)),
    ("docs/performance.md", "weights", people.weights, (PEOPLE,)),
    ("docs/performance.md", "starts", people.starts, (PEOPLE,)),
    ("docs/performance.md", "catalogue sizes", catalogue.sizes, (CATALOGUE,)),
    ("docs/performance.md", "catalogue lists", catalogue.lists, (CATALOGUE,)),
    ("docs/performance.md", "engines", retrieval.engines, (RETRIEVAL,)),
    ("docs/performance.md", "throughput", loads.throughput, (LOAD,)),
    ("docs/performance.md", "memory", loads.memory, (LOAD,)),
    ("docs/performance.md", "faults", loads.faults, (LOAD,)),
    ("docs/distributed.md", "workers", jobs.workers, ("benchmarks/results/workers.json",)),
    ("docs/distributed.md", "jobs", jobs.jobs, ("benchmarks/results/growth.json",)),
    ("docs/model-card.md", "quality", quality, (REPORT,)),
    ("docs/model-card.md", "new users", new_users, (REPORT,)),
    ("docs/model-card.md", "personalisation", personalisation, (REPORT,)),
    ("docs/model-card.md", "slices", slices, ("benchmarks/results/slices.json",)),
    ("docs/model-card.md", "cold films", cold_films, ("benchmarks/results/slices.json",)),
    ("docs/model-card.md", "neighbours", neighbours, ("benchmarks/results/slices.json",)),
    ("docs/model-card.md", "ablation", ablation, ("benchmarks/results/ablation.json",)),
    ("docs/model-card.md", "tuning", tuning, ("docs/tune/ml-100k-lists.json", "docs/tune/ml-100k-stars.json")),
)


def main() -> None:
    for document, block, text, sources in BLOCKS:
        missing = [source for source in sources if not (ROOT / source).exists()]
        if missing:
            print(f"{document}: the figures {block!r} are left as they are, since there is no {missing[0]}")
            continue
        page = (ROOT / document).read_text()
        replace(ROOT / document, put(page, block, text(*map(load, sources))))


if __name__ == "__main__":
    main()
