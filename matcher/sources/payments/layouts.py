"""Layouts of spending files that are not a payment a row: a column a month, and credit notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matcher.core.errors import BadSource
from matcher.sources.payments.columns import plain

_MOST_NAMED = 12
CREDIT = "credit note whose amount has no minus sign"
FOREIGN = "amount in another currency"
_OF_CURRENCY = re.compile(r"(?:\w+ )?(?:currency|curr|ccy)(?: code| name)?")
_POUNDS = re.compile(
    r"\b(?:gbp|sterling|stg|uk[pl])\b|£|\A(?:(?:uk|gb|(?:great )?british) )?pounds?\Z|\An/?a\Z",
    re.IGNORECASE,
)
_A_CURRENCY = re.compile(r"[^\W\d_]|[€$¥]")
"""What a cell has that names a currency; in a column of that name, others hold amounts."""
_CREDIT_NOTE = re.compile(r"\bcredit[ -]?(?:note|memo)s?\b|\bcredit adjustment\b", re.IGNORECASE)
_OF_KIND = re.compile(r"\b(?:type|dr cr|cr dr|debit credit|credit debit)\b")
_IS_CREDIT = re.compile(
    r"cr|c/?n|crn|scn|credits?|cr[ -]?note|credit[ -]inv(?:oice)?", re.IGNORECASE
)
"""The kind of a row that is a credit, in a column of kinds."""
_A_MONTH = re.compile(
    r"(?:(?:total|spend|paid|amount|sum of)(?: in)? )?(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?"
    r"|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|q[1-4]|quarter [1-4]|p(?:eriod )?(?:0?[1-9]|1[0-2])"
    r"|20\d\d (?:0[1-9]|1[0-2])|(?:0?1 )?(?:0[1-9]|1[0-2]) 20\d\d)"
    r"(?: (?:20)?\d\d){0,2}(?: (?:total|spend|paid|amount|actuals?))?"
)


@dataclass(frozen=True, slots=True)
class OtherRows:
    """Tells the rows of a table whose amount is not what was paid in pounds."""

    kinds: Sequence[int] = ()
    """the columns that say what kind a row is"""
    currencies: Sequence[int] = ()

    @classmethod
    def of(cls, columns: Sequence[str], sample: Sequence[Sequence[str]]) -> OtherRows:
        """What the headers and some rows of a table say.

        A column in which each row is a credit says nothing of one of them: its CR is a creditor.
        """
        names = list(enumerate(map(plain, columns)))
        kinds = [at for at, name in names if _OF_KIND.search(name)]
        telling = [at for at in kinds if not all(map(_is_credit, _filled(sample, at)))]
        return cls(telling, [at for at, name in names if _OF_CURRENCY.fullmatch(name)])

    def reason(self, cells: Sequence[str], pence: int) -> str:
        """Why a row with an amount is set aside: a credit note, or another currency; else ''."""
        currencies = (cells[at].strip() for at in self.currencies if at < len(cells))
        if not all(_POUNDS.search(one) for one in currencies if _A_CURRENCY.search(one)):
            return FOREIGN
        return CREDIT if pence > 0 and self._is_credit(cells) else ""

    def _is_credit(self, cells: Sequence[str]) -> bool:
        if "credit" in "|".join(cells).lower() and any(map(_CREDIT_NOTE.search, cells)):
            return True
        return any(_is_credit(cells[at]) for at in self.kinds if at < len(cells))


ONLY_PAYMENTS = OtherRows()
"""A table in which each row is a payment in pounds."""


def _filled(rows: Sequence[Sequence[str]], at: int) -> Iterator[str]:
    return (row[at] for row in rows if at < len(row) and row[at].strip())


def _is_credit(kind: str) -> bool:
    return bool(_IS_CREDIT.fullmatch(kind.strip()))


def columns_of_months(columns: Sequence[str]) -> list[str]:
    """The columns that are headed by a month or quarter, as in a table with one column a month.

    >>> columns_of_months(["Supplier", "Apr-25", "May 2025", "Q1 2025/26", "Total", "Month"])
    ['Apr-25', 'May 2025', 'Q1 2025/26']
    """
    return [column for column in columns if _A_MONTH.fullmatch(plain(column))]


def refuse_columns_of_months(path: Path, columns: Sequence[str]) -> None:
    """Raises BadSource for a table with one column a month: a row of it is not one payment."""
    of_months = columns_of_months(columns)
    if len(of_months) > 1:
        raise BadSource(
            f"--spend {path}: has a column for each of several months "
            f"({', '.join(of_months[:_MOST_NAMED])}); give it with a row for each payee and month, "
            "in the columns supplier, date and amount"
        )
