"""deploy, release, rollback and destroy from the command line, in an AWS that takes template.yaml whole.

The real `sam` builds the image and deploys the stack into ministack; ministack runs the function's image in this
machine's Docker engine, under Lambda's emulator and the permissions of the function's role. emulated.py has what is
different from AWS, and docs/operations.md which tests have that.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from urllib3.util import connection

from infra import __main__ as command
from infra.aws import Aws
from infra.pruning import pruned_bundle
from tests.container.emulated import EMULATOR, LEFT_OUT, write_sam
from tests.support.demo_bundle import demo_bundle
from tests.support.docker_engine import Engine
from tests.support.edge import Edge, edge
from tests.support.ministack import ministack
from tests.support.sam import ROOT, emulator, free_port
from tests.support.template import read_template

pytestmark = [pytest.mark.needs("docker", "debootstrap")]

_STEPS = re.compile(r"^(?:\d+\. |   (?=\S)).*$", re.M)  # infra/plan.py
REGION, STACK, SITES = "eu-west-1", "films", "cloudfront.net"
REGISTRY = f"000000000000.dkr.ecr.{REGION}.amazonaws.com"  # of ministack's account, which is nobody's
CONTEXT = ("template.yaml", "samconfig.toml", "Dockerfile", ".dockerignore")  # what `make deploy` reads, beside folders


@pytest.fixture(scope="module")
def repository(wheels: Path) -> Iterator[Path]:
    """A copy of what `make deploy` reads of the repository, to write into; beside the original, for hard links."""
    with tempfile.TemporaryDirectory(prefix="deployed-", dir=ROOT / "artifacts") as name:
        folder = Path(name)
        for file in CONTEXT:
            shutil.copy(ROOT / file, folder)
        (folder / "infra").mkdir()
        shutil.copy(ROOT / "infra" / "strip.py", folder / "infra")
        shutil.copytree(ROOT / "function", folder / "function", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(wheels, folder / "artifacts" / "wheelhouse", copy_function=os.link)
        npm("build", "--", "--outDir", str(folder / "dist"))
        yield folder


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small, working bundles."""
    root = tmp_path_factory.mktemp("bundles")
    return [demo_bundle(root, films=200, users=20, seed=seed) for seed in range(3)]


