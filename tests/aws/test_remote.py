"""Download of a release from S3 to a function: complete and unaltered, or not at all."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from function.bundle.format import CONTENT, MANIFEST, ROWS, BundleError, read_bundle
from function.bundle.remote import NoReleaseError, Store, fetch_bundle
from function.bundle.s3 import Bucket, Credentials, DiskError, S3Error, sign
from infra.aws import Aws
from infra.releases import Releases
from tests.aws.cloud import ARTIFACTS, RELEASES, files_bundle
from tests.support.rows import with_rows

URI = f"s3://{ARTIFACTS}/releases"


@pytest.fixture
def releases(stack: Aws) -> Releases:
    return Releases(stack.client("s3"), ARTIFACTS)


@pytest.fixture
def released(releases: Releases, tmp_path: Path) -> str:
    folder = files_bundle(tmp_path / "made", seed=1)
    releases.upload(folder, folder.name)
    releases.move(releases.pointer(), folder.name, "release")
    return folder.name


def test_the_current_release_arrives_as_it_was_made(released: str, tmp_path: Path) -> None:
    folder = fetch_bundle(URI, tmp_path / "here")
    assert folder == tmp_path / "here" / released
    for name in (*CONTENT, MANIFEST):
        assert (folder / name).read_bytes() == (tmp_path / "made" / released / name).read_bytes()
    assert read_bundle(folder).manifest.release == released
    assert [path.name for path in folder.parent.iterdir()] == [released]


def test_a_release_arrives_with_its_rows(releases: Releases, tmp_path: Path) -> None:
    made = with_rows(read_bundle(files_bundle(tmp_path / "made", seed=1)), b"rows", tmp_path / "made")
    releases.upload(made.folder, made.folder.name)
    folder = fetch_bundle(URI, tmp_path / "here", made.folder.name)
    assert (folder / ROWS).read_bytes() == b"rows"
    assert made.manifest.bytes == sum(facts.bytes for facts in made.manifest.files.values())
    releases.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key(made.folder.name, ROWS), Body=b"none")
    with pytest.raises(BundleError, match=r"rows\.npy: its SHA-256 is not the manifest's"):
        fetch_bundle(URI, tmp_path / "there", made.folder.name)


def test_a_release_that_is_here_is_not_brought_again(released: str, releases: Releases, tmp_path: Path) -> None:
    first = fetch_bundle(URI, tmp_path / "here")
    for name in CONTENT:
        releases.s3.delete_object(Bucket=ARTIFACTS, Key=RELEASES.key(released, name))
    assert fetch_bundle(URI, tmp_path / "here") == first


def test_workers_that_start_at_once_share_one_copy(released: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as workers:
        found = set(workers.map(lambda _: fetch_bundle(URI, tmp_path / "here"), range(4)))
    assert found == {tmp_path / "here" / released}
    assert read_bundle(found.pop()).manifest.release == released
    assert [path.name for path in (tmp_path / "here").iterdir()] == [released]


def test_another_release_than_the_current_can_be_asked_for(released: str, releases: Releases, tmp_path: Path) -> None:
    other = files_bundle(tmp_path / "made", seed=2)
    releases.upload(other, other.name)
    assert fetch_bundle(URI, tmp_path / "here", other.name).name == other.name
    assert fetch_bundle(URI, tmp_path / "here").name == released


@pytest.mark.usefixtures("stack")
def test_before_the_first_release_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(
        NoReleaseError, match=r"s3://films-artifacts/releases/schema-\d/current\.json: nothing was released yet"
    ):
        fetch_bundle(URI, tmp_path)


@pytest.mark.parametrize("name", CONTENT)
def test_a_damaged_file_is_named_and_nothing_is_left(
    name: str, released: str, releases: Releases, tmp_path: Path
) -> None:
    releases.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key(released, name), Body=b"damaged")
    with pytest.raises(BundleError, match=f"{released}/{name}: its SHA-256 is not the manifest's"):
        fetch_bundle(URI, tmp_path / "here")
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("name", [MANIFEST, "model.tflite"])
def test_a_missing_file_is_named(name: str, released: str, releases: Releases, tmp_path: Path) -> None:
    releases.s3.delete_object(Bucket=ARTIFACTS, Key=RELEASES.key(released, name))
    with pytest.raises(BundleError, match=f"{released}/{name}: there is no such object.*make release"):
        fetch_bundle(URI, tmp_path / "here")


def test_a_manifest_that_belongs_elsewhere_is_refused(released: str, releases: Releases, tmp_path: Path) -> None:
    other = files_bundle(tmp_path / "made", seed=2)
    for path in other.iterdir():
        releases.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key(released, path.name), Body=path.read_bytes())
    with pytest.raises(BundleError, match=f"are not those of release {released}"):
        fetch_bundle(URI, tmp_path / "here")


@pytest.mark.parametrize("release", ["../../etc", "current.json", "3F9A1C2B7D40", ""])
@pytest.mark.usefixtures("released")
def test_only_a_release_id_is_ever_asked_for(release: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="not a release id"):
        fetch_bundle(URI, tmp_path, release)


@pytest.mark.parametrize("pointer", [b"{}", b"[]", b"not json", json.dumps({"release": "../x"}).encode()])
def test_a_damaged_pointer_is_refused(pointer: bytes, released: str, releases: Releases, tmp_path: Path) -> None:
    releases.s3.put_object(Bucket=ARTIFACTS, Key=RELEASES.key("current.json"), Body=pointer)
    with pytest.raises(BundleError, match=r"releases.*not a "):
        fetch_bundle(URI, tmp_path)


@pytest.mark.parametrize(
    "uri", ["https://bucket/x", "s3://bucket", "s3://bucket/", "s3://Bucket/x", "bucket/x", "s3:///x"]
)
def test_an_address_that_is_none_is_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="not an address of releases"):
        fetch_bundle(uri, tmp_path)


def test_slashes_at_the_ends_of_a_prefix_do_not_count() -> None:
    assert Store.parse("s3://bucket/a/b/", 3).uri("c") == "s3://bucket/a/b/c"


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
@pytest.mark.usefixtures("released")
def test_without_credentials_or_region_it_says_so(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(name)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(BundleError, match="no AWS credentials or no region"):
        fetch_bundle(URI, tmp_path)


@pytest.mark.usefixtures("account")
def test_a_bucket_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"s3://films-artifacts/releases/schema-\d/current\.json"):
        fetch_bundle(URI, tmp_path)


@pytest.mark.parametrize("token", ["", "a/session+token="])
@pytest.mark.parametrize("path", ["/releases/3f9a1c2b7d40/model.tflite", "/a%20b/%C3%A9~x"])
def test_the_signature_is_botocore_s(token: str, path: str) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    host = f"{ARTIFACTS}.s3.eu-west-1.amazonaws.com"
    ours = sign(Credentials("eu-west-1", "AKIDEXAMPLE", "secret", token, ""), host, path, now)
    theirs = AWSRequest(
        method="GET", url=f"https://{host}{path}", headers={"x-amz-content-sha256": ours["x-amz-content-sha256"]}
    )
    theirs.context["timestamp"] = ours["x-amz-date"]
    signer = S3SigV4Auth(BotoCredentials("AKIDEXAMPLE", "secret", token or None), "s3", "eu-west-1")
    theirs.headers["X-Amz-Date"] = ours["x-amz-date"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    text = signer.string_to_sign(theirs, signer.canonical_request(theirs))
    assert ours["authorization"].endswith(f"Signature={signer.signature(text, theirs)}")


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def unsteady(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Answer]]:
    """An S3 that gives these responses in turn."""
    answers: list[Answer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.pop(0)(self)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        Thread(target=listener.serve_forever, daemon=True).start()
        for name, value in {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{listener.server_port}",
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }.items():
            monkeypatch.setenv(name, value)
        yield answers
        listener.shutdown()


def answer(status: int, body: bytes = b"", length: int | None = None) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return send


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("trouble", [answer(500), answer(503), answer(429), hang_up, answer(200, b"ha", length=9)])
def test_passing_trouble_is_tried_again(trouble: Answer, unsteady: list[Answer], tmp_path: Path) -> None:
    unsteady += [trouble, trouble, answer(200, b"content")]
    Bucket.of("bucket").download("key", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"content"


def test_lasting_trouble_is_reported(unsteady: list[Answer]) -> None:
    unsteady += [answer(503)] * 3
    with pytest.raises(S3Error, match=r"s3://bucket/key: not read in 3 attempts.*\(HTTP 503\)"):
        Bucket.of("bucket").read("key")


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(5)


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(50):
        handler.wfile.write(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize("trouble", [silent, trickle, answer(503)])
def test_all_attempts_of_a_start_have_one_deadline(trouble: Answer, unsteady: list[Answer], tmp_path: Path) -> None:
    unsteady += [trouble] * 6
    bucket = Bucket.of("bucket", seconds=0.6)
    began = time.monotonic()
    for name in ("one", "two"):
        with pytest.raises(S3Error, match="not read in"):
            bucket.download(name, tmp_path / name)
    assert time.monotonic() - began < 2


def test_a_full_disk_is_not_called_s3_s_fault(unsteady: list[Answer]) -> None:
    unsteady += [answer(200, b"content")]  # once: that the disk is full does not pass by itself
    with pytest.raises(DiskError, match=r"/dev/full: cannot be written \(No space left on device\).*EphemeralStorage"):
        Bucket.of("bucket").download("key", Path("/dev/full"))


def test_a_disk_that_takes_nothing_is_named(released: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BundleError, match=rf"file/{released}: cannot be written \(.*xists\)"):
        fetch_bundle(URI, tmp_path / "file")


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (403, "AccessDenied", "needs s3:GetObject"),
        (301, "PermanentRedirect", "is in eu-central-1, not in eu-west-1"),
        (400, "AuthorizationHeaderMalformed", "is in eu-central-1, not in eu-west-1"),
        (400, "ExpiredToken", "credentials are expired"),
        (400, "InvalidToken", "credentials are expired or not valid"),
        (403, "InvalidAccessKeyId", "credentials are expired or not valid"),
        (403, "RequestTimeTooSkewed", "clock of this machine"),
        (400, "InvalidArgument", "See this code"),
    ],
)
def test_a_refusal_is_not_repeated_and_says_what_to_do(
    status: int, code: str, hint: str, unsteady: list[Answer]
) -> None:
    output = f"<Error><Code>{code}</Code><Region>eu-central-1</Region></Error>"
    unsteady.append(answer(status, output.encode()))
    with pytest.raises(S3Error, match=rf"refused \({code}\).*{hint}"):
        Bucket.of("bucket").read("key")


def test_a_request_that_took_s3_too_long_is_tried_again(unsteady: list[Answer]) -> None:
    unsteady += [answer(400, b"<Error><Code>RequestTimeout</Code></Error>"), answer(200, b"content")]
    assert Bucket.of("bucket").read("key") == b"content"
