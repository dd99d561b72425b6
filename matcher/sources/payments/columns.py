"""Tells what the columns of a spending file mean, by their headers and by the values in them.

No two bodies use the same layout.  A header counts by its words, misspelt or not ("Directotate"),
and only if the column's values fit: amounts are numbers, dates can be read, and names have letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from matcher.sources.formats.units import unit_of
from matcher.sources.payments.values import (
    FITS,
    FITS_IN_PART,
    days,
    departments,
    month_in,
    month_of_year,
    names,
)

_ONE = (
    r"(?:supplier|vendor|payee|creditor|contractor|merchant|beneficiary|recipient|trader"
    r"|third party)"
)
_NOT_A_NAME = r"(?!.*\b(?:type|category|class|classification|group|postcode|ref|reference|code)\b)"
_TIMES = (
    r"^(?:total|count|(?:total )?(?:no|number))(?: (?:of|no of|number of))? (?:payments"
    r"|transactions?|invoices)(?: made| paid)?$|^(?:payment|transaction|invoice)s? count$"
)
"""Headers of how many payments there were; of their amount where no other column has that."""
_RULES: Mapping[str, tuple[str, ...]] = {
    "number": (
        rf"^(?:{_ONE} )?(?:company|charity)(?: registration| reg)? (?:number|no)$",
        r"^companies house|^registered number$",
    ),
    "supplier": (
        rf"^{_ONE}(?: beneficiary)? name$",
        rf"^{_ONE}$",
        rf"\b{_ONE}\b.*\bname\b|\bname\b.*\b{_ONE}\b",
        rf"^{_ONE}\b{_NOT_A_NAME}",
        r"^paid to$|^company name$|^name$|^(?:enw (?:r |y )?)?cyflenwr$",
        r"^company$|^provider(?: name)?$|^(?:organisation|business|who was) paid$"
        r"|^payment (?:recipient|beneficiary|payee)$",
    ),
    "amount": (
        r"^(?!.*\bgross\b).*(?:\bnet\b|\bex(?:c|cl|cluded|cludes|cluding|clusive)?\b.*\bvat\b)",
        rf"^(?!{_TIMES})(?:amount|value|spend|total|payment amount|paid)\b"
        r"(?!.*\b(?:date|number|no|ref|code|type|id)\b)",
        r"\b(?:amount|amt|value|spend)\b(?!.*\b(?:date|number|no|ref|code|type|id)\b)",
        r"\bgross\b|\bincl",
        rf"^(?!{_TIMES})(?:sum|swm|net|cost|price|payment|payments|invoice total|gbp)\b"
        r"(?!.*\b(?:date|number|no|ref|code|type|id)\b)"
        r"|^(?:expenditure|spent|actuals?|debit|how much)$",
        _TIMES,
    ),
    "date": (
        r"\b(?:payment|paid|clearing|cleared) date\b|\bdate (?:of )?(?:payment|paid|cleared)\b",
        r"\b(?:transaction|posting|posted|effective) date\b|^date$",
        r"\bdate\b|^dyddiad\b|^(?:paid|pay|post|trans)\w{0,6}date$",
        r"^updated\b",
        r"^when\b|^(?:paid|posted|cleared) on$|^paid$|^day$",
        r"^(?:(?:accounting|financial|fiscal|payment|posting) )?(?:month|period)\b",
    ),
    "year": (
        r"^(?:calendar |financial |fiscal |payment |paid |posting |invoice )?(?:year|yr)"
        r"(?: (?:paid|posted|of payment))?$|^(?:fy|blwyddyn)$",
    ),
    "first": (r"^first(?: payment)?(?: date)?$",),
    "last": (r"^last(?: payment)?(?: date)?$",),
    "count": (rf"^(?:payments|count)$|{_TIMES}",),
    "body": (
        r"^(?:organisation|body|authority|council) name$|^name of (?:organisation|body|council)$",
        r"^(?:organisation|authority|council|body|local authority)$",
        r"^entity$",
        r"^departmental family$",
    ),
    "area": (
        r"^(?:organisation|body|authority|council) code$|^(?:ons|area|local authority) code$",
    ),
    "department": (
        r"\bdirectorate\b",
        r"\bdepartment\b",
        r"^(?:service area|expense area|strgrpcc|service group|portfolio|division|units?)\b",
        r"^(?:organisation|body|authority|council|entity)(?: name)?$"
        r"|^name of (?:organisation|body|council)$",
    ),
    "service": (
        r"^service(?: name| area| description| title| label| category label)?$"
        r"|\bservice expenditure analysis\b",
        r"^service (?:category|division|plan|group)(?: label)?$",
        r"^service code$",
    ),
    "category": (
        r"^merchant category$|\bproclass\b|\bprocurement (?:classification|category)\b"
        r"|^(?:category family|categories|purchase category|product category)$",
        r"^(?:expense|expenses|expenditure|spend) type$"
        r"|^(?:expenditure|expense)? ?account(?: code)?(?: description)?$"
        r"|^g ?l (?:descript|description|account description)$|^cipfsubs$|^subjective"
        r"|^nature of (?:spend|expenditure)$|^purpose(?: of (?:spend|expenditure))?$"
        r"|^what(?: for| it was for)?$",
        r"^(?:expenditure|expense|subjective|cost element) (?:code|description)$"
        r"|^cost cent(?:re|er) (?:name|description)$|^description$",
        r"^(?:se ?rcop )?(?:expenditure|expense|spend) category$|^category$|^cipfsubj$"
        r"|^merchant category group$",
    ),
}
"""Meaning → patterns of headers in small letters without marks, the surest first."""

_NO_POUNDS = re.compile(
    r"^(?:amount|value|total|cost)? ?(?:of )?(?:the )?(?:irrecoverable |recoverable |input )?vat"
    r"(?: (?:amount|value|total|element|element amount|cost|paid|charged))?$"
    r"|\b(?:pence|(?<!\d )000s?|thousands?|millions?|k)\b"
    r"|^(?:average|mean|median|minimum|maximum|largest|smallest|highest|lowest)\b"
    r"|\b(?:average|mean|median)$"
    r"|\b(?:ytd|to date|cumulative|running|so far|brought forward|carried forward|balance)\b"
    r"|\b(?:contract|order|commitment) (?:value|amount)\b|\b(?:ref|reference)\b"
)
"""Headers of VAT alone, averages and running totals, which are no amount paid, and of amounts not
in pounds."""
_BODYS_OWN = ("department", len(_RULES["department"]) - 1)
"""Headers for who paid, below which a body may give its departments."""
MEANINGS = tuple(_RULES)
NEEDED = ("supplier", "amount", "date")
_MOST_CATEGORIES = 3
_SPELLINGS = (
    *(
        "directorate",
        "organisation",
        "department",
        "departmental",
        "description",
        "expenditure",
        "beneficiary",
    ),
    *("transaction", "supplier", "category", "classification", "merchant"),
)
_SHORT_FORMS = {"dt": "date", "supp": "supplier", "nett": "net", "pd": "paid", "inv": "invoice"}
_LEAST_LETTERS = 8
_ALIKE = 0.85
_MONTH = re.compile(
    r"^(?:calendar |financial |fiscal |payment |paid |posting |invoice )?(?:month|mth|period|mis)\b"
)
_PERIOD, _FINANCIAL = re.compile(r"\bperiod\b"), re.compile(r"^(?:financial|fiscal|fy)\b")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which columns of a file have which meaning; `of[meaning]` are numbers of columns.

    Where a meaning has several columns, the first that is not blank counts.
    """

    columns: tuple[str, ...]
    of: Mapping[str, tuple[int, ...]]

    def first(self, meaning: str) -> int:
        """The number of its first column, or -1."""
        return next(iter(self.of.get(meaning, ())), -1)

    def cell(self, meaning: str, cells: Sequence[str]) -> str:
        """The cell of a meaning in a row: the first of its columns that is not blank."""
        at = self.of.get(meaning, ())
        if len(at) == 1:
            return cells[at[0]] if at[0] < len(cells) else ""
        return next((cells[n] for n in at if n < len(cells) and cells[n].strip()), "")

    def day(self, cells: Sequence[str]) -> str:
        """The day or month of a row as it is written, which may take a column for the year too."""
        at, year = self.first("date"), self.first("year")
        written = self.cell("date", cells)
        if not 0 <= year < len(cells) or month_in(written) is not None:
            return written
        both = month_of_year(
            written,
            cells[year],
            is_period=bool(_PERIOD.search(plain(self.columns[at]))),
            is_financial=bool(_FINANCIAL.search(plain(self.columns[year]))),
        )
        return both or written

    def words(self) -> str:
        """The mapping for people: `Vendor Name → supplier, Net → amount net of VAT`."""
        parts = []
        for meaning, numbers in self.of.items():
            names = ", else ".join(self.columns[number] for number in numbers)
            parts.append(f"{names} → {self._meant(meaning)}")
        return "; ".join(parts)

    def _meant(self, meaning: str) -> str:
        if meaning == "amount":
            header = plain(self.columns[self.first(meaning)])
            if re.search(_RULES["amount"][0], header):
                return "amount net of VAT"
            return "amount with VAT" if re.search(_RULES["amount"][3], header) else "amount"
        return _WORDS.get(meaning, meaning)


