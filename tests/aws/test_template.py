"""What template.yaml would make, read as text: who may do what, what is open to whom, and that the linters agree."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from function.settings import Settings
from infra.aws import Outputs
from infra.headers import SECURITY_HEADERS
from tests.support import sam
from tests.support.template import TEMPLATE, read_template

# Actions that take no narrower resource, by AWS's own reference.
WITHOUT_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return read_template()


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    return {name: resource["Properties"] for name, resource in template["Resources"].items()}


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


def test_only_our_distribution_reads_the_site(resources: dict[str, Any]) -> None:
    origins = {origin["Id"]: origin for origin in resources["Distribution"]["DistributionConfig"]["Origins"]}
    assert origins["site"]["OriginAccessControlId"] == {"Fn::GetAtt": "SiteAccess.Id"}
    control = resources["SiteAccess"]["OriginAccessControlConfig"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")
    (reads,) = [
        statement
        for statement in resources["SiteBucketPolicy"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert reads["Action"] == "s3:GetObject"
    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "distribution/${Distribution}" in reads["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]


def test_the_api_is_behind_the_same_distribution(resources: dict[str, Any]) -> None:
    config = resources["Distribution"]["DistributionConfig"]
    (api,) = config["CacheBehaviors"]
    assert (api["PathPattern"], api["TargetOriginId"], api["ViewerProtocolPolicy"]) == ("/api/*", "api", "https-only")
    assert "POST" in api["AllowedMethods"]
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    caching = resources["ApiCaching"]["CachePolicyConfig"]
    # What the function says decides; without a word of it nothing is kept.
    assert (caching["MinTTL"], caching["DefaultTTL"]) == (0, 0)
    key = caching["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    # One person's answers are never another's; and API Gateway refuses a foreign Host.
    assert "Authorization" in key["HeadersConfig"]["Headers"]
    assert "Host" not in key["HeadersConfig"]["Headers"]
    # A page of errors made for the site would replace the API's problem documents as well.
    assert "CustomErrorResponses" not in config


def test_the_site_has_the_headers_it_has_on_this_machine(resources: dict[str, Any]) -> None:
    policy = resources["SiteHeaders"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    sent = {
        "content-security-policy": policy["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "x-content-type-options": "nosniff" if "ContentTypeOptions" in policy else "",
        "referrer-policy": policy["ReferrerPolicy"]["ReferrerPolicy"],
        "x-frame-options": policy["FrameOptions"]["FrameOption"],
    }
    assert sent == SECURITY_HEADERS
    assert all(header["Override"] is True for header in policy.values())
    for headers in ("SiteHeaders", "ApiHeaders"):
        security = resources[headers]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000
        assert "ContentTypeOptions" in security


def test_the_cost_is_capped(template: dict[str, Any], resources: dict[str, Any]) -> None:
    assert resources["Function"]["ReservedConcurrentExecutions"]["Fn::If"][:2] == [
        "Reserved",
        {"Ref": "ReservedConcurrency"},
    ]
    routes = resources["HttpApi"]["DefaultRouteSettings"]
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(routes)
    assert resources["Function"]["Tracing"] == {"Ref": "Tracing"}
    assert template["Parameters"]["Tracing"]["Default"] == "PassThrough"
    assert template["Resources"]["Budget"]["Condition"] == "Budgeted"
    for group in of_type(template, "AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_access_logs_are_json_and_name_nobody(resources: dict[str, Any]) -> None:
    line = yaml.safe_load(resources["HttpApi"]["AccessLogSettings"]["Format"])
    assert {"requestId", "status", "latency"} <= set(line)
    personal = ("sourceIp", "userAgent", "context.path", "authorizer", "identity")
    assert not [value for value in line.values() if any(word in value for word in personal)]


def test_every_alarm_tells_somebody(template: dict[str, Any]) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    assert {alarm["MetricName"] for alarm in alarms.values()} == {"5xx", "Latency", "Throttles"}
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]
        assert "docs/operations.md" in alarm["AlarmDescription"]


def test_the_function_knows_every_variable_it_is_given(resources: dict[str, Any]) -> None:
    settings = {field.name.upper() for field in fields(Settings)}
    given = set(resources["Function"]["Environment"]["Variables"])
    assert given <= settings | {"BUNDLE_URI"}


def test_the_outputs_are_those_that_the_commands_read(template: dict[str, Any]) -> None:
    wanted = {"".join(part.title() for part in field.name.split("_")) for field in fields(Outputs)}
    assert set(template["Outputs"]) == wanted
