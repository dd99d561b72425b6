"""Formulas of a workbook without a stored result."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from matcher.sources.formats import formulas
from matcher.sources.formats.formulas import named, without_results

BOOK = '<workbook><sheets><sheet name="Spend" sheetId="1" r:id="rId7"/></sheets></workbook>'
RELATIONS = (
    '<Relationships><Relationship Target="worksheets/sheet1.xml" Id="rId7"/></Relationships>'
)


def book(folder: Path, cells: str) -> Path:
    path = folder / "book.xlsx"
    sheet = f"<worksheet><sheetData><row r='1'>{cells}</row></sheetData></worksheet>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2"><f>A1*2</f><v></v></c>',
        '<c r="B2"><f>A1*2</f></c>',
        '<c r="B2" s="4"><f t="shared" si="0"/><v/></c>',
        "<x:c r='B2'><x:f>A1</x:f></x:c>",
        '<c t="n" r="B2">\n<f>A1</f>\n</c>',
    ],
)
def test_a_cell_without_a_result_is_found(tmp_path: Path, cell: str) -> None:
    assert without_results(book(tmp_path, cell)) == {"Spend": ["B2"]}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2"><f>A1*2</f><v>40</v></c>',
        '<c r="B2" t="str"><f>IF(A1,"x","")</f><v></v></c>',
        '<c r="B2"><v>40</v></c>',
        '<c r="B2"/>',
    ],
)
def test_a_cell_with_a_result_or_without_a_formula_is_not(tmp_path: Path, cell: str) -> None:
    assert without_results(book(tmp_path, cell)) == {}


def test_what_is_no_workbook_has_none(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"no zip")
    assert without_results(tmp_path / "book.xlsx") == {}


def test_a_sheet_that_cannot_be_unpacked_has_none(tmp_path: Path) -> None:
    path = book(tmp_path, '<c r="B2"><f>A1</f></c>')
    content = path.read_bytes().replace(b"<worksheet>", b"<worksheeT>")
    path.write_bytes(content)  # its checksum is wrong
    assert without_results(path) == {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", "A" * 5_000)
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    damaged = bytearray(path.read_bytes())
    start = at + 30 + len("xl/worksheets/sheet1.xml")
    damaged[start : start + 4] = b"\xff\xff\xff\xff"  # no block of packed data begins so
    path.write_bytes(damaged)
    assert without_results(path) == {}


def test_cells_are_found_across_the_pieces_in_which_a_sheet_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formulas, "_CHUNK", 7)
    cells = "</row><row>".join(f'<c r="B{n}"><f>A{n}</f></c>' for n in range(2, 9))
    assert without_results(book(tmp_path, cells)) == {"Spend": [f"B{n}" for n in range(2, 9)]}


def test_of_many_cells_the_first_are_named() -> None:
    assert named("Lots", [f"B{n}" for n in range(2, 15)]).endswith("B11 and 3 more")
