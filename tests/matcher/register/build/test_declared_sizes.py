"""Who is large by what notices say of suppliers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matcher.core.types import BUYERS, NOT_SME, SME, Award, Provider, Remark, Size
from matcher.register.register import Register
from tests.factory import award, lot, provider
from tests.registers import registered

FIRM = provider("GB-COH-00000001", "WS2 8RR", name="Hot Pot Kitchens Ltd")


def won(firm: Provider, label: str, *buyers: str) -> list[Award]:
    """An award of each buyer to a supplier that each labels like this."""
    named = replace(firm, tags=(label,))
    return [award(f"{label}-{b}", named, lot=lot(id=f"{label}-{b}", buyer=b)) for b in buyers]


def size_of(register: Register) -> Size:
    return register.organisations[0].provider.size


@pytest.mark.parametrize(
    ("not_sme", "sme", "size"),
    [
        (["Elm Council", "Oak Council"], [], Size.UNKNOWN),
        (["Elm Council", "ELM COUNCIL", "The Elm Council"], [], Size.UNKNOWN),
        (["Elm Council", "Oak Council", ""], [], Size.UNKNOWN),
        (["Elm Council", "Oak Council", "Ash Council"], [], Size.LARGE),
        (["Elm Council", "Oak Council", "Ash Council"], ["Yew Council"], Size.LARGE),
        (["Elm Council", "Oak Council", "Ash Council"], ["Yew Council", "Bay Trust"], Size.UNKNOWN),
    ],
)
def test_large_is_whom_three_buyers_do_not_call_an_sme(
    tmp_path: Path, places_table: Path, not_sme: list[str], sme: list[str], size: Size
) -> None:
    awards = won(FIRM, NOT_SME, *not_sme) + won(FIRM, SME, *sme)
    register = registered(tmp_path / "reg", places_table, *awards)
    assert size_of(register) is size
    tag = f"not called an SME by 3 public buyers{BUYERS}"
    assert (tag in register.organisations[0].provider.tags) is (size is Size.LARGE)


def test_a_size_that_a_register_gives_counts_for_more(tmp_path: Path, places_table: Path) -> None:
    awards = won(FIRM, NOT_SME, "Elm Council", "Oak Council", "Ash Council")
    small = replace(FIRM, size=Size.SMALL)
    register = registered(tmp_path / "reg", places_table, small, *awards)
    assert size_of(register) is Size.SMALL


def test_what_buyers_say_stands_beside_other_remarks(tmp_path: Path, places_table: Path) -> None:
    awards = won(FIRM, NOT_SME, "Elm Council", "Oak Council", "Ash Council")
    remark = Remark(provider(FIRM.id, name="HOT POT"))
    register = registered(tmp_path / "reg", places_table, remark, *awards)
    assert size_of(register) is Size.LARGE
    assert "HOT POT" in register.organisations[0].provider.aliases
