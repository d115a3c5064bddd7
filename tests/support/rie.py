"""The function in Lambda's Runtime Interface Emulator, and the events of API Gateway."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx

from tests.support.docker_engine import stop
from tests.support.sam import ROOT, emulator, free_port
from tests.support.started import first_answer

START_SECONDS = 60


@contextmanager
def emulated_function(bundle: Path, log: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """function.handler under the emulator, over `bundle`, with `environment` added; gives the address for events."""
    port, runtime_port = free_port(), free_port()
    addresses = [
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
    ]
    command = [str(emulator()), *addresses, sys.executable, "-m", "awslambdaric", "function.handler.handler"]
    settings = {"BUNDLE_DIR": str(bundle), "OPEN_USERS": "all", "AWS_LAMBDA_FUNCTION_NAME": "function"}
    with log.open("w") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            cwd=ROOT,
            env={**os.environ, **settings, **(environment or {})},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
            _await_answer(url, process, log)
            yield url
        finally:
            stop(process)


def _await_answer(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    health = event_v2("GET", "/api/health")
    answer = first_answer(lambda: httpx.post(url, json=health, timeout=30).json(), process, log, START_SECONDS)
    if answer.get("statusCode") != 200:
        raise RuntimeError(f"{url}: {answer}. {log.read_text()[-4000:]}")


class EventTransport(httpx.BaseTransport):
    """Turns requests into HTTP API events (payload 2.0), and the function's results into responses.

    HTTP APIs decode the path, and end it at a "?" that comes out; a function URL and `sam local` keep it as it was sent
    (`decodes=False`).
    """

    def __init__(self, url: str, *, decodes: bool = True, timeout: float = 60) -> None:
        self._url = url
        self._decodes = decodes
        self._client = httpx.Client(timeout=timeout)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raw_path, _, query = request.url.raw_path.decode("ascii").partition("?")
        path = unquote(raw_path).partition("?")[0] if self._decodes else raw_path
        event = event_v2(request.method, path, query, dict(request.headers), request.read())
        return response_of(self._client.post(self._url, json=event).json())

    def close(self) -> None:
        self._client.close()


def response_of(answer: dict[str, Any]) -> httpx.Response:
    """The response that API Gateway makes from the function's result."""
    if "statusCode" not in answer:
        raise RuntimeError(f"the function did not answer: {answer}")
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    headers = dict(answer.get("headers") or {})
    headers |= {name: values[-1] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    return httpx.Response(answer["statusCode"], headers=headers, content=content)


def event_v2(
    method: str, raw_path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
) -> dict[str, Any]:
    """An event as API Gateway's HTTP API sends it, payload format 2.0. Binary and text bodies come in base64."""
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters.setdefault(name, []).append(value)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": query,
        "cookies": ["visited=1"],
        "headers": {"host": "abc.execute-api.eu-west-1.amazonaws.com", "x-forwarded-proto": "https", **(headers or {})},
        "queryStringParameters": {name: ",".join(values) for name, values in parameters.items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abc",
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "23/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795435200000,
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


def event_v1(
    method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: str | None = None
) -> dict[str, Any]:
    """An event as API Gateway's REST API sends it, payload format 1.0."""
    pairs = parse_qsl(query, keep_blank_values=True)
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    sent = {"Host": "abc.execute-api.eu-west-1.amazonaws.com", "X-Forwarded-Proto": "https", **(headers or {})}
    return {
        "version": "1.0",
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": several or None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
            "path": f"/prod{path}",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "resourcePath": "/{proxy+}",
            "stage": "prod",
        },
        "body": body,
        "isBase64Encoded": False,
    }
