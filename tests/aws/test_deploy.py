"""The commands deploy, release, releases, rollback and destroy, run from the command line (errors: test_refusals.py).

`sam` and `docker` are programs on the PATH here that note what they were asked; this `sam` makes and deletes the stack
in the same AWS on loopback. The real ones are met in tests/container/.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from function.bundle.format import PEOPLE, SAMPLES, read_bundle
from function.bundle.people import samples_of
from infra import __main__ as command
from infra.aws import Aws, OperationError
from infra.deploy import empty, run, sam_commands
from infra.pruning import pruned_bundle
from tests.aws.cdn import Cdn, cdn
from tests.aws.cloud import ARTIFACTS, FUNCTION, REGION, RELEASES, SITE, STACK, operator
from tests.support.program import program
from tests.support.sam import sam_environment

SAM = """
import json, os, sys
sys.path.insert(0, {root!r})
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if os.environ.get("SAM_FAILS") == sys.argv[1]:
    sys.exit("Error: no")
if sys.argv[1] == "build":
    sys.exit()
from infra.aws import Aws
from tests.aws.cloud import STACK, deploy_stack
aws = Aws.connect(None)
if sys.argv[1] == "deploy":
    _, _, pairs = " ".join(sys.argv).partition("--parameter-overrides ")
    values = {{key: value.strip('"') for key, _, value in (pair.partition("=") for pair in pairs.split())}}
    os.environ["BUNDLE_DIR"] = os.path.abspath(values["Bundle"])
    deploy_stack(aws, values)
if sys.argv[1] == "delete":
    aws.client("cloudformation").delete_stack(StackName=STACK)
"""


@pytest.fixture
def asked(account: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with sam and docker; returns the file with sam's arguments, one JSON list per line."""
    programs, log = tmp_path / "programs", tmp_path / "asked"
    programs.mkdir()
    log.touch()
    program(programs / "sam", SAM.format(root=str(Path.cwd()), log=str(log)))
    program(programs / "docker", "")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.chdir(tmp_path)
    return log


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<title>Films</title>")
    (tmp_path / "dist" / "404.html").write_text("<title>Page not found</title>")
    (tmp_path / "dist" / "assets" / "index-1.js").write_text("export {}")
    return tmp_path / "dist"


@pytest.fixture
def front_door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cdn]:
    """The server at the address in the stack's outputs."""
    with cdn() as (url, here):
        monkeypatch.setenv("SITE_URL", url)
        yield here


@pytest.fixture
def in_the_image(asked: Path, bundles: list[Path], front_door: Cdn) -> str:
    """The release in the image: the trained bundle, pruned to the users who may be shown."""
    (asked.parent / "artifacts").mkdir()
    (asked.parent / "artifacts" / "bundles").symlink_to(bundles[0])
    return published(bundles[0])


def published(bundle: Path) -> str:
    """The release of a published bundle, which has only the sample users for this data."""
    return pruned_bundle(bundle, Path("expected"), "samples").name


def make(*arguments: str) -> int:
    return command.main([*arguments, "--stack", STACK])


def sam_calls(asked: Path) -> list[list[str]]:
    return [json.loads(line) for line in asked.read_text().splitlines()]


