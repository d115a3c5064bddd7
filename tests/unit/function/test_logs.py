"""The log: one line per request, with metrics and without visitor data."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from function.logs import CORRELATION, NAMESPACE, UNMATCHED, RequestLog, correlate

VISITOR = "anna@example.org"
Ask = Callable[..., Awaitable[httpx.Response]]
Lines = list[dict[str, Any]]


@pytest.fixture
def lines() -> Lines:
    return []


@pytest.fixture
def ask(lines: Lines) -> Ask:
    """Send a GET to an API with logging."""
    api = FastAPI()

    @api.get("/api/users/{user_id}/recommendations")
    async def recommend(request: Request, user_id: str) -> dict[str, str]:
        request.state.candidates = 1682
        return {"for": user_id}

    @api.get("/api/genres")
    async def genres(response: Response) -> dict[str, str]:
        response.headers["cache-control"] = "public, max-age=300"
        return {}

    @api.get("/api/fails/{user_id}")
    async def fail(user_id: str) -> None:
        raise KeyError(f"no such user: {user_id}")

    app = RequestLog(api, release="3f9a1c2b7d40", metrics=True, write=lambda text: lines.append(json.loads(text)))

    async def get(path: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return get


@pytest.mark.anyio
async def test_a_request_is_one_line_that_says_what_happened(ask: Ask, lines: Lines) -> None:
    await ask("/api/users/7/recommendations")
    (line,) = lines
    assert line["release"] == "3f9a1c2b7d40"
    assert line["route"] == "/api/users/{user_id}/recommendations"
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "INFO")
    assert line["candidates_scored"] == 1682
    assert 0 < line["latency"] < 5000
    assert line["cold_start"] is True


@pytest.mark.anyio
async def test_only_the_first_request_is_a_cold_start(ask: Ask, lines: Lines) -> None:
    for _ in range(3):
        await ask("/api/users/7/recommendations")
    assert [line["cold_start"] for line in lines] == [True, False, False]
    assert [line["cold_starts"] for line in lines] == [1, 0, 0]


@pytest.mark.anyio
async def test_every_metric_named_is_a_number_of_the_line(ask: Ask, lines: Lines) -> None:
    await ask("/api/users/7/recommendations")
    await ask("/nothing")
    for line in lines:
        assert isinstance(line["_aws"]["Timestamp"], int)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"] == NAMESPACE
            for metric in directive["Metrics"]:
                assert isinstance(line[metric["Name"]], int | float)
            for dimension in directive["Dimensions"][0]:
                assert isinstance(line[dimension], str)
    measured = [metric["Name"] for metric in lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert measured == ["latency", "candidates_scored"]
    assert "candidates_scored" not in lines[1]


@pytest.mark.anyio
async def test_metrics_are_written_only_where_they_are_asked_for(lines: Lines) -> None:
    app = RequestLog(FastAPI(), release="3f9a1c2b7d40", write=lambda text: lines.append(json.loads(text)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        await client.get("/nothing")
    assert "_aws" not in lines[0]
    assert lines[0]["latency"] > 0


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", [f"/api/users/{VISITOR}/recommendations?q={VISITOR}", f"/api/fails/{VISITOR}?q={VISITOR}", f"/{VISITOR}"]
)
async def test_nothing_of_the_visitor_is_logged(
    path: str, ask: Ask, lines: Lines, capfd: pytest.CaptureFixture[str]
) -> None:
    await ask(path, x_correlation_id=VISITOR, user_agent=VISITOR, x_forwarded_for="203.0.113.7", cookie=VISITOR)
    written = json.dumps(lines) + "".join(capfd.readouterr())
    assert len(lines) == 1
    assert "anna" not in written
    assert "203.0.113.7" not in written


@pytest.mark.anyio
async def test_an_error_is_its_type_and_where_it_happened(ask: Ask, lines: Lines) -> None:
    assert (await ask("/api/fails/7")).status_code == 500
    (line,) = lines
    assert (line["level"], line["status"], line["errors"]) == ("ERROR", 500, 1)
    assert line["error"]["type"] == "builtins.KeyError"
    assert line["error"]["frames"][-1].startswith("function/test_logs.py:")
    assert line["error"]["frames"][-1].endswith(" fail")


@pytest.mark.anyio
async def test_an_unknown_address_has_no_route(ask: Ask, lines: Lines) -> None:
    await ask("/secret/path")
    assert lines[0]["route"] == UNMATCHED


@pytest.mark.anyio
async def test_the_correlation_id_is_logged_and_answered(ask: Ask, lines: Lines) -> None:
    response = await ask("/api/users/7/recommendations", x_correlation_id="shop-42")
    assert response.headers[CORRELATION] == lines[0]["correlation_id"] == "shop-42"


@pytest.mark.anyio
async def test_an_answer_that_shared_caches_keep_carries_nobody_s_id(ask: Ask, lines: Lines) -> None:
    response = await ask("/api/genres", x_correlation_id="shop-42")
    assert CORRELATION not in response.headers
    assert lines[0]["correlation_id"] == "shop-42"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-correlation-id": "a1"}, "a1"),
        ({"x-correlation-id": "a1", "x-amzn-trace-id": "Root=1-67-ab;Sampled=1"}, "a1"),
        ({"x-amzn-trace-id": "Self=1-2;Root=1-67-ab;Sampled=1"}, "1-67-ab"),
        ({"x-correlation-id": "two words"}, "gateway-1"),
        ({"x-correlation-id": "x" * 129}, "gateway-1"),
        ({"x-correlation-id": '"}\n{'}, "gateway-1"),
        ({}, "gateway-1"),
    ],
)
def test_where_the_correlation_id_comes_from(headers: dict[str, str], expected: str) -> None:
    scope = {
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "aws.event": {"requestContext": {"requestId": "gateway-1"}},
        "aws.context": SimpleNamespace(aws_request_id="lambda-1"),
    }
    ids = correlate(scope)
    assert ids == {"request_id": "lambda-1", "gateway_request_id": "gateway-1", "correlation_id": expected}


def test_outside_lambda_there_are_ids_too() -> None:
    ids = correlate({"headers": []})
    assert set(ids.values()) == {"local"}


@pytest.mark.anyio
async def test_every_member_is_documented(ask: Ask, lines: Lines) -> None:
    await ask("/api/users/7/recommendations")
    await ask("/api/fails/7")
    table = (Path(__file__).parents[3] / "docs" / "operations.md").read_text().partition("## Logs")[2]
    for member in {name for line in lines for name in line} - {"_aws", "level", "message"}:
        assert f"`{member}`" in table, member
