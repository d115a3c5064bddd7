"""The page in its bucket: order of uploads, headers, and the state after an interrupted publication."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.aws import Aws, OperationError
from infra.headers import IMMUTABLE, REVALIDATE
from infra.plan import execute
from infra.site import Site, cognito, read_site, site_config
from tests.aws.cloud import SITE, STACK, Killed, kill_at, operator


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return page(tmp_path / "dist", "a1")


def page(dist: Path, build: str) -> Path:
    """A built page whose index refers to assets with a build id in their names."""
    (dist / "assets").mkdir(parents=True, exist_ok=True)
    for old in (dist / "assets").iterdir():
        old.unlink()
    (dist / "assets" / f"index-{build}.js").write_text(f"/* {build} */")
    (dist / "assets" / f"index-{build}.css").write_text(f"/* {build} */")
    (dist / "index.html").write_text(f"assets/index-{build}.js assets/index-{build}.css")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "site-config.json").write_text('{"api": "/elsewhere"}')
    return dist


@pytest.fixture
def site(stack: Aws) -> Site:
    return open_site(stack)


def open_site(aws: Aws) -> Site:
    return Site(aws.client("s3"), aws.client("cloudfront"), SITE, aws.outputs(STACK).distribution_id)


def publish(site: Site, dist: Path) -> list[str]:
    output: list[str] = []
    execute(site.plan(read_site(dist)), dry_run=False, say=output.append)
    return output


def objects(site: Site) -> dict[str, Any]:
    listed = site.s3.list_objects_v2(Bucket=SITE).get("Contents", [])
    return {one["Key"]: site.s3.get_object(Bucket=SITE, Key=one["Key"]) for one in listed}


def test_every_file_has_its_type_and_how_long_it_is_good_for(site: Site, dist: Path) -> None:
    publish(site, dist)
    assert {name: (one["ContentType"], one["CacheControl"]) for name, one in objects(site).items()} == {
        "assets/index-a1.css": ("text/css; charset=utf-8", IMMUTABLE),
        "assets/index-a1.js": ("text/javascript; charset=utf-8", IMMUTABLE),
        "favicon.svg": ("image/svg+xml", REVALIDATE),
        "index.html": ("text/html; charset=utf-8", REVALIDATE),
        "site-config.json": ("application/json", REVALIDATE),
    }


def test_the_configuration_is_the_stack_s_not_the_build_s(site: Site, dist: Path) -> None:
    publish(site, dist)
    assert objects(site)["site-config.json"]["Body"].read() == b'{"api": "/api"}'


def test_assets_go_first_the_index_last_and_stale_files_after_the_invalidation(site: Site, dist: Path) -> None:
    publish(site, dist)
    output = publish(site, page(dist, "b2"))
    assert [line.split(" ", 1)[1].split(" (")[0] for line in output] == [
        "put assets/index-b2.css",
        "put assets/index-b2.js",
        "put index.html",
        f"have CloudFront {site.distribution} forget the old page",
        "remove what no page names: assets/index-a1.css, assets/index-a1.js",
    ]
    assert sorted(objects(site)) == [
        "assets/index-b2.css",
        "assets/index-b2.js",
        "favicon.svg",
        "index.html",
        "site-config.json",
    ]
    paths = site.cloudfront.list_invalidations(DistributionId=site.distribution)["InvalidationList"]
    assert paths["Quantity"] == 2


@pytest.mark.parametrize("moment", ["before", "after"])
def test_ended_anywhere_the_page_is_whole(moment: str, site: Site, dist: Path) -> None:
    calls, finished = 0, False
    while not finished:
        publish(site, page(dist, "a1"))
        page(dist, "b2")
        calls += 1
        aws = operator()
        kill_at(aws, calls, moment)
        try:
            publish(open_site(aws), dist)
            finished = True
        except Killed:
            there = objects(site)
            for asset in there["index.html"]["Body"].read().decode().split():
                assert asset in there, f"{moment} call {calls}"
    assert calls == 9  # stack, list, 3 files, invalidation, waiting for it, removal; and one beyond
    assert "assets/index-a1.js" not in objects(site)


def test_a_dry_run_writes_nothing(site: Site, dist: Path) -> None:
    output: list[str] = []
    execute(site.plan(read_site(dist)), dry_run=True, say=output.append)
    assert objects(site) == {}
    assert output[-1] == "Nothing was changed (dry run)."
    assert "put index.html (no-cache)" in output[-3]


def test_more_stale_files_than_one_request_takes(site: Site, dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.site.BATCH", 10)
    for number in range(25):
        site.s3.put_object(Bucket=SITE, Key=f"old/{number}", Body=b"")
    publish(site, dist)
    assert len(objects(site)) == 5


def test_a_page_that_was_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="the page is not built"):
        read_site(tmp_path)


def test_the_page_is_told_where_members_sign_in() -> None:
    assert json.loads(site_config()) == {"api": "/api"}
    assert cognito("", "") is None
    assert json.loads(site_config(cognito("https://pool.example/1", "page")))["signIn"] == {
        "issuer": "https://pool.example/1",
        "clientId": "page",
        "scope": "openid email aws.cognito.signin.user.admin",
        "signOut": "cognito",
    }
