"""The resources of template.yaml: permissions, public access, and that the linters pass."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from function.bundle.format import SCHEMA_VERSION
from function.members.dynamodb import DynamoStore
from function.members.store import Change
from function.settings import Settings, SignIn
from infra.aws import Aws, Outputs
from tests.support import sam
from tests.support.template import TEMPLATE

# Actions that take no narrower resource, by AWS's own reference.
WITHOUT_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    found = {name: made["Properties"] for name, made in template["Resources"].items() if made["Type"] == kind}
    assert found, kind
    return found


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy statement anywhere in a template."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for part in value.values():
            yield from statements(part)
    elif isinstance(value, list):
        for part in value:
            yield from statements(part)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_sam_and_cfn_lint_have_nothing_to_say() -> None:
    assert "is a valid SAM Template" in sam.sam("validate", "--lint", "--region", "eu-west-1")
    assert sam.cfn_lint(str(TEMPLATE)) == ""


def test_nothing_allows_every_action_or_everybody(template: dict[str, Any]) -> None:
    allowed = [statement for statement in statements(template) if statement["Effect"] == "Allow"]
    assert len(allowed) >= 5
    for statement in allowed:
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in listed(statement["Action"])), statement
        assert statement.get("Principal", {}) != "*", statement
        assert "*" not in str(statement.get("Principal", "")), statement
        if "*" in listed(statement.get("Resource", [])):
            assert set(listed(statement["Action"])) <= WITHOUT_RESOURCES, statement


def test_the_function_may_read_releases_and_write_its_log_and_no_more(resources: dict[str, Any]) -> None:
    role = resources["FunctionRole"]
    assert "ManagedPolicyArns" not in role
    assert resources["Function"]["Role"] == {"Fn::GetAtt": "FunctionRole.Arn"}
    assert "Policies" not in resources["Function"]
    named = {policy["PolicyName"]: policy for policy in role["Policies"] if "PolicyName" in policy}
    granted = {
        (action, str(statement["Resource"]))
        for policy in named.values()
        for statement in statements(policy)
        for action in listed(statement["Action"])
    }
    assert granted == {
        ("logs:CreateLogStream", str({"Fn::GetAtt": "FunctionLogs.Arn"})),
        ("logs:PutLogEvents", str({"Fn::GetAtt": "FunctionLogs.Arn"})),
        ("s3:GetObject", str({"Fn::Sub": "${ArtifactBucket.Arn}/releases/*"})),
        ("s3:ListBucket", str({"Fn::GetAtt": "ArtifactBucket.Arn"})),
        *(
            (f"dynamodb:{action}", str({"Fn::GetAtt": "MembersTable.Arn"}))
            for action in ("BatchGetItem", "Query", "PutItem", "DeleteItem", "ConditionCheckItem")
        ),
    }
    # Traces only where they were asked for.
    assert [policy["Fn::If"][0] for policy in role["Policies"] if "Fn::If" in policy] == ["Traced"]


def test_no_bucket_is_public_or_unencrypted_or_without_tls(template: dict[str, Any]) -> None:
    buckets = of_type(template, "AWS::S3::Bucket")
    policies = {policy["Bucket"]["Ref"]: policy for policy in of_type(template, "AWS::S3::BucketPolicy").values()}
    assert set(policies) == set(buckets) == {"SiteBucket", "ArtifactBucket"}
    for name, bucket in buckets.items():
        block = bucket["PublicAccessBlockConfiguration"]
        assert len(block) == 4, name
        assert all(value is True for value in block.values()), name
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert not {"AccessControl", "WebsiteConfiguration"} & set(bucket)
        assert {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [{"Fn::GetAtt": f"{name}.Arn"}, {"Fn::Sub": f"${{{name}.Arn}}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        } in policies[name]["PolicyDocument"]["Statement"]
    assert buckets["ArtifactBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_the_cost_is_capped(template: dict[str, Any], resources: dict[str, Any]) -> None:
    reserved = resources["Function"]["ReservedConcurrentExecutions"]
    assert reserved["Fn::If"] == ["Reserved", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]
    # Of the 10 that a new account has, Lambda lets none be reserved.
    assert template["Parameters"]["ReservedConcurrency"]["Default"] == 0
    routes = resources["HttpApi"]["DefaultRouteSettings"]
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(routes)
    assert resources["Function"]["Tracing"] == {"Ref": "Tracing"}
    assert template["Parameters"]["Tracing"]["Default"] == "PassThrough"
    assert template["Resources"]["Budget"]["Condition"] == "Budgeted"
    for group in of_type(template, "AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_base_image_is_pinned(template: dict[str, Any]) -> None:
    pinned = re.compile(r"^ARG \w+=python:[\w.-]+@sha256:[0-9a-f]{64}$", re.MULTILINE)
    for name in ("Dockerfile", "Dockerfile.training"):
        assert len(pinned.findall((TEMPLATE.parent / name).read_text())) == 1, name
    # The stack keeps its parameters: a base named there would outlive the one that the Dockerfile pins next.
    assert template["Parameters"]["BaseImage"]["Default"] == ""


def test_the_pin_can_be_renewed(tmp_path: Path) -> None:
    digest = f"sha256:{'0f' * 32}"
    (tmp_path / "scripts").mkdir()
    for name in ("Dockerfile", "Dockerfile.training", "scripts/pin-base"):
        shutil.copy(TEMPLATE.parent / name, tmp_path / name)
    (tmp_path / "docker").write_text(f"#!/bin/sh\necho {digest}\n")
    (tmp_path / "docker").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run([tmp_path / "scripts" / "pin-base"], env=environment, check=True, capture_output=True)
    for name in ("Dockerfile", "Dockerfile.training"):
        assert f"=python:3.13-slim-trixie@{digest}\n" in (tmp_path / name).read_text()


def test_access_logs_are_json_and_name_nobody(resources: dict[str, Any]) -> None:
    line = yaml.safe_load(resources["HttpApi"]["AccessLogSettings"]["Format"])
    assert {"requestId", "status", "latency"} <= set(line)
    personal = ("sourceIp", "userAgent", "context.path", "authorizer", "identity")
    assert not [value for value in line.values() if any(word in value for word in personal)]


def test_every_alarm_tells_somebody(template: dict[str, Any]) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    assert {alarm["MetricName"] for alarm in alarms.values()} == {"5xx", "Latency", "Throttles", "fallbacks"}
    # One that tells nobody would still cost.
    assert {template["Resources"][name]["Condition"] for name in alarms} == {"Notified"}
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]
        assert "docs/operations.md" in alarm["AlarmDescription"]


def test_the_saved_queries_ask_for_what_the_function_logs(template: dict[str, Any]) -> None:
    queries = [query["QueryString"] for query in of_type(template, "AWS::Logs::QueryDefinition").values()]
    logged = Path(TEMPLATE.parent / "docs" / "operations.md").read_text().partition("## Logs")[2]
    asked = {word for query in queries for word in re.findall(r"[a-z_]+(?=[,) ]|$)", query)}
    assert len(queries) == 3
    assert {"route", "latency", "cold_starts", "errors", "candidates_scored", "reason"} <= asked
    for member in ("route", "latency", "cold_starts", "errors", "candidates_scored", "reason"):
        assert f"`{member}`" in logged


def test_the_function_knows_every_variable_it_is_given(resources: dict[str, Any]) -> None:
    settings = {field.name.upper() for field in fields(Settings)}
    given = set(resources["Function"]["Environment"]["Variables"])
    assert given <= settings | {f"SIGN_IN_{name.upper()}" for name in SignIn._fields}
    assert {f"SIGN_IN_{name.upper()}" for name in SignIn._fields} <= given


def test_the_outputs_are_those_that_the_commands_read(template: dict[str, Any]) -> None:
    wanted = {"".join(part.title() for part in field.name.split("_")) for field in fields(Outputs)}
    assert set(template["Outputs"]) == wanted
    assert template["Outputs"]["BundleSchema"]["Value"] == str(SCHEMA_VERSION)


def test_members_data_is_safe_and_stays(template: dict[str, Any], resources: dict[str, Any]) -> None:
    table, pool, client = (resources[name] for name in ("MembersTable", "Members", "MembersClient"))
    for name in ("MembersTable", "Members"):
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert pool["DeletionProtection"] == "ACTIVE"
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    # A public client: no secret, codes only, and nobody learns who has an account.
    assert (client["GenerateSecret"], client["AllowedOAuthFlows"]) == (False, ["code"])
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["RefreshTokenRotation"]["Feature"] == "ENABLED"
    assert client["CallbackURLs"] == client["LogoutURLs"]


def test_the_store_works_on_the_table_of_the_template(account: Aws, resources: dict[str, Any]) -> None:
    table = resources["MembersTable"]
    made = {name: table[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")}
    client = account.client("dynamodb")
    client.create_table(TableName="members", **made)
    store = DynamoStore("members", client=client)
    store.write("ada", [Change("a", 0, b"one"), Change("b", 0, b"two", expires=1)])
    assert set(store.get("ada", ["a", "b"])) == {"a"}
    (expiring,) = [item for item in client.scan(TableName="members")["Items"] if item["name"]["S"] == "b"]
    assert expiring[table["TimeToLiveSpecification"]["AttributeName"]] == {"N": "1"}


def test_the_gateway_asks_members_for_a_token_and_nobody_else(resources: dict[str, Any]) -> None:
    (authorizer,) = resources["HttpApi"]["Auth"]["Authorizers"].values()
    assert authorizer["JwtConfiguration"] == {
        "issuer": {"Fn::GetAtt": "Members.ProviderURL"},
        "audience": [{"Ref": "MembersClient"}],
    }
    assert "DefaultAuthorizer" not in resources["HttpApi"]["Auth"]
    events = {name: event["Properties"] for name, event in resources["Function"]["Events"].items()}
    asked = {event["Path"] for event in events.values() if "Auth" in event}
    assert asked == {"/api/me", "/api/me/{proxy+}"}
    assert "Auth" not in events["Api"]
