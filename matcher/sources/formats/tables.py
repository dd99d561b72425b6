"""Reads rows of CSV tables, and the values in their cells."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, islice, zip_longest
from typing import TypeAlias

from matcher.core.errors import BadSource
from matcher.core.types import (
    Grade,
    Site,
    Size,
    Status,
    Tally,
)
from matcher.sources.formats.text_files import TextFile

Row: TypeAlias = "Mapping[str, str]"

FIELD_LIMIT = 4_000_000
NOT_CSV, WRONG_NUMBER = "row that is not CSV", "wrong number of columns"
_HEAD_LINES = 20
_SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?[\s,;]*$", re.IGNORECASE)
_DELIMITERS = (",", "\t", ";", "|")
_BANDS = ((100_000.0, Size.MICRO), (1_000_000.0, Size.SMALL), (10_000_000.0, Size.MEDIUM))
_POSTCODE = r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})"
_WHOLE_POSTCODE = re.compile(_POSTCODE)
_POSTCODE_WORD = re.compile(rf"\b{_POSTCODE}\b")
_OUTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?!\d)")
_UK_DAY = re.compile(r"(?<!\d)(\d\d?)/(\d\d?)/(\d{4})(?!\d)")
_NAMED_DAY = re.compile(r"(?<!\d)(\d\d?)[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})(?!\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_STATUSES = (
    (Status.UNKNOWN, re.compile(r"\bunknown\b")),
    (Status.REMOVED, re.compile(r"\b(removed|de-?registered|inactive)\b")),
    (
        Status.INSOLVENT,
        re.compile(r"liquidation|administrat|\breceiver|voluntary arrangement|insolven"),
    ),
    (Status.DISSOLVED, re.compile(r"\b(dissolved|closed|ceased|wound up)\b")),
    (Status.ACTIVE, re.compile(r"\b(active|registered|open)\b")),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header of a table is, and what separates its cells.

    `row` is the number of rows up to the header, the header included.
    """

    columns: tuple[str, ...]
    delimiter: str
    row: int


def layout(file: TextFile, score: Callable[[Sequence[str]], int] = len) -> Layout:
    """The layout of a table: its header is the row with the best score of the first rows.

    By default it is the first row that is not blank.  A line such as `sep=;` names the delimiter;
    else it is the tab, comma, semicolon or bar that the header has.  Raises BadSource where no row
    can be a header.
    """
    lines = list(islice(file.lines(), _HEAD_LINES))
    separator = _SEPARATOR.match(lines[0])
    delimiters = [separator[1]] if separator else _delimiters(lines, by_score=score is not len)
    best, best_score = None, 0
    try:
        for delimiter in delimiters:
            for row, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                if not any(map(str.strip, cells)) or (separator and row == 1):
                    continue
                value = score(cells) if score is not len else 1
                if value > best_score:
                    names = tuple(" ".join(cell.split()) for cell in cells)
                    best, best_score = Layout(names, delimiter, row), value
                if score is len:
                    break
    except csv.Error as error:
        if best is None:
            message = f"{file.path} is not a table: its first line is not a header"
            raise BadSource(message) from error
    if best is None and score is not len:
        return layout(file)
    return best or Layout((), ",", 1)


def _delimiters(lines: Sequence[str], *, by_score: bool) -> Sequence[str]:
    """The delimiters to try; the one that the first line has, unless a score can tell."""
    if by_score:
        return _DELIMITERS
    first = next((line for line in lines if line.strip()), "")
    return [next((d for d in ("\t", ",", ";", "|") if d in first), ",")]


def csv_rows(
    file: TextFile, tally: Tally, found: Layout | None = None
) -> Iterator[tuple[str, Row]]:
    """Each row as (position, cells by stripped column name); blank rows are skipped.

    A row that is too short has blanks for the cells it lacks, and blank cells beyond the header
    are ignored; a row with other cells beyond it is set aside.  Of two columns with one name the
    first value counts.  Counts each row in `tally.read`.
    """
    csv.field_size_limit(FIELD_LIMIT)
    found = found or layout(file)
    reader = csv.reader(file.lines(), delimiter=found.delimiter)
    for _ in range(found.row):
        next(reader)
    columns = found.columns
    plain = len(set(columns)) == len(columns)
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        tally.drop(f"column {name!r} is there twice (its first value is read)", file.name)
    for number, cells in _numbered_rows(reader, file, tally, found.row + 1):
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


def _numbered_rows(
    reader: Iterator[list[str]], file: TextFile, tally: Tally, first: int
) -> Iterator[tuple[int, list[str]]]:
    for number in count(first):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            tally.read += 1
            tally.drop(NOT_CSV, f"{file.name} row {number}")
            continue
        if any(map(str.strip, cells)):
            yield number, cells


def header(file: TextFile) -> list[str]:
    """The column names, stripped, of a table.  Raises BadSource where there is no header."""
    line = file.first_line()
    if "\t" in line:
        return [name.strip() for name in line.split("\t")]
    return list(layout(file).columns)


def need_columns(file: TextFile, columns: Iterable[str], required: Iterable[str]) -> None:
    """Raises BadSource, with the missing and the present columns, where a column is missing."""
    columns = list(columns)
    missing = [name for name in required if name not in columns]
    if missing:
        raise BadSource(
            f"{file.path} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(map(repr, columns[:40]))}. The layout may have changed, "
            "or this is another file"
        )


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
    try:
        amount = float(re.sub(r"[£,\s]", "", str(value)))
    except ValueError:
        amount = math.nan
    if math.isfinite(amount) and amount >= 0:
        return amount
    tally.drop("income is not a valid number (record kept without it)", where)
    return None


def postcode(text: str) -> str:
    """A UK postcode or outward code in capitals with one space, or '' for other text."""
    tidy = " ".join(text.upper().split())
    whole = _WHOLE_POSTCODE.fullmatch(tidy)
    if whole:
        return f"{whole[1]} {whole[2]}"
    return tidy if _OUTCODE.fullmatch(tidy) else ""


def postcode_within(address: str) -> str:
    """The last full UK postcode in an address, or ''."""
    found = _POSTCODE_WORD.findall(address.upper())
    return " ".join(found[-1]) if found else ""


def sites(postcodes: Iterable[str], grade: Grade) -> tuple[Site, ...]:
    """A site of the given grade for each distinct valid postcode, in order."""
    tidy = dict.fromkeys(postcode(text) for text in postcodes)
    return tuple(Site(code, grade) for code in tidy if code)


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The distinct non-empty texts with single spaces, in order."""
    tidy = dict.fromkeys(" ".join(text.split()) for text in texts if text)
    return tuple(text for text in tidy if text)


def day_in(text: str) -> date | None:
    """The first date in a text, or None: 2023-09-07, 07/09/2023, 7 September 2023.

    A month or year without a day (2023-06, 2023) is its first day.
    """
    if match := _UK_DAY.search(text):
        return _day(match[3], match[2], match[1])
    named = _NAMED_DAY.search(text)
    if named and named[2].lower() in _MONTHS:
        return _day(named[3], str(_MONTHS.index(named[2].lower()) + 1), named[1])
    if match := _ISO_DAY.search(text):
        return _day(match[1], match[2] or "1", match[3] or "1")
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if 1900 <= int(year) < 2200 else None
    except ValueError:
        return None


def status_of(words: str) -> Status:
    """The status that a register's words mean; UNKNOWN for other words."""
    lower = words.lower()
    return next((status for status, pattern in _STATUSES if pattern.search(lower)), Status.UNKNOWN)