def test_deploy_builds_deploys_publishes_and_asks(
    asked: Path, dist: Path, in_the_image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("deploy", "--dist", str(dist), "--parameter", "MemorySize=256") == 0
    build, deploy = sam_calls(asked)
    overrides = ["--parameter-overrides", f'Bundle="artifacts/published/{in_the_image}"', 'MemorySize="256"']
    assert build == ["build", *overrides]
    assert deploy[:5] == ["deploy", "--stack-name", STACK, "--region", REGION]
    assert deploy[-3:] == overrides
    s3 = operator().client("s3")
    assert s3.get_object(Bucket=SITE, Key="index.html")["CacheControl"] == "no-cache"
    assert s3.get_object(Bucket=SITE, Key="site-config.json")["Body"].read() == b'{"api": "/api"}'
    output = capsys.readouterr().out
    assert f"release {in_the_image}: 4 goldens agree" in output
    assert re.search(rf"http://127.0.0.1:\d+ serves the page and release {in_the_image}, headers as", output)


def test_deploying_again_builds_what_the_stack_describes(asked: Path, dist: Path, in_the_image: str) -> None:
    """`sam build` does not read the stack: without its values, it would build the template's defaults."""
    assert make("deploy", "--dist", str(dist), "--parameter", "Architecture=arm64") == 0
    assert make("deploy", "--dist", str(dist), "--parameter", "AlarmEmail=me@example.org") == 0
    _, _, build, deploy = sam_calls(asked)
    built, deployed = (set(call[call.index("--parameter-overrides") + 1 :]) for call in (build, deploy))
    assert built == deployed >= {'Architecture="arm64"', 'AlarmEmail="me@example.org"', 'AllowOrigins=""'}
    assert operator().parameters(STACK)["Architecture"] == "arm64"


def test_sam_reads_every_value_that_a_stack_may_have() -> None:
    values = {"AllowOrigins": "", "BaseImage": "python:3.13-slim@sha256:0f", "AlarmEmail": "a+b=c@example.org"}
    (build, _), _ = sam_commands(STACK, REGION, values)
    python = sam_environment() / "bin" / "python"
    code = "import sys, samcli.cli.types as t; print(t.CfnParameterOverridesType().convert(sys.argv[1:], None, None))"
    done = subprocess.run([python, "-c", code, *build[3:]], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == values


def test_a_parameter_without_a_value_is_named(
    asked: Path, in_the_image: str, dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("deploy", "--dist", str(dist), "--parameter", "MemorySize") == 1
    assert "--parameter MemorySize: write Key=Value" in capsys.readouterr().err
    assert sam_calls(asked) == []


def test_deploying_again_keeps_what_is_released(
    asked: Path, dist: Path, in_the_image: str, bundles: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("deploy", "--dist", str(dist)) == 0
    assert make("release", "--bundle", str(bundles[1])) == 0
    assert make("deploy", "--dist", str(dist)) == 0
    assert f"release {published(bundles[1])}: 4 goldens agree" in capsys.readouterr().out


def test_a_deploy_ends_at_the_front_door(
    asked: Path, dist: Path, in_the_image: str, front_door: Cdn, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page with other headers than on this machine is a failure (tests/unit/infra/test_front_door.py)."""
    del front_door.headers["content-security-policy"]
    assert make("deploy", "--dist", str(dist)) == 1
    assert "/: expected content-security-policy: default-src 'none'" in capsys.readouterr().err


def test_own_data_goes_out_without_its_users(
    asked: Path, dist: Path, front_door: Cdn, bundles: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    own = own_data(bundles[0])
    assert make("deploy", "--dist", str(dist), "--parameter", f"Bundle={own}") == 0
    image = Path(read_parameter(sam_calls(asked)[0], "Bundle"))
    assert samples_of(read_bundle(image)) == []
    assert not (image / PEOPLE).exists()
    assert make("release", "--bundle", str(own)) == 0
    s3 = operator().client("s3")
    names = [one["Key"].rpartition("/")[2] for one in s3.list_objects_v2(Bucket=ARTIFACTS)["Contents"]]
    assert SAMPLES in names
    assert PEOPLE not in names
    # Unless the operator says so.
    assert make("release", "--bundle", str(own), "--open-users", "all") == 0
    assert "8 users" not in capsys.readouterr().err
    assert s3.get_object(Bucket=ARTIFACTS, Key=RELEASES.key(own.name, PEOPLE))


def own_data(bundle: Path) -> Path:
    """The same bundle, as if it were made from a user's own ratings."""
    own = Path("own") / bundle.name
    shutil.copytree(bundle, own)
    manifest = json.loads((own / "manifest.json").read_text())
    manifest["data"]["public"] = False
    (own / "manifest.json").write_text(json.dumps(manifest))
    return own


def read_parameter(call: list[str], name: str) -> str:
    return next(pair.partition("=")[2].strip('"') for pair in call if pair.startswith(f"{name}="))


def test_the_whole_life(
    asked: Path, dist: Path, in_the_image: str, bundles: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("deploy", "--dist", str(dist)) == 0
    for bundle in bundles[:2]:
        assert make("release", "--bundle", str(bundle)) == 0
    assert make("rollback", published(bundles[0])) == 0
    capsys.readouterr()
    assert make("releases") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[2:14] for line in lines if line.startswith("*")] == [published(bundles[0])]
    assert len(lines) == 2
    assert make("destroy", "--yes") == 0
    assert sam_calls(asked)[-1] == ["delete", "--stack-name", STACK, "--region", REGION, "--no-prompts"]
    assert operator().find_outputs(STACK) is None
    assert operator().client("s3").list_buckets()["Buckets"] == []


def test_a_dry_run_runs_nothing(
    asked: Path, dist: Path, in_the_image: str, bundles: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    make("deploy", "--dist", str(dist))
    for bundle in bundles[:2]:
        make("release", "--bundle", str(bundle))
    before, calls = everything(), sam_calls(asked)
    for words in (
        ["deploy", "--dist", str(dist)],
        ["release", "--bundle", str(bundles[2])],
        ["rollback"],
        ["destroy"],
    ):
        capsys.readouterr()
        assert make(*words, "--dry-run") == 0
        output = capsys.readouterr().out.splitlines()
        assert output[0].startswith("1. "), words
        assert output[-1] == "Nothing was changed (dry run).", words
        assert (everything(), sam_calls(asked)) == (before, calls), words


def everything() -> list[tuple[str, str]]:
    """Every version of every object in the account."""
    s3 = operator().client("s3")
    return [
        (bucket, one["Key"] + one["VersionId"] + one["ETag"])
        for bucket in (SITE, ARTIFACTS)
        for one in s3.list_object_versions(Bucket=bucket).get("Versions", [])
    ]


def test_the_first_deploy_can_be_planned_too(
    asked: Path, in_the_image: str, dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("deploy", "--dist", str(dist), "--dry-run") == 0
    assert "all 4 files" in capsys.readouterr().out
    assert sam_calls(asked) == []


@pytest.mark.parametrize("step", ["build", "deploy"])
def test_when_sam_fails_nothing_further_happens(
    step: str,
    asked: Path,
    in_the_image: str,
    dist: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SAM_FAILS", step)
    assert make("deploy", "--dist", str(dist)) == 1
    assert f"error: `sam {step}" in (error := capsys.readouterr().err)
    assert "failed (status 1)" in error
    assert operator().client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("program", ["sam", "docker"])
def test_a_missing_program_is_named(
    program: str, asked: Path, in_the_image: str, dist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "programs" / program).unlink()
    assert make("deploy", "--dist", str(dist)) == 1
    assert f"error: {program} is not on this machine. Install" in capsys.readouterr().err


def test_a_page_that_was_not_built_is_named(
    asked: Path, in_the_image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("deploy", "--dist", str(tmp_path)) == 1
    assert "the page is not built. Run `make web` first" in capsys.readouterr().err
    assert sam_calls(asked) == []


@pytest.mark.parametrize(("typed", "status"), [("films\n", 0), ("no\n", 1), ("", 1)])
def test_destroy_asks_first(
    typed: str, status: int, stack: Aws, asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "typed").write_text(typed)
    with (tmp_path / "typed").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert make("destroy") == status
    assert (operator().find_outputs(STACK) is None) is (status == 0)


def test_versions_and_delete_markers_go_too(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.deploy.BATCH", 10)
    s3 = stack.client("s3")
    for number in range(24):
        s3.put_object(Bucket=ARTIFACTS, Key="releases/current.json", Body=str(number))
    s3.delete_object(Bucket=ARTIFACTS, Key="releases/current.json")
    assert empty(s3, ARTIFACTS) == "25 versions removed"
    s3.delete_bucket(Bucket=ARTIFACTS)
    assert empty(s3, ARTIFACTS) == "the bucket is gone already"


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(OperationError, match=r"`sleep 30` was ended after 0 s"):
        run(["sleep", "30"], timeout=0.2)


def test_the_function_of_the_stack_is_the_one_that_is_asked(stack: Aws) -> None:
    assert stack.outputs(STACK).function_name == FUNCTION
