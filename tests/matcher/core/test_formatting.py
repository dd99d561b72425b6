"""Names as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher.core.formatting import tidy_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (".Moss Riding Of Dale Council", "Moss Riding of Dale Council"),
        ("MOSS COUNTY COUNCIL", "Moss County Council"),
        ("NHS MOSS AND DALE ICB", "NHS Moss and Dale ICB"),
        ("M4S LTD.", "M4S Ltd"),
        ("STOKE-UNDER-MOSS (ST BRIDE'S) TRUST", "Stoke-under-Moss (St Bride's) Trust"),
        ("YPO", "YPO"),
        ("MOSS-LE-DALE AND ST BRIDE'S COUNCIL", "Moss-le-Dale and St Bride's Council"),
        ("NHS Moss", "NHS Moss"),
        ("MOSSBRIDGE CIC", "Mossbridge CIC"),
        ("YMCA DALE", "YMCA Dale"),
        ("ARLETH III TRUST", "Arleth III Trust"),
        ("CYNGOR SIR YNYS MÔN", "Cyngor Sir Ynys Môn"),
        ("MOSSSHIRE/DALESHIRE BOARD", "Mossshire/Daleshire Board"),
        ("ST.BRIDES TRUST", "St.Brides Trust"),
        ("Team A", "Team A"),
        ("Turning Corner On", "Turning Corner On"),
        ("Vitamin A And D Advice", "Vitamin A and D Advice"),
    ],
)
def test_a_name_is_tidied(name: str, shown: str) -> None:
    assert tidy_name(name) == shown


@given(st.text())
@example("0.\x1f")
def test_a_tidied_name_has_the_same_letters_and_stays_as_it_is(name: str) -> None:
    shown = tidy_name(name)
    assert tidy_name(shown) == shown
    assert [c.casefold() for c in name if c.isalnum()] == [
        c.casefold() for c in shown if c.isalnum()
    ]
