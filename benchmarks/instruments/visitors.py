"""Visitors at the same time, each of whose answers is compared with what one process answered before.

`expected` has the answers of each release, by one process and one request after the other. An answer is right if it is,
byte by byte, that of a release that may be served at that moment, with its entity tag if it has one.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from benchmarks.instruments.mix import TOP, Request, kinds, mixed
from function.api.app import create_app
from function.settings import Settings
from tests.support.served import InProcess

KNOWN: Final = 0.2  # the share of GETs that name an entity tag, of any release
EXAMPLES: Final = 5  # of wrong answers, to report
_JSON: Final = {"content-type": "application/json"}


class Answer(NamedTuple):
    """What is compared of an answer."""

    status: int
    tag: str
    body: bytes

    @classmethod
    def of(cls, response: httpx.Response) -> "Answer":
        return cls(response.status_code, response.headers.get("etag", ""), response.content)


Expected = Mapping[str, Mapping[Request, Answer]]  # by release


def expected(bundles: Iterable[Path], each: int, total: int) -> Expected:
    """The answers of every release to the mix of the first one, and to the second pages of each one's lists.

    A cursor of another release is answered with 410, which is right as well.
    """
    bundles = list(bundles)
    requests = kinds(bundles[0], each)
    asked = mixed(requests, total)
    clients = {_release(bundle): _client(bundle) for bundle in bundles}
    for client in clients.values():
        first_pages = [_ask(client, request) for request in requests[TOP][:EXAMPLES]]
        cursors = [json.loads(answer.body)["next_cursor"] for answer in first_pages]
        pages = zip(requests[TOP], cursors, strict=False)
        asked += [Request("GET", f"{request.path}?cursor={cursor}") for request, cursor in pages]
    return {release: {request: _ask(client, request) for request in asked} for release, client in clients.items()}


def _client(bundle: Path) -> httpx.Client:
    app = create_app(Settings(bundle_dir=bundle, open_users="all"))
    return httpx.Client(transport=InProcess(app), base_url="http://one")


def _release(bundle: Path) -> str:
    return bundle.resolve().name


def _ask(client: httpx.Client, request: Request) -> Answer:
    return Answer.of(client.request(request.method, request.path, content=request.body, headers=_JSON))


@dataclass
class Tally:
    """What came of all requests."""

    asked: int = 0
    right: Counter[str] = field(default_factory=Counter)  # by release; several may answer the same
    wrong: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)  # first attempts without an answer, by what happened
    unanswered: int = 0  # after the second attempt as well
    silence: float = 0.0  # the longest time without an answer to anybody, in seconds
    _heard: float = field(default_factory=time.monotonic)

    def hear(self) -> None:
        now = time.monotonic()
        self.silence, self._heard = max(self.silence, now - self._heard), now


class Visitors:
    """People who ask `url` at the same time; `served` gives the releases that may be answered with just now."""

    def __init__(self, url: str, answers: Expected, served: Callable[[], frozenset[str]]) -> None:
        self.url, self.answers, self.served = url, answers, served
        self.requests: Sequence[Request] = list(next(iter(answers.values())))
        self.tally = Tally()

    async def visit(self, people: int, enough: Callable[[Tally], bool], pause: float = 0.0) -> Tally:
        """Ask with `people` connections until it is `enough`; each pauses so many seconds between two requests."""
        await asyncio.gather(*(self._visitor(number, enough, pause) for number in range(people)))
        return self.tally

    async def _visitor(self, number: int, enough: Callable[[Tally], bool], pause: float) -> None:
        chosen = random.Random(number)
        async with httpx.AsyncClient(base_url=self.url, headers=_JSON, timeout=30) as client:
            while not enough(self.tally):
                await self._request(client, chosen)
                if pause:
                    await asyncio.sleep(pause * 2 * chosen.random())

    async def _request(self, client: httpx.AsyncClient, chosen: random.Random) -> None:
        request = chosen.choice(self.requests)
        known = self.answers[chosen.choice(list(self.answers))][request].tag if chosen.random() < KNOWN else ""
        headers = {"if-none-match": known} if known else {}
        self.tally.asked += 1
        before = self.served()
        for attempt in (1, 2):  # a browser and CloudFront try again as well
            try:
                response = await client.request(request.method, request.path, content=request.body, headers=headers)
                failure = str(response.status_code) if response.status_code >= 500 else ""
            except httpx.TransportError as error:
                failure = type(error).__name__
            if not failure:
                self.tally.hear()
                return self._check(request, Answer.of(response), known, before | self.served())
            if attempt == 1:
                self.tally.failed[failure] += 1
        self.tally.unanswered += 1
        return None

    def _check(self, request: Request, answer: Answer, known: str, may: frozenset[str]) -> None:
        same = {release for release, answers in self.answers.items() if is_right(answer, answers[request], known)}
        if same & may:
            self.tally.right[" or ".join(sorted(same & may))] += 1
        else:
            whose = f"of release {', '.join(sorted(same))}, which is not served" if same else "of no release"
            self.tally.wrong.append(f"{request.method} {request.path}: {answer.status}, {whose}: {answer.body[:200]!r}")


def is_right(answer: Answer, golden: Answer, known: str) -> bool:
    """Whether it is the golden answer, or says to somebody who knows its tag that it is still the same."""
    return answer == (Answer(304, golden.tag, b"") if known and known == golden.tag else golden)
