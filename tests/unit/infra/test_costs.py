"""The cost calculation, and that the documentation agrees with it."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from function.api.catalogue import catalogue
from function.api.personal import personal
from function.api.recommendations import recommendations
from function.api.service import service
from infra import costs
from infra.costs import (
    ALARMS,
    BEGIN,
    DOCUMENT,
    END,
    MEASURED,
    METRICS,
    Membership,
    Others,
    Prices,
    Workload,
    always_on,
    cost,
    managed,
    measured,
    member_cost,
    tables,
)

FREE = Prices(*(0.0,) * len(fields(Prices)))


def test_a_million_requests_cost_the_price_of_a_million() -> None:
    prices = Prices(**{**vars(FREE), "lambda_requests": 0.2, "http_api": 1.0})
    one = cost(1_000_000, Workload(cached_share=0), prices)
    assert (one.function, one.api, one.total) == pytest.approx((0.2, 1.0, 1.2))


def test_memory_times_time_is_billed_cold_starts_included() -> None:
    work = Workload(cached_share=0, memory_mb=2048, warm_ms=10, cold_ms=1000, cold_share=0.01)
    one = cost(1_000_000, work, Prices(**{**vars(FREE), "lambda_gb_seconds": 10.0}))
    assert one.function == pytest.approx(1e6 * 0.020 * 2 * 10 / 1e6)  # 10 ms warm, and 10 ms of cold starts each


def test_a_visit_s_page_is_shared_by_its_requests() -> None:
    work = Workload(api_kilobytes=5, page_kilobytes=100, requests_a_visit=10, page_files=10)
    sent = cost(1_000_000, work, Prices(**{**vars(FREE), "cdn_gigabyte": 1.0}))
    asked = cost(1_000_000, work, Prices(**{**vars(FREE), "cdn_requests": 1.0}))
    assert (sent.cdn, asked.cdn) == pytest.approx((15.0, 2.0))


def test_what_the_cdn_answers_asks_nothing_of_the_function() -> None:
    all_asked, half = (cost(1_000_000, Workload(cached_share=share), Prices()) for share in (0.0, 0.5))
    assert (half.function, half.api, half.logs) == pytest.approx(
        (all_asked.function / 2, all_asked.api / 2, all_asked.logs / 2)
    )
    assert half.cdn == all_asked.cdn


def test_it_costs_pennies() -> None:
    """The aim: a quiet site for at most $0.30 a month, a million requests for at most $5."""
    work = measured(MEASURED)
    assert cost(1_000, work, Prices()).total <= 0.30
    assert cost(1_000_000, work, Prices()).total <= 5


def test_an_instance_is_paid_whether_or_not_anybody_asks_and_a_managed_service_by_request() -> None:
    work, others = Workload(cached_share=0), Others(trainings=0)
    assert always_on(0, work, others) == others.instance + others.instance_rest
    assert managed(0, work, others) == 0
    assert managed(1_000_000, work, others) == others.managed_requests


def test_the_template_has_as_many_alarms() -> None:
    assert Path("template.yaml").read_text().count("Type: AWS::CloudWatch::Alarm\n") == ALARMS


def test_without_requests_only_what_is_fixed_is_paid() -> None:
    none = cost(0, Workload(), Prices())
    assert none.total == none.fixed > 0


def test_a_member_pays_for_writes_reads_storage_and_the_sign_in() -> None:
    membership = Membership(changes=10, writes_a_change=6, requests=100, reads_a_request=2, kilobytes=1000)
    prices = Prices(**{**vars(FREE), "table_writes": 1.0, "table_reads": 0.1, "table_gigabyte": 2.0, "member": 0.01})
    assert member_cost(membership, prices) == pytest.approx((60e-6 + 20e-6 + 0.002, 0.01))


def test_durations_come_from_the_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "cold_start.json"
    size = {"mb": 512, "cpus": 0.25, "function": {"total": 1100.2, "warm": {"p50": 0.4, "p99": 60.0}}}
    path.write_text(json.dumps({"memory": [size]}))
    work = measured(path, 512)
    assert (work.memory_mb, work.warm_ms, work.cold_ms) == (512, 2, 1101)
    with pytest.raises(ValueError, match=r"no measurement with 300 MB. Choose one of \[512\]"):
        measured(path, 300)


def test_the_documentation_has_these_tables() -> None:
    written = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0].strip()
    assert written == tables(measured(MEASURED), Prices()), "run `python -m infra.costs --write`"


def test_they_can_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "operations.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr(costs, "DOCUMENT", document)
    assert costs.main(["--write"]) == 0
    assert costs.main([]) == 0
    assert document.read_text() == f"before\n{BEGIN}\n{capsys.readouterr().out}{END}\nafter\n"


def test_metrics_are_counted_as_the_function_has_them() -> None:
    routers = (service, catalogue, recommendations, personal)
    paths = {getattr(route, "path", "") for router in routers for route in router.routes}
    by_ends = ("/home", "/recommendations", "/scores")
    scored = {path for path in paths if path.endswith(by_ends) or path.endswith("/films/{film_id}")}
    assert len(paths) + 1 + len(scored) + 3 == METRICS
