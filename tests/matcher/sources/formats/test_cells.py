"""A few columns of a table, read as `csv_rows` reads whole rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Tally
from matcher.sources.formats.cells import picked_cells
from matcher.sources.formats.tables import csv_rows
from matcher.sources.formats.text_files import TextFile

_PICKED = ("name", "lost", "postcode", "last")
_CELLS = st.text(alphabet='ab",; \r\n\té|0', max_size=5)
_ROWS = st.lists(st.lists(_CELLS, max_size=6), max_size=6)


def as_whole_rows(path: Path) -> tuple[Tally, list[tuple[int, tuple[str, ...]]]]:
    tally = Tally("t")
    rows = csv_rows(TextFile(path), tally)
    return tally, [
        (int(where.split()[-1]), tuple(row.get(name, "") for name in _PICKED))
        for where, row in rows
    ]


def picked(path: Path) -> tuple[Tally, list[tuple[int, tuple[str, ...]]]]:
    tally = Tally("t")
    rows = picked_cells(TextFile(path), tally, _PICKED)
    return tally, [(number, cells) for number, cells, _ in rows]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cells") / "table.csv"


@given(
    _ROWS,
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([",", ";"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["name,postcode,x,last", "name,x,x,last", " name ,postcode"]),
)
def test_written_tables_are_read_as_whole_rows_are(
    path: Path, rows: list[list[str]], quoting: int, delimiter: str, end: str, head: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, delimiter=delimiter, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows(rows)
    path.write_bytes((head.replace(",", delimiter) + end + out.getvalue()).encode())
    assert picked(path) == as_whole_rows(path)


@given(st.text(alphabet='a",\r\n \x00', max_size=60), st.booleans())
def test_any_text_is_read_as_whole_rows_are(path: Path, text: str, quoted: bool) -> None:
    first = '"a","b,","","c"\r\n' if quoted else ""
    path.write_bytes(f"name,postcode,x,last\r\n{first}{text}".encode())
    assert picked(path) == as_whole_rows(path)


def test_a_cell_may_hold_what_looks_like_the_end_of_one(path: Path) -> None:
    path.write_bytes(b'name,postcode,x,last\n",",",","","a ""b"", c"\n"a","b","c,"\n')
    assert [cells for _, cells in picked(path)[1]] == [
        (",", "", ",", 'a "b", c'),
        ("a", "", "b", ""),
    ]


def test_a_long_table_with_few_quotes_is_read_whole(tmp_path: Path) -> None:
    """Every line that is not fully quoted is put back for the reader of quotes."""
    table = tmp_path / "long.csv"
    lines = "".join(f'{n},WS1 1TP,"said ""x"" {n}"\n' for n in range(150_000))
    table.write_text(f"name,postcode,last\n{lines}")
    tally, found = picked(table)
    assert (tally.read, len(found)) == (150_000, 150_000)
    assert found[-1][1] == ("149999", "", "WS1 1TP", 'said "x" 149999')


@given(_ROWS, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.data())
def test_rows_that_are_lines_can_be_left_unread(
    path: Path, rows: list[list[str]], quoting: int, data: st.DataObject
) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    path.write_bytes(("name,postcode,x,last\r\n" + out.getvalue()).encode())
    seen: list[str] = []

    def looked_at(line: str) -> bool:
        seen.append(line)
        return False

    first, again = Tally("t"), Tally("t")
    whole, lines = [], set[str]()
    for row in picked_cells(TextFile(path), first, _PICKED, is_known=looked_at):
        whole.append(row)
        if row[2] and data.draw(st.booleans()):
            lines.add(seen[-1])
    left = list(picked_cells(TextFile(path), again, _PICKED, is_known=lines.__contains__))
    assert again == first
    assert [row[0] for row in left] == [row[0] for row in whole]
    assert all(one in (other, (other[0], (), True)) for one, other in zip(left, whole, strict=True))
    assert sum(not row[1] for row in left) >= len(lines)
