"""The resources of template.yaml: permissions, public access, and that the linters pass."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]

from function.bundle.format import SCHEMA_VERSION
from function.members.dynamodb import DynamoStore
from function.members.store import Change
from function.settings import Settings, SignIn
from infra.aws import Aws, Outputs
from infra.headers import SECURITY_HEADERS
from tests.support import sam
from tests.support.served import in_process
from tests.support.template import TEMPLATE, read_template

# Actions that take no narrower resource, by AWS's own reference.
WITHOUT_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return read_template()


@pytest.fixture(scope="module")
def api(bundles: list[Path]) -> Iterator[httpx.Client]:
    with httpx.Client(transport=in_process(bundles[0]), base_url="http://function") as client:
        yield client


@pytest.fixture(scope="module")
def films(api: httpx.Client) -> list[dict[str, Any]]:
    films: list[dict[str, Any]] = api.get("/api/films").json()["items"]
    return films


@pytest.fixture(scope="module")
def user(api: httpx.Client) -> str:
    user: str = api.get("/api/users").json()["users"][0]["id"]
    return user


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


CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's managed policy
MAX_QUERY_STRINGS = 10  # in a cache policy, without asking AWS for more


def behaviour_of(resources: dict[str, Any], path: str) -> dict[str, Any]:
    """The first CloudFront behaviour that matches a path."""
    config = resources["Distribution"]["DistributionConfig"]
    fitting = [each for each in config["CacheBehaviors"] if fnmatchcase(path, each["PathPattern"])]
    behaviour: dict[str, Any] = [*fitting, config["DefaultCacheBehavior"]][0]
    return behaviour


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/health", "/api/users/1/home", "/api/me", "/api/me/home"])
def test_the_api_is_behind_the_same_distribution(path: str, resources: dict[str, Any]) -> None:
    behaviour = behaviour_of(resources, path)
    assert (behaviour["TargetOriginId"], behaviour["ViewerProtocolPolicy"]) == ("api", "https-only")
    assert "POST" in behaviour["AllowedMethods"]
    if path.startswith(("/api/users/", "/api/me")):
        assert behaviour["CachePolicyId"] == CACHING_DISABLED
    # And everything that arrives there is the function's, which answers with problem documents.
    assert "Path" not in resources["Function"]["Events"]["Api"]["Properties"]


def test_the_rest_is_the_site(resources: dict[str, Any]) -> None:
    for path in ("/", "/assets/index-4f2a.js", "/apiary"):
        behaviour = behaviour_of(resources, path)
        assert (behaviour["TargetOriginId"], behaviour["ViewerProtocolPolicy"]) == ("site", "redirect-to-https")


@pytest.mark.parametrize("name", ["ApiCaching", "SearchCaching"])
def test_the_function_decides_what_is_cached(name: str, resources: dict[str, Any]) -> None:
    caching = resources[name]["CachePolicyConfig"]
    # What the function says decides; without a word of it nothing is kept.
    assert (caching["MinTTL"], caching["DefaultTTL"]) == (0, 0)
    key = caching["ParametersInCacheKeyAndForwardedToOrigin"]
    # One person's answers are never another's; API Gateway refuses a foreign Host; and an Origin makes a difference
    # only where other sites may call.
    headers = key["HeadersConfig"]["Headers"]
    assert headers == {"Fn::If": ["CrossOrigin", ["Authorization", "Origin"], ["Authorization"]]}


def test_errors_are_not_kept_and_their_bodies_stay(resources: dict[str, Any]) -> None:
    kept = {each["ErrorCode"]: each for each in resources["Distribution"]["DistributionConfig"]["CustomErrorResponses"]}
    for code in (500, 502, 503, 504):
        assert kept[code] == {"ErrorCode": code, "ErrorCachingMinTTL": 0}


def test_a_cache_key_has_the_parameters_of_the_routes_it_is_for(
    resources: dict[str, Any], api: httpx.Client, films: list[dict[str, Any]], user: str
) -> None:
    film = films[0]["id"]
    routes: dict[str, list[tuple[str, set[str]]]] = {}
    for path, methods in api.get("/api/openapi.json").json()["paths"].items():
        if "get" not in methods:
            continue
        address = path.format(film_id=film, user_id=user)
        policy = behaviour_of(resources, address)["CachePolicyId"]
        answer = api.get(address, params={"ids": film} if path == "/api/similar" else {})
        kept = answer.raise_for_status().headers["cache-control"].startswith("public")
        assert (policy == CACHING_DISABLED) is address.startswith(f"/api/users/{user}/"), path
        assert not (kept and policy == CACHING_DISABLED), path
        if kept:
            names = {each["name"] for each in methods["get"].get("parameters", []) if each["in"] == "query"}
            routes.setdefault(policy["Ref"], []).append((address, names))
    assert set(routes) == {"ApiCaching", "SearchCaching"}
    for name, served in routes.items():
        key = resources[name]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]
        parameters = set[str]().union(*(names for _, names in served))
        if len(parameters) <= MAX_QUERY_STRINGS:
            assert key == {"QueryStringBehavior": "whitelist", "QueryStrings": sorted(parameters)}, name
        else:
            assert key == {"QueryStringBehavior": "all"}, name
            for address, _ in served:
                refused = api.get(address, params={"no_such_parameter": "1"})
                assert (refused.status_code, refused.headers["cache-control"]) == (422, "no-store"), address


def answer_of(code: str, uri: str) -> dict[str, Any]:
    """The result of a CloudFront function for a viewer's request."""
    script = f"{code}\nconsole.log(JSON.stringify(handler({{request: {{uri: process.argv[1]}}}})))"
    done = subprocess.run(["node", "-e", script, uri], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("uri", ["/films/12", "/apiary", "/nothing.html", "/fr/", "/wp-login.htm"])
def test_a_page_that_is_not_there_gets_the_site_s_404(uri: str, resources: dict[str, Any]) -> None:
    association = resources["Distribution"]["DistributionConfig"]["DefaultCacheBehavior"]["FunctionAssociations"]
    assert association == [{"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": "NotFound.FunctionARN"}}]
    answer = answer_of(resources["NotFound"]["FunctionCode"], uri)
    assert answer["statusCode"] == 404
    assert answer["body"]["data"] == (TEMPLATE.parent / "web" / "public" / "404.html").read_text()
    headers = {name: header["value"] for name, header in answer["headers"].items()}
    assert headers.items() >= SECURITY_HEADERS.items()
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_the_site_s_own_files_pass(resources: dict[str, Any]) -> None:
    files = [f"/{path.name}" for path in (TEMPLATE.parent / "web" / "public").iterdir() if path.suffix != ".html"]
    assert len(files) >= 3
    for uri in ("/", "/index.html", "/assets/index-4f2a.js", *files):
        assert answer_of(resources["NotFound"]["FunctionCode"], uri) == {"uri": uri}


def test_the_site_has_the_headers_it_has_on_this_machine(resources: dict[str, Any]) -> None:
    policy = resources["SiteHeaders"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    content = policy["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    # In AWS the page also connects to where members sign in, and to nothing else.
    sign_in = re.compile(
        r" https://cognito-idp\.\$\{AWS::Region\}\.amazonaws\.com"
        r" https://\$\{MembersDomain\}\.auth\.\$\{AWS::Region\}\.amazoncognito\.com"
    )
    assert len(sign_in.findall(content)) == 1
    sent = {
        "content-security-policy": sign_in.sub("", content),
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
