"""The builds benchmark counts what it finds wrong, and fails for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import builds
from tests.registers import registered
from tests.services import PEOPLE


@pytest.mark.parametrize(
    "wrong", ["ended_otherwise", "not_opened", "another_register", "left_behind"]
)
def test_each_wrong_outcome_fails(wrong: str) -> None:
    assert builds.Builds(works_at_the_end=True, said_busy=3, interrupted=9).good
    assert not builds.Builds(works_at_the_end=True, **{wrong: 1}).good
    assert not builds.Builds().good


def test_a_register_that_opens_and_one_that_does_not_are_told_apart(
    tmp_path: Path, places_table: Path
) -> None:
    register = registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    desk = object.__new__(builds.Desk)
    desk.register, desk.versions = tmp_path / "reg", {register.version}
    found = builds.Builds()
    desk.check(found)
    assert (found.opened, found.not_opened, found.another_register) == (1, 0, 0)
    desk.versions = {"another"}
    desk.check(found)
    assert (found.opened, found.not_opened, found.another_register) == (2, 0, 1)
    (tmp_path / "reg" / "CURRENT").unlink()
    desk.check(found)
    assert (found.opened, found.not_opened, found.another_register) == (2, 1, 1)
    assert found.wrong
