"""Reads the spending files of public bodies: payments over £500, card payments, and totals.

English councils publish them every month, each in a layout of its own.  `open_files` finds out
what the columns mean; `SpendFile.words` prints it, and a small TOML file corrects it:

    ["gateshead-*.csv"]                   # the files it is about
    body = "Gateshead Council"            # who paid, whatever their rows say
    supplier = "Supplier ID(T)"           # names of columns
    amount = "Amount"
    date = "Updated"
    category = ["Cipfsubs(T)", "Cipfsubj(T)"]   # the first that is not blank

Files are read line by line.  A line without payee, amount or date is set aside and counted.
Payees that are redacted or may be people are counted, and their amounts are kept without a name.
Of narratives and invoice texts, only whether they call the row a credit note is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from matcher.core import org_ids
from matcher.core.amount_marks import either_of
from matcher.core.errors import BadInput, BadSource
from matcher.core.formatting import month_name
from matcher.core.parser_words import read_toml
from matcher.core.types import Payment, Tally
from matcher.sources.formats.markup import without_markup
from matcher.sources.formats.tables import NOT_CSV, OPEN_QUOTE, WRONG_NUMBER
from matcher.sources.payments.cell_forms import PLAIN, CellForms, month_of_name
from matcher.sources.payments.columns import (
    MEANINGS,
    NEEDED,
    ColumnMapping,
    mapping_of,
    months_unread,
    plain,
)
from matcher.sources.payments.layouts import ONLY_PAYMENTS, OtherRows, refuse_columns_of_months
from matcher.sources.payments.people import NO_PAYEE, TOTAL, payee_of
from matcher.sources.payments.spend_tables import Cells, Table, tables_in
from matcher.sources.payments.values import pence_in

SOURCE = "Payments by {}"
_SAMPLE = 300
_LONGEST = 120
"""Characters that are kept of a payee, department, service or category."""
HEADER = "header repeated"
_NO_PAYMENT = frozenset({NO_PAYEE, TOTAL, HEADER})
_SEPARATOR = " | "
"""Between the categories of a table of totals."""

_Override: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class SpendFile:
    """One table of payments: whose it is, what its columns mean, and its rows."""

    name: str
    body: str
    """who paid, where the row does not say it"""
    mapping: ColumnMapping
    first_row: int
    rows: Callable[[], Iterator[Cells]]
    forms: CellForms = PLAIN
    not_read: Sequence[str] = ()
    """what of its workbook is not read, and why"""
    other_rows: OtherRows = ONLY_PAYMENTS

    @property
    def words(self) -> str:
        """What was made of its header, for people."""
        told = [self.mapping.words()]
        if self.body and "body" in self.mapping.of:
            told.append(f"who paid, where a row does not say it: {self.body}")
        elif self.body:
            told.append(f"who paid: {self.body}")
        if self.forms.month is not None:
            told.append(f"the name of the file → date paid ({month_name(self.forms.month)})")
        if self.forms.month_first:
            told.append("dates have the month first")
        if self.forms.three_places:
            told.append("amounts have three places of decimals")
        if self.forms.numbered:
            told.append("numbers before or after names are left out")
        return f"{self.name}: {'; '.join((*told, *self.not_read))}"

    def feed(self) -> tuple[Tally, Iterator[Payment]]:
        """Its tally and its payments."""
        says_who = "body" in self.mapping.of
        tally = Tally(SOURCE.format(self.name if says_who or not self.body else self.body))
        return tally, self._payments(tally)

    def _payments(self, tally: Tally) -> Iterator[Payment]:
        read = _RowReader(self, tally)
        for number, cells in enumerate(self.rows(), self.first_row):
            if any(cells):
                tally.read += 1
                yield from read(cells, number)


class _RowReader:
    """Turns rows into payments.  What repeats from row to row is worked out once."""

    def __init__(self, file: SpendFile, tally: Tally) -> None:
        self._file = file
        self._tally = tally
        at = file.mapping.first
        self._number, self._body = at("number"), at("body")
        whose = plain(file.mapping.columns[self._number]).split() if self._number >= 0 else ()
        self._of_charities = "charity" in whose and "company" not in whose
        self._what = (at("department"), at("service"))
        self._categories = file.mapping.of.get("category", ())
        self._first, self._count, self._area = at("first"), at("count"), at("area")
        needed = at("supplier"), at("amount"), at("date")
        self._width = 1 + max(needed)
        self._forms, self._header = file.forms, plain(file.mapping.columns[needed[0]])
        self._seen: set[str] = set()
        self._payees: dict[str, tuple[str, str]] = {}
        self._months: dict[str, int | None] = {}
        self._texts: dict[str, str] = {}

    def __call__(self, cells: Cells, row: int) -> Iterable[Payment]:
        """The payments of one row: none where it is set aside."""
        if len(cells) < self._width:
            is_reason = len(cells) == 1 and cells[0] in (NOT_CSV, OPEN_QUOTE)
            return self._drop(cells[0] if is_reason else WRONG_NUMBER, row)
        written, amount = (self._file.mapping.cell(one, cells) for one in ("supplier", "amount"))
        payee, left_out = self._payees.get(written) or self._payee(written)
        pence, month = self._forms.pence_of(amount), self._month(cells)
        body = self._text(cells, self._body) or self._file.body
        if pence is not None and (reason := self._file.other_rows.reason(cells, pence)):
            return self._drop(reason, row)
        if left_out in _NO_PAYMENT or pence is None or month is None or not body:
            unusable = left_out if left_out in _NO_PAYMENT else ""
            return self._drop(unusable or self._missing(cells, pence, month), row)
        if left_out:
            self._tally.drop(left_out, f"{self._file.name} row {row}")
        else:
            self._tally.kept += 1
        number = self._org_id(cells) if self._number >= 0 and payee else ""
        department, service = (self._text(cells, at) for at in self._what)
        paid = (body, payee, number, department, service)
        if self._first >= 0:
            return self._totals(Payment(*paid, "", month, pence), cells)
        area = self._text(cells, self._area)
        times = self._times(cells)
        return (Payment(*paid, self._category(cells), month, pence, times, area),)

    def _times(self, cells: Cells) -> int:
        """How many payments a row stands for."""
        count = pence_in(cells[self._count]) if 0 <= self._count < len(cells) else None
        return max((count or 100) // 100, 1)

    def _missing(self, cells: Cells, pence: int | None, month: int | None) -> str:
        """What a row lacks."""
        if pence is None:
            is_given = self._file.mapping.cell("amount", cells)
            if either_of(is_given):
                return "amount that may be pence or thousands: 12.500 (write 12.50 or 12500)"
            return "amount is not a number" if is_given else "no amount"
        if month is None:
            return "date cannot be read" if self._day(cells).strip() else "no date"
        return "no name of who paid"

    def _drop(self, reason: str, row: int) -> tuple[Payment, ...]:
        self._tally.drop(reason, f"{self._file.name} row {row}")
        return ()

    def _payee(self, written: str) -> tuple[str, str]:
        payee, left_out = payee_of(self._forms.name_of(without_markup(written)))
        if payee and plain(written) == self._header:
            payee, left_out = "", HEADER
        elif _summed(payee) in self._seen:
            payee, left_out = "", TOTAL
        self._seen.add(payee.casefold())
        return self._payees.setdefault(written, (payee[:_LONGEST], left_out))

    def _day(self, cells: Cells) -> str:
        return self._file.mapping.day(cells)

    def _month(self, cells: Cells) -> int | None:
        if self._forms.month is not None:
            return self._forms.month
        written = self._day(cells)
        if written not in self._months:
            self._months[written] = self._forms.month_of(written)
        return self._months[written]

    def _text(self, cells: Cells, at: int) -> str:
        if not 0 <= at < len(cells):
            return ""
        written = cells[at]
        text = self._texts.get(written)
        if text is None:
            text = self._texts[written] = _tidy(written)
        return text

    def _category(self, cells: Cells) -> str:
        return next((text for at in self._categories if (text := self._text(cells, at))), "")

    def _org_id(self, cells: Cells) -> str:
        written = cells[self._number] if self._number < len(cells) else ""
        if self._of_charities:
            return org_ids.charity(written)
        found = org_ids.forms(written)
        companies = [one for one in found if one.startswith("GB-COH")]
        return next(iter((*companies, *found)), "")

    def _totals(self, paid: Payment, cells: Cells) -> Iterator[Payment]:
        """A row of totals: its amount in its last month, and nothing in its first.

        Of several categories the first, which is the most frequent, has the amount.
        """
        written = cells[self._categories[0]] if self._categories else ""
        first, *others = [_tidy(text) for text in written.split(_SEPARATOR)]
        paid = paid._replace(department=paid.department.split(_SEPARATOR)[0])
        yield paid._replace(category=first, times=self._times(cells))
        began = self._forms.month_of(cells[self._first])
        if began is not None and began < paid.month:
            yield paid._replace(category=first, month=began, pence=0, times=0)
        for other in others:
            if other:
                yield paid._replace(category=other, pence=0, times=0)


def _summed(name: str) -> str | None:
    """Whose payments a line sums up: "Hot Pot Ltd Total" is of "hot pot ltd"; None for others."""
    plain_name = name.casefold().removesuffix(":")
    if not plain_name.endswith("total"):
        return None
    return plain_name.removesuffix("total").removesuffix("sub").rstrip(" :-")


def _tidy(text: str) -> str:
    """A text of a department, service or category, which is not a web address."""
    tidy = " ".join(without_markup(text).split())
    return "" if tidy.startswith(("http:", "https:")) else tidy[:_LONGEST]


def open_files(
    paths: Sequence[Path], body: str = "", columns: Path | None = None
) -> list[SpendFile]:
    """The tables in files, folders and zips, each once, with what their columns mean.

    `body` is who paid, where neither a file's rows nor `columns`, a TOML file of corrections, say
    it.  Raises BadInput where nothing says who paid, and BadSource where a file cannot be read or
    has no column of suppliers, amounts or dates.
    """
    overrides = _overrides(columns)
    files, seen = [], set[bytes]()
    for path in paths:
        for table in tables_in(path):
            content = table.digest()
            if content not in seen:
                seen.add(content)
                files.append(_spend_file(table, body, overrides))
    return files


def _spend_file(table: Table, body: str, overrides: Mapping[str, _Override]) -> SpendFile:
    override: dict[str, object] = {}
    for pattern, fields in overrides.items():
        if fnmatch(table.name.lower(), pattern.lower()):
            override |= fields
    rows = (row for row in table.rows() if any(row) and tuple(row) != table.columns)
    sample = list(islice(rows, _SAMPLE))
    is_dated = month_of_name(table.name) is not None
    read = mapping_of(table.columns, sample, is_dated=is_dated)
    mapping = _corrected(read, override, table)
    names, amounts = ([mapping.cell(one, row) for row in sample] for one in ("supplier", "amount"))
    has_dates = "date" in mapping.of
    dates = (
        [mapping.day(row) for row in sample] if has_dates else months_unread(table.columns, sample)
    )
    forms = CellForms.of(names, dates, amounts, table.name)
    known = mapping.of.keys() | ({"date"} if forms.month is not None else set())
    missing = [meaning for meaning in NEEDED if meaning not in known]
    if "date" not in mapping.of:
        refuse_columns_of_months(table.path, table.columns)
    if missing:
        raise BadSource(
            f"--spend {table.path}: found no column for {' or '.join(missing)} among "
            f"{', '.join(repr(c) for c in table.columns if c)}. Name it in a TOML file, and give "
            "that with --spend-columns"
        )
    corrected = str(override.get("body", ""))
    if not corrected and not body and "body" not in mapping.of:
        raise BadInput(
            f"--spend {table.path}: has no column that says who paid: give the name of the "
            "council with --body, or name it in a TOML file with --spend-columns"
        )
    if corrected:
        mapping = replace(mapping, of={m: c for m, c in mapping.of.items() if m != "body"})
    paid_by = corrected or body
    told = (table.not_read, OtherRows.of(table.columns, sample))
    return SpendFile(table.name, paid_by, mapping, table.first_row, table.rows, forms, *told)


def _corrected(mapping: ColumnMapping, override: _Override, table: Table) -> ColumnMapping:
    """The mapping with the columns that a person named.  Raises BadInput where one is missing."""
    of = dict(mapping.of)
    numbers = {plain(name): n for n, name in reversed(list(enumerate(table.columns)))}
    for meaning, value in override.items():
        if meaning == "body":
            continue
        names = value if isinstance(value, list) else [value]
        unknown = [str(name) for name in names if name and plain(str(name)) not in numbers]
        if meaning not in MEANINGS or unknown:
            wrong = (
                f"{meaning!r} is not a meaning"
                if meaning not in MEANINGS
                else (f"{table.name} has no column {', '.join(map(repr, unknown))}")
            )
            raise BadInput(
                f"--spend-columns: {wrong}; meanings are {', '.join(MEANINGS)}, and the columns "
                f"are {', '.join(repr(c) for c in table.columns if c)}"
            )
        chosen = tuple(numbers[plain(str(name))] for name in names if name)
        of = {m: tuple(n for n in c if n not in chosen) for m, c in of.items()} | {meaning: chosen}
    return replace(mapping, of={m: c for m, c in of.items() if c})


def _overrides(path: Path | None) -> Mapping[str, _Override]:
    if path is None:
        return {}
    tables = read_toml("--spend-columns", path)
    for pattern, fields in tables.items():
        if not isinstance(fields, dict):
            raise BadInput(
                f"--spend-columns {path}: {pattern!r} must be a table of columns, such as "
                '["leeds-*.csv"] and below it supplier = "Vendor Name"'
            )
    return tables
