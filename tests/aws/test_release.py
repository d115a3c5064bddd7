"""Releases, with S3 over HTTP and the real function: the old release is served until the pointer changes."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from function.bundle.format import CONTENT, SCHEMA_VERSION, read_manifest
from infra import releases
from infra.aws import Aws, OperationError
from infra.deployed import REFRESHED, DeployedFunction, Limits, get_event
from infra.plan import Step, execute
from infra.releases import Releases, check_size, plan_release, plan_rollback, table
from tests.aws.cloud import ARTIFACTS, FUNCTION, RELEASES, STACK, Killed, configuration, kill_at, operator, writes_of
from training.export.publish import publish, stage


def parts(aws: Aws) -> tuple[Releases, DeployedFunction]:
    return Releases(aws.client("s3"), ARTIFACTS), DeployedFunction.of(aws, aws.outputs(STACK))


def carry(steps: list[Step]) -> list[str]:
    output: list[str] = []
    execute(steps, dry_run=False, say=output.append)
    return output


def release(bundle: Path, aws: Aws | None = None) -> list[str]:
    return carry(plan_release(*parts(aws or operator()), bundle))


def rollback(to: str | None = None) -> list[str]:
    return carry(plan_rollback(*parts(operator()), to))


def served() -> str:
    """The release that a visitor gets from a new execution environment, after a real request."""
    aws = operator()
    _, function = parts(aws)
    function.refresh()
    event = get_event("/api/users/1/recommendations")
    event["rawQueryString"] = "limit=3"
    client = aws.client("lambda")
    users = json.loads(invoke(client, get_event("/api/users"))["body"])["users"]
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/api/users/{users[0]['id']}/recommendations"
    answer = invoke(client, event)
    assert answer["statusCode"] == 200, answer
    assert len(json.loads(answer["body"])["items"]) == 3
    return function.serving()


def invoke(client: Any, event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        client.invoke(FunctionName=FUNCTION, Payload=json.dumps(event))["Payload"].read()
    )
    return answer


@pytest.fixture
def first(stack: Aws, bundles: list[Path]) -> str:
    """The stack with its first release served."""
    release(bundles[0])
    return bundles[0].name


def test_a_release_is_uploaded_read_back_tried_and_then_served(stack: Aws, bundles: list[Path]) -> None:
    output = release(bundles[0])
    assert re.fullmatch(rf"1\. upload .+ MB\) to {RELEASES.uri(bundles[0].name)}/", output[0])
    assert [line for line in output[1:] if line[0].isdigit()] == [
        f"2. read release {bundles[0].name} back and compare every SHA-256",
        f"3. run its goldens in the deployed function {FUNCTION}",
        "4. move the pointer from nothing (the image's own bundle is served) "
        f"to {bundles[0].name}, if it still is there",
        f"5. start new execution environments of {FUNCTION}",
        f"6. ask {FUNCTION} for /api/ready",
    ]
    assert sum("4 goldens agree" in line for line in output) == 2
    assert served() == bundles[0].name


def test_running_environments_take_the_new_release_at_once(first: str, bundles: list[Path]) -> None:
    _, function = parts(operator())
    assert function.serving() == first
    release(bundles[1])
    assert function.serving() == bundles[1].name


def test_only_the_refresh_is_changed_in_the_configuration(first: str, bundles: list[Path]) -> None:
    before = configuration(FUNCTION)["Environment"]["Variables"]
    release(bundles[1])
    after = configuration(FUNCTION)["Environment"]["Variables"]
    assert after.pop(REFRESHED) > before.pop(REFRESHED)
    assert before == after


def test_a_bundle_root_stands_for_its_current_bundle(first: str, bundles: list[Path]) -> None:
    root = bundles[0].parent
    release(root)
    assert served() == (root / "current").resolve().name


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_anywhere_a_whole_release_is_served(moment: str, first: str, bundles: list[Path]) -> None:
    new, calls, finished = bundles[1].name, 0, False
    seen = []
    while not finished:
        calls += 1
        # Each time from where it began: the old release served, the new one not yet in the bucket.
        release(bundles[0])
        stores, _ = parts(operator())
        for name in stores.ids():
            if name == new:
                for path in bundles[1].iterdir():
                    stores.s3.delete_object(Bucket=ARTIFACTS, Key=RELEASES.key(new, path.name))
        aws = operator()
        kill_at(aws, calls, moment)
        try:
            release(bundles[1], aws)
            finished = True
        except Killed:
            moved = stores.pointer().release == new
            assert served() == (new if moved else first), f"killed {moment} call {calls}"
            seen.append(moved)
    assert served() == new
    assert seen == sorted(seen)  # old, old, … and from one call on, new
    assert seen.count(False) > 15
    assert seen.count(True) >= 5


def test_a_killed_release_is_finished_by_running_it_again(first: str, bundles: list[Path]) -> None:
    aws = operator()
    kill_at(aws, 6, "after")
    with pytest.raises(Killed):
        release(bundles[1], aws)
    assert served() == first
    release(bundles[1])
    assert served() == bundles[1].name


@pytest.mark.parametrize("overtaken_after", range(4))
def test_of_two_releases_at_once_one_wins_whole(overtaken_after: int, first: str, bundles: list[Path]) -> None:
    slow, fast = bundles[1], bundles[2]
    steps = plan_release(*parts(operator()), slow)
    for step in steps[:overtaken_after]:
        step.run()
    release(fast)
    with pytest.raises(OperationError) as refused:
        carry(steps[overtaken_after:])
    assert f"was moved from {first} to {fast.name} by someone else meanwhile. {slow.name} is not served" in str(
        refused.value
    )
    assert served() == fast.name
    stores, _ = parts(operator())
    assert [move.release for move in stores.pointer().history] == [first, fast.name]


def test_of_two_first_releases_at_once_one_wins(stack: Aws, bundles: list[Path]) -> None:
    steps = plan_release(*parts(operator()), bundles[0])
    release(bundles[1])
    with pytest.raises(OperationError, match="was moved from None to"):
        carry(steps)
    assert served() == bundles[1].name


def test_a_move_whose_answer_was_lost_has_won(first: str, bundles: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK repeats a write without a response; the second attempt finds the pointer changed by the first."""
    stores, _ = parts(operator())
    seen = stores.pointer()
    real = stores.s3.put_object

    def twice(**request: Any) -> Any:
        real(**request)
        return real(**request)

    monkeypatch.setattr(stores.s3, "put_object", twice)
    stores.move(seen, bundles[1].name, "release")
    assert stores.pointer().release == bundles[1].name


