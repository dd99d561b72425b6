"""Reads rows of CSV tables, and the values in their cells."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count, zip_longest
from typing import TypeAlias

from matcher.core.amount_marks import either_of, is_in_doubt, without_spaces
from matcher.core.errors import BadSource
from matcher.core.types import Grade, Site, Size, Tally
from matcher.geo.postcode_parsing import find_in_text, tidy_postcode
from matcher.sources.formats.layouts import Layout, layout
from matcher.sources.formats.text_files import TextFile
from matcher.sources.formats.units import UNIT_OR_POUNDS

Row: TypeAlias = "Mapping[str, str]"

FIELD_LIMIT = 4_000_000
NO_POSTCODE = "cell for a postcode that has none (its rows are kept)"
BAD_NUMBER = "number that is not valid (its rows are kept)"
NOT_CSV, WRONG_NUMBER = "row that is not CSV", "wrong number of columns"
OPEN_QUOTE = "a quote is never closed (the rows below it are read)"
_MOST_BROKEN = 20
_WEB_PAGE = ("<!doctype", "<html", "<table", "<?xml")
_LONGEST_NAME, _MOST_NAMES = 80, 40
_BANDS = ((100_000.0, Size.MICRO), (1_000_000.0, Size.SMALL), (10_000_000.0, Size.MEDIUM))
_MONEY = re.compile(
    r"(?:(?:c|ca|approx)\.?|circa|approximately|about|around|~)?(?:gbp)?([\d.,]++)"
    r"(?:(k|th|thousand|thousands)|(m|mn|mil|mill|million|millions)|(b|bn|billion|billions))?\.?"
    r"(?:gbp|pounds|pa|p\.a\.?|(?:per|/|a|each)(?:year|yr|annum))?"
)
_TIMES = (1_000, 1_000_000, 1_000_000_000)
_ESCAPED_QUOTE = re.compile(r'\\"(?!\s*(?:[,;\t|]|$)|"(?!\s*(?:[,;\t|]|$)))')
"""A quote with a backslash before it; one that ends a cell or is doubled has none of its own."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?")


def csv_rows(
    file: TextFile, tally: Tally, found: Layout | None = None
) -> Iterator[tuple[str, Row]]:
    """Each row as (position, cells by stripped column name); blank rows are skipped.

    A row that is too short has blanks for the cells it lacks, and blank cells beyond the header
    are ignored; a row with other cells beyond it is set aside.  Of two columns with one name the
    first value counts.  Counts each row in `tally.read`.
    """
    found = found or layout(file)
    columns = found.columns
    plain = len(set(columns)) == len(columns)
    for reason in columns_there_twice(columns):
        tally.drop(reason, file.name)
    for number, cells in _numbered_rows(file, tally, found):
        where = f"{file.name} row {number}"
        tally.read += 1
        if any(map(str.strip, cells[len(columns) :])):
            tally.drop(WRONG_NUMBER, where)
            continue
        if plain and len(cells) == len(columns):
            yield where, dict(zip(columns, map(str.strip, cells), strict=True))
            continue
        row: dict[str, str] = {}
        for name, cell in zip_longest(columns, cells[: len(columns)], fillvalue=""):
            row[name] = row.get(name) or cell.strip()
        yield where, row


def rows_of_others(file: TextFile, tally: Tally) -> Iterator[tuple[str, Row]]:
    """As `csv_rows`, for a reader that counts what it reads of a row: only bad rows are counted."""
    rows = Tally(file.name)
    yield from csv_rows(file, rows)
    tally.read += sum(rows.set_aside.values())
    tally.add(rows.set_aside, rows.examples)


def columns_there_twice(columns: Sequence[str]) -> list[str]:
    """What to tell of the columns of a table that have one name."""
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    return [f"column {name!r} is there twice (its first value is read)" for name in twice]


