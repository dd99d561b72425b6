"""A few columns of a table, read as `csv_rows` reads whole rows."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.sources.formats import tables_in_parts
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.tables import columns_there_twice, csv_rows
from matcher.sources.formats.tables_in_parts import Cells, Picked, table_parts
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


def picked(
    path: Path, known: Mapping[int, int] = MappingProxyType({})
) -> tuple[Tally, list[tuple[int, Cells, int]]]:
    """The tally and the rows, by their numbers in the file, with the digests of those in lines.

    Of a line whose digest is `known` there is the number in its place.
    """
    file, tally, rows, before = TextFile(path), Tally("t"), list[tuple[int, Cells, int]](), 0
    found = layout(file)
    for reason in columns_there_twice(found.columns):
        tally.drop(reason, file.name)

    def find(digests: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        return np.array([known.get(digest, -1) for digest in digests.tolist()], np.int64)

    for part in table_parts(file, _PICKED, found):
        some = pickle.loads(pickle.dumps(part)).rows(find)
        tally.read += len(some.known) + len(some.dropped)
        for reason, number in some.dropped:
            tally.drop(reason, f"{file.name} row {before + number + 1}")
        read = iter(some.read)
        for number in some.known:
            row = next(read) if number < 0 else Picked(-1, (), number)
            rows.append((before + row.number + 1, row.cells, row.digest))
        before += some.size
    return tally, rows


def without_digests(
    found: tuple[Tally, list[tuple[int, Cells, int]]],
) -> tuple[Tally, list[tuple[int, Cells]]]:
    return found[0], [row[:2] for row in found[1]]


@pytest.fixture(params=[1, 40, 8_000_000], autouse=True, scope="module")
def bytes_of_a_piece(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_in_parts, "_BYTES", request.param)
        patch.setattr(tables_in_parts, "_ROWS_AT_ONCE", request.param)
        yield


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
    assert without_digests(picked(path)) == as_whole_rows(path)


@given(st.text(alphabet='a",\r\n \x00', max_size=60), st.booleans())
def test_any_text_is_read_as_whole_rows_are(path: Path, text: str, quoted: bool) -> None:
    first = '"a","b,","","c"\r\n' if quoted else ""
    path.write_bytes(f"name,postcode,x,last\r\n{first}{text}".encode())
    assert without_digests(picked(path)) == as_whole_rows(path)


def test_a_cell_may_hold_what_looks_like_the_end_of_one(path: Path) -> None:
    path.write_bytes(b'name,postcode,x,last\n",",",","","a ""b"", c"\n"a","b","c,"\n')
    assert [cells for _, cells, _ in picked(path)[1]] == [
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
    first, whole = picked(path)
    known = {digest: at for at, (*_, digest) in enumerate(whole) if data.draw(st.booleans())}
    known.pop(0, None)
    again, left = picked(path, known)
    assert again == first
    expected = [((), known[row[2]]) if row[2] in known else row[1:] for row in whole]
    assert [row[1:] for row in left] == expected


_QUOTED = ['"a","b","c","d"\r\n', '"","","",""\r\n', '"a","b\n","c","d"\r\n', '"a","b\r","","c"\n']
_OTHER = ['"never closed,b,c,d\n', "a,b,c,d\n", "a\n", '"a ""b""","","",""\n', "\n", 'x",",y"\n']


@given(st.lists(st.sampled_from(_QUOTED + _OTHER), max_size=12))
def test_rows_do_not_depend_on_where_a_file_is_divided(path: Path, lines: list[str]) -> None:
    path.write_bytes(("name,postcode,x,last\r\n" + "".join(lines)).encode())
    assert without_digests(picked(path)) == as_whole_rows(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_other_encodings_and_line_ends_are_read_as_whole_rows_are(
    path: Path, encoding: str, end: str
) -> None:
    rows = [f'"HÉRON {n}","WS1 1TP","","last"{end}' for n in range(9)]
    path.write_bytes((f"name,postcode,x,last{end}" + "".join(rows)).encode(encoding))
    assert without_digests(picked(path)) == as_whole_rows(path)


def test_a_file_with_quotes_is_divided_where_rows_begin(path: Path) -> None:
    lines = ['"a","b\n', '","","c"\n', *(f'"{n}","","","x"\n' for n in range(3))]
    path.write_text("name,postcode,x,last\n" + "".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_in_parts, "_BYTES", 1)
        parts = list(table_parts(TextFile(path), _PICKED, layout(TextFile(path))))
    assert len(parts) == 3


def test_what_cannot_be_divided_is_read_to_its_end(path: Path) -> None:
    plain = "".join(f"{n},,,x\n" for n in range(20))
    path.write_text(f'name,postcode,x,last\n"a","","","b"\n{plain}"c","","","d"\n{plain}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables_in_parts, "_LINES_LOOKED_AT", 5)
        assert without_digests(picked(path)) == as_whole_rows(path)


def test_a_damaged_file_is_refused_once_its_rows_are_read(tmp_path: Path) -> None:
    table = tmp_path / "table.csv.gz"
    rows = "".join(f'"{random.random()}","","","x"\n' for _ in range(2000))
    table.write_bytes(gzip.compress(f"name,postcode,x,last\n{rows}".encode())[:-2000])
    with pytest.raises(BadSource, match="is damaged or truncated"):
        picked(table)
