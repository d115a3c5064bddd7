"""Deploy, release and roll back, in AWS; and train there.

    python -m infra deploy | release | rollback | releases | destroy   [--stack S] [--region R] [--dry-run]
    python -m infra train-job --image URI --role ARN --bucket B        [--region R] [--dry-run]

Each makes a plan first, which --dry-run prints without changing anything. docs/operations.md has the whole story.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from function.bundle.format import BundleError
from function.settings import OpenUsers
from infra import deploy, releases, train_job
from infra.aws import AWS_ERRORS, Aws, OperationError, explain
from infra.deployed import DeployedFunction
from infra.plan import Step, execute
from infra.pruning import AUTO, BUNDLES, PUBLISHED, pruned_bundle

STACK = "film-recommender"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parse(arguments)
    region = options.region or "the region of your AWS settings"
    try:
        aws = Aws.connect(options.region)
        region = aws.region
        if options.command == "releases":
            for line in releases.table(_releases(aws, options.stack)):
                say(line)
            return 0
        steps = make_plan(aws, options)
        if options.command == "destroy" and not (options.dry_run or options.yes or _confirmed(options.stack, region)):
            say("Nothing was changed.")
            return 1
        execute(steps, dry_run=options.dry_run, say=say)
    except (OperationError, BundleError) as error:
        return _refuse(str(error))
    except AWS_ERRORS as error:
        return _refuse(explain(error, region))
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m infra", description="Deploy, release and roll back, in AWS.")
    commands = parser.add_subparsers(dest="command", required=True)
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--stack", default=STACK, help=f"the CloudFormation stack (default {STACK})")
    every.add_argument("--region", help="the AWS region (default: that of your AWS settings)")
    every.add_argument("--dry-run", action="store_true", help="print the plan; change nothing")

    command = commands.add_parser("deploy", parents=[every], help="build and deploy the stack, publish the page")
    command.add_argument("--dist", type=Path, default=Path("web/dist"), help="the built page (default web/dist)")
    command.add_argument(
        "--parameter", action="append", default=[], metavar="KEY=VALUE", help="of template.yaml; may be repeated"
    )
    command = commands.add_parser("release", parents=[every], help="serve a bundle")
    command.add_argument("--bundle", type=Path, default=BUNDLES, help=f"a bundle or a root (default {BUNDLES})")
    command.add_argument(
        "--open-users",
        choices=(AUTO, *get_args(OpenUsers)),
        help="the known users to release, as the parameter OpenUsers has it (default: the stack's)",
    )
    command = commands.add_parser("rollback", parents=[every], help="serve an earlier release again")
    command.add_argument("release", nargs="?", help="its id (default: the one before the current)")
    commands.add_parser("releases", parents=[every], help="list the releases")
    command = commands.add_parser("destroy", parents=[every], help="take the stack away, with everything in it")
    command.add_argument("--yes", action="store_true", help="do not ask")
    _add_train_job(commands.add_parser("train-job", parents=[every], help="train as a SageMaker job"))
    return parser.parse_args(arguments)


def _add_train_job(command: argparse.ArgumentParser) -> None:
    command.add_argument("--image", required=True, help="in ECR, built of Dockerfile.training")
    command.add_argument("--role", required=True, help="the ARN of the job's role (docs/distributed.md)")
    command.add_argument("--bucket", required=True, help="for the files, and what comes out")
    command.add_argument("--ratings", type=Path, help="as for `python -m training train`; or --set data=ml-1m")
    command.add_argument("--films", type=Path, help="as for `python -m training train`")
    command.add_argument(
        "--set", action="append", default=[], metavar="FLAG=VALUE", help="a flag of train: model.epochs=30"
    )
    command.add_argument("--instance-type", default="ml.m5.xlarge", help="default ml.m5.xlarge")
    command.add_argument("--instances", type=int, default=1, help="more than one trains together (default 1)")
    command.add_argument("--max-hours", type=float, default=2.0, help="after which it is stopped (default 2)")
    command.add_argument("--spot", action="store_true", help="spare capacity: cheaper, may be interrupted")


def make_plan(aws: Aws, options: argparse.Namespace) -> list[Step]:
    """The plan of a command that changes something."""
    if options.command == "deploy":
        return deploy.plan_deploy(aws, options.stack, options.dist, options.parameter)
    if options.command == "destroy":
        return deploy.plan_destroy(aws, options.stack)
    if options.command == "train-job":
        return train_job.plan_train_job(aws.client("s3"), aws.client("sagemaker"), _job(options))
    function = DeployedFunction.of(aws, aws.outputs(options.stack))
    if options.command == "release":
        open_users = options.open_users or aws.parameters(options.stack).get("OpenUsers", AUTO)
        bundle = pruned_bundle(options.bundle, PUBLISHED, open_users)
        return releases.plan_release(_releases(aws, options.stack), function, bundle)
    return releases.plan_rollback(_releases(aws, options.stack), function, options.release)


def _job(options: argparse.Namespace) -> train_job.Job:
    pairs = [pair.partition("=") for pair in options.set]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise OperationError(f"--set {wrong[0]}: write FLAG=VALUE, as in --set model.epochs=30.")
    return train_job.Job(
        image=options.image,
        role=options.role,
        bucket=options.bucket,
        ratings=options.ratings,
        films=options.films,
        hyperparameters={name: value for name, _, value in pairs},
        instance_type=options.instance_type,
        instances=options.instances,
        max_hours=options.max_hours,
        spot=options.spot,
    )


def _releases(aws: Aws, stack: str) -> releases.Releases:
    return releases.Releases(aws.client("s3"), aws.outputs(stack).artifact_bucket)


def say(text: str) -> None:
    """Progress, on standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _confirmed(stack: str, region: str) -> bool:
    sys.stderr.write(f"This removes stack {stack} in {region}, the page and every release. Type its name to go on: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == stack


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
