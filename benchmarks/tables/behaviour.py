"""benchmarks/results/behaviour.json as tables in docs/model-card.md."""

from typing import Any, Final

from benchmarks.peers.registry import ROOT

PAGE: Final = ROOT / "docs" / "model-card.md"
COUNTS: Final = (0, 1, 2, 5, 10, 20, 50, 200)  # ratings


def table(result: dict[str, Any]) -> str:
    """Shares of each genre for the three visitors, and what all tests add up to."""
    found = result["behaviour"]
    head = ["genre", "lowest", "without ratings", "highest", "in both lists", "poor after lowest"]
    rows = [head, ["---", *["---:"] * 5]]
    for genre in found["genres"]:
        shares = (genre[key] for key in ("lowest", "nothing", "highest", "common", "poor"))
        rows.append([genre["name"], *(f"{share:.0%}" for share in shares)])
    facts = (
        f"{found['expected']} of {len(found['genres'])} genres have the order of shares that one expects",
        f"the lists after the lowest and the highest ratings share {found['common']:.0%} of their films",
        f"{found['poor']:.0%} of the picks after the lowest are predicted below half of the highest rating",
        f"a raised rating leaves the film's ten nearest as high or higher in {found['raised']:.0%} of the cases",
        f"one liked film replaces {10 * found['moved']:.1f} of the first ten",
        f"two random visitors with five ratings each share {10 * found['alike']:.1f} of ten",
        f"who rates everything in the middle sees films with {found['middle']:.0%} of the ratings of the most popular",
    )
    machine = result["machine"]
    note = f"`python -m benchmarks.behaviour`, {result['date']}, {result['data']}, release {result['release']}, "
    return f"{_markdown(rows)}\n\n{note}{machine['cpu']}, {machine['cores']} cores: {'; '.join(facts)}."


def horror_table(result: dict[str, Any]) -> str:
    """The first ten films after five horror films were rated lowest and highest, with their predicted stars."""
    scores = list(result["lists"])
    rows = [["", *(f"after five times {score}" for score in scores)], ["---:", *["---"] * len(scores)]]
    for place, films in enumerate(zip(*result["lists"].values(), strict=True), 1):
        rows.append([str(place), *(f"{title} ({stars:.1f})" for title, stars in films)])
    return f"Rated: {', '.join(result['rated'])}.\n\n{_markdown(rows)}"


def weights_table() -> str:
    """The weights of the relevance head by the number of ratings."""
    from training.model.relevance import Weights  # here: it needs SciPy, which serving does not

    rows = [["ratings", "watching w", "baseline s", "stars t", "genres g"], ["---:"] * 5]
    for count in COUNTS:
        rows.append([str(count), *(f"{weight:.2f}" for weight in Weights.of(float(count)))])
    return _markdown(rows)


def _markdown(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
