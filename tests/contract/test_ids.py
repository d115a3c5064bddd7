"""Every valid id can be requested over every transport, escaped as a browser escapes it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import httpx
import pytest
import uvicorn

from function.api.app import create_app
from function.bundle.ids import id_fault
from function.settings import Settings
from infra.local_site import listen
from tests.contract.conftest import ELSEWHERE
from tests.contract.test_problems import problem
from tests.support.demo_bundle import demo_bundle
from tests.support.rie import EventTransport, emulated_function
from tests.support.served import in_process

pytestmark = pytest.mark.skipif(bool(ELSEWHERE), reason="its data has ids of its own")

# Names of routes, and whatever else a file may have for an id.
IDS = (
    *("starters", "similar", "home", "films", "recommendations", "openapi.json"),
    *("a b", " a", "Amélie", "Ame\u0301lie", "Ночь на Земле", "千と千尋の神隠し", "😀"),
    *("...", ".hidden", "a+b", "a&b=c", "a;b,c", "it's", '"x"', "[1]", "{2}", "<3>", "a:b@c", "~!*()^`|$", "x" * 100),
)


def escaped(text: str) -> str:
    """JavaScript's encodeURIComponent, which the page uses."""
    return quote(text, safe="!'()*-._~")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("odd")
    demo_bundle(root, odd_ids=IDS)
    return root


@pytest.fixture(scope="module", params=["in process", "uvicorn", "HTTP API", "function URL"])
def odd(request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    if request.param == "in process":
        with httpx.Client(transport=in_process(root), base_url="http://function") as client:
            yield client
    elif request.param == "uvicorn":
        app = create_app(Settings(bundle_dir=root, open_users="all"))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        with listen(0) as listener:
            thread = Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60) as client:
                yield client
            server.should_exit = True
            thread.join()
    else:
        log = tmp_path_factory.mktemp("emulator") / "log"
        with (
            emulated_function(root, log) as url,
            httpx.Client(
                transport=EventTransport(url, decodes=request.param == "HTTP API"), base_url="http://f"
            ) as client,
        ):
            yield client


def test_every_id_is_reached(odd: httpx.Client) -> None:
    assert [id_fault(text) for text in IDS] == [None] * len(IDS)
    for text in IDS:
        path = f"/api/films/{escaped(text)}"
        assert odd.get(path).json()["id"] == text
        assert odd.get(f"{path}/similar").status_code == 200
        assert odd.post(path, json={"ratings": [{"film_id": text, "rating": 5}]}).json()["id"] == text
        assert [film["id"] for film in odd.get("/api/films", params={"ids": text}).json()["items"]] == [text]
        user = f"/api/users/{escaped(text)}"
        assert odd.get(f"{user}/home").json()["hero"]
        assert odd.get(f"{user}/films/{escaped(text)}").json()["id"] == text
        items = odd.get(f"{user}/recommendations", params={"exclude": [*IDS], "limit": 100}).json()["items"]
        assert items
        assert not {film["id"] for film in items} & {*IDS}


@pytest.mark.parametrize("text", ["no such film", "нет", "a#b"])
def test_a_problem_has_the_whole_path(text: str, odd: httpx.Client) -> None:
    document = problem(odd.get(f"/api/films/{escaped(text)}"), 404, f"There is no film {text!r}")
    assert document["instance"] == f"/api/films/{text}"
