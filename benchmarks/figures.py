"""Write the measured figures into README and the model card, from the JSON that the commands left; types in nothing.

python -m benchmarks.figures
"""

import json
from collections.abc import Sequence
from typing import Any

from benchmarks.tables.document import put
from benchmarks.tables.quality import Line, lines
from tests.support.sam import ROOT
from training.files import replace

Facts = dict[str, Any]


def load(path: str) -> Facts:
    found: Facts = json.loads((ROOT / path).read_text())
    return found


def table(rows: Sequence[Sequence[object]]) -> str:
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (head, rule, *body))


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
        line("75/25 NDCG@10, whole catalogue", "ranking", "ndcg", "{:.4f}", "BiVAE 0.475, SVD 0.096"),
        line("75/25 Precision@10", "ranking", "precision", "{:.4f}", "BiVAE 0.412, SVD 0.091"),
        line("new people NDCG@10, from half of their ratings", "new_users", "ndcg", "{:.4f}", ""),
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
    return table(rows) + note + " Published: Surprise's README (SVD, SVD++), Recommenders' README (BiVAE, SVD)."


BESIDE = (
    ("kfold", "rmse", "stars, 5-fold RMSE"),
    ("kfold", "mae", "stars, 5-fold MAE"),
    ("random", "rmse", "stars, 90/10 RMSE"),
    ("random", "mae", "stars, 90/10 MAE"),
    ("ranking", "ndcg", "lists, 75/25 NDCG@10"),
    ("ranking", "precision", "lists, 75/25 P@10"),
    ("new_users", "ndcg", "lists for people never seen, NDCG@10"),
    ("recbole", "ndcg", "lists, RecBole's 8:1:1, NDCG@10"),
    ("kfold", "first_ten_precision", "the reference's P@10: the first ten of rated films, 5-fold"),
    ("kfold", "first_ten_recall", "the reference's R@10: likewise"),
)


def beside_others(result: Facts) -> str:
    """Our model and the best of the others, where both were measured, on both data sets."""
    rows: list[tuple[object, ...]] = [("", "measure", "this model", "the best of the others", "popularity", "random")]
    for data in ("ml-100k", "ml-1m"):
        for protocol, metric, label in BESIDE:
            found = {line.scorer: line for line in lines(result["runs"], data, protocol)}
            ours = found.pop("this model", None)
            if ours is None:
                continue
            dull = {name: found.pop(name) for name in ("popularity", "random")}
            best = (min if metric in ("rmse", "mae") else max)(found.values(), key=lambda line: line.means[metric])
            others = f"{best.scorer} {_with_reach(best, metric)}"
            rows.append(
                (data, label, _with_reach(ours, metric), others, *(_with_reach(x, metric) for x in dull.values()))
            )
    machine = result["machine"]
    return (
        f"{table(rows)}\n\n`make bench-quality`, {result['date']}, {machine['cpu']}, {machine['cores']} cores; ± is "
        "half of a 95 % interval, over 5 seeds on ml-100k and over the folds on ml-1m, which has one seed."
    )


def _with_reach(line: Line, metric: str) -> str:
    reach = f" ± {line.reach[metric]:.4f}" if metric in line.reach else ""
    return f"{line.means[metric]:.4f}{reach}"


def setup(result: Facts) -> str:
    uses = {
        "serve": ("serving", "`make serve`; `make up` with a bundle that is up to date"),
        "train": ("and training", "`make up` when there is something to train, `make tune`, `make evaluate`"),
        "dev": ("and development", "`make test`, `make check`, `make bench`"),
        "page": ("the page's build", "`make up`, `make web`"),
        "page-dev": ("the page's tests", "`make test`, `make check`"),
    }
    rows: list[tuple[object, ...]] = [("set up", "for", "packages", "seconds more", "MB on the disk, in all")]
    for row in result["rows"]:
        name, use = uses[row["layer"]]
        rows.append((name, use, row["packages"] or "", row["seconds"], f"{row['megabytes']:,}"))
    machine = result["machine"]
    where = f"{machine['cpu']}, {machine['cores']} cores, Python {result['versions']['python']}"
    return f"{table(rows)}\n\n`python -m benchmarks.setup`, {result['date']}, {where}, caches empty."


def speed(requests: Facts) -> str:
    ms = requests["milliseconds"]
    names = [
        "encode 10 ratings",
        "encode 500 ratings",
        "score the catalogue, both heads",
        "a shelf: score, mask, top 20",
        "GET a known user's shelf",
        "POST a visitor's 10 ratings",
        "the peer: one invocation per film",
    ]
    rows = [
        ("milliseconds, one thread", "median", "p99"),
        *((name, ms[name]["p50"], ms[name]["p99"]) for name in names),
    ]
    machine = requests["machine"]
    note = f"`python -m benchmarks.requests`, {requests['date']}, {machine['cpu']}, {ms['films']:,} films."
    return f"{table(rows)}\n\n{note} One invocation per film costs {ms['ratio']} times a shelf."