_WORDS = {
    "category": "what for",
    "number": "company or charity number",
    "date": "date paid",
    "year": "year of that date",
    "body": "who paid",
    "area": "area of who paid",
    "count": "number of payments",
    "first": "first payment",
    "last": "last payment",
}


def recognised(columns: Sequence[str]) -> int:
    """How many meanings the headers have; 0 where there is no supplier or no amount."""
    of = {m: {c for c in columns if _rank(m, plain(c)) is not None} for m in MEANINGS}
    found = [meaning for meaning, has in of.items() if has]
    apart = len(of["supplier"] | of["amount"]) > 1
    return len(found) if of["supplier"] and of["amount"] and apart else 0


def mapping_of(
    columns: Sequence[str], sample: Sequence[Sequence[str]], *, is_dated: bool
) -> ColumnMapping:
    """The mapping that a person would choose, from the headers and a `sample` of the rows.

    Dates that can be read in part alone do where nothing else gives them: neither other columns
    nor, where a table `is_dated`, its name.
    """
    of: dict[str, tuple[int, ...]] = {}
    taken: set[int] = set()
    for meaning in MEANINGS:
        candidates = [n for n in _candidates(meaning, columns, sample) if n not in taken]
        if not candidates and meaning == "amount":
            candidates = _in_part(meaning, columns, sample, taken)
        if meaning == "service" and "department" not in of and len(candidates) > 1:
            of["department"] = (candidates.pop(0),)
            taken.update(of["department"])
        chosen = tuple(candidates[: _MOST_CATEGORIES if meaning == "category" else 1])
        if meaning in NEEDED:
            chosen += tuple(n for n in candidates[1:] if columns[n] == columns[chosen[0]])
        if chosen:
            of[meaning] = chosen
            taken.update(chosen)
    if "date" not in of and "last" in of:
        of["date"] = of["last"]
    year = of.pop("year", ())
    if "date" not in of:
        of |= _in_two_columns(columns, year, sample)
    if "date" not in of and not is_dated and (found := _in_part("date", columns, sample, taken)):
        of["date"] = tuple(found)
    return ColumnMapping(tuple(columns), of)


