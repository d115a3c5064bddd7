"""Known people stay in S3: a start does not read them, a request reads one of them, and a release need not have any."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from function.api.app import create_app
from function.bundle.format import CONTENT, PEOPLE, Bundle, BundleError, read_bundle
from function.bundle.people import PAGE, Person, mapped_people, samples_of
from function.bundle.remote import fetch_bundle, remote_people, try_release
from function.settings import Settings
from infra.aws import Aws
from infra.releases import Releases
from tests.aws.cloud import ARTIFACTS, RELEASES
from tests.support.demo_bundle import demo_bundle
from tests.support.served import InProcess
from training.export.prune import prune

URI = f"s3://{ARTIFACTS}/releases"
NOBODY: dict[str, Any] = {"ratings": []}
Reads = list[tuple[str, str | None]]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(demo_bundle(tmp_path_factory.mktemp("bundles"), films=60, users=300, seed=4))


@pytest.fixture(scope="module")
def people(bundle: Bundle) -> list[Person]:
    return list(mapped_people(bundle) or ())


@pytest.fixture
def releases(stack: Aws, bundle: Bundle) -> Releases:
    """With the bundle as the current release."""
    return publish(stack, bundle.folder)


def publish(stack: Aws, folder: Path) -> Releases:
    releases = Releases(stack.client("s3"), ARTIFACTS)
    releases.upload(folder, folder.name)
    assert releases.damage(folder.name) is None
    releases.move(releases.pointer(), folder.name, "release")
    return releases


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """The objects that a function reads, and the range of each."""
    found: Reads = []
    request = http.client.HTTPConnection.request

    def noted(self: Any, method: str, url: str, *arguments: Any, **options: Any) -> None:
        found.append((url.rpartition("/")[2], options["headers"].get("range")))
        request(self, method, url, *arguments, **options)

    monkeypatch.setattr(http.client.HTTPConnection, "request", noted)
    return found


@pytest.fixture
def api(releases: Releases, reads: Reads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[httpx.Client]:
    """A function that has just started."""
    assert releases
    with client(monkeypatch, tmp_path) as api:
        assert sorted(reads) == sorted((name, None) for name in ("current.json", "manifest.json", *CONTENT))
        reads.clear()
        yield api


def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> httpx.Client:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = create_app(Settings(bundle_uri=URI, bundle_dir=tmp_path / "none", open_users="all"))
    assert app.state.fallback is None
    return httpx.Client(transport=InProcess(app), base_url="http://f")


def test_a_visitor_and_a_sample_profile_need_no_people(api: httpx.Client, reads: Reads, bundle: Bundle) -> None:
    assert api.post("/api/recommendations", json=NOBODY).json()["items"]
    for user in api.get("/api/users").json()["users"]:
        assert api.get(f"/api/users/{user['id']}/recommendations").json()["items"]
    assert len(samples_of(bundle)) == 12
    assert reads == []


def test_a_known_user_takes_two_reads_and_then_none(
    api: httpx.Client, reads: Reads, bundle: Bundle, people: list[Person]
) -> None:
    person = next(person for person in people if person.id not in {sample.id for sample in samples_of(bundle)})
    home = api.get(f"/api/users/{person.id}/home").json()
    assert home["shelves"]
    assert [name for name, _ in reads] == [PEOPLE, PEOPLE]
    sizes = [
        1 + int(end) - int(start)
        for start, end in (part.removeprefix("bytes=").split("-") for _, part in reads if part)
    ]
    assert sizes[0] == PAGE
    assert 0 < sizes[1] < 2000
    assert api.get(f"/api/users/{person.id}/recommendations").json()["items"]
    assert len(reads) == 2
    # Nobody by that id takes the page, once.
    for _ in range(2):
        assert api.get("/api/users/nobody/home").status_code == 404
    assert len(reads) == 3


def test_everybody_is_the_same_from_s3(
    releases: Releases, bundle: Bundle, people: list[Person], tmp_path: Path
) -> None:
    assert releases
    there = remote_people(URI, read_bundle(fetch_bundle(URI, tmp_path)))
    assert there
    assert not (tmp_path / bundle.folder.name / PEOPLE).exists()
    for person in people[::37]:
        found = there.find(person.id)
        assert found
        assert found.vector.tolist() == person.vector.tolist()
        assert [part.tolist() for part in found.history] == [part.tolist() for part in person.history]


@pytest.mark.parametrize("damage", ["altered", "shortened", "missing"])
def test_a_damaged_file_of_people_is_an_answer_and_visitors_are_served(
    damage: str, api: httpx.Client, releases: Releases, bundle: Bundle
) -> None:
    key, raw = RELEASES.key(bundle.folder.name, PEOPLE), (bundle.folder / PEOPLE).read_bytes()
    if damage == "missing":
        releases.s3.delete_object(Bucket=ARTIFACTS, Key=key)
    else:
        raw = raw[:-50] if damage == "shortened" else bytes(byte ^ 1 for byte in raw)
        releases.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=raw)
    (last,) = [person for person in mapped_people(bundle) or () if person.id == "300"]
    answer = api.get(f"/api/users/{last.id}/home")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "cannot be read at the moment" in answer.json()["detail"]
    assert api.post("/api/recommendations", json=NOBODY).json()["items"]
    assert str(releases.damage(bundle.folder.name)).startswith(RELEASES.uri(bundle.folder.name, PEOPLE))
    there = remote_people(URI, bundle)
    assert there
    with pytest.raises(BundleError, match=PEOPLE):
        there.find(last.id)


def test_a_trial_reads_one_of_the_people(releases: Releases, bundle: Bundle) -> None:
    assert try_release(URI, bundle.folder.name)["goldens"] == 4
    releases.s3.delete_object(Bucket=ARTIFACTS, Key=RELEASES.key(bundle.folder.name, PEOPLE))
    with pytest.raises(BundleError, match=f"{bundle.folder.name}/{PEOPLE}: there is no such object"):
        try_release(URI, bundle.folder.name)


def test_a_release_without_people_is_served(
    stack: Aws, bundle: Bundle, reads: Reads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = prune(bundle, tmp_path / "published", "none")
    publish(stack, folder)
    reads.clear()
    with client(monkeypatch, tmp_path) as api:
        assert api.post("/api/home", json=NOBODY).json()["shelves"]
        assert api.get(f"/api/films/{bundle.films[0].id}/similar").json()["items"]
        answer = api.get("/api/users/1/home")
    assert answer.status_code == 404
    assert json.loads(answer.content)["title"] == "Not Found"
    assert PEOPLE not in {name for name, _ in reads}
    assert try_release(URI, folder.name)["goldens"] == 4
