"""API keys: only hashes are kept."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from api.http.api_keys import Key, KeyFile, Keys
from api.http.roles import Role
from matcher.core.errors import BadInput

TODAY = date(2026, 5, 4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_key_is_known_by_its_name_and_another_is_not(path: Path) -> None:
    made = Keys.open(path).add("lots-tool", TODAY)
    opened = Keys.open(path)
    assert opened.find(made) == Key("lots-tool", opened.known[0].hash, TODAY)
    for wrong in ("", made[:-1], made + "x", "lots-tool", opened.known[0].hash):
        assert opened.find(wrong) is None


def test_the_file_does_not_contain_the_key_and_only_its_owner_can_read_it(path: Path) -> None:
    made = Keys.open(path).add("lots-tool", TODAY)
    assert made not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_keys_differ(path: Path) -> None:
    one, other = (Keys.open(path).add(name, TODAY) for name in ("a", "b"))
    assert one != other
    assert [found.name for key in (one, other) if (found := Keys.open(path).find(key))] == [
        "a",
        "b",
    ]


def test_a_removed_key_is_refused_while_the_file_is_in_use(path: Path) -> None:
    made = Keys.open(path).add("a", TODAY)
    Keys.open(path).add("b", TODAY)
    file = KeyFile(path)
    assert file.find(made) is not None
    Keys.open(path).remove("a")
    assert file.find(made) is None


def test_a_deleted_file_has_no_keys(path: Path) -> None:
    made = Keys.open(path).add("a", TODAY)
    file = KeyFile(path)
    path.unlink()
    assert file.find(made) is None


@pytest.mark.parametrize("name", ["", "two words", "a" * 61, "ä", "a\nb"])
def test_a_name_that_does_not_fit_the_log_is_refused(path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        Keys.open(path).add(name, TODAY)


def test_a_name_that_is_taken_or_missing_is_refused(path: Path) -> None:
    Keys.open(path).add("a", TODAY)
    with pytest.raises(BadInput, match="taken"):
        Keys.open(path).add("a", TODAY)
    with pytest.raises(BadInput, match="there are: a"):
        Keys.open(path).remove("b")


def test_keys_that_are_added_and_removed_at_the_same_moment_are_all_kept(path: Path) -> None:
    Keys.open(path).add("removed", TODAY)
    both = Keys.open(path), Keys.open(path)  # as two commands open it before either writes
    both[0].remove("removed")
    both[1].add("later", TODAY)
    names = [f"tool-{number}" for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda name: Keys.open(path).add(name, TODAY), names))
    known = Keys.open(path)
    assert sorted(key.name for key in known.known) == sorted(["later", *names])
    assert [found.name for key in made if (found := known.find(key))] == names


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"name":"a","hash":"xy","made":"2026-05-04"}'])
def test_a_file_that_is_not_a_file_of_keys_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BadInput, match="--keys"):
        Keys.open(path)


def test_a_key_has_a_role_and_an_authority(path: Path) -> None:
    made = Keys.open(path).add("a", TODAY, role=Role.ASK, authority="St John's & Wallbrook")
    Keys.open(path).add("b", TODAY)
    found = Keys.open(path).find(made)
    assert found is not None
    assert (found.role, found.authority) == (Role.ASK, "St John's & Wallbrook")


def test_a_key_made_before_there_were_roles_may_do_everything(path: Path) -> None:
    made = Keys.open(path).add("a", TODAY)
    old = {"name": "a", "hash": Keys.open(path).known[0].hash, "made": "2026-05-04"}
    path.write_text(json.dumps(old) + "\n")
    found = Keys.open(path).find(made)
    assert found is not None
    assert (found.role, found.authority) == (Role.ADMIN, "")
    Keys.open(path).add("b", TODAY, role=Role.READ)
    assert [key.role for key in Keys.open(path).known] == [Role.ADMIN, Role.READ]


@pytest.mark.parametrize("authority", [" ", " a", "a" * 61, "Zürich", "a\nb", "a/b"])
def test_an_authority_that_cannot_be_kept_is_refused(path: Path, authority: str) -> None:
    with pytest.raises(BadInput, match="--authority"):
        Keys.open(path).add("a", TODAY, authority=authority)


def test_an_unknown_role_in_the_file_is_refused(path: Path) -> None:
    Keys.open(path).add("a", TODAY)
    path.write_text(path.read_text().replace('"admin"', '"king"'))
    with pytest.raises(BadInput, match="--keys"):
        Keys.open(path)
