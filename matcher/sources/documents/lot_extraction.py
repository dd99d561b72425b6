"""The lots of a specification, as far as its headings, tables and words tell them.

An officer sees and corrects what is found here, so each thing found says where it was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from matcher.core.errors import BadLot
from matcher.core.redaction import without_contacts
from matcher.core.types import Lot
from matcher.sources.documents.amounts import (
    ContractTerm,
    StatedValue,
    contract_term,
    stated_value,
)
from matcher.sources.documents.boilerplate import wanted_first
from matcher.sources.documents.delivery_place import buyer_in, codes_in, postcode_in
from matcher.sources.documents.lot_table import Row, rows_of
from matcher.sources.documents.passages import Passage, readable
from matcher.sources.notices.tender import LONGEST_TEXT

MOST_LOTS = 100
"""Lots that a specification may have."""

_CONTEXT = 500
_SHORT = 200
_LONGEST_HEADING = 200
_LONGEST_TITLE = 120
_LONGEST_LINE = 100
_UNCLEAR_FROM = 1.0
"""years; in a longer contract, a 'budget' may be for a year or for all of it"""

_LOT = re.compile(
    r"\W{0,3}(?:(?:annex|appendix|part|schedule|section)?\s*+\d[\d.]{0,7}[.)]?\s+)?"
    r"lot\s*+(?:(?:no\b\.?|number\b)\s*+)?"
    r"(?P<id>\d{1,3}[a-z]?|[a-z]|[ivx]{1,5})\b"
    r"(?P<mark>\s*+[:.)–—-]++\s*+|\s++|$)(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NEXT = re.compile(
    r"\W{0,3}(?:\d[\d.]{0,7}[.)]?\s+)?(?:all lots|annex|appendix|award|background|common|contacts?"
    r"|contract (?:management|terms|period)|evaluation|general|how to|insurance|instructions?"
    r"|key dates|payment|pricing|procurement|quality|schedule|selection|social value|submission"
    r"|terms (?:and|of)|timetable|tupe)\b[^.!?]{0,60}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".{1,120}?[.!?](?=\s)|.{1,120}(?!\S)|.{1,120}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ExtractedLot:
    """A lot as a document tells it, and where each part of it was read, in words."""

    lot: Lot
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Section:
    """What a document says of one lot: in its heading, its table, its text."""

    id: str
    title: str = ""
    said: list[str] = field(default_factory=list)
    row: Row = field(default_factory=Row)

    @property
    def text(self) -> str:
        return "\n".join(filter(None, self.said))


def lots_in(passages: Iterable[Passage], name: str) -> list[ExtractedLot]:
    """Every lot of a specification called `name`; all of it as one lot where it has none.

    Raises BadLot where it says nothing, too much, or has more lots than a notice can.
    """
    read = [_without_contacts(one) for one in readable(passages) if one.text]
    length = sum(len(one.text) for one in read)
    if not length:
        raise BadLot(f"{name}: is empty; give a title or a description of what is wanted")
    if length > LONGEST_TEXT:
        raise BadLot(
            f"{name}: holds {length:,} characters; give at most {LONGEST_TEXT:,}, the part that "
            "says what is wanted"
        )
    sections, before, after = _sections(read)
    if len(sections) > MOST_LOTS:
        raise BadLot(f"{name}: has {len(sections):,} lots; give at most {MOST_LOTS} at a time")
    if not sections:
        return [_whole(read, name)]
    shared_term = _term_for_all(sections)
    return [_lot(one, before, after, name, shared_term) for one in sections]


def _without_contacts(one: Passage) -> Passage:
    cells = tuple(map(without_contacts, one.cells))
    return replace(one, text=without_contacts(one.text), cells=cells)


# --- sections ----------------------------------------------------------------------------------


def _sections(read: Sequence[Passage]) -> tuple[list[_Section], list[Passage], list[Passage]]:
    """The sections of each lot put together, in order; what stands before and after them all."""
    found: dict[str, _Section] = {}
    before: list[Passage] = []
    after: list[Passage] = []
    table = rows_of(read)
    current: _Section | None = None
    level = 0
    for at, one in enumerate(read):
        if at in table:
            row = table[at]
            if row.id:
                _section(found, row.id, row.title).row = row
            continue
        if (heading := _lot_heading(one)) is not None:
            current, level = _section(found, *heading), one.heading
            current.said.append(_rest(one, heading[1]))
        elif current is None or _ends(one, level):
            current = None
            (after if found else before).append(one)
        else:
            current.said.append(one.text)
    kept = [each for each in found.values() if each.title or each.text or each.row.said]
    return kept, before, after


def _section(found: dict[str, _Section], id_: str, title: str) -> _Section:
    one = found.setdefault(id_.upper(), _Section(id_.upper()))
    if len(title) > len(one.title):
        one.title = title
    return one


def _lot_heading(one: Passage) -> tuple[str, str] | None:
    """The id and the title of the lot that a passage heads, or None.

    A sentence that speaks of a lot ('Lot 1 covers the north') is not its heading.
    """
    match = None if one.cells else _LOT.fullmatch(one.text)
    if match is None:
        return None
    title, marked = match["title"].strip(), bool(match["mark"].strip())
    if one.heading or (marked and (title or len(one.text) < _LONGEST_HEADING)):
        return match["id"], _short(title)
    plain = not title or (title[0].isupper() or title[0].isdecimal())
    if plain and len(one.text) <= _LONGEST_LINE and not title.endswith((".", ";", ",")):
        return match["id"], title
    return None


def _short(title: str) -> str:
    sentence = _SENTENCE.match(title)
    return sentence[0].rstrip(".: ") if sentence and len(title) > _LONGEST_TITLE else title


def _rest(one: Passage, title: str) -> str:
    """What the passage of a heading says beyond its title."""
    beyond = one.text.partition(title)[2] if title else ""
    return beyond.strip(" .:\n") if len(one.text) > _LONGEST_TITLE else ""


def _ends(one: Passage, level: int) -> bool:
    """Whether a passage begins a part of the document that is not of the lot before it."""
    if one.heading and level:
        return one.heading <= level
    return not one.cells and bool(_NEXT.fullmatch(one.text))


# --- lots --------------------------------------------------------------------------------------


def _term_for_all(sections: Sequence[_Section]) -> ContractTerm | None:
    """The term that follows the last lot, where no other lot has one: it is said once for all."""
    *others, last = [contract_term(one.text) for one in sections]
    return last if others and not any(others) else None


def _lot(
    one: _Section,
    before: Sequence[Passage],
    after: Sequence[Passage],
    name: str,
    shared_term: ContractTerm | None,
) -> ExtractedLot:
    said, row = one.text, one.row
    outside = "\n".join(each.text for each in (*before, *after))
    own = "\n".join(filter(None, (one.title, row.said, said)))
    cells = (stated_value(cell, expected=True, heading=head) for head, cell in row.values)
    value = min(filter(None, cells), key=lambda cell: cell.period != "", default=None)
    value = value or stated_value(own)
    term = contract_term(own) or contract_term(outside) or shared_term
    description = "\n".join(filter(None, (row.description, said)))
    if len(description) < _SHORT:
        description = f"{description}\n{_beginning(before)}".strip()
    codes, postcode = codes_in(row.cpv, stated=True) or codes_in(own), postcode_in(own)
    shared = () if codes else codes_in(outside)
    title = one.title or row.title or f"Lot {one.id}"
    lot = Lot(
        id=f"{_stem(name)}#{one.id}",
        title=title,
        description=description,
        cpv=codes or shared,
        postcode=postcode or postcode_in(row.place),
        area="" if postcode or postcode_in(row.place) else row.place,
        buyer=buyer_in(f"{outside}\n{own}"),
    )
    return _valued(lot, value, term, _notes(codes, shared))


def _beginning(before: Sequence[Passage]) -> str:
    """How the whole contract is introduced: what a lot of few words is to be read with."""
    said = "\n".join(one.text for one in before if not one.cells)
    return said if len(said) <= _CONTEXT else said[:_CONTEXT].rpartition(" ")[0]


def _whole(read: Sequence[Passage], name: str) -> ExtractedLot:
    """All of a document as one lot, the part that says what is wanted first."""
    title, ordered, note = wanted_first(read)
    said = "\n".join(one.text for one in ordered)
    codes = codes_in(said)
    lot = Lot(
        id=_stem(name),
        title=title,
        description="" if said == title else said,
        cpv=codes,
        postcode=postcode_in("\n".join(one.text for one in read)),
        buyer=buyer_in(said),
    )
    return _valued(lot, stated_value(said), contract_term(said), [note, *_notes(codes, ())])


def _valued(
    lot: Lot, value: StatedValue | None, term: ContractTerm | None, notes: Iterable[str]
) -> ExtractedLot:
    """The lot with its value for the whole contract, options included, where the text says so."""
    said = list(filter(None, notes))
    years = term.longest if term else None
    lot = replace(lot, years=years)
    if value is None:
        said.append("No value was found.")
        return ExtractedLot(lot, tuple(said))
    if value.yearly is not None and years is None:
        said.append(
            f"“{value.words}” is for a {value.period}, and no length of contract was found: give "
            "the value of the whole contract."
        )
        return ExtractedLot(lot, tuple(said))
    if value.unclear and years and years > _UNCLEAR_FROM:
        said.append(
            f"It is not said whether “{value.words}” is for a year or for the whole contract. It "
            "was taken as for a year, so that no threshold is missed: correct the value if it is "
            "for the whole contract."
        )
        value = replace(value, period="year")
    pounds = value.pounds if value.yearly is None else value.yearly * (years or 1)
    said.append(f"The value was read from “{value.words}”{_over(value, term)}.")
    if value.of_range:
        said.append("It is the upper end of the range.")
    valued = replace(lot, value=round(pounds, 2), value_is_gross=value.gross)
    return ExtractedLot(valued, tuple(said))


def _over(value: StatedValue, term: ContractTerm | None) -> str:
    """For how long an amount a period was counted, in words."""
    if value.yearly is None or term is None:
        return ""
    options = (
        f" and the options to extend it, {term.longest:g} years in all" if term.options else ""
    )
    return f" for {term.words}{options}"


def _notes(own: tuple[str, ...], shared: tuple[str, ...]) -> Iterator[str]:
    if shared:
        yield "The CPV codes are those that the document gives for the whole contract."
    elif not own:
        yield "No CPV code was found."


def _stem(name: str) -> str:
    stem = re.sub(r"\.\w{1,5}$", "", name)
    return re.sub(r"[^\w.-]+", "_", stem).strip("_")[:80] or "lot"
