"""What the stack costs, from measured durations and from prices that are inputs: check them before you rely on it.

python -m infra.costs [--write]      prints the tables of docs/operations.md; --write puts them there
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

MEASURED: Final = Path("benchmarks/results/cold_start.json")
IMAGE: Final = Path("benchmarks/results/image.json")
DOCUMENT: Final = Path("docs/operations.md")
BEGIN, END = "<!-- costs: made by `python -m infra.costs --write` -->", "<!-- /costs -->"
MONTHLY: Final = (1_000, 100_000, 1_000_000, 10_000_000)  # requests
METRICS: Final = 29  # latency of 18 routes and of none, films scored by 7, and 3 of the function
ALARMS: Final = 4  # of template.yaml
THROTTLED: Final = 100 * 30 * 24 * 3600  # requests of a month at template.yaml's ThrottleRate, day and night


def _input(value: Any, what: str) -> Any:
    return field(default=value, metadata={"what": what})


@dataclass(frozen=True)
class Prices:
    """US dollars: rough figures for eu-west-1, to be checked. Free tiers, which cover small sites, are left out."""

    lambda_requests: float = _input(0.20, "Lambda, per million requests")
    lambda_gb_seconds: float = _input(16.6667, "Lambda, per million GB-seconds (x86_64; arm64 is 13.3334)")
    http_api: float = _input(1.11, "API Gateway's HTTP API, per million requests")
    cdn_requests: float = _input(1.20, "CloudFront, per million HTTPS requests (Europe)")
    cdn_functions: float = _input(0.10, "CloudFront Functions, per million requests for the page's files")
    cdn_gigabyte: float = _input(0.085, "CloudFront, per GB sent to visitors")
    log_gigabyte: float = _input(0.57, "CloudWatch Logs, per GB taken in")
    metric: float = _input(0.30, "CloudWatch, per metric of ours a month")
    alarm: float = _input(0.10, "CloudWatch, per alarm a month")
    storage_gigabyte: float = _input(0.023, "S3, per GB a month")
    image_gigabyte: float = _input(0.10, "ECR, per GB a month")
    table_writes: float = _input(0.705, "DynamoDB on demand, per million writes of 1 kB")
    table_reads: float = _input(0.141, "DynamoDB on demand, per million reads of 4 kB")
    table_gigabyte: float = _input(0.507, "DynamoDB, per GB a month, with point-in-time recovery")
    member: float = _input(0.015, "Cognito Essentials, per member who signs in within the month")


@dataclass(frozen=True)
class Workload:
    """What a request, and the stack by itself, takes."""

    memory_mb: int = _input(512, "Memory of the function, MB")
    warm_ms: int = _input(2, "Billed for a request, ms")
    cold_ms: int = _input(1200, "Billed for a cold start, ms")
    cold_share: float = _input(0.01, "Share of requests that start cold (AWS: under 0.01 for steady traffic)")
    api_kilobytes: float = _input(5.0, "Sent for a request to the API, kB")
    page_kilobytes: float = _input(60.0, "Sent for a visit's page, kB (`npm run weight` in web/)")
    page_files: int = _input(8, "Files of a visit's page")
    requests_a_visit: int = _input(10, "Requests to the API in a visit")
    cached_share: float = _input(0.2, "Share of requests that CloudFront answers: genres, release, starters, searches")
    log_kilobytes: float = _input(1.1, "Logged for a request by function, Lambda and API, kB")
    metrics: int = _input(0, "Metrics; RouteMetrics=on makes 29")
    alarms: int = _input(0, "Alarms; AlarmEmail makes 4")
    image_gigabytes: float = _input(0.25, "Image in ECR, GB")
    stored_gigabytes: float = _input(0.2, "Releases and page in S3, GB")


@dataclass(frozen=True)
class Membership:
    """What a member takes in a month."""

    changes: int = _input(40, "Changes of a member a month (ratings, list, shelves)")
    writes_a_change: int = _input(6, "Writes for a change: account, document and key, twice each in a transaction")
    requests: int = _input(200, "Requests of a member a month")
    reads_a_request: float = _input(
        6.0, "Reads of 4 kB for a request: the account, consistently; ratings if they changed"
    )
    kilobytes: float = _input(400.0, "Kept for a member, kB")


@dataclass(frozen=True)
class Others:
    """Other ways to answer the same requests: list prices in US dollars, to be checked."""

    instance: float = _input(0.0092 * 730, "Always on: t4g.micro (2 vCPU in bursts, 1 GB), a month")
    instance_rest: float = _input(8 * 0.088 + 0.005 * 730, "Always on: 8 GB of disk and a public IPv4 address, a month")
    instance_gigabyte: float = _input(0.09, "Always on: per GB sent to the internet")
    managed_requests: float = _input(150.0, "Amazon Personalize (User-Personalization-v2): per million recommendations")
    managed_training: float = _input(2.0, "Amazon Personalize: training, per million interactions")
    trainings: int = _input(4, "Trainings a month, on 1 million interactions")


@dataclass(frozen=True)
class Cost:
    """US dollars a month."""

    function: float
    api: float
    cdn: float
    logs: float
    fixed: float

    @property
    def total(self) -> float:
        return self.function + self.api + self.cdn + self.logs + self.fixed


def measured(path: Path, memory_mb: int = 512) -> Workload:
    """A workload with the durations that benchmarks/cold_start.py measured for a function of this size.

    The median warm request was measured while its share of the CPU lasted; billed is what it takes at that share. The
    size of the image is Docker's, uncompressed; ECR stores less.
    Raises ValueError if there is no measurement of that size.
    """
    sizes = {size["mb"]: size for size in json.loads(path.read_text())["memory"]}
    if memory_mb not in sizes:
        raise ValueError(f"{path}: no measurement with {memory_mb} MB. Choose one of {sorted(sizes)}.")
    found = sizes[memory_mb]
    image = json.loads(IMAGE.read_text())["runtimes"]["litert"]
    return Workload(
        image_gigabytes=round((image["base"] + image["above_base"]) / 1e9, 2),
        memory_mb=memory_mb,
        warm_ms=math.ceil(found["function"]["warm"]["p50"] / found["cpus"]),
        cold_ms=math.ceil(found["function"]["total"]),
    )


def cost(requests: int, work: Workload, prices: Prices) -> Cost:
    """The cost of a month with `requests` requests to the API."""
    asked = requests * (1 - work.cached_share)  # of the function
    seconds = asked * (work.warm_ms + work.cold_share * work.cold_ms) / 1000
    visits = requests / work.requests_a_visit
    gigabytes = (requests * work.api_kilobytes + visits * work.page_kilobytes) / 1e6
    return Cost(
        function=asked / 1e6 * prices.lambda_requests
        + seconds * work.memory_mb / 1024 / 1e6 * prices.lambda_gb_seconds,
        api=asked / 1e6 * prices.http_api,
        cdn=(requests + visits * work.page_files) / 1e6 * prices.cdn_requests
        + visits * work.page_files / 1e6 * prices.cdn_functions
        + gigabytes * prices.cdn_gigabyte,
        logs=asked * work.log_kilobytes / 1e6 * prices.log_gigabyte,
        fixed=work.metrics * prices.metric
        + work.alarms * prices.alarm
        + work.image_gigabytes * prices.image_gigabyte
        + work.stored_gigabytes * prices.storage_gigabyte,
    )


def always_on(requests: int, work: Workload, others: Others) -> float:
    """The same page and API on one small instance, US dollars a month."""
    gigabytes = requests * (work.api_kilobytes + work.page_kilobytes / work.requests_a_visit) / 1e6
    return others.instance + others.instance_rest + gigabytes * others.instance_gigabyte


def managed(requests: int, work: Workload, others: Others) -> float:
    """A managed recommender instead of our function, without what stands in front of it; US dollars a month."""
    asked = requests * (1 - work.cached_share)
    return asked / 1e6 * others.managed_requests + others.trainings * others.managed_training


def member_cost(membership: Membership, prices: Prices) -> tuple[float, float]:
    """The store and the sign-in of one member, US dollars a month; their requests cost as anybody's."""
    writes = membership.changes * membership.writes_a_change
    reads = membership.requests * membership.reads_a_request
    store = writes / 1e6 * prices.table_writes + reads / 1e6 * prices.table_reads
    return store + membership.kilobytes / 1e6 * prices.table_gigabyte, prices.member


