"""Reads the cells of your own table: statuses, postcodes, numbers, and what is no provider."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from matcher.core.types import Status
from matcher.geo.postcode_parsing import all_in_text, tidy_postcode
from matcher.sources.formats.markup import visible
from matcher.sources.formats.statuses import status_of

_BLANK = re.compile(
    r"#(?:n/a|ref!|value!|name\?|div/0!|null!|num!)|n/?a|n\.a\.|not applicable|not known|null|none"
    r"|nan|nil|tbc|tba|[-–—?.*]{1,3}",
    re.IGNORECASE,
)
"""What stands for nothing: the errors of spreadsheets, and what people type."""
_FORMULA = re.compile(r'="([^"]*)"')
"""How a spreadsheet is made to keep the zeros of a number."""
_NO = {"", "no", "n", "false", "0", "not dissolved", "active", "open", "current"}
_YES = {"yes", "y", "true", "1", "x", "✓"}
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9O][A-Z0-9]?", re.IGNORECASE)
_INWARD = re.compile(r"[0-9O][A-Z]{2}", re.IGNORECASE)
_LEAST_DIGITS = 5
_APART = re.compile(r"[;,/&|\n]|\band\b")
_TOTALS = re.compile(
    r"(?:(?:grand |sub ?|overall )?totals?|sum|count|number|end)"
    r"(?: (?:of|for|number|count|all|the|providers?|organi[sz]ations?|members?|groups?|suppliers?"
    r"|charities|companies|rows?|records?|entries|report|list|table|file|data)){0,6}"
)
_FOOTNOTE = re.compile(
    r"[*†‡©]|(?:source|notes?|nb|disclaimer|key|last updated|updated|printed|produced|generated"
    r"|figures|data|as at|correct as|page)\b(?=[^:\d]{0,80}[:\d])",
    re.IGNORECASE,
)


def plain(value: object) -> str:
    """The text of a cell; '' for what stands for nothing.

    >>> plain('="01234567"'), plain(" #N/A"), plain(1150079), plain(None)
    ('01234567', '', '1150079', '')
    """
    usable = isinstance(value, str | int | float) and not isinstance(value, bool)
    text = visible(str(value)).strip() if usable else ""
    if formula := _FORMULA.fullmatch(text):
        text = formula[1].strip()
    return "" if _BLANK.fullmatch(text) else text


def no_provider(name: str, others: Sequence[str]) -> str:
    """Why a row is not of a provider: a total or a footnote; '' where it is one.

    `others` are the cells that say where it is and which numbers it has.
    """
    words = " ".join(re.findall(r"[^\W\d_]+", name)).casefold()
    if any(others):
        return ""
    if _TOTALS.fullmatch(words):
        return "row of totals"
    return "footnote" if _FOOTNOTE.match(name) else ""


def repeats_header(row: Mapping[str, str]) -> bool:
    """Whether a row has the headers once more, as where tables were joined."""
    filled = [(column, cell) for column, cell in row.items() if cell and column]
    return bool(filled) and all(a.casefold() == b.casefold() for a, b in filled)


def status(words: Iterable[str], active: Iterable[str], ended: Iterable[str]) -> Status:
    """The status by every column about it: gone where one of them says so.

    `words` are statuses, `active` answers to whether it is active, and `ended` the day on which it
    ended, or whether it did.
    """
    found = [status_of(text) for text in words]
    for text in map(str.casefold, active):
        is_no = text in _NO - {"active", "open", "current"}
        found.append(
            Status.REMOVED if is_no else Status.ACTIVE if text in _YES else status_of(text)
        )
    found += [Status.REMOVED for text in ended if text.casefold() not in _NO]
    gone = next((one for one in found if not one.may_rank), None)
    return gone or (Status.ACTIVE if Status.ACTIVE in found else Status.UNKNOWN)


def postcodes(cells: Sequence[str], beside: str, addresses: Sequence[str]) -> list[str]:
    """The postcodes of a row: several in a cell, in two cells, or else those of an address.

    `beside` is the cell without a header, which has the second half where the header is merged.
    """
    found: list[str] = []
    for cell in (*cells, *([beside] if _INWARD.fullmatch(beside) else [])):
        if found and _INWARD.fullmatch(cell) and _OUTWARD.fullmatch(found[-1]):
            found[-1] = f"{found[-1]} {cell}"
        else:
            several = all_in_text(cell)
            found += several if len(several) > 1 else [cell]
    tidy = [code for code in map(tidy_postcode, found) if code]
    return tidy or [code for address in addresses for code in all_in_text(address)[-1:]]


def numbers(
    cells: Iterable[str], org_id_of: Callable[[str], str], bad: Callable[[], None]
) -> Iterator[str]:
    """The org-ids of the numbers in some cells; `bad` is called for each number that is not valid.

    A cell may have several numbers: "1150079 / SC012345".
    """
    for cell in cells:
        whole = org_id_of(cell)
        found = [whole] if whole else [org_id_of(part) for part in _APART.split(cell)]
        if any(found):
            yield from filter(None, found)
        elif len(re.findall(r"\d", cell)) >= _LEAST_DIGITS and re.search("[1-9]", cell):
            bad()