def _numbered_rows(file: TextFile, tally: Tally, found: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header that are not blank."""
    rows = QuotedRows(file.lines(), found.delimiter, len(found.columns))
    for _ in range(found.row):
        rows.next()
    for number in count(found.row + 1):
        try:
            cells, reason = rows.next(), rows.reason
        except StopIteration:
            return
        if reason:
            tally.reject(reason, f"{file.name} row {number}")
        elif any(map(str.strip, cells)):
            yield number, (_unnested(cells, found.delimiter) if found.nested else cells)


def _unnested(cells: list[str], delimiter: str) -> list[str]:
    filled = [cell for cell in cells if cell.strip()]
    return next(csv.reader(filled, delimiter=delimiter), []) if len(filled) == 1 else cells


class QuotedRows:
    """Rows of lines.  `reason` says why the last one is set aside; '' where it is not.

    Where a quote is never closed, so that other rows would become part of its cell, its line is
    set aside and those below it are read again.
    """

    def __init__(self, lines: Iterator[str], delimiter: str, width: int) -> None:
        self._lines = lines
        self._again: list[str] = []
        self.reason = ""
        self._delimiter, self._width = delimiter, width
        self._taken: list[str] = []
        self._broken = 0
        csv.field_size_limit(FIELD_LIMIT)
        self._reader = self._read(self._recorded())

    @property
    def waiting(self) -> int:
        """How many of the lines that were taken come again."""
        return len(self._again)

    def line(self) -> str | None:
        """The next line, or None after the last."""
        return self._again.pop() if self._again else next(self._lines, None)

    def put_back(self, line: str) -> None:
        """Make `line` the next one."""
        self._again.append(line)

    def next(self) -> list[str]:
        """The next row; [] where it is set aside.  Raises StopIteration after the last."""
        self._taken.clear()
        self.reason = ""
        try:
            cells = next(self._reader)
        except csv.Error:
            self.reason = NOT_CSV
        if len(self._taken) > 1 and self._broken < _MOST_BROKEN and self._takes_others():
            self._broken += 1
            self.reason = OPEN_QUOTE
            self._again += reversed(self._taken[1:])
            self._reader = self._read(self._recorded())
        return [] if self.reason else cells

    def _read(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """The rows of lines; a quote after a space begins a cell too: '"Oak", "Hot meals"'."""
        return csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True, strict=strict)

    def _recorded(self) -> Iterator[str]:
        while (line := self.line()) is not None:
            usual = _with_usual_quotes(line)
            self._taken.append(usual)
            yield usual

    def _takes_others(self) -> bool:
        """Whether the lines of a row are not well quoted, and one below the first is a row."""
        try:
            for _ in self._read(self._taken, strict=True):
                pass
        except csv.Error:
            return self._width > 1 and any(map(self._is_row, self._taken[1:]))
        return False

    def _is_row(self, line: str) -> bool:
        try:
            cells = next(self._read([line]), [])
        except csv.Error:
            return False
        return len(cells) == self._width


def _with_usual_quotes(line: str) -> str:
    """A line in which quotes within a cell are doubled; databases write a backslash before them."""
    return _ESCAPED_QUOTE.sub('""', line) if '\\"' in line else line


def header(file: TextFile) -> list[str]:
    """The column names, stripped, of a table.  Raises BadSource where there is no header."""
    line = file.first_line()
    if "\t" in line and not line.startswith('"'):
        return [name.strip() for name in line.split("\t")]
    return list(layout(file).columns)


def need_columns(file: TextFile, columns: Iterable[str], required: Iterable[str]) -> None:
    """Raises BadSource, with the missing and the present columns, where a column is missing."""
    columns = list(columns)
    missing = [name for name in required if name not in columns]
    if missing:
        refuse_web_page(file, columns)
        raise BadSource(
            f"{file.path} has no column {', '.join(map(repr, missing))}; it has "
            f"{_named(columns)}. The layout may have changed, or this is another file"
        )


def columns_by_meaning(
    file: TextFile, names: Mapping[str, Sequence[str]], needed: Iterable[str], advice: str
) -> dict[str, str]:
    """Meaning → the column with the first of its names, without the meanings that have none.

    Columns are compared with `names` by their letters and digits, in lower case.  Raises BadSource,
    with the advice, where a meaning that is needed has no column.
    """
    columns = {re.sub(r"\W|_", "", name).lower(): name for name in layout(file).columns}
    found = {
        meaning: columns[name]
        for meaning, of_it in names.items()
        for name in reversed(of_it)
        if name in columns
    }
    if missing := [meaning for meaning in needed if meaning not in found]:
        raise BadSource(
            f"{file.path}: has no column of {' or '.join(missing)}; it has "
            f"{_named(list(columns.values()))}. {advice}"
        )
    return found


def refuse_web_page(file: TextFile, columns: Iterable[str]) -> None:
    """Raises BadSource where the first of the columns shows that the file is a web page."""
    if next(iter(columns), "").lower().startswith(_WEB_PAGE):
        raise BadSource(f"{file.path} is a web page, not a table; save the table as CSV")


def _named(columns: Sequence[str]) -> str:
    return ", ".join(repr(name[:_LONGEST_NAME]) for name in columns[:_MOST_NAMES])


def size_of_income(income: float | None) -> Size:
    """The size band for a yearly income in pounds."""
    if income is None:
        return Size.UNKNOWN
    return next((size for below, size in _BANDS if income < below), Size.LARGE)


def pounds(value: object, tally: Tally, where: str) -> float | None:
    """A yearly income in pounds, or None where it is missing or not valid.

    A value that is not valid (NaN, 1e9999, text, negative) is counted in the tally; its record is
    kept.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    amount = value if isinstance(value, float) else amount_in(str(value))
    if math.isfinite(amount) and amount >= 0:
        return amount
    why = "is not a valid number"
    if str(value).endswith(UNIT_OR_POUNDS):
        why = "may be in pounds or in the unit of its column"
    elif either_of(str(value)):
        why = "may be pence or thousands, such as 12.500"
    tally.drop(f"income {why} (record kept without it)", where)
    return None


def amount_in(cell: str) -> float:
    """A number with or without commas between thousands, k, million or bn; NaN for other text.

    So is one that may be pence or thousands.

    >>> amount_in("£40k"), amount_in("1,200 GBP"), amount_in("1.5 million a year")
    (40000.0, 1200.0, 1500000.0)
    >>> amount_in("12.500"), amount_in("12.500 million")
    (nan, 12500000.0)
    """
    text = without_spaces(re.sub(r"Â?£", "", cell).strip()).casefold()
    match = _MONEY.fullmatch(text)
    number, *units = match.groups() if match else (text,)
    times = next((times for unit, times in zip(units, _TIMES, strict=False) if unit), 1)
    if times == 1 and is_in_doubt(number):
        return math.nan
    if "," in number:
        number = number.replace(",", "") if _THOUSANDS.fullmatch(number) else ""
    try:
        return float(Decimal(number) * times) if match else float(number)
    except (ValueError, ArithmeticError):
        return math.nan


def postcode_within(address: str) -> str:
    """The last full UK postcode in an address, or ''."""
    return find_in_text(address) or ""


def sites(postcodes: Iterable[str], grade: Grade) -> tuple[Site, ...]:
    """A site of the given grade for each distinct valid postcode, in order."""
    tidy = dict.fromkeys(map(tidy_postcode, postcodes))
    return tuple(Site(code, grade) for code in tidy if code)


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The distinct non-empty texts with single spaces, in order."""
    tidy = dict.fromkeys(" ".join(text.split()) for text in texts if text)
    return tuple(text for text in tidy if text)
