"""Answers are joined text, and what the models of the document say; a 304 comes before anything is scored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from pydantic import BaseModel

from function.api import responses
from function.api.app import create_app
from function.settings import Settings
from tests.support.demo_bundle import demo_bundle
from tests.support.served import InProcess

USER = "/api/users/3/recommendations"
RATINGS: list[dict[str, Any]] = [{"film_id": "11", "rating": 5}, {"film_id": "211", "rating": 1}]


@pytest.fixture(scope="module")
def app(root: Path) -> Any:
    return create_app(Settings(bundle_dir=root, open_users="all"))


@pytest.fixture(scope="module")
def api(app: Any) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(app), base_url="http://function") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("/api/films?limit=100", None, responses.FilmsPage),
        ("/api/films/11", None, responses.FilmOut),
        ("/api/films/11/similar", None, responses.SimilarPage),
        (f"{USER}?limit=100", None, responses.RecommendationsPage),
        (f"{USER}?reasons=true&genres=War", None, responses.RecommendationsPage),
        ("/api/recommendations", {"ratings": RATINGS}, responses.RecommendationsPage),
        ("/api/recommendations", {"ratings": [], "exclude": ['"é\\'], "lenient": True}, responses.RecommendationsPage),
        ("/api/users/3/home", None, responses.HomeOut),
        ("/api/home", {"ratings": RATINGS, "lenient": True}, responses.HomeOut),
        ("/api/users/3/films/11", None, responses.PersonalFilm),
        ("/api/films/31", {"ratings": RATINGS}, responses.PersonalFilm),
    ],
)
def test_an_answer_is_what_its_model_says(
    api: httpx.Client, path: str, body: dict[str, Any] | None, model: type[BaseModel]
) -> None:
    answer = api.get(path) if body is None else api.post(path, json=body)
    read = model.model_validate(answer.raise_for_status().json(), strict=True, extra="forbid")
    assert read.model_dump(exclude_unset=True) == answer.json()


def test_who_has_the_answer_gets_a_304_before_anything_is_scored(
    api: httpx.Client, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = {path: api.get(path).headers["etag"] for path in (USER, f"{USER}?limit=5", "/api/users/3/home")}
    assert len(set(tags.values())) == len(tags)

    def fail(*_: object) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(type(app.state.recommender.model), "score", fail)
    for path, tag in tags.items():
        same = api.get(path, headers={"if-none-match": f'"other", {tag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert same.headers["cache-control"].startswith("private")


def test_any_tag_will_do_for_what_exists(api: httpx.Client) -> None:
    assert api.get("/api/films/11", headers={"if-none-match": "*"}).status_code == 304
    assert api.get("/api/films/none", headers={"if-none-match": "*"}).status_code == 404


def test_a_tag_does_not_open_what_is_closed(root: Path, api: httpx.Client) -> None:
    tag = api.get(USER).headers["etag"]
    closed = create_app(Settings(bundle_dir=root, open_users="none"))
    with httpx.Client(transport=InProcess(closed), base_url="http://function") as client:
        assert client.get(USER, headers={"if-none-match": tag}).status_code == 403


def test_another_release_other_code_and_other_settings_have_other_tags(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tag(bundles: Path = root, open_users: Literal["all", "none"] = "all") -> str:
        app = create_app(Settings(bundle_dir=bundles, open_users=open_users))
        with httpx.Client(transport=InProcess(app), base_url="http://function") as client:
            return str(client.get("/api/users").raise_for_status().headers["etag"])

    demo_bundle(tmp_path, seed=1)
    tags = [tag(), tag(open_users="none"), tag(tmp_path)]
    assert tag() == tags[0]
    stat = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path, **_: stat(root if path.name == "answers.py" else path))
    assert len({*tags, tag()}) == 4
