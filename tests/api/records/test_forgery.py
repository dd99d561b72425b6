"""Forging the records: what somebody who can write to the database is found out by."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.errors import RecordsError
from api.records import anchors
from api.records.anchors import Anchor
from api.records.body import original
from api.records.chain_key import ChainKey
from api.records.entry import EntryKind, NewEntry, Removal, digest, heading_hash
from api.records.records import Records
from api.service.entries import encode, listings_of
from api.service.results import Choice, Decision, DecisionOutcome
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.ranking.request import Request
from tests.services import LOT, open_services

KEY = ChainKey(b"k" * 32)
FORGER = ChainKey(b"f" * 32)
LISTED = "GB-CHC-1000001"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "chain.key"
    path.write_bytes(KEY.secret + b"\n")
    return path


def kept(services: Services) -> str:
    """Three entries: a shortlist, a decision on it, and another shortlist; the id of the first."""
    id_ = services.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"].id
    choice = Choice(LISTED, DecisionOutcome.INVITED, "They do it now.")
    services.shortlists.decide(id_, Decision("Alex", "Officer", "Near.", "none", (choice,)))
    services.shortlists.ask({"b": {**LOT, "title": "Day care"}}, Request(limit=10))
    return id_


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    """A folder with records without a key, and with one; they are only copied."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "chain.key").write_bytes(KEY.secret + b"\n")
    for name, key in (("plain", None), ("keyed", folder / "chain.key")):
        services = open_services(folder / name, places_table, chain_key=key)
        kept(services)
        services.close()
    return folder


@pytest.fixture
def path(tmp_path: Path, made: Path) -> Path:
    """The file of records without a key."""
    shutil.copytree(made / "plain", tmp_path, dirs_exist_ok=True)
    return tmp_path / "records.sqlite"


@pytest.fixture
def keyed(tmp_path: Path, made: Path, key_file: Path) -> Path:
    """The file of records kept with a key."""
    shutil.copytree(made / "keyed", tmp_path, dirs_exist_ok=True)
    return tmp_path / "records.sqlite"


def tamper(path: Path, statement: str, *values: Any) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


def forge_removal(path: Path, kind: str, left: dict[str, str], key: ChainKey | None = None) -> None:
    """Append a removal whose place in the chain and hash are right, as anybody can."""
    with sqlite3.connect(path) as connection:
        seq, previous = connection.execute(
            "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        body = encode(Removal("asked for", "Nobody", "fields", left))
        heading = {
            "seq": seq + 1,
            "kind": kind,
            "id": f"{kind}-{seq + 1}",
            "about": "suppressed-0123456789abcdef",
            "at": "2026-05-04T12:00:00.000+00:00",
            "digest": digest(body),
            "previous": previous,
            "key_name": "",
            "authority": "",
        }
        hash_ = heading_hash(heading)
        code = key.code("entry", hash_) if key else ""
        names = ", ".join((*heading, "hash", "code", "body"))
        connection.execute(
            f"INSERT INTO entries ({names}) VALUES ({', '.join('?' * 12)})",
            (*heading.values(), hash_, code, body),
        )
    connection.close()


def rewrite_decision(path: Path) -> str:
    """Change who decided; the digest of the new body."""
    with sqlite3.connect(path) as connection:
        (stored,) = connection.execute("SELECT body FROM entries WHERE seq = 2").fetchone()
        body = original(stored)
        changed = body.replace(b'"Alex"', b'"Eve"')
        assert changed != body
        connection.execute("UPDATE entries SET body = ? WHERE seq = 2", (changed,))
    connection.close()
    return digest(changed)


def broken(path: Path, key: ChainKey | None = None, **against: Any) -> list[str]:
    records = Records.open(f"sqlite:///{path}", chain_key=key)
    found = records.verify(listings_of=listings_of, **against).broken
    records.close()
    return list(found)


# --- a removal that nobody made ---


def test_a_forged_suppression_does_not_excuse_a_rewritten_decision(keyed: Path) -> None:
    assert broken(keyed, KEY) == []
    forge_removal(keyed, "suppression", {"2": rewrite_decision(keyed)})
    (found,) = broken(keyed, KEY)
    assert found.startswith("entry 4 was forged: it has no code")
    assert broken(keyed) == [found], "a missing code is seen without the key as well"


def test_a_code_made_with_another_key_is_forged(keyed: Path) -> None:
    forge_removal(keyed, "suppression", {"2": rewrite_decision(keyed)}, FORGER)
    (found,) = broken(keyed, KEY)
    assert found == "entry 4 was forged: its code was not made with this chain key"


def test_all_entries_written_again_without_the_key_are_found(keyed: Path, tmp_path: Path) -> None:
    tamper(keyed, "UPDATE entries SET code = ''")
    assert any("no entry has a code" in one for one in broken(keyed, KEY))
    found = broken(keyed, anchors=anchors.read(tmp_path / "records.sqlite.anchors"))
    assert "codes begin with entry 1, and now they begin with none" in found[0]


def test_entries_written_before_the_key_are_covered_by_the_first_with_it(
    path: Path, tmp_path: Path, places_table: Path, key_file: Path
) -> None:
    services = open_services(tmp_path, places_table, chain_key=key_file)
    services.shortlists.ask({"c": {**LOT, "title": "Night care"}}, Request(limit=10))
    services.close()
    records = Records.open(f"sqlite:///{path}", chain_key=KEY)
    found = records.verify(listings_of=listings_of)
    assert (found.broken, found.keyed_from, found.entries) == ((), 4, 4)
    records.close()


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("suppression", {"1": ""}),
        ("suppression", {"3": "", "9": "0" * 64}),
        ("pruning", {"2": "0" * 64}),
        ("suppression", {"4": "0" * 64}),
    ],
)
def test_a_removal_cannot_do_what_its_kind_does_not(
    path: Path, kind: str, left: dict[str, str]
) -> None:
    forge_removal(path, kind, left)
    assert any("cannot change entry" in one for one in broken(path))