def test_rollback_and_rollback_of_a_rollback(first: str, bundles: list[Path]) -> None:
    release(bundles[1])
    release(bundles[2])
    rollback(bundles[1].name)
    assert served() == bundles[1].name
    rollback()
    assert served() == bundles[2].name
    rollback()
    assert served() == bundles[1].name
    rollback(first)
    assert served() == first
    moves = parts(operator())[0].pointer().history
    one, two, three = (bundle.name for bundle in bundles)
    assert [(move.release, move.by) for move in moves] == [
        (one, "release"),
        (two, "release"),
        (three, "release"),
        (two, "rollback"),
        (three, "rollback"),
        (two, "rollback"),
        (one, "rollback"),
    ]


def test_a_rollback_past_nothing_is_refused(first: str) -> None:
    with pytest.raises(OperationError, match="no release before the current one"):
        rollback()


@pytest.mark.parametrize("release_id", ["000000000000", "../current", "x"])
def test_a_rollback_to_nothing_is_refused(release_id: str, first: str) -> None:
    with pytest.raises(OperationError, match=rf"there is no release {re.escape(release_id)} in .*make releases"):
        rollback(release_id)
    assert served() == first


def test_a_release_damaged_in_the_bucket_is_not_served(first: str, bundles: list[Path]) -> None:
    release(bundles[1])
    stores, _ = parts(operator())
    stores.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key(first, "people.bin"), Body=b"damaged")
    with pytest.raises(OperationError, match=r"people\.bin: missing, or its SHA-256 is not the manifest's"):
        rollback(first)
    assert served() == bundles[1].name
    release(bundles[0])  # which uploads it again
    assert served() == first


def test_a_release_too_large_for_the_function_is_refused_before_upload(
    first: str, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = sum(read_manifest(bundle).bytes for bundle in bundles[:2])  # the one that is tried, beside the served one
    monkeypatch.setattr(DeployedFunction, "limits", lambda _: Limits(memory=1 << 30, storage=needed))
    plan_release(*parts(operator()), bundles[1])
    monkeypatch.setattr(DeployedFunction, "limits", lambda _: Limits(memory=1 << 30, storage=needed - 1))
    aws = operator()
    writes = writes_of(aws)
    with pytest.raises(OperationError, match=r"needs \d MB of storage and has \d MB.*PARAMETERS=EphemeralStorage="):
        release(bundles[1], aws)
    assert writes == []
    assert served() == first


def test_the_size_is_told_with_what_would_do() -> None:
    limits = Limits(memory=512 << 20, storage=512 << 20)
    check_size(200_000_000, 200_000_000, limits)
    with pytest.raises(OperationError, match=r"has 300 MB and the served one 250 MB.*550 MB of storage and has 537 MB"):
        check_size(300_000_000, 250_000_000, limits)
    with pytest.raises(OperationError, match=r"needs 640 MB of memory and has 537 MB.*PARAMETERS=MemorySize=733"):
        check_size(300_000_000, 300_000_000, replace(limits, storage=1 << 30))


def test_the_limits_are_those_of_the_deployed_function(stack: Aws) -> None:
    _, function = parts(stack)
    function.client.update_function_configuration(FunctionName=function.name, MemorySize=256)
    assert function.limits() == Limits(memory=256 << 20, storage=512 << 20)


def test_too_little_memory_is_told(stack: Aws) -> None:
    class Client:
        def invoke(self, **_: Any) -> dict[str, Any]:
            output = {
                "errorType": "Runtime.ExitError",
                "errorMessage": "Error: Runtime exited with error: signal: killed",
            }
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(output).encode())}

    with pytest.raises(OperationError, match=r"does not take release 3f9a1c2b7d40.*raise MemorySize"):
        DeployedFunction(Client(), FUNCTION, 3).check("3f9a1c2b7d40")


