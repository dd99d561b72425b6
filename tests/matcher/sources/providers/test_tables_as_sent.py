"""Tables of providers as officers and portals send them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from matcher.core.types import Kind, Provider, Tally
from matcher.sources.providers import own_table


def read(path: Path) -> tuple[Tally, list[Provider]]:
    ((tally, records),) = own_table.read([path])
    return tally, list(records)


def from_csv(tmp_path: Path, text: str) -> tuple[Tally, list[Provider]]:
    path = tmp_path / "groups.csv"
    path.write_text(text, encoding="utf-8")
    return read(path)


def from_sheet(
    tmp_path: Path, rows: Sequence[Sequence[object]], *merged: str
) -> tuple[Tally, list[Provider]]:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(tmp_path / "groups.xlsx")
    return read(tmp_path / "groups.xlsx")


def places(found: Sequence[Provider]) -> list[tuple[str, ...]]:
    return [(one.name, *(site.postcode for site in one.sites)) for one in found]


def test_a_name_merged_over_rows_is_that_of_each(tmp_path: Path) -> None:
    rows = [
        ("Provider", "Charity no.", "Street", "Postcode"),
        ("Larch Meals", 1150079, "1 High St", "WS1 1TP"),
        (None, None, "2 High St", "WS2 8RR"),
        ("Rowan Club", None, "3 High St", "WS3 1HF"),
    ]
    tally, found = from_sheet(tmp_path, rows, "A2:A3", "B2:B3")
    assert places(found) == [
        ("Larch Meals", "WS1 1TP"),
        ("Larch Meals", "WS2 8RR"),
        ("Rowan Club", "WS3 1HF"),
    ]
    assert [one.ids for one in found] == [("GB-CHC-1150079",), ("GB-CHC-1150079",), ()]
    assert "no name" not in tally.set_aside


def test_a_header_merged_over_two_rows_is_one(tmp_path: Path) -> None:
    rows = [("Name", "Post", None), (None, "code", "Colour"), ("Larch Meals", "WS1 1TP", "red")]
    _, found = from_sheet(tmp_path, rows, "A1:A2")
    assert places(found) == [("Larch Meals", "WS1 1TP")]


def test_a_cell_merged_across_columns_stands_once(tmp_path: Path) -> None:
    rows = [("Name", "Also known as", "Postcode"), ("Larch Meals", None, "WS1 1TP")]
    _, (provider,) = from_sheet(tmp_path, rows, "A2:B2")
    assert (provider.name, provider.aliases) == ("Larch Meals", ())


def test_a_quote_after_a_space_begins_a_cell(tmp_path: Path) -> None:
    text = '"Name", "Postcode", "Description"\n"Larch Meals", "WS1 1TP", "Hot meals, delivered"\n'
    _, (provider,) = from_csv(tmp_path, text)
    assert places([provider]) == [("Larch Meals", "WS1 1TP")]
    assert provider.profile == "Hot meals, delivered"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Grand total: 2 providers", "row of totals"),
        ("Total - number of organisations", "row of totals"),
        ("* Income as at last accounts", "footnote"),
        ("** Figures are unaudited", "footnote"),
        ("† Denotes a council-owned company", "footnote"),
    ],
)
def test_totals_and_notes_in_capitals_are_no_providers(
    tmp_path: Path, line: str, reason: str
) -> None:
    tally, found = from_csv(tmp_path, f"Name,Income\nLarch Meals,45000\n{line},\n")
    assert [one.name for one in found] == ["Larch Meals"]
    assert tally.set_aside[reason] == 1


@pytest.mark.parametrize("name", ["* Larch Meals", "*NEW* Rowan Club", "Total Care"])
def test_a_starred_name_is_a_provider(tmp_path: Path, name: str) -> None:
    _, found = from_csv(tmp_path, f"Name,Postcode\n{name},WS1 1TP\n")
    assert [one.name for one in found] == [name]


def test_a_welsh_table_is_read(tmp_path: Path) -> None:
    _, (provider,) = from_csv(
        tmp_path,
        "Enw'r sefydliad,Cod Post,Disgrifiad,Rhif Elusen,Gwefan,Math,Cyfeiriad e-bost,Ffôn\n"
        "Prydau Llanmor,CF10 3AT,Prydau poeth,1150079,llanmor.example,Elusen,jo@a.example,0\n",
    )
    assert (provider.profile, provider.website) == ("Prydau poeth", "llanmor.example")
    assert (provider.ids, provider.kind) == (("GB-CHC-1150079",), Kind.CHARITY)
    assert places([provider]) == [("Prydau Llanmor", "CF10 3AT")]


@pytest.mark.parametrize("written", ["WSl 1TP", "ws1 ltp", "WS1 1TP"])
def test_a_small_l_for_1_is_corrected_in_a_postcode(tmp_path: Path, written: str) -> None:
    _, found = from_csv(tmp_path, f"Name,Post Code\nLarch Meals,{written}\n")
    assert places(found) == [("Larch Meals", "WS1 1TP")]


def test_a_letter_l_of_a_postcode_stays(tmp_path: Path) -> None:
    _, found = from_csv(tmp_path, "Name,Post Code\nLarch Meals,BL1 1TP\nRowan Club,L1 8JQ\n")
    assert places(found) == [("Larch Meals", "BL1 1TP"), ("Rowan Club", "L1 8JQ")]
