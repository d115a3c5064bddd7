"""The whole application: access to users, CORS, and that no query causes an error."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from function.api.app import create_app
from function.settings import Settings
from tests.support.served import InProcess, in_process


@pytest.fixture(scope="module")
def api(root: Path) -> Iterator[httpx.Client]:
    with httpx.Client(transport=in_process(root), base_url="http://function") as client:
        yield client


def test_only_the_samples_are_open_by_default(root: Path) -> None:
    app = create_app(Settings(bundle_dir=root))
    with httpx.Client(transport=InProcess(app), base_url="http://function") as client:
        samples = {user["id"] for user in client.get("/api/users").json()["users"]}
        answers = {user: client.get(f"/api/users/{user}/recommendations") for user in map(str, range(1, 70))}
        assert {user for user, answer in answers.items() if answer.status_code == 200} == samples
        # A stranger cannot tell who is known: the refusals differ in the name only.
        refusals = {
            answer.json()["detail"].replace(repr(user), "…") for user, answer in answers.items() if user not in samples
        }
        assert {answer.status_code for user, answer in answers.items() if user not in samples} == {403}
        assert len(refusals) == 1


def test_other_sites_may_call_only_when_they_are_named(root: Path) -> None:
    asked = {"origin": "https://a.example"}
    closed, opened = (
        create_app(Settings(bundle_dir=root, allow_origins=origins)) for origins in ((), ("https://a.example",))
    )
    with httpx.Client(transport=InProcess(closed), base_url="http://function", headers=asked) as client:
        assert "access-control-allow-origin" not in client.get("/api/health").headers
    with httpx.Client(transport=InProcess(opened), base_url="http://function", headers=asked) as client:
        assert client.get("/api/health").headers["access-control-allow-origin"] == "https://a.example"
        other = client.get("/api/health", headers={"origin": "https://b.example"})
        assert "access-control-allow-origin" not in other.headers


def test_a_defect_is_a_problem_without_our_insides(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(bundle_dir=root))

    def fail(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(app.state.recommender, "browse", fail)
    monkeypatch.setattr(type(app.state.recommender), "browse", fail)
    with httpx.Client(transport=InProcess(app), base_url="http://function") as client:
        answer = client.get("/api/films")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


values = (
    st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["Drama", "War", "any", "all", "1", "true", "year"])
)
names = st.sampled_from(
    [
        *("limit", "genres", "match", "exclude", "include_seen", "min_year", "max_year", "sort", "cursor", "q", "ids"),
        *("exclude_genres", "min_ratings", "lenient", "personalisation", "diversity", "reasons"),
    ]
)
paths = st.sampled_from(
    [
        *("/api/films", "/api/users", "/api/users/1/recommendations", "/api/films/1/similar", "/api/films/1"),
        *("/api/similar", "/api/users/1/home", "/api/starters"),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, parameters=st.lists(st.tuples(names, values), max_size=6))
def test_no_query_brings_it_down(api: httpx.Client, path: str, parameters: list[tuple[str, str]]) -> None:
    answer = api.get(path, params=tuple(parameters))
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["detail"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "11", "Drama"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["film_id", "rating", "user_id", "ratings"]), inner, max_size=3)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(
    st.sampled_from(
        [
            *("ratings", "limit", "genres", "exclude", "sort", "cursor", "include_seen"),
            *("films", "people", "lenient", "diversity", "reasons", "min_ratings"),
        ]
    ),
    json_values,
)
posts = st.sampled_from(["/api/recommendations", "/api/users/1/recommendations", "/api/home", "/api/scores"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=posts, body=bodies)
def test_no_body_brings_it_down(api: httpx.Client, path: str, body: dict[str, object]) -> None:
    answer = api.post(path, content=json.dumps(body).encode())
    assert answer.status_code < 500, answer.text
