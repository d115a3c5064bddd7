"""Downloads over HTTP on loopback: resumed, verified, and atomic."""

import hashlib
import importlib
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from training.data import known as known_sets
from training.data.errors import DataError
from training.data.fetch import download, fetch, unpack
from training.data.fetch import fetch as fetch_name
from training.data.known import KNOWN, Known
from training.data.load import load

fetching = importlib.import_module("training.data.fetch")  # the package has a function of that name


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("ml-latest-small/ratings.csv", "userId,movieId,rating,timestamp\n1,1,4,9\n2,1,3,9\n")
        zipped.writestr("ml-latest-small/movies.csv", "movieId,title,genres\n1,Toy Story (1995),Comedy\n")
        zipped.writestr("../../evil.txt", "no")
    return buffer.getvalue()


@dataclass
class Site:
    """A server that can break off, and may not support ranges."""

    content: bytes = field(default_factory=archive)
    ranges: bool = True
    stop_after: int | None = None  # bytes of the next answer
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith(".md5"):
                return self._send(200, f"{site.md5}  ml-latest-small.zip\n".encode())
            wanted = self.headers.get("range", "")
            site.asked.append(wanted)
            if not (wanted and site.ranges):
                return self._send(200, site.content)
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(site.content):
                return self._send(416, b"")
            return self._send(206, site.content[start:])

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            stop, site.stop_after = site.stop_after, None
            self.wfile.write(body[:stop])
            if stop is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.url = f"http://127.0.0.1:{server.server_address[1]}/ml-latest-small.zip"
        yield site
        server.shutdown()


def test_a_broken_download_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    site.stop_after = 100
    with pytest.raises(httpx.HTTPError):
        download(site.url, path, site.md5)
    assert not path.exists()  # its name is for what is whole
    assert download(site.url, path, site.md5).read_bytes() == site.content
    assert site.asked == ["", "bytes=100-"]
    assert [file.name for file in tmp_path.iterdir()] == ["set.zip"]


