"""The tables of docs/distributed.md."""

from benchmarks.tables.jobs import jobs, workers

MACHINE = {"cpu": "A processor", "cores": 2, "memory_gb": 24}


def run(millions: int, gigabytes: float) -> dict[str, object]:
    return {"data": "generated", "ratings": millions * 1_000_000, "peak_mb": gigabytes * 1024, "seconds": 3300}


def test_a_job_runs_on_the_smallest_instance_that_holds_it() -> None:
    other = {"data": "ml-1m", "ratings": 1_000_209, "peak_mb": 2000, "seconds": 100}
    text = jobs({"machine": MACHINE, "runs": [run(10, 6.0), run(20, 8.0), other]})
    # An hour, with what is billed besides.
    assert "| 10,000,000 | 6.0 | ml.m5.large | 8 | 60 | 0.12 |" in text
    assert "| 20,000,000 | 8.0 | ml.m5.xlarge | 16 | 60 | 0.23 |" in text
    assert "1,000,209" not in text


def test_where_one_machine_ends_follows_from_the_last_two_sizes() -> None:
    text = jobs({"machine": MACHINE, "runs": [run(1, 3.0), run(10, 6.0), run(20, 7.0)]})
    # 0.1 GB for a million more: (24 - 1.5 - 7) / 0.1 = 155 million, and (768 - 1.5 - 7) / 0.1 = 7,595 million.
    assert "24 GB hold about 175 million ratings" in text
    assert "(ml.r5.24xlarge, 768 GiB) about 7,615 million" in text


def test_the_speed_up_is_that_of_one_core_to_two() -> None:
    row = {"ratings": 1_000_000, "seconds": {"one": 30.0, "two": 20.0, "one with two cores": 18.0}}
    text = workers({"machine": MACHINE, "date": "2026-01-02", "rounds": 2, "rows": [row]})
    assert "| 1,000,000 | 30.0 | 20.0 | **1.50** | 18.0 |" in text
