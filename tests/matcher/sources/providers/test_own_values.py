"""What cells of your own table say, and what is counted where one cannot be read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from matcher.core.types import Kind, Provider, Size
from matcher.sources.providers import own_table


def told(tmp_path: Path, **cells: object) -> tuple[Provider, list[str]]:
    """The provider of a row with these cells, and what is noted of it."""
    path = tmp_path / "members.json"
    path.write_text(json.dumps({"name": "Acorn Meals", **cells}))
    ((tally, found),) = own_table.read([path])
    (provider,) = found
    assert tally.kept == 1
    assert set(tally.examples.values()) <= {"members.json line 1"}
    return provider, list(tally.set_aside)


@pytest.mark.parametrize(
    "cells",
    [
        {"postcode": "WS1 1TP; Dudley"},
        {"postcode": "01922 555010"},
        {"postcode": "BFPO 52", "address": "Dudley"},
        {"status": "Gold member"},
        {"active": "sometimes"},
        {"ended": "when the lease ends"},
        {"kind": "Leisure"},
        {"size": "SME"},
        {"size": "large", "income": 40000},
        {"last updated": "31/02/2024"},
        {"charity number": "1234"},
        {"id": "GB-CHC-ABC"},
        {"id": "a1", "ids": ["GB-COH-07954321", "GB-CHC-0"]},
        {"website": "On Facebook"},
        {"website": "jo@acorn.example"},
        {"fictional": "perhaps"},
        {"areas": "Walsall; Wallsall"},
    ],
    ids=str,
)
def test_a_cell_that_cannot_be_read_is_counted_and_its_row_kept(
    tmp_path: Path, cells: dict[str, object]
) -> None:
    _, (note,) = told(tmp_path, **cells)
    assert "its rows are kept" in note


@pytest.mark.parametrize(
    "cells",
    [
        {"postcode": "WS1 ITP"},
        {"postcode": "WS1"},
        {"postcode": "-"},
        {"postcode": "ws11tp and b11bb"},
        {"postcode": ["WS1 1TP", None]},
        *({"status": said} for said in ("unknown", "not known", "Dormant", "Not removed", "Live")),
        *({"active": said} for said in ("Y", 1, False, "closed", "unknown")),
        *({"ended": said} for said in ("no", "2020", "2199-01-01", "00/01/1900", "still open")),
        *({"kind": said} for said in ("other", "CIC", "unknown")),
        *({"size": said} for said in ("unknown", "Medium-sized", "major")),
        {"size": "small", "income": 400_000},
        {"charity number": "pending"},
        {"areas": ["E08000030 Walsall", "Region: West Midlands", "Dudley"]},
    ],
    ids=str,
)
def test_a_cell_that_can_be_read_is_not_counted(tmp_path: Path, cells: dict[str, object]) -> None:
    assert told(tmp_path, **cells)[1] == []


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Registered charity (England and Wales)", Kind.CHARITY),
        ("Community Interest Company (CIC)", Kind.CIC),
        ("community-group", Kind.COMMUNITY),
        ("Co-operatives", Kind.COOP),
        ("CIO", Kind.CHARITY),
        ("Sole trader", Kind.SOLE_TRADER),
        ("C.I.C.", Kind.CIC),
        ("LLP", Kind.COMPANY),
        ("CIC or charity", Kind.CHARITY),
    ],
)
def test_a_kind_is_known_with_other_words_of_it(tmp_path: Path, written: str, kind: Kind) -> None:
    assert told(tmp_path, kind=written)[0].kind is kind


@pytest.mark.parametrize("written", ["Company or charity", "Charity, company or sole trader"])
def test_a_choice_of_kinds_is_none_of_them(tmp_path: Path, written: str) -> None:
    provider, noted = told(tmp_path, kind=written)
    assert (provider.kind, provider.tags) == (Kind.UNKNOWN, (written.lower(),))
    assert len(noted) == 1


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("Small (10-49 employees)", Size.SMALL),
        ("medium-sized enterprise", Size.MEDIUM),
        ("small or medium", Size.UNKNOWN),
    ],
)
def test_a_size_is_known_with_other_words_of_it(tmp_path: Path, written: str, size: Size) -> None:
    assert told(tmp_path, size=written)[0].size is size


@pytest.mark.parametrize("written", ["01/05/24", "45413", "1 May 2024", "20240501", "May 2024"])
def test_the_date_of_a_row_is_read_as_people_and_spreadsheets_write_it(
    tmp_path: Path, written: str
) -> None:
    assert told(tmp_path, source_date=written)[0].source.day == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("written", "website"),
    [
        ("www.acorn.example", "www.acorn.example"),
        ("www.acorn.example (being mended)", "www.acorn.example"),
        ("Acorn at https://acorn.example, www.oak.example", "https://acorn.example"),
        ("1 High Street", ""),
        ("mailto:jo@acorn.example", ""),
    ],
)
def test_only_the_address_of_a_website_is_kept(tmp_path: Path, written: str, website: str) -> None:
    assert told(tmp_path, website=written)[0].website == website


@pytest.mark.parametrize(
    ("written", "areas"),
    [
        ("Walsall, Dudley and Sandwell", ("Walsall", "Dudley", "Sandwell")),
        ("Bristol, City of", ("Bristol, City of",)),
        ("Tyne and Wear", ("Tyne and Wear",)),
        ("Walsall, the north of it", ("Walsall, the north of it",)),
        ("Kent, Brighton and Hove", ("Kent", "Brighton and Hove")),
        ("Kent & Medway", ("Kent", "Medway")),
        ("City of London, Kent", ("City of London", "Kent")),
        ("E08000030 Walsall, E08000027 Dudley", ("E08000030", "E08000027")),
        ("E08000030,E08000027", ("E08000030", "E08000027")),
        ("Bournemouth, Christchurch and Poole", ("Bournemouth, Christchurch and Poole",)),
        ("Walsall, West Midlands", ("Walsall",)),
        ("Walsall, , Dudley", ("Walsall", "Dudley")),
    ],
)
def test_several_areas_may_have_commas_between_them(
    tmp_path: Path, written: str, areas: tuple[str, ...]
) -> None:
    assert told(tmp_path, areas=written)[0].areas == areas
