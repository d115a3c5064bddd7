"""A pruned bundle has no trace of the removed users, and is the same for visitors."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest

from function.api.app import create_app
from function.bundle.format import CONTENT, PEOPLE, ROWS, Bundle, BundleError, read_bundle
from function.bundle.goldens import check_goldens
from function.bundle.interpreter import Model
from function.bundle.people import mapped_people, samples_of
from function.bundle.rows import rows_bytes
from function.settings import OpenUsers, Settings
from tests.support.demo_bundle import demo_bundle
from tests.support.rows import with_rows
from tests.support.served import InProcess
from training.cli import main
from training.export.prune import prune
from training.export.publish import json_bytes, publish, stage


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = demo_bundle(tmp_path_factory.mktemp("bundles"), films=120, users=40, seed=3)
    return with_sample_goldens(read_bundle(folder), [11, 3])


def with_sample_goldens(bundle: Bundle, samples: list[int]) -> Bundle:
    """The bundle with goldens of sample profiles, as export makes them."""
    model, probes = Model(bundle.model), list(range(0, len(bundle.films), 9))
    goldens = list(bundle.goldens)
    for sample in samples:
        stars, relevance = model.score(samples_of(bundle)[sample].vector)
        top = np.argsort(-relevance, kind="stable")[:10].tolist()
        goldens.append(
            {"user": sample, "films": [], "ratings": [], "probes": probes, "stars": stars[probes].tolist(), "top": top}
        )
    content = {name: (bundle.folder / name).read_bytes() for name in CONTENT}
    content["goldens.json"] = json_bytes({"goldens": goldens})
    facts = bundle.manifest
    staged = stage(
        bundle.folder.parent,
        content=content,
        people=mapped_people(bundle),
        created=facts.created,
        model=facts.model,
        data=facts.data,
        training=facts.training,
        metrics=facts.metrics,
    )
    return read_bundle(publish(staged, bundle.folder.parent))


def test_a_pruned_bundle_keeps_its_rows(bundle: Bundle, tmp_path: Path) -> None:
    shape = len(bundle.films), bundle.manifest.model.dimensions
    content = rows_bytes(np.ones(shape, np.float32), np.ones(len(bundle.films), np.float32))
    pruned = prune(with_rows(bundle, content, tmp_path / "whole"), tmp_path / "pruned", "none")
    assert (pruned / ROWS).read_bytes() == content


@pytest.mark.parametrize(("open_users", "kept"), [("none", 0), ("samples", 12), ("all", 40)])
def test_a_pruned_bundle_verifies(open_users: OpenUsers, kept: int, bundle: Bundle, tmp_path: Path) -> None:
    pruned = read_bundle(prune(bundle, tmp_path, open_users))
    assert pruned.manifest.model.users == kept
    assert len(samples_of(pruned)) == min(kept, 12)
    assert (tmp_path / "current").resolve() == pruned.folder
    checked = check_goldens(pruned, Model(pruned.model))
    assert checked.goldens == 4 + {"none": 0, "samples": 2, "all": 2}[open_users]
    assert (pruned.manifest.release == bundle.manifest.release) is (open_users == "all")
    assert (PEOPLE in pruned.manifest.files) is (pruned.folder / PEOPLE).exists() is (open_users == "all")


def test_nothing_of_the_other_users_is_left(bundle: Bundle, tmp_path: Path) -> None:
    folder = prune(bundle, tmp_path, "samples")
    kept, samples = samples_of(read_bundle(folder)), samples_of(bundle)
    assert [person.id for person in kept] == [f"sample-{number}" for number in range(1, 13)]
    for ours, theirs in zip(kept, samples, strict=True):
        assert all(map(np.array_equal, (ours.vector, *ours.history), (theirs.vector, *theirs.history)))
    shown = {person.id for person in samples}
    files = b"".join(path.read_bytes() for path in folder.iterdir())
    for person in mapped_people(bundle) or ():
        assert (person.vector.tobytes() in files) is (person.id in shown)


def test_with_none_there_is_nobody(bundle: Bundle, tmp_path: Path) -> None:
    folder = prune(bundle, tmp_path, "none")
    files = b"".join(path.read_bytes() for path in folder.iterdir())
    people = list(mapped_people(bundle) or ())
    assert len(people) == 40
    assert not [person.id for person in people if person.vector.tobytes() in files]
    goldens = json.loads((folder / "goldens.json").read_bytes())["goldens"]
    assert [golden["user"] for golden in goldens] == [None] * 4
    # Nor are the histories that remain anybody's.
    known = {tuple(sorted(person.films.tolist())) for person in people}
    assert not known & {tuple(sorted(golden["films"])) for golden in goldens}


@pytest.mark.parametrize("open_users", ["none", "samples"])
def test_a_bundle_without_people_serves_visitors_and_knows_nobody(
    open_users: OpenUsers, bundle: Bundle, tmp_path: Path
) -> None:
    folder = prune(bundle, tmp_path, open_users)
    app = create_app(Settings(bundle_dir=folder, open_users="all"))
    with httpx.Client(transport=InProcess(app), base_url="http://f") as api:
        assert api.get("/api/ready").status_code == 200
        ratings = [{"film_id": bundle.films[3].id, "rating": 4}]
        assert api.post("/api/recommendations", json={"ratings": ratings}).json()["items"]
        assert api.get(f"/api/films/{bundle.films[3].id}/similar").json()["items"]
        users = [user["id"] for user in api.get("/api/users").json()["users"]]
        assert len(users) == {"none": 0, "samples": 12}[open_users]
        for user in users:
            assert api.get(f"/api/users/{user}/recommendations").json()["items"]
        for person in mapped_people(bundle) or ():
            answer = api.get(f"/api/users/{person.id}/home")
            assert answer.status_code == 404
            assert "POST /api/recommendations serves anybody" in answer.json()["detail"]


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
        known = samples_of(bundle)[0].id
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
