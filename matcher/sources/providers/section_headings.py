"""Tells the headings of a table's sections and the text below it from providers.

A provider of which only the name is known is alone in its row too.  A heading has no word of
an organisation and has rows below it.  A blank row sets it off, or the table begins with one and
has others.  Text below the table stands after a blank row, and has several footnotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from matcher.core.types import Tally
from matcher.sources.providers.own_cells import no_provider
from matcher.sources.providers.own_rows import OwnRow

HEADING, BELOW = "heading of a section", "footnote"
_ONE = re.compile(
    r"\b(?:ltd|limited|plc|llp|cic|cio|c\.i\.c|inc|co|company|trust|charity|association|society"
    r"|club|group|centre|center|foundation|church|nursery|school|academy|college|playgroup"
    r"|pre-?school|partnership|forum|fellowship|hub|union|league|institute|mission|project"
    r"|network|alliance|co-?op|co-?operative|cooperative|enterprise|uk|gb|council)\b",
    re.IGNORECASE,
)
"""A word that the name of one organisation has; headings have words for many: 'Youth clubs'."""
_MOST_TOGETHER = 2
"""Headings above each other: 'Section B' and 'Transport'."""
_MOST_BELOW, _LEAST_NOTES = 20, 2
"""Lines of text below a table, and those of them that are known as footnotes."""


def without_text_below(rows: Iterable[OwnRow], tally: Tally) -> Iterator[OwnRow]:
    """The rows of a table without the text below it, such as who made the report, and when."""
    below: list[OwnRow] = []
    above, has_more = 0, False
    for row in rows:
        is_apart = bool(below) or (has_more and _number(row) - above > 1)
        if is_apart and _is_alone(row) and len(below) < _MOST_BELOW:
            below.append(row)
        else:
            yield from (*below, row)
            has_more = has_more or not _is_alone(row)
            below.clear()
        above = _number(row)
    notes = [n for n, row in enumerate(below) if no_provider(row.first("name"), ()) == BELOW]
    if len(notes) >= _LEAST_NOTES:
        if notes[0] > 1:  # more than a heading: names of which no more is known
            yield from below[: notes[0]]
            del below[: notes[0]]
        for row in below:
            tally.drop(BELOW, row.where)
    else:
        yield from below


def without_headings(rows: Iterable[OwnRow], tally: Tally) -> Iterator[OwnRow]:
    """The rows of a table without the headings of its sections, which are set aside."""
    alone: list[OwnRow] = []
    begins: list[OwnRow] = []  # what may be a heading if there is another one
    together = above = 0
    in_sections = False
    for row in rows:
        if _is_alone(row):
            together += 1
            alone.append(row)
            if together > _MOST_TOGETHER:  # a list of names
                yield from alone
                alone.clear()
            continue
        maybe = [each for each in alone if not _ONE.search(each.first("name"))]
        if maybe and (in_sections or begins or _is_apart(above, alone, row)):
            in_sections = in_sections or bool(begins)
            for heading in (*begins, *maybe):
                tally.drop(HEADING, heading.where)
            begins = []
        elif not above:
            begins = maybe
        else:
            maybe = []
        yield from (each for each in alone if each not in maybe)
        alone.clear()
        together, above = 0, _number(row)
        yield row
    yield from (*begins, *alone)


def _is_apart(above: int, alone: list[OwnRow], below: OwnRow) -> bool:
    """Whether a blank row sets rows off from the one above them, if any, or the one below."""
    is_below = _number(below) - _number(alone[-1]) > 1
    return is_below or (above > 0 and _number(alone[0]) - above > 1)


def _is_alone(row: OwnRow) -> bool:
    """Whether a row has a name and nothing else, also in the columns that are not used."""
    is_name = row.values.keys() == {"name"} and len(row.all("name")) == 1
    return is_name and not row.beside and not any(row.unread)


def _number(row: OwnRow) -> int:
    """The number of a row in its table, in which blank rows count."""
    return int(row.where.rpartition(" ")[2])