def tables(work: Workload, prices: Prices) -> str:
    """The tables of docs/operations.md, as Markdown."""
    others, membership = Others(), Membership()
    lines = [
        "| requests a month | function | API | CDN | logs | fixed | **total** | without API | always on | managed |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for requests in MONTHLY:
        one = cost(requests, work, prices)
        beside = one.total - one.api, always_on(requests, work, others), managed(requests, work, others)
        parts = (one.function, one.api, one.cdn, one.logs, one.fixed)
        cells = [*map(_dollars, parts), f"**{_dollars(one.total)}**", *map(_dollars, beside)]
        lines.append(f"| {requests:,} | {' | '.join(cells)} |")
    store, sign_in = member_cost(membership, prices)
    million, most = cost(1_000_000, work, prices), cost(THROTTLED, work, prices)
    lines += [
        "",
        f"A further million requests costs ${million.total - million.fixed:.2f}, of which the function "
        f"${million.function:.2f}. A month at the API's throttle (100 a second, {THROTTLED / 1e6:,.0f} million) would "
        f"cost ${most.total:,.0f}.",
        "",
        f"`AlarmEmail` adds ${ALARMS * prices.alarm:.2f} a month, `RouteMetrics=on` ${METRICS * prices.metric:.2f}.",
        "",
        f"1,000 members who sign in cost ${1000 * store:.2f} in DynamoDB and ${1000 * sign_in:.2f} in Cognito a month, "
        "beside their requests.",
        "",
        "| input | value |",
        "|---|--:|",
        *(
            f"| {text} | {value:g} |"
            for text, value in (*_described(work), *_described(membership), *_described(prices), *_described(others))
        ),
    ]
    return "\n".join(lines)


def _dollars(value: float) -> str:
    return f"${value:,.2f}"


def _described(inputs: Workload | Membership | Prices | Others) -> list[tuple[str, float]]:
    return [(field.metadata["what"], getattr(inputs, field.name)) for field in fields(inputs)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, or write them; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.costs", description="What the stack costs.")
    parser.add_argument("--memory", type=int, default=Workload().memory_mb, help="of the function, MB (default 512)")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {DOCUMENT}")
    options = parser.parse_args(arguments)
    made = tables(measured(MEASURED, options.memory), Prices())
    if not options.write:
        sys.stdout.write(made + "\n")
        return 0
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.partition(END)[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