def test_a_server_without_ranges_is_read_from_the_beginning(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    (tmp_path / "set.zip.part").write_bytes(site.content[:70])
    assert download(site.url, tmp_path / "set.zip", site.md5).read_bytes() == site.content


def test_a_complete_part_is_only_verified(site: Site, tmp_path: Path) -> None:
    (tmp_path / "set.zip.part").write_bytes(site.content)
    assert download(site.url, tmp_path / "set.zip", site.md5).read_bytes() == site.content


def test_a_wrong_checksum_is_refused_and_the_old_file_stays(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(b"old")
    with pytest.raises(DataError, match=r"its MD5 is .*, not 0{32}.*Run this again"):
        download(site.url, path, "0" * 32, force=True)
    assert path.read_bytes() == b"old"
    assert not path.with_name("set.zip.part").exists()


def test_what_is_there_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(site.content)
    assert download(site.url, path, site.md5) == path
    assert download(site.url, path, None) == path
    assert site.asked == []


def test_an_archive_put_there_by_hand_is_verified_and_never_deleted(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(site.content[:-9])
    with pytest.raises(DataError, match=r"set.zip: its MD5 is .* incomplete, or another file. Move it away"):
        download(site.url, path, site.md5)
    assert path.exists()


def test_from_name_to_dataset_with_the_published_checksum(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECOMMENDER_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(known_sets, "GROUPLENS", site.url.rsplit("/", 1)[0])
    dataset = load("ml-latest-small")
    assert dataset.catalog.titles == ("Toy Story",)
    output = capsys.readouterr().err
    assert "no commercial use" in output
    assert "Harper and Joseph A. Konstan" in output
    load("ml-latest-small")
    assert len(site.asked) == 1
    # Only what is read, under our names: nothing an archive says leads out of the folder.
    assert sorted(path.name for path in (tmp_path / "data" / "ml-latest-small").iterdir()) == [
        "movies.csv",
        "ratings.csv",
    ]
    assert not list(tmp_path.parent.glob("evil.txt"))


def test_a_folder_that_was_unpacked_by_hand_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMENDER_DATA", str(tmp_path))
    folder = tmp_path / "ml-1m"
    folder.mkdir()
    for name in KNOWN["ml-1m"].files:
        (folder / name).write_text("")
    assert fetch("ml-1m") == folder


@pytest.fixture
def nobody_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMENDER_DATA", str(tmp_path))
    monkeypatch.setattr(known_sets, "GROUPLENS", "http://127.0.0.1:9")


@pytest.mark.usefixtures("nobody_there")
def test_without_a_network_it_says_what_to_do_by_hand(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be reached.*put the archive at .*ml-25m.zip"):
        fetch_name("ml-25m")
    assert list(tmp_path.iterdir()) == []


WHEEL_MEMBERS = {
    "ml-100k.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t1\t4\t9\n2\t1\t3\t9\n",
    "ml-100k.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n1\tA\t1995\tWar\n",
    "ml-100k.user": "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n1\t24\tM\tx\t1\n",
}


@pytest.fixture
def wheel(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with the pinned name, which pip finds in a folder instead of the network."""
    path = tmp_path_factory.mktemp("wheels") / "recbole-1.2.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in WHEEL_MEMBERS.items():
            zipped.writestr(f"recbole/dataset_example/ml-100k/{name}", content)
        zipped.writestr("recbole/run.py", "raise SystemExit('nothing of the package is run')")
        zipped.writestr("recbole-1.2.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: recbole\nVersion: 1.2.1\n")
        zipped.writestr(
            "recbole-1.2.1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        zipped.writestr("recbole-1.2.1.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(path.parent))
    return path


@pytest.mark.usefixtures("nobody_there")
def test_100k_falls_back_to_the_package(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    dataset = load("ml-100k")
    assert dataset.catalog.titles == ("A",)
    assert dataset.user_ids == ("1", "2")
    assert [path.name for path in tmp_path.iterdir()] == ["ml-100k"]
    assert sorted(path.name for path in (tmp_path / "ml-100k").iterdir()) == sorted(WHEEL_MEMBERS)


@pytest.mark.usefixtures("nobody_there", "wheel")
def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"(?s)pip could not download recbole==1.2.1 either.*Expected sha256 9c9948.*put ml-100k.zip"
    ):
        fetch_name("ml-100k")
    assert list(tmp_path.iterdir()) == []


def test_unpacking_leaves_alone_what_else_is_in_the_folder(site: Site, tmp_path: Path) -> None:
    archive_path, folder = tmp_path / "a.zip", tmp_path / "ml-latest-small"
    archive_path.write_bytes(site.content)
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "movies.csv").write_text("old")
    unpack(archive_path, folder, KNOWN["ml-latest-small"])
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "movies.csv").read_text().startswith("movieId")
    assert sorted(path.name for path in folder.iterdir()) == ["movies.csv", "notes.txt", "ratings.csv"]


def test_a_damaged_archive_is_named(site: Site, tmp_path: Path) -> None:
    damaged = bytearray(site.content)
    damaged[site.content.index(b"1,1,4,9")] ^= 0xFF
    path = tmp_path / "ml-latest-small.zip"
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=r"ml-latest-small.zip: not a zip archive \(Bad CRC"):
        unpack(path, tmp_path / "ml-latest-small", KNOWN["ml-latest-small"])
    assert list((tmp_path / "ml-latest-small").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECOMMENDER_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match="RECOMMENDER_DATA=DIR"):
        fetch_name("ml-1m")


def test_an_archive_without_the_files_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ml-1m.zip"
    path.write_bytes(archive())
    with pytest.raises(DataError, match=r"ml-1m.zip: has no ratings.dat"):
        unpack(path, tmp_path / "ml-1m", KNOWN["ml-1m"])
    path.write_bytes(b"not a zip")
    with pytest.raises(DataError, match="not a zip archive"):
        unpack(path, tmp_path / "ml-1m", KNOWN["ml-1m"])
    assert not (tmp_path / "ml-1m").exists()


def test_known_sets_have_addresses_of_grouplens() -> None:
    for known in KNOWN.values():
        assert isinstance(known, Known)
        assert known.url == f"https://files.grouplens.org/datasets/movielens/{known.name}.zip"