def test_removals_are_listed_by_number_and_author(path: Path) -> None:
    forge_removal(path, "suppression", {"2": rewrite_decision(path)})
    records = Records.open(f"sqlite:///{path}")
    (removal,) = records.verify().removals
    records.close()
    assert (removal.seq, removal.by, removal.why, removal.entries) == (
        4,
        "Nobody",
        "asked for",
        (2,),
    )


def test_nothing_is_added_after_a_forged_end_or_without_the_key(keyed: Path) -> None:
    new = [NewEntry(EntryKind.MARKET, "m", "m", b"{}")]
    without = Records.open(f"sqlite:///{keyed}")
    with pytest.raises(RecordsError, match="--chain-key"):
        without.append(new)
    without.close()
    records = Records.open(f"sqlite:///{keyed}", chain_key=KEY)
    records.append(new)
    forge_removal(keyed, "suppression", {})
    with pytest.raises(RecordsError, match="not written with this chain key"):
        records.append([NewEntry(EntryKind.MARKET, "n", "n", b"{}")])
    records.close()


def test_a_service_without_the_key_does_not_start(
    keyed: Path, tmp_path: Path, places_table: Path
) -> None:
    with pytest.raises(RecordsError, match="--chain-key"):
        open_services(tmp_path, places_table)


@pytest.mark.parametrize("content", [b"short", b"k" * 31 + b"\n\n"])
def test_a_short_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(BadInput, match="32 are needed"):
        ChainKey.open(tmp_path / "key")


# --- the exposure ---


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM exposure WHERE rowid = (SELECT min(rowid) FROM exposure)",
        "UPDATE exposure SET provider = 'GB-CHC-9' WHERE event = 'invited'",
        "UPDATE exposure SET rank = 1 WHERE rank = 2",
        "UPDATE exposure SET day = '2020-01-01' WHERE event = 'suggested' AND rank = 1",
        "UPDATE exposure SET day = '2020-01-01' WHERE event = 'invited'",
        "UPDATE exposure SET day = 5 WHERE event = 'invited'",
        "UPDATE exposure SET authority = 'other' WHERE event = 'invited'",
        "UPDATE exposure SET seq = 3 WHERE event = 'invited'",
        "INSERT INTO exposure (seq, shortlist, provider, event, rank, purpose, day)"
        " VALUES (2, 'x', 'GB-CHC-9', 'chosen', 'first', 'invite', '2026-05-04')",
        "INSERT INTO exposure (seq, shortlist, provider, event, rank, purpose, day)"
        " VALUES (99, 'x', 'GB-CHC-9', 'chosen', 1, 'invite', '2026-05-04')",
    ],
)
def test_every_change_of_the_exposure_is_found(path: Path, statement: str) -> None:
    assert broken(path) == []
    tamper(path, statement)
    assert broken(path)
    assert all("exposure" in one for one in broken(path))