def test_a_release_whose_goldens_fail_is_not_served(first: str, bundles: list[Path], tmp_path: Path) -> None:
    wrong = with_wrong_goldens(bundles[1], tmp_path)
    with pytest.raises(OperationError, match=r"does not take release .*: model\.tflite: on .* stars from Keras"):
        release(wrong)
    assert served() == first


def test_when_the_served_release_is_damaged_another_can_still_be_released(first: str, bundles: list[Path]) -> None:
    stores, function = parts(operator())
    release(bundles[1])
    stores.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key(bundles[1].name, "model.tflite"), Body=b"damaged")
    function.refresh()
    with pytest.raises(OperationError, match=r"model\.tflite: its SHA-256 is not the manifest's"):
        function.serving()
    rollback(first)
    assert served() == first


def test_a_dry_run_writes_nothing(first: str, bundles: list[Path]) -> None:
    aws = operator()
    writes = writes_of(aws)
    output: list[str] = []
    execute(plan_release(*parts(aws), bundles[1]), dry_run=True, say=output.append)
    execute(plan_rollback(*parts(aws), first), dry_run=True, say=output.append)
    assert writes == []
    assert output.count("Nothing was changed (dry run).") == 2
    assert served() == first


def test_the_list_says_what_is_served_and_what_is_incomplete(first: str, bundles: list[Path]) -> None:
    stores, _ = parts(operator())
    release(bundles[1])
    stores.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key("0123456789ab", "model.tflite"), Body=b"")
    lines = table(stores)
    assert len(lines) == 3
    assert sum(line.startswith("* ") for line in lines) == 1
    assert any(line.startswith(f"* {bundles[1].name}") for line in lines)
    assert any(line.startswith("  0123456789ab") and "incomplete" in line and "never" in line for line in lines)


def test_before_the_first_release_the_list_says_so(stack: Aws) -> None:
    assert f"No releases of schema {SCHEMA_VERSION} yet" in table(parts(stack)[0])[0]


def test_a_damaged_pointer_is_not_overwritten(first: str, bundles: list[Path]) -> None:
    stores, _ = parts(operator())
    stores.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key("current.json"), Body=b"[]")
    with pytest.raises(OperationError, match=r"current\.json: not a pointer.*restore the one before"):
        release(bundles[1])


def test_the_history_keeps_its_length(first: str, bundles: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "MAX_HISTORY", 3)
    stores, _ = parts(operator())
    for number in range(5):
        stores.move(stores.pointer(), f"{number:012x}", "release")
    assert [move.release for move in stores.pointer().history] == [f"{number:012x}" for number in (2, 3, 4)]


@pytest.mark.parametrize("forge", [lambda event, _: event, lambda event, body: {**event, "body": json.dumps(body)}])
def test_a_visitor_cannot_have_a_release_tried(
    forge: Callable[[dict[str, Any], dict[str, str]], dict[str, Any]], first: str, bundles: list[Path]
) -> None:
    """Whatever a visitor sends is inside API Gateway's members; beside them, the member counts for nothing."""
    event = {**forge(get_event("/api/health"), {"check_release": first}), "check_release": bundles[1].name}
    answer = invoke(operator().client("lambda"), event)
    assert json.loads(answer["body"])["release"] == first
    assert "goldens" not in answer["body"]


def with_wrong_goldens(bundle: Path, root: Path) -> Path:
    """The same bundle with valid hashes, but with the goldens of another model."""
    content = {name: (bundle / name).read_bytes() for name in CONTENT}
    goldens = json.loads(content["goldens.json"])
    goldens["goldens"][0]["stars"][0] += 1
    content["goldens.json"] = json.dumps(goldens).encode()
    manifest = read_manifest(bundle)
    staged = stage(
        root, content=content, created=manifest.created, model=manifest.model, data={}, training={}, metrics={}
    )
    return publish(staged, root)
