"""CloudFront in template.yaml: who reads the site, what goes to the function, what is kept, headers and the 404."""

import json
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.headers import SECURITY_HEADERS
from tests.support.served import in_process
from tests.support.template import TEMPLATE

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's managed policy
MAX_QUERY_STRINGS = 10  # in a cache policy, without asking AWS for more


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
