"""The list of organisations that asked to be left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import RegisterError
from matcher.register.build.suppression_list import (
    LIST,
    Suppressions,
    marks_of,
    pseudonym,
    without_names,
)
from tests.factory import provider

SMITH = provider("XX-NAME-jsmith", "WS1 1TP", name="J. Smith Gardening", ids=("GB-COH-07",))


@pytest.fixture
def listed() -> Suppressions:
    return Suppressions().with_marks(marks_of(SMITH))


@pytest.mark.parametrize(
    "again",
    [
        SMITH,
        provider("GB-COH-07", name="Another name"),
        provider("XX-NAME-jsmith-B11AA", "B1 1AA", name="John Smith"),
        provider("NEW-1", "WS1 1TP", name="J SMITH GARDENING LTD"),
        provider("NEW-2", "WS1 1TP", name="New name", aliases=("J Smith Gardening",)),
    ],
)
def test_an_organisation_is_recognised_by_id_or_by_name_and_postcode(
    listed: Suppressions, again: object
) -> None:
    assert listed.cover(again)  # type: ignore[arg-type]


def test_another_organisation_with_the_same_name_elsewhere_is_not_recognised(
    listed: Suppressions,
) -> None:
    assert not listed.cover(provider("NEW-3", "B1 1AA", name="J. Smith Gardening"))
    assert not listed.cover(provider("NEW-4", "WS1 1TP", name="K. Smith Gardening"))


def test_the_list_contains_no_names(tmp_path: Path, listed: Suppressions) -> None:
    listed.save(tmp_path)
    written = (tmp_path / LIST).read_text()
    assert "smith" not in written.lower()
    assert "WS1" not in written
    assert Suppressions.open(tmp_path) == listed


def test_a_damaged_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("{")
    with pytest.raises(RegisterError, match="asked to be left out"):
        Suppressions.open(tmp_path)


def test_a_pseudonym_is_stable_and_reveals_nothing() -> None:
    assert pseudonym("XX-NAME-jsmith") == pseudonym("XX-NAME-jsmith") != pseudonym("XX-NAME-k")
    assert "smith" not in pseudonym("XX-NAME-jsmith")


def test_every_name_is_removed_from_a_text_longest_first() -> None:
    known = provider("P", name="Smith", aliases=("Smith Gardening", "JS"))
    assert without_names(known, "SMITH GARDENING, JS and smith won") == (
        "[supplier], JS and [supplier] won"
    )