@pytest.fixture(scope="module")
def aws(engine: Engine, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """An empty account, which this process and its children use, and the sites of which this process reaches."""
    folder = tmp_path_factory.mktemp("aws")
    gateway = "{{(index .IPAM.Config 0).Gateway}}"
    api = engine.docker("network", "inspect", "bridge", "--format", gateway), free_port()
    endpoint = f"http://{api[0]}:{api[1]}"
    flags = f"-v '{emulator()}:{EMULATOR}:ro' -e AWS_ENDPOINT_URL={endpoint} -m 512m --read-only --tmpfs /tmp"
    host = {name: value for name, value in engine.environment.items() if name.startswith("DOCKER_")}
    with (
        ministack(folder / "log", {"LAMBDA_DOCKER_FLAGS": flags, **host}) as url,
        edge(url, api, SITES, folder) as here,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        programs = folder / "programs"
        write_sam(programs, url)
        for name, value in {
            **host,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(folder / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "*"),  # everything is on this machine
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "SSL_CERT_FILE": str(here.certificate),
            "EDGE": f"127.0.0.1:{here.sites}",  # for Chromium
        }.items():
            patch.setenv(name, value)
        patch.chdir(repository)
        _reach_sites(patch, here, urllib3.util.parse_url(url).port or 0)
        yield Aws.connect(None)
    names = ["--filter", f"reference={REGISTRY}/*/*", "--format", "{{.Repository}}:{{.Tag}}"]
    if left := engine.docker("images", *names).split():
        engine.docker("rmi", "--force", *left)


def _reach_sites(patch: pytest.MonkeyPatch, here: Edge, plain: int) -> None:
    """Have this process find the emulator's sites at the edge, and by HTTP at the port `plain` of this machine."""
    connect = connection.create_connection

    def elsewhere(address: tuple[str, int], *rest: Any, **more: Any) -> Any:
        if address[0].endswith(f".{SITES}"):
            address = "127.0.0.1", here.sites if address[1] == 443 else plain
        return connect(address, *rest, **more)

    patch.setattr(connection, "create_connection", elsewhere)


@pytest.fixture
def make(capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command of infra/ and returns what it has printed; its steps are shown in the log of the tests as well."""

    def run(*arguments: str) -> str:
        status = command.main([*arguments, "--stack", STACK])
        said = capfd.readouterr()
        assert status == 0, said.out + said.err
        with capfd.disabled():
            sys.stdout.write("\n".join([f"\n{arguments[0]}", *_STEPS.findall(said.out), ""]))
        return said.out

    return run


def npm(*arguments: str, **environment: str) -> None:
    """Run a script of the page's package."""
    command = ["npm", "--prefix", str(ROOT / "web"), "run", "--silent", *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def published(bundle: Path) -> str:
    """The release of a bundle as it leaves this machine."""
    return pruned_bundle(bundle, Path("expected"), "samples").name


def visit(aws: Aws, path: str) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager() as pool:
        return pool.request("GET", f"{aws.outputs(STACK).site_url}{path}", retries=False, timeout=30)


def unconditional() -> set[str]:
    """The resources that every stack has, but those that ministack does not know."""
    resources = read_template()["Resources"].items()
    return {name for name, facts in resources if facts["Type"] not in LEFT_OUT and "Condition" not in facts}


def served(aws: Aws) -> str:
    """The release that a visitor of the site gets; raises unless it recommends."""
    answer = visit(aws, "/api/health").json()
    assert len(visit(aws, "/api/starters?limit=3").json()["items"]) == 3
    return str(answer["release"])


def containers(engine: Engine, aws: Aws) -> set[str]:
    """The running containers of the stack's function."""
    function = aws.client("lambda").get_function(FunctionName=aws.outputs(STACK).function_name)
    image = function["Code"]["ImageUri"]
    found = set(engine.docker("ps", "--quiet", "--filter", f"ancestor={image}").split())
    assert found, image
    return found


def test_a_stack_from_deploy_to_destroy(
    aws: Aws,
    engine: Engine,
    architecture: str,
    bases: dict[str, str],
    bundles: list[Path],
    make: Callable[..., str],
) -> None:
    baked, second, third = map(published, bundles)
    given = {"Architecture": architecture, "BaseImage": bases["litert"], "Bundle": str(bundles[0])}
    parameters = [part for name, value in given.items() for part in ("--parameter", f"{name}={value}")]
    said = make("deploy", "--dist", "dist", *parameters)
    # The deploy itself visited: the page, an asset and its 404 by CloudFront, and the API behind it.
    assert f"serves the page and release {baked}, headers as" in said
    outputs = aws.outputs(STACK)
    resources = aws.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    assert unconditional() <= {resource["LogicalResourceId"] for resource in resources}
    assert visit(aws, "/api/me").status == 401  # by the API's authorizer
    # Only the distribution may read the page's bucket.
    assert urllib3.request("GET", f"{os.environ['AWS_ENDPOINT_URL']}/{outputs.site_bucket}/index.html").status == 403

    npm("test:deployed", SITE_URL=outputs.site_url)

    baked_in = containers(engine, aws)
    for bundle, release in zip(bundles[1:], (second, third), strict=True):
        make("release", "--bundle", str(bundle))
        assert served(aws) == release
    assert not baked_in & containers(engine, aws)  # each release is served by containers that were started for it
    make("rollback")
    assert served(aws) == second

    # An update keeps what is served, and the parameters that are not given.
    make("deploy", "--dist", "dist", "--parameter", f"Bundle={bundles[0]}", "--parameter", "MemorySize=384")
    assert served(aws) == second
    function = aws.client("lambda").get_function_configuration(FunctionName=outputs.function_name)
    assert (function["MemorySize"], function["Architectures"]) == (384, [architecture])

    make("destroy", "--yes")
    assert aws.find_outputs(STACK) is None
    left = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert not {outputs.site_bucket, outputs.artifact_bucket} & set(left)
    assert not aws.client("lambda").list_functions()["Functions"]
    # What members wrote is theirs.
    assert [name.split("-")[1] for name in aws.client("dynamodb").list_tables()["TableNames"]] == ["MembersTable"]
