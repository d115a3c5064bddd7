"""What the commands say where AWS, or something of it, is not there or says no."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
    WaiterError,
)

from infra import __main__ as command
from infra.aws import Aws, explain
from tests.aws.cloud import ARTIFACTS, REGION, STACK


def make(*arguments: str) -> int:
    return command.main([*arguments, "--stack", STACK])


@pytest.mark.parametrize("name", ["release", "rollback", "releases", "destroy"])
def test_a_missing_stack_is_named_with_its_region(
    name: str, account: Aws, bundles: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([name, "--stack", "other", "--region", "us-east-1"]) == 1
    error = capsys.readouterr().err
    assert "error: there is no stack other in us-east-1. Run `make deploy` first" in error
    assert "REGION=" in error


def test_a_stack_of_something_else_is_named(account: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    template = json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}})
    account.client("cloudformation").create_stack(StackName="other", TemplateBody=template)
    assert command.main(["releases", "--stack", "other"]) == 1
    assert "stack other in eu-west-1 (CREATE_COMPLETE) has no output ApiUrl, ArtifactBucket" in capsys.readouterr().err


def test_no_region_is_named(account: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert make("releases") == 1
    assert "error: no AWS region is known. Name the region: REGION=" in capsys.readouterr().err


def test_no_credentials_are_named(
    account: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert make("releases") == 1
    assert "error: no AWS credentials" in (error := capsys.readouterr().err)
    assert "aws sso login" in error


def test_a_profile_that_is_not_there_is_named(
    account: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert make("releases") == 1
    assert "error: The config profile (nobody) could not be found. Choose one of" in capsys.readouterr().err


def test_a_bundle_that_is_not_there_is_named(stack: Aws, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make("release", "--bundle", str(tmp_path)) == 1
    assert "there is no bundle here" in capsys.readouterr().err


def test_a_bucket_that_is_gone_is_named(stack: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    stack.client("s3").delete_bucket(Bucket=ARTIFACTS)
    assert make("releases") == 1
    assert "the stack refers to something that no longer exists" in (error := capsys.readouterr().err)
    assert "make deploy" in error


def refusal(code: str, operation: str = "PutObject") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said"}}, operation)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoCredentialsError(), "no AWS credentials (Unable to locate credentials). Run `aws sso login`"),
        (PartialCredentialsError(provider="env", cred_var="key"), "no AWS credentials"),
        (TokenRetrievalError(provider="sso", error_msg="expired"), "the AWS sign-in has ended"),
        (EndpointConnectionError(endpoint_url="x"), "AWS does not answer in eu-west-1"),
        (ConnectTimeoutError(endpoint_url="x"), "AWS does not answer in eu-west-1"),
        (WaiterError(name="x", reason="Max attempts exceeded", last_response={}), "timed out waiting in eu-west-1"),
        (
            refusal("AccessDenied"),
            "not allowed (PutObject in eu-west-1: said). Sign in as someone who may do PutObject",
        ),
        (refusal("AccessDeniedException", "Invoke"), "someone who may do Invoke"),
        (refusal("ExpiredToken"), "AWS does not accept the credentials (PutObject in eu-west-1: said)"),
        (refusal("PermanentRedirect"), "that is in another region (PutObject in eu-west-1: said)"),
        (refusal("NoSuchBucket"), "the stack refers to something that no longer exists"),
        (refusal("Novel"), "AWS refused (PutObject in eu-west-1: said; Novel)."),
    ],
)
def test_what_stops_an_operation_is_explained(error: Exception, expected: str) -> None:
    assert expected in explain(error, REGION)
