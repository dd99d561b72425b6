"""Divides the passages of a specification into the section of each lot and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matcher.core.formatting import series
from matcher.sources.documents.bare_table import with_lots
from matcher.sources.documents.lot_lines import LOT, NEXT, NUMBER_WORD, lot_id, lots_apart
from matcher.sources.documents.lot_table import Row, joined, lot_rows, upright
from matcher.sources.documents.lot_titles import split_title
from matcher.sources.documents.named_parts import parts_as_lots
from matcher.sources.documents.passages import Passage
from matcher.sources.notices.lot_text import first_sentence

_LONGEST_HEADING = 200
_LONGEST_TITLE = 120
_LONGEST_LINE = 100
_LOT = re.compile(
    r"\W{0,3}(?:(?:annex|appendix|part|schedule|section)?\s*+\d[\d.]{0,7}[.)]?\s+)?"
    rf"{LOT}(?P<id>\d{{1,3}}[a-z]?|{NUMBER_WORD}|[a-z]|[ivx]{{1,5}})\b"
    r"(?P<mark>\s*+[:.)|=*–—-]++\s*+|\s++|$)(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNUSED = re.compile(
    r"\W*(?:cancelled|deleted|empty|n/a|(?:no longer|not) (?:awarded|needed|required|used)|removed"
    r"|reserved|tba|tbc|to be (?:added|confirmed|decided)|vacant|void|withdrawn)\W*",
    re.IGNORECASE,
)
"""What a document says below the heading of a lot that is not bought."""
_PRICE = re.compile(r"\W{0,3}(?:£|GBP\b)", re.IGNORECASE)
_SUB_LOT = re.compile(r"(?P<of>\d{1,3})[A-Z]")
_LABEL = re.compile(
    r"(?:(?:lot|service) )?(?:description|name|scope|summary|title)"
    r"(?: of (?:the )?(?:lot|service))?"
    r"(?: ?[:–-] ?(?P<title>\S.*)| ?:?)",
    re.IGNORECASE,
)
"""A line that says only that a title follows, or that and the title."""


@dataclass(slots=True)
class Section:
    """The heading, table row and text of a document that belong to one lot."""

    id: str
    title: str = ""
    parts: list[str] = field(default_factory=list)
    row: Row = field(default_factory=Row)
    of_value: str = ""
    """its text without what that says of the value of all lots"""
    context: str = ""
    """what the lot that it is a part of says of all its parts"""

    @property
    def text(self) -> str:
        """What stands below its heading."""
        return "\n".join(filter(None, self.parts))

    @property
    def title_below(self) -> str:
        """The title that stands in the line below 'Lot 1', or ''."""
        lines = filter(None, "\n".join(self.parts).split("\n"))
        found = ((_LABEL.fullmatch(line), line) for line in lines)
        line = next((one for one in (m["title"] if m else line for m, line in found) if one), "")
        title = _short(split_title(line)[0])
        return title if len(title) <= _LONGEST_TITLE else ""


@dataclass(frozen=True, slots=True)
class _Heading:
    """The line that starts a lot."""

    id: str
    title: str
    rest: str
    """what follows the title in the same passage"""


@dataclass(frozen=True, slots=True)
class Divided:
    """A document in the sections of its lots, and the passages before and after all of them."""

    sections: list[Section]
    before: list[Passage]
    after: list[Passage]
    notes: tuple[str, ...] = ()
    """what the officer should check in the division"""


def divided(passages: Sequence[Passage]) -> Divided:
    """The section of each lot in order, and the passages before and after all of them."""
    passages = upright(passages)
    sections: dict[str, Section] = {}
    before: list[Passage] = []
    after: list[Passage] = []
    known = {at: row.id for at, row in lot_rows(passages).items() if row.id}
    known |= {at: found.id for at, one in enumerate(passages) if (found := _lot_heading(one))}
    apart, note = lots_apart(passages, known), ""
    if not known and apart == list(passages):
        is_table = all(one.cells for one in passages)
        apart, note = (with_lots if is_table else parts_as_lots)(passages)
    passages = apart
    table = lot_rows(passages)
    current: Section | None = None
    level = 0
    for at, passage in enumerate(passages):
        if at in table:
            row = table[at]
            if row.id:
                listed = sections.get(lot_id(row.id), Section("")).row
                section = _section(sections, row.id, "" if listed.id else row.title)
                section.row = joined(listed, row) if listed.id else row
            continue
        if (heading := _lot_heading(passage)) is not None:
            title = "" if _is_priced(sections, heading) else heading.title
            current, level = _section(sections, heading.id, title), passage.heading
            current.parts += [heading.rest] if title else [heading.title, heading.rest]
        elif current is None or _ends(passage, level):
            current = None
            (after if sections else before).append(passage)
        else:
            current.parts.append(passage.text)
    kept = list(_sub_lots_apart({i: one for i, one in sections.items() if not _is_empty(one)}))
    after += _after_list(kept)
    empty = [id_ for id_, one in sections.items() if _is_empty(one)] if kept else []
    return Divided(kept, before, after, tuple(filter(None, (note, _left_out(empty)))))


def _is_empty(section: Section) -> bool:
    """Whether nothing says what a lot is."""
    title = "" if _UNUSED.fullmatch(section.title) else section.title
    return not (title or section.text or section.row.text)


def _left_out(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    named = series([f"“Lot {id_}”" for id_ in ids])
    it = "it was" if len(ids) == 1 else "they were"
    return f"The document does not describe {named}, so {it} left out."


def _sub_lots_apart(sections: Mapping[str, Section]) -> Iterator[Section]:
    """The sections, with 1A and 1B instead of 1, whose words are said of each of them.

    A lot with an amount of its own stays beside its parts.
    """
    parts: dict[str, list[Section]] = {}
    for id_, section in sections.items():
        if (match := _SUB_LOT.fullmatch(id_)) and match["of"] in sections:
            parts.setdefault(match["of"], []).append(section)
    divided_ = {id_ for id_ in parts if "£" not in f"{sections[id_].title}{sections[id_].text}"}
    divided_ -= {id_ for id_ in divided_ if sections[id_].row.text or len(parts[id_]) == 1}
    for id_ in divided_:
        whole = sections[id_]
        for part in parts[id_]:
            part.title = ": ".join(filter(None, (whole.title, part.title)))
            part.context = whole.text
    yield from (section for id_, section in sections.items() if id_ not in divided_)


def _section(sections: dict[str, Section], id_: str, title: str) -> Section:
    id_ = lot_id(id_)
    section = sections.setdefault(id_, Section(id_))
    if len(title) > len(section.title):
        section.title = title
    return section


def _is_priced(sections: Mapping[str, Section], heading: _Heading) -> bool:
    """Whether a heading gives the price of a lot that has a title: 'Lot 1: £9,000 in total'."""
    known = sections.get(lot_id(heading.id))
    return known is not None and bool(known.title) and bool(_PRICE.match(heading.title))


def _lot_heading(passage: Passage) -> _Heading | None:
    """The heading of a lot that a passage is, or None.

    A sentence about a lot ('Lot 1 covers the north') is not a heading.
    """
    match = None if passage.cells else _LOT.fullmatch(passage.text)
    if match is None:
        return None
    written, marked = match["title"].strip(), bool(match["mark"].strip())
    title, rest = split_title(written)
    if passage.heading or (marked and (written or len(passage.text) < _LONGEST_HEADING)):
        short = _short(title)
        return _Heading(match["id"], short, f"{title[len(short) :].strip(' .:')}\n{rest}".strip())
    plain = not title or (title[0].isupper() or title[0].isdecimal())
    if plain and len(passage.text) <= _LONGEST_LINE and not title.endswith((".", ";", ",")):
        return _Heading(match["id"], title, rest)
    return None


def _short(title: str) -> str:
    is_long = len(title) > _LONGEST_TITLE
    return first_sentence(title, _LONGEST_TITLE).rstrip(".: ") if is_long else title


def _ends(passage: Passage, level: int) -> bool:
    """Whether a passage starts a part that does not belong to the lot before it."""
    if passage.heading and level:
        return passage.heading <= level
    return not passage.cells and bool(NEXT.fullmatch(passage.text))


def _after_list(sections: Sequence[Section]) -> list[Passage]:
    """What follows the last lot of a list whose other lots have a line each, taken from it."""
    *others, last = sections or [Section("")]
    if not others or any("".join(part.parts[1:]) or part.row.id for part in sections[:-1]):
        return []
    of_lot = re.compile(rf"\b(?:this|{LOT}{last.id})\b", re.IGNORECASE)
    count = next((n for n, part in enumerate(last.parts) if n and not of_lot.search(part)), None)
    if count is None:
        return []
    taken, last.parts = last.parts[count:], last.parts[:count]
    return [Passage(part) for part in taken if part]
