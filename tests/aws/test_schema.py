"""A new bundle schema or an unusable release causes no outage: requests are answered all the time."""

import json
from pathlib import Path

import pytest

from function.bundle.format import SCHEMA_VERSION
from infra.aws import Aws, OperationError
from infra.releases import plan_release, plan_rollback
from tests.aws.cloud import ARTIFACTS, RELEASES, STACK, deploy_stack, operator, read_schema
from tests.aws.test_release import carry, parts, release, served
from tests.support.demo_bundle import demo_bundle


@pytest.fixture
def own(bundles: list[Path], account: Aws, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack whose image has this bundle, of the present schema."""
    monkeypatch.setenv("BUNDLE_DIR", str(bundles[2]))
    deploy_stack(account)
    return bundles[2]


def make_bundle(root: Path, seed: int) -> Path:
    return demo_bundle(root, films=60, users=8, seed=seed)


def test_a_schema_is_upgraded_and_back_with_requests_in_between(
    own: Path, bundles: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(bundles[0])
    assert served() == bundles[0].name

    # The new code, on the operator's machine: its release is published while the old function serves.
    read_schema(monkeypatch, SCHEMA_VERSION + 1)
    twin, other, image = (make_bundle(tmp_path / name, seed) for name, seed in (("a", 0), ("b", 5), ("c", 6)))
    assert twin.name == bundles[0].name  # the same files, so the same id, with a manifest of another schema
    for bundle in (twin, other):
        steps = plan_release(*parts(operator()), bundle)
        assert "goldens" not in str([step.description for step in steps])  # the deployed function could not read it
        for step in steps:
            step.run()
            assert served() == bundles[0].name, step.description

    # Deployed: it serves the release that waits for it.
    monkeypatch.setenv("BUNDLE_DIR", str(image))
    deploy_stack(operator())
    assert parts(operator())[1].schema == SCHEMA_VERSION + 1
    assert served() == other.name
    carry(plan_rollback(*parts(operator()), None))
    assert served() == twin.name

    # And back: the older function finds its own release where it was.
    read_schema(monkeypatch, SCHEMA_VERSION)
    monkeypatch.setenv("BUNDLE_DIR", str(own))
    deploy_stack(operator())
    assert served() == bundles[0].name
    release(bundles[1])
    assert served() == bundles[1].name


def test_a_function_of_a_new_schema_without_a_release_serves_its_own_bundle(
    own: Path, bundles: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    release(bundles[0])
    read_schema(monkeypatch, SCHEMA_VERSION + 1)
    image = make_bundle(tmp_path, seed=6)
    monkeypatch.setenv("BUNDLE_DIR", str(image))
    deploy_stack(operator())
    assert served() == image.name
    assert "fallback" not in capsys.readouterr().out  # nothing was released for it, so nothing is amiss


@pytest.mark.parametrize("damaged", ["{release}/model.tflite", "current.json"])
def test_a_release_that_cannot_be_taken_is_no_outage(
    damaged: str, own: Path, bundles: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    release(bundles[0])
    stores, function = parts(operator())
    key = RELEASES.key(damaged.format(release=bundles[0].name))
    whole = stores.s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read()
    stores.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=b"damaged")
    capsys.readouterr()
    assert served() == own.name
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    (alarm,) = [line for line in lines if line["message"] == "fallback"]
    assert alarm["level"] == "ERROR"
    assert alarm["release"] == own.name
    assert key in alarm["reason"] or "model.tflite" in alarm["reason"]
    (directive,) = alarm["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["function"]]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["fallbacks"]
    assert alarm["fallbacks"] == 1

    # The commands do not take that for success.
    with pytest.raises(OperationError, match=f"serves {own.name}, not {bundles[0].name}.*fallback"):
        function.confirm(bundles[0].name)
    stores.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=whole)
    release(bundles[0])
    assert served() == bundles[0].name


def test_a_stack_from_before_schemas_had_releases_of_their_own_is_of_the_first(account: Aws) -> None:
    deploy_stack(account)
    cloudformation = account.client("cloudformation")
    template = cloudformation.get_template(StackName=STACK)["TemplateBody"]
    del template["Outputs"]["BundleSchema"]
    cloudformation.update_stack(StackName=STACK, TemplateBody=json.dumps(template))
    assert account.outputs(STACK).bundle_schema == "3"