def cold_start(result: Facts) -> str:
    rows = [
        (
            "cold start, median of N runs, ms",
            "this function",
            "bare FastAPI + Mangum + NumPy",
            "ratio",
            "peak memory, MB",
        )
    ]
    emulator = result["emulator"]["median"]
    rows.append(
        ("emulator, to the first answer", emulator["function"], emulator["hello"], result["emulator"]["ratio"], "")
    )
    where = [("this machine", result["here"]), ("container", result["container"])]
    where += [(f"container, {size['mb']} MB and its share of a CPU", size) for size in result["memory"]]
    for name, found in where:
        ours, hello = found["function"], found["hello"]
        rows.append((name, ours["total"], hello["total"], found["total_ratio"], ours["peak_mb"]))
    bundle, machine = result["bundle"], result["machine"]
    note = f"`python -m benchmarks.cold_start`, {result['date']}, {machine['cpu']}, {machine['cores']} cores; "
    note += f"a bundle of ml-1m's size ({bundle['films']:,} films, {bundle['users']:,} people), "
    note += f"N = {result['emulator']['runs']}."
    return f"{table(rows)}\n\n{note} Lambda lends more CPU while a function starts than its memory's share."


def ablation(result: Facts) -> str:
    rows = [("variant", "RMSE", "MAE", "seconds to fit")]
    rows += [
        (row["variant"], f"{row['rmse']:.4f}", f"{row['mae']:.4f}", row["seconds"] or "") for row in result["rows"]
    ]
    orders = [("what orders", "NDCG@10"), *((row["variant"], f"{row['ndcg']:.4f}") for row in result["relevance"])]
    machine = result["machine"]
    return f"{table(rows)}\n\n{table(orders)}\n\n{result['date']}, {machine['cpu']}, {machine['cores']} cores, shared."


def tuning(*records: Facts) -> str:
    rows: list[tuple[object, ...]] = [("search", "trials", "the defaults", "the best", "what it changes")]
    for record in records:
        best, default = record["best"], record["trials"][0]["params"]
        changes = [f"`{name}` {value}" for name, value in best["params"].items() if value != default[name]]
        values = f"{record['default']:.4f}", f"{best['value']:.4f}"
        label = f"{record['target']}: {record['metric']}"
        rows.append((label, len(record["trials"]), *values, ", ".join(changes) or "nothing: the defaults are the best"))
    last = records[-1]
    return (
        f"{table(rows)}\n\n{last['date']}, {last['machine']}, Optuna {last['versions']['optuna']}, seed {last['seed']}."
    )


def new_users(evaluation: Facts) -> str:
    given = (1, 3, 5, 10, 20, 50)
    rows = [("ratings given", *given)]
    result = next(result for result in evaluation["results"] if result["protocol"] == "new_users")
    for row in result["rows"]:
        if "personalisation" not in row["scorer"]:
            rows.append((row["scorer"], *(f"{row['metrics'][f'ndcg_given_{n}']:.4f}" for n in given)))
    return table(rows)


def personalisation(evaluation: Facts) -> str:
    rows = [("lists", "NDCG@10", "coverage@10", "popularity share")]
    result = next(result for result in evaluation["results"] if result["protocol"] == "ranking")
    for row in result["rows"]:
        if row["scorer"].startswith("this model") or row["scorer"] in ("EASE", "popularity"):
            found = row["metrics"]
            share = f"{found['popularity']:.1%}"
            rows.append((row["scorer"], f"{found['ndcg']:.4f}", f"{found['coverage']:.1%}", share))
    return table(rows)


def slices(result: Facts) -> str:
    rows = [("people", "group", "how many", "RMSE", "MAE", "NDCG@10", "95 % interval")]
    for row in result["people"]:
        low, high = row["interval"]
        errors = f"{row['rmse']:.3f}", f"{row['mae']:.3f}", f"{row['ndcg']:.3f}", f"{low:.3f} to {high:.3f}"
        rows.append((row["kind"], row["group"], row["people"], *errors))
    return table(rows)


def cold_films(result: Facts) -> str:
    cold = result["cold_films"]
    rows = [(f"lists among {cold['films']} films that nobody has rated", "NDCG@10", "95 % interval")]
    for name, value in cold["ndcg"].items():
        low, high = cold["intervals"][name]
        rows.append((name, f"{value:.4f}", f"{low:.4f} to {high:.4f}"))
    errors = ", ".join(f"{name} {value:.3f}" for name, value in cold["rmse"].items())
    return f"{table(rows)}\n\nRMSE of their stars: {errors}."


def neighbours(result: Facts) -> str:
    return table([("film", "nearest"), *((film, "; ".join(near)) for film, near in result["neighbours"].items())])


def main() -> None:
    evaluation = load("docs/report/ml-100k/evaluation.json")
    found = load("benchmarks/results/slices.json")
    documents = {
        "README.md": {
            "quality": quality(evaluation),
            "beside others": beside_others(load("benchmarks/results/quality.json")),
            "set-up": setup(load("benchmarks/results/setup.json")),
            "speed": speed(load("benchmarks/results/requests.json")),
            "cold start": cold_start(load("benchmarks/results/cold_start.json")),
        },
        "docs/model-card.md": {
            "quality": quality(evaluation),
            "new people": new_users(evaluation),
            "personalisation": personalisation(evaluation),
            "slices": slices(found),
            "cold films": cold_films(found),
            "neighbours": neighbours(found),
            "ablation": ablation(load("benchmarks/results/ablation.json")),
            "tuning": tuning(load("docs/tune/ml-100k-lists.json"), load("docs/tune/ml-100k-stars.json")),
        },
    }
    for name, figures in documents.items():
        page = (ROOT / name).read_text()
        for place, text in figures.items():
            page = put(page, place, text)
        replace(ROOT / name, page)


if __name__ == "__main__":
    main()
