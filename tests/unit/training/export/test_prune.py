"""A pruned bundle has no trace of the removed users, and is the same for visitors."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest

from function.api.app import create_app
from function.bundle.format import CONTENT, Bundle, BundleError, read_bundle
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import Model
from function.recommending.recommender import Recommender
from function.settings import OpenUsers, Settings
from tests.support.demo_bundle import demo_bundle
from tests.support.served import InProcess
from training.cli import main
from training.export.prune import prune


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = demo_bundle(tmp_path_factory.mktemp("bundles"), films=120, users=40, seed=3)
    # Goldens of known users, as export makes them.
    bundle = read_bundle(folder)
    samples = [profile.user for profile in Recommender(bundle, Model(bundle.model)).profiles]
    other = next(user for user in range(40) if user not in samples)
    return with_user_goldens(bundle, [samples[-1], other])


def with_user_goldens(bundle: Bundle, users: list[int]) -> Bundle:
    from training.export.publish import json_bytes, publish, stage

    model, probes = Model(bundle.model), list(range(0, len(bundle.films), 9))
    goldens = list(bundle.goldens)
    for user in users:
        stars, relevance = model.score(bundle.known_users.vectors[user])
        top = np.argsort(-relevance, kind="stable")[:10].tolist()
        goldens.append(
            {"user": user, "films": [], "ratings": [], "probes": probes, "stars": stars[probes].tolist(), "top": top}
        )
    content = {name: (bundle.folder / name).read_bytes() for name in CONTENT}
    content["goldens.json"] = json_bytes({"goldens": goldens})
    facts = bundle.manifest
    staged = stage(
        bundle.folder.parent,
        content=content,
        created=facts.created,
        model=facts.model,
        data=facts.data,
        training=facts.training,
        metrics=facts.metrics,
    )
    return read_bundle(publish(staged, bundle.folder.parent))


def samples_of(bundle: Bundle) -> list[int]:
    return sorted(profile.user for profile in Recommender(bundle, Model(bundle.model)).profiles)


@pytest.mark.parametrize(("open_users", "kept"), [("none", 0), ("samples", 12), ("all", 40)])
def test_a_pruned_bundle_verifies(open_users: OpenUsers, kept: int, bundle: Bundle, tmp_path: Path) -> None:
    pruned = read_bundle(prune(bundle, tmp_path, open_users))
    assert pruned.manifest.model.users == len(pruned.users) == kept
    assert (tmp_path / "current").resolve() == pruned.folder
    checked = check_goldens(pruned, Model(pruned.model))
    assert checked.goldens == 4 + {"none": 0, "samples": 1, "all": 2}[open_users]
    assert (pruned.manifest.release == bundle.manifest.release) is (open_users == "all")


def test_nothing_of_the_other_users_is_left(bundle: Bundle, tmp_path: Path) -> None:
    samples = samples_of(bundle)
    pruned = read_bundle(prune(bundle, tmp_path, "samples"))
    assert pruned.users == tuple(f"sample-{number}" for number in range(1, 13))
    for index, user in enumerate(samples):
        for ours, theirs in zip(
            pruned.known_users.histories.of(index), bundle.known_users.histories.of(user), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(pruned.known_users.vectors, bundle.known_users.vectors[samples])
    assert len(pruned.known_users.histories.ratings) == sum(
        len(bundle.known_users.histories.of(user)[0]) for user in samples
    )


def test_with_none_there_is_nobody(bundle: Bundle, tmp_path: Path) -> None:
    folder = prune(bundle, tmp_path, "none")
    assert json.loads((folder / "encodings.json").read_bytes())["users"] == []
    with np.load(folder / "users.npz") as arrays:
        assert arrays["indptr"].tolist() == [0]
        assert [arrays[name].shape[0] for name in ("vectors", "films", "ratings")] == [0, 0, 0]
    goldens = json.loads((folder / "goldens.json").read_bytes())["goldens"]
    assert [golden["user"] for golden in goldens] == [None] * 4
    # Nor are the histories that remain anybody's.
    known = {tuple(sorted(bundle.known_users.histories.of(user)[0].tolist())) for user in range(40)}
    assert not known & {tuple(sorted(golden["films"])) for golden in goldens}


@pytest.mark.parametrize("open_users", ["none", "samples"])
def test_visitors_notice_no_difference(open_users: OpenUsers, bundle: Bundle, tmp_path: Path) -> None:
    pruned = prune(bundle, tmp_path, open_users)
    answers = []
    for folder in (bundle.folder, pruned):
        with httpx.Client(
            transport=InProcess(create_app(Settings(bundle_dir=folder, open_users=open_users))), base_url="http://f"
        ) as api:
            films = api.get("/api/films", params={"limit": 100, "sort": "popularity"}).json()["items"]
            ratings = [{"film_id": film["id"], "rating": 5 - number % 3} for number, film in enumerate(films[:7])]
            home = api.post("/api/home", json={"ratings": ratings}).json()
            home.pop("release")
            answers.append(
                [
                    films,
                    home,
                    api.post(
                        "/api/recommendations", json={"ratings": ratings, "personalisation": 0.4, "limit": 50}
                    ).json()["items"],
                    api.post(f"/api/films/{films[20]['id']}", json={"ratings": ratings}).json(),
                    *(api.get(path).json() for path in ("/api/starters", "/api/genres", "/api/map")),
                    api.get(f"/api/films/{films[3]['id']}/similar").json()["items"],
                ]
            )
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("public", "open_users"), [(True, "samples"), (False, "none")])
def test_the_data_decides_who_is_open_by_default(public: bool, open_users: str, bundle: Bundle, tmp_path: Path) -> None:
    """Users of own data are not shown unless the operator opens them."""
    bundle.manifest.data["public"] = public
    try:
        assert bundle.manifest.default_open_users == open_users
        folder = prune(bundle, tmp_path, "all")
    finally:
        bundle.manifest.data["public"] = True
    with httpx.Client(transport=InProcess(create_app(Settings(bundle_dir=folder))), base_url="http://f") as api:
        users = api.get("/api/users").json()["users"]
        assert len(users) == (12 if public else 0)
        known = bundle.users[samples_of(bundle)[0]]
        assert api.get(f"/api/users/{known}/home").status_code == (200 if public else 403)


def test_goldens_of_an_older_version_may_be_a_user_s(bundle: Bundle, tmp_path: Path) -> None:
    public = bundle.manifest.data.pop("public")
    try:
        with pytest.raises(BundleError, match=r"made by an older version.*Train it again"):
            prune(bundle, tmp_path, "none")
    finally:
        bundle.manifest.data["public"] = public
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_how_many_are_kept(bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prune", str(bundle.folder), "--out", str(tmp_path)]) == 0
    assert ": 12 of 40 users." in capsys.readouterr().err
