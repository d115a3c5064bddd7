"""The CloudFront distribution of template.yaml on loopback: the site's bucket and the function at one address."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.headers import REVALIDATE, SECURITY_HEADERS
from tests.aws.cloud import FUNCTION, SITE, operator
from tests.support.rie import event_v2, response_of

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Cdn:
    """Answers like CloudFront; tests may change the `headers` of the page."""

    def __init__(self) -> None:
        self.headers = dict(SECURITY_HEADERS)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        answer = self._function(environ) if _is_api(path) else self._site(path)
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.headers.items()))
        return [answer.content]

    def _function(self, environ: dict[str, Any]) -> httpx.Response:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {"content-type": environ.get("CONTENT_TYPE", "")}
        event = event_v2(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], headers, body)
        client = operator().client("lambda")
        return response_of(
            json.loads(client.invoke(FunctionName=FUNCTION, Payload=json.dumps(event))["Payload"].read())
        )

    def _site(self, path: str) -> httpx.Response:
        s3 = operator().client("s3")
        try:
            found, status = s3.get_object(Bucket=SITE, Key=path.lstrip("/") or "index.html"), 200
        except s3.exceptions.NoSuchKey:
            found, status = {**s3.get_object(Bucket=SITE, Key="404.html"), "CacheControl": REVALIDATE}, 404
        headers = {**self.headers, "content-type": found["ContentType"], "cache-control": found["CacheControl"]}
        return httpx.Response(status, headers=headers, content=found["Body"].read())


def _is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


@contextmanager
def cdn() -> Iterator[tuple[str, Cdn]]:
    """Its URL, and the server."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    here = Cdn()
    listener = make_server("127.0.0.1", 0, here, threaded=True, request_handler=WSGIRequestHandler)
    thread = Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}", here
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(10)