# --- bodies and fields of other types ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = 'text' WHERE seq = 2",
        "UPDATE entries SET body = 7 WHERE seq = 2",
        "UPDATE entries SET body = 1.5 WHERE seq = 2",
        "UPDATE entries SET kind = 'other' WHERE seq = 2",
        "UPDATE entries SET kind = x'ff' WHERE seq = 2",
        "UPDATE entries SET at = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "UPDATE entries SET hash = 5 WHERE seq = 3",
        "UPDATE entries SET about = x'00' WHERE seq = 2",
        "UPDATE entries SET body = x'5b5d' WHERE seq = 2",
        "UPDATE entries SET code = x'ff' WHERE seq = 2",
    ],
)
def test_entries_of_any_type_are_checked_and_reported(path: Path, statement: str) -> None:
    tamper(path, statement)
    assert any(f"entry {statement[-1]}" in one for one in broken(path))


def test_a_removal_whose_body_is_of_another_type_is_reported(path: Path) -> None:
    forge_removal(path, "suppression", {})
    tamper(path, "UPDATE entries SET body = 'text' WHERE seq = 4")
    assert "entry 4 does not say which bodies were removed" in broken(path)


# --- the end ---


def test_a_stop_anchors_the_head_and_an_end_cut_off_is_found_by_it(
    path: Path, tmp_path: Path
) -> None:
    (anchor,) = anchors.read(tmp_path / "records.sqlite.anchors")
    assert anchor.seq == 3
    tamper(path, "DELETE FROM entries WHERE seq = 3")
    tamper(path, "DELETE FROM exposure WHERE seq = 3")
    assert broken(path) == []
    (found,) = broken(path, anchors=[anchor])
    assert found.endswith("names entry 3, which is missing: the end was cut off")


def test_an_end_written_anew_is_found_by_an_anchor(path: Path, tmp_path: Path) -> None:
    kept_anchors = anchors.read(tmp_path / "records.sqlite.anchors")
    tamper(path, "DELETE FROM entries WHERE seq = 3")
    tamper(path, "DELETE FROM exposure WHERE seq = 3")
    forge_removal(path, "suppression", {"2": rewrite_decision(path)})
    (found,) = broken(path, anchors=kept_anchors)
    assert found.startswith("entry 3 is not the one that the anchor of")


def test_an_anchor_that_was_changed_is_found_with_the_key(keyed: Path, tmp_path: Path) -> None:
    (anchor,) = anchors.read(tmp_path / "records.sqlite.anchors")
    assert broken(keyed, KEY, anchors=[anchor]) == []
    changed = replace(anchor, at="2020-01-01T00:00:00.000+00:00")
    (found,) = broken(keyed, KEY, anchors=[changed])
    assert "was forged" in found


def test_a_file_that_holds_no_anchors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"[]\n")
    with pytest.raises(BadInput, match="not a file of anchors"):
        anchors.read(tmp_path / "file")


@pytest.mark.parametrize("keep", [1, 6, 7, 12, -2, -1])
def test_a_last_line_that_was_cut_short_is_left_out_and_said(tmp_path: Path, keep: int) -> None:
    file, moment = tmp_path / "file", "2026-05-04T12:00:00.000+00:00"
    first, second, third = (Anchor(seq, digest(b"%d" % seq), moment) for seq in (1, 2, 3))
    anchors.append(file, first)
    whole = len(file.read_bytes())
    anchors.append(file, second)
    line = file.read_bytes()[whole:]
    file.write_bytes(file.read_bytes()[:whole] + line[:keep])  # the power failed
    complete = keep == -1  # only the end of the line is missing
    assert anchors.read(file) == ([first, second] if complete else [first])
    assert anchors.cut_short(file) == ([] if complete else [2])
    anchors.append(file, third)
    assert anchors.read(file) == ([first, second, third] if complete else [first, third])


def test_the_same_head_is_anchored_once(path: Path, tmp_path: Path, places_table: Path) -> None:
    open_services(tmp_path, places_table).close()
    assert len(anchors.read(tmp_path / "records.sqlite.anchors")) == 1
