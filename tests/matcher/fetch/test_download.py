"""Downloads of one file: resumed after a cut, and checked for size and checksum."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.core.errors import FetchError
from matcher.fetch import download as fetching
from matcher.fetch.client import TRIES, Client
from matcher.fetch.download import Download
from matcher.fetch.store import StoredFile
from tests.matcher.fetch.conftest import entry
from tests.replay import Answer, FakeClock, Replay, blob, replaying

BODY = bytes(range(256)) * 400


def download(
    client: Client, address: str, folder: Path, known: StoredFile | None = None
) -> Download:
    return Download(client, entry(address), address, folder, known)


def test_a_file_is_downloaded(replay: Replay, client: Client, tmp_path: Path) -> None:
    address = replay.serve("/list-2026-11-01.csv", blob(BODY))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY
    assert found[1].name == "list-2026-11-01.csv"


def test_an_interrupted_download_resumes(replay: Replay, client: Client, tmp_path: Path) -> None:
    whole = blob(BODY)
    address = replay.serve("/a.zip", whole)
    replay.trouble("/a.zip", blob(BODY, cut=50_000))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY
    again = replay.asked[1].headers
    assert again["If-Range"] == whole.etag
    start = int(again["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= 50_000


def test_a_stopped_fetch_resumes(replay: Replay, client: Client, tmp_path: Path) -> None:
    address = replay.serve("/a.zip", blob(BODY))
    replay.trouble("/a.zip", blob(BODY, cut=50_000), *[Answer(status=503)] * TRIES)
    with pytest.raises(FetchError, match=r"after 6 tries: answers 503"):
        download(client, address, tmp_path).run()
    replay.asked.clear()
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY
    assert "Range" in replay.asked[0].headers


def test_any_number_of_cuts_is_allowed_while_there_is_progress(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    address = replay.serve("/a.zip", blob(BODY, cut=5_000))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY
    assert len(replay.asked) > 3 * TRIES


def test_a_changed_file_is_fetched_from_the_start(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    newer = BODY[::-1]
    address = replay.serve("/a.zip", blob(newer))
    replay.trouble("/a.zip", blob(BODY, cut=50_000))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == newer


def test_a_file_without_a_version_is_not_resumed(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    address = replay.serve("/a.zip", Answer(BODY[::-1]))
    replay.trouble("/a.zip", Answer(BODY, cut=50_000))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY[::-1]
    assert "Range" not in replay.asked[1].headers


def test_a_file_with_a_weak_etag_is_not_resumed(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    weak = {"ETag": 'W/"1"'}
    address = replay.serve("/a.zip", Answer(BODY[::-1], headers=weak))
    replay.trouble("/a.zip", Answer(BODY, cut=50_000, headers=weak))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY[::-1]
    assert "Range" not in replay.asked[1].headers


def test_a_file_that_is_longer_than_stated_is_refused(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    address = replay.serve("/a.zip", Answer(BODY, length=len(BODY) + 10))
    with pytest.raises(FetchError, match="after 6 tries: was cut after 102,400 bytes"):
        download(client, address, tmp_path).run()


def test_a_file_with_a_wrong_checksum_is_refused(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    right = base64.b64encode(hashlib.md5(BODY).digest()).decode()
    address = replay.serve("/a.zip", blob(BODY, headers={"Content-MD5": right}))
    replay.trouble("/a.zip", Answer(BODY[::-1], headers={"Content-MD5": right}))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY
    replay.serve("/b.zip", Answer(BODY[::-1], headers={"Content-MD5": right}))
    with pytest.raises(FetchError, match="does not match its own checksum"):
        download(client, f"{replay.address}/b.zip", tmp_path).run()


def test_an_unchanged_file_is_not_downloaded_again(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    whole = blob(BODY)
    address = replay.serve("/a.zip", whole)
    known = StoredFile("a.zip", address, len(BODY), "", etag=whole.etag)
    assert download(client, address, tmp_path, known).run() is None
    assert replay.sent == 0


def test_a_complete_file_is_not_downloaded_again_after_a_kill(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    address = replay.serve("/a.zip", blob(BODY))
    download(client, address, tmp_path).run()
    sent = replay.sent
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[0].read_bytes() == BODY
    assert replay.sent == sent
    replay.serve("/a.zip", blob(BODY[::-1]))
    newer = download(client, address, tmp_path).run()
    assert newer is not None
    assert newer[0].read_bytes() == BODY[::-1]


def test_disk_space_is_checked_before_the_download(
    replay: Replay, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1e9, 9e8, 2.0005e8))
    address = replay.serve("/a.zip", blob(BODY))
    with pytest.raises(FetchError, match=r"needs 0 MB, and the disk.*has 200 MB free"):
        download(client, address, tmp_path).run()
    assert not (tmp_path / os.fspath("a.zip")).exists()


def test_a_small_response_that_becomes_a_large_file_is_given_up(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    headers = {"Content-Encoding": "gzip"}
    address = replay.serve("/a.csv", Answer(gzip.compress(bytes(5_000_000)), headers=headers))
    one = Download(client, entry(address, largest=0.001), address, tmp_path)
    with pytest.raises(FetchError, match=r"has more than 0.001 GB, which it should not"):
        one.run()
    assert list(tmp_path.iterdir()) == []
    assert len(replay.asked) == 1, "it is not tried again"


def test_a_file_that_says_it_is_too_large_is_not_begun(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    address = replay.serve("/a.csv", blob(bytes(5_000_000)))
    with pytest.raises(FetchError, match=r"has more than 0.001 GB"):
        Download(client, entry(address, largest=0.001), address, tmp_path).run()
    assert list(tmp_path.iterdir()) == []


def test_the_disk_is_checked_while_a_file_arrives(
    replay: Replay, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    free = iter([1e9, 1e9])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1e9, 0, next(free, 1e8)))
    monkeypatch.setattr(fetching, "_CHECK_EVERY", 50_000)
    headers = {"Content-Encoding": "gzip"}
    address = replay.serve("/a.csv", Answer(gzip.compress(os.urandom(900_000)), headers=headers))
    with pytest.raises(FetchError, match=r"does not say how large it is, and the disk.*100 MB"):
        download(client, address, tmp_path).run()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="CharityExport-24-Nov-2026.zip"', "CharityExport-24-Nov-2026.zip"),
        ('attachment; filename="../../../etc/passwd-2026-01-01"', "passwd-2026-01-01"),
        ("attachment; filename*=UTF-8''list%202026-01-01.csv", "list 2026-01-01.csv"),
    ],
)
def test_the_file_name_has_no_folder(
    header: str, name: str, replay: Replay, client: Client, tmp_path: Path
) -> None:
    address = replay.serve("/download", Answer(BODY, headers={"Content-Disposition": header}))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[1].name == name


def test_a_name_without_a_date_gets_that_of_the_file(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    told = {"Last-Modified": "Mon, 02 Nov 2026 03:00:00 GMT"}
    address = replay.serve("/SocietyList.csv", Answer(BODY, headers=told))
    found = download(client, address, tmp_path).run()
    assert found is not None
    assert found[1].name == "SocietyList-2026-11-02.csv"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(min_size=1, max_size=40_000),
    cuts=st.lists(st.integers(0, 40_000), max_size=4),
    versioned=st.booleans(),
)
def test_the_file_is_correct_after_any_cuts(
    body: bytes, cuts: list[int], versioned: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("download")
    make = blob if versioned else Answer
    with replaying() as replay, Client(FakeClock(), env={}) as client:
        address = replay.serve("/a", make(body))
        replay.trouble("/a", *(make(body, cut=cut) for cut in cuts if cut < len(body)))
        found = download(client, address, folder).run()
    assert found is not None
    assert found[0].read_bytes() == body