def months_unread(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> list[str]:
    """The cells of a column of months that differ, so that a table is not of one month; or none."""
    for number, column in enumerate(columns):
        cells = [row[number] for row in sample if number < len(row)]
        if _MONTH.search(plain(column)) and len(set(filter(None, map(str.strip, cells)))) > 1:
            return cells
    return []


def _in_two_columns(
    columns: Sequence[str], year: tuple[int, ...], sample: Sequence[Sequence[str]]
) -> Mapping[str, tuple[int, ...]]:
    """The columns of the month and of the year, where the sample's dates are in two; else none."""
    months = [n for n, column in enumerate(columns) if _MONTH.search(plain(column))]
    for month in months if year else ():
        both = {"date": (month,), "year": year}
        read = ColumnMapping(tuple(columns), both)
        if days([day for row in sample if (day := read.day(row)).strip()]):
            return both
    return {}


def _in_part(
    meaning: str, columns: Sequence[str], sample: Sequence[Sequence[str]], taken: Set[int]
) -> list[int]:
    """The surest column of which some values may have this meaning; none where there is none."""
    found = _candidates(meaning, columns, sample, FITS_IN_PART[meaning])
    return [number for number in found if number not in taken][:1]


def _candidates(
    meaning: str,
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    fit: Callable[[Sequence[str]], bool] | None = None,
) -> list[int]:
    """The columns that may have this meaning, the surest first; `fit` tells by their values."""
    ranked = []
    for number, column in enumerate(columns):
        rank = _rank(meaning, plain(column))
        if rank is None or (meaning == "amount" and unit_of(column)):
            continue
        cells = [row[number].strip() for row in sample if number < len(row)]
        fits = departments if (meaning, rank) == _BODYS_OWN else fit or FITS[meaning]
        filled = [cell for cell in cells if cell]
        if fits(filled):
            ranked.append((meaning == "supplier" and not names(filled), rank, number))
    return [number for *_, number in sorted(ranked)]


def _rank(meaning: str, header: str) -> int | None:
    if not header or (meaning == "amount" and _NO_POUNDS.search(header)):
        return None
    rules = _RULES[meaning]
    return next((n for n, rule in enumerate(rules) if re.search(rule, header)), None)


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header in small letters without marks, and with its longer words spelt right.

    >>> plain("Directotate"), plain("Supplier ID(T)"), plain("G/L descript")
    ('directorate', 'supplier id', 'g l descript')
    """
    if header.strip() == "£":
        return "amount"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\(\w\)", " ", header))
    return " ".join(_spelt(word) for word in re.findall(r"[^\W_]+", spaced.lower()))


@cache
def _spelt(word: str) -> str:
    if word in _SHORT_FORMS:
        return _SHORT_FORMS[word]
    if len(word) < _LEAST_LETTERS or word in _SPELLINGS:
        return word
    near = (known for known in _SPELLINGS if known[0] == word[0])
    return next((k for k in near if SequenceMatcher(None, k, word).ratio() >= _ALIKE), word)
