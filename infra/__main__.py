"""Deploy, release and roll back, in AWS.

    python -m infra deploy | release | rollback | releases | destroy   [--stack S] [--region R] [--dry-run]

Each makes a plan first, which --dry-run prints without changing anything. docs/operations.md has the whole story.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from function.bundle import BundleError
from infra import deploy, releases
from infra.aws import AWS_ERRORS, Aws, OperationError, explain
from infra.deployed import DeployedFunction
from infra.plan import Step, carry_out

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
        if options.command == "destroy" and not (options.dry_run or options.yes or _agreed(options.stack, region)):
            say("Nothing was changed.")
            return 1
        carry_out(steps, dry_run=options.dry_run, say=say)
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
    command.add_argument(
        "--bundle", type=Path, default=Path("artifacts/bundles"), help="a bundle or a root (default artifacts/bundles)"
    )
    command = commands.add_parser("rollback", parents=[every], help="serve an earlier release again")
    command.add_argument("release", nargs="?", help="its id (default: the one before the current)")
    commands.add_parser("releases", parents=[every], help="list the releases")
    command = commands.add_parser("destroy", parents=[every], help="take the stack away, with everything in it")
    command.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(arguments)


def make_plan(aws: Aws, options: argparse.Namespace) -> list[Step]:
    """The plan of a command that changes something."""
    if options.command == "deploy":
        return deploy.plan_deploy(aws, options.stack, options.dist, options.parameter)
    if options.command == "destroy":
        return deploy.plan_destroy(aws, options.stack)
    function = DeployedFunction(aws.client("lambda"), aws.outputs(options.stack).function_name)
    if options.command == "release":
        return releases.plan_release(_releases(aws, options.stack), function, options.bundle)
    return releases.plan_rollback(_releases(aws, options.stack), function, options.release)


def _releases(aws: Aws, stack: str) -> releases.Releases:
    return releases.Releases(aws.client("s3"), aws.outputs(stack).artifact_bucket)


def say(text: str) -> None:
    """Progress, on standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _agreed(stack: str, region: str) -> bool:
    sys.stderr.write(f"This removes stack {stack} in {region}, the page and every release. Type its name to go on: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == stack


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
