"""The stack, whole: `sam` builds and deploys function and resources; then the page is published; and all of it away."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.aws import BATCH, Aws, OperationError, Outputs, code_of
from infra.deployed import DeployedFunction
from infra.front_door import FrontDoor
from infra.plan import Step
from infra.pruning import AUTO, BUNDLES, PUBLISHED, pruned_bundle
from infra.releases import Releases
from infra.site import CONFIG, Site, cognito, read_site, site_config

_MINUTE: Final = 60
_INSTALL: Final = {
    "sam": "Install the AWS SAM command line, for example `pipx install aws-sam-cli`.",
    "docker": "Install Docker and start it: the function's image is built with it.",
}


def plan_deploy(aws: Aws, stack: str, dist: Path, parameters: Sequence[str], published: Path = PUBLISHED) -> list[Step]:
    """Build and deploy the stack, publish the page, ask the function whether it is ready.

    `parameters` are Key=Value of template.yaml; the bundle for the image is written to the bundle root `published`.
    Raises OperationError if a program or the page is missing, and BundleError if there is no bundle.
    """
    for program, hint in _INSTALL.items():
        if shutil.which(program) is None:
            raise OperationError(f"{program} is not on this machine. {hint}")
    files = read_site(dist)
    given = parse_parameters(parameters)
    # `sam deploy` keeps the stack's values by itself, but `sam build` would build the template's defaults.
    values = {**aws.parameters(stack), **given}
    image = pruned_bundle(Path(given.get("Bundle", BUNDLES)), published, values.get("OpenUsers", AUTO))
    commands = sam_commands(stack, aws.region, {**values, "Bundle": os.path.relpath(image)})
    known = aws.find_outputs(stack)

    def publish() -> str:
        outputs = aws.outputs(stack)
        files[CONFIG] = site_config(cognito(outputs.sign_in_issuer, outputs.sign_in_client))
        steps = _site(aws, outputs).plan(files)
        for step in steps:
            step.run()
        return f"{len(steps)} steps done"

    def ready() -> str:
        outputs = aws.outputs(stack)
        function = DeployedFunction.of(aws, outputs)
        # Nothing released yet: then it is the image's own.
        release = Releases(aws.client("s3"), outputs.artifact_bucket).pointer().release or function.serving()
        return f"release {release}: {function.confirm(release)}"

    def visit() -> str:
        outputs = aws.outputs(stack)
        return FrontDoor(outputs.site_url).check(files, DeployedFunction.of(aws, outputs).serving())

    site = "; ".join(step.description for step in _site(aws, known).plan(files)) if known else f"all {len(files)} files"
    return [
        *(Step(" ".join(command), partial(run, command, minutes * _MINUTE)) for command, minutes in commands),
        Step(f"publish {dist}: {site}", publish),
        Step("ask the function for /api/ready", ready),
        Step("visit the site: the page, /api/health, a recommendation, and their headers", visit),
    ]


def parse_parameters(pairs: Sequence[str]) -> dict[str, str]:
    """Key=Value of the command line, by key. Raises OperationError if one is not that."""
    parsed = [pair.partition("=") for pair in pairs]
    if wrong := [key for key, equals, _ in parsed if not (equals and key.isalnum())]:
        raise OperationError(f"--parameter {wrong[0]}: write Key=Value, as in --parameter MemorySize=256.")
    return {key: value for key, _, value in parsed}


def sam_commands(stack: str, region: str, parameters: Mapping[str, str]) -> list[tuple[list[str], int]]:
    """What `sam` is asked to do, each with the minutes it may take. samconfig.toml has the rest.

    Both commands get the same parameters, so that what is built is what the stack describes.
    """
    target = ["--stack-name", stack, "--region", region]
    quiet = ["--no-confirm-changeset", "--no-fail-on-empty-changeset"]
    stores = ["--resolve-s3", "--resolve-image-repos", "--capabilities", "CAPABILITY_IAM"]
    # Quoted: SAM takes no empty value otherwise.
    pairs = [f'{key}="{value}"' for key, value in sorted(parameters.items())]
    overrides = ["--parameter-overrides", *pairs] if pairs else []
    return [(["sam", "build", *overrides], 30), (["sam", "deploy", *target, *stores, *quiet, *overrides], 60)]


def plan_destroy(aws: Aws, stack: str) -> list[Step]:
    """Take the stack away with everything in its buckets. Raises OperationError if there is no such stack."""
    outputs = aws.outputs(stack)
    s3 = aws.client("s3")
    command = ["sam", "delete", "--stack-name", stack, "--region", aws.region, "--no-prompts"]
    if shutil.which("sam") is None:
        raise OperationError(f"sam is not on this machine. {_INSTALL['sam']}")
    return [
        *(
            Step(f"empty s3://{bucket}: every version of every object", partial(empty, s3, bucket))
            for bucket in (outputs.site_bucket, outputs.artifact_bucket)
        ),
        Step(" ".join(command), partial(run, command, 60 * _MINUTE)),
    ]


def empty(s3: Any, bucket: str) -> str:
    """Remove every version and delete marker from a bucket; a bucket that is gone is empty."""
    removed = 0
    try:
        # Each time from the start: a listing's marker is a version, and it is gone.
        while found := _versions(s3, bucket):
            refused = s3.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True}).get("Errors")
            if refused:
                raise OperationError(f"s3://{bucket}/{refused[0]['Key']} was not removed: {refused[0]['Message']}")
            removed += len(found)
    except ClientError as error:
        if code_of(error) != "NoSuchBucket":
            raise
        return "the bucket is gone already"
    return f"{removed} versions removed"


def _versions(s3: Any, bucket: str) -> list[dict[str, str]]:
    """Versions and delete markers, up to BATCH."""
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=BATCH)
    found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


def run(command: Sequence[str], timeout: float) -> None:
    """Run a program with its output on this terminal; raises OperationError if it fails or takes too long."""
    try:
        subprocess.run(command, check=True, timeout=timeout)
    except FileNotFoundError as error:
        raise OperationError(
            f"{command[0]} is not on this machine. {_INSTALL.get(command[0], 'Install it.')}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise OperationError(
            f"`{' '.join(command)}` was ended after {timeout:.0f} s. See the stack's events in CloudFormation; run it "
            "again."
        ) from error
    except subprocess.CalledProcessError as error:
        raise OperationError(
            f"`{' '.join(command)}` failed (status {error.returncode}); its output is above. What was served before is "
            "still served."
        ) from error


def _site(aws: Aws, outputs: Outputs) -> Site:
    return Site(aws.client("s3"), aws.client("cloudfront"), outputs.site_bucket, outputs.distribution_id)
