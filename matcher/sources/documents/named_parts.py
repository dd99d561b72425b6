"""Finds lots that a document calls otherwise: 'Part 1: …', 'Package A: …', 'Workstream 2 – …'.

Many documents have parts that are no lots, such as the parts of a tender pack. So parts are lots
only where the document shows that each is bought by itself: it has a value of its own, or suppliers
may bid for some of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matcher.core.formatting import series
from matcher.sources.documents.passages import Passage

_NAME = (
    r"work ?package|package|bundle|work ?stream|service (?:area|element|line)|service"
    r"|part|element|component|category|contract|batch|zone|area"
)
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_PART = re.compile(
    rf"\W{{0,3}}(?P<name>{_NAME})\s+(?P<id>\d{{1,2}}|[ivx]{{1,4}}|[a-z])"
    r"(?P<mark>\s*+[:.)=*–—-]++\s*+|\s++(?=[A-Z]))(?P<title>\S.{2,})",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_TITLE = 200
_PROCEDURE = re.compile(
    r"\W{0,3}(?:(?:the|our|your) )?(?:(?:about|agreement|annex|appendi|background|bidder|certificat"
    r"|commercial|company|contact|contents|contract\b|cost|declaration|definition|evaluation|fees?\b"
    r"|form\b|general|glossary|how to|information|insurance|instruct|introduc|invitation|key dates"
    r"|labour|legal|materials|method|outcomes|overview|payment|performance|preliminaries|prelims"
    r"|pric(?:e|ing)|procurement|purpose|quality|questionnaire|references|requirement|response"
    r"|schedule|scope|selection|social value|specification|standards|submission|summary|supplier"
    r"|tender|terms|timetable|tupe|what (?:is|we)|who)|(?:detailed |technical )?specification)",
    re.IGNORECASE,
)
"""The title of a part of a document or of a price, and not of work."""
_MONEY = re.compile(r"£ ?\d|\bGBP ?\d|\d ?(?:pounds|GBP)\b", re.IGNORECASE)
_BIDS = (
    r"\b(?:apply|applications?|bids?|offers?|price|priced|proposals?|quotes?|quotations?|tenders?)\b"
    r"[^.;]{0,60}\b(?:any|both|each|either|individual|more than one|one|several|single)\b"
    r"[^.;]{0,30}\b(?:NAME)\b"
)
_APART = (
    r"\b(?:award(?:ed)?|commission(?:ed)?|contract(?:ed|s)?|let|procured?|tender(?:ed)?)\b[^.;]{0,40}"
    r"\b(?:each|separate(?:ly)?)\b[^.;]{0,40}\b(?:NAME)\b"
    r"|\b(?:each|every) (?:NAME)\b[^.;]{0,40}\b(?:separate(?:ly)?|own contract)\b"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A line that starts a part: its index, what the document calls it, its id and its title."""

    at: int
    name: str
    id: str
    title: str

    @property
    def called(self) -> str:
        return f"{self.name} {self.id}"


def parts_as_lots(passages: Sequence[Passage]) -> tuple[list[Passage], str]:
    """The passages with each part that is bought by itself as 'Lot 1: …', and what to check.

    Where it is not clear that the parts are lots, the passages stay as they are, and the note asks.
    """
    parts = _parts(passages)
    if not parts:
        return list(passages), ""
    called = series([f"“{part.called}”" for part in parts])
    if not _bought_apart(passages, parts):
        return list(passages), (
            f"The document has parts: {called}. They were not taken for lots, because nothing says "
            "that each is bought by itself. If they are lots, call them “Lot 1: …” and so on."
        )
    changed = list(passages)
    for part in parts:
        changed[part.at] = replace(passages[part.at], text=f"Lot {part.id}: {part.title}")
    return changed, f"The document calls its lots {called}."


def _parts(passages: Sequence[Passage]) -> Sequence[_Part]:
    """The parts with the first name of which there are two or more in order; () where none are."""
    by_name: dict[str, dict[str, _Part]] = defaultdict(dict)
    for part in _lines(passages):
        by_name[part.name.lower()].setdefault(part.id, part)
    for found in by_name.values():
        parts = list(found.values())
        if _is_run(list(found)) and not any(_PROCEDURE.match(part.title) for part in parts):
            return parts
    return ()


def _lines(passages: Sequence[Passage]) -> Iterator[_Part]:
    for at, passage in enumerate(passages):
        short = not passage.cells and len(passage.text.partition("\n")[0]) <= _LONGEST_TITLE
        if short and (match := _PART.fullmatch(passage.text)):
            yield _Part(at, match["name"], match["id"].upper(), match["title"])


def _is_run(ids: Sequence[str]) -> bool:
    """Whether ids are 1, 2, … or A, B, … or I, II, …, at least two of them."""
    count = len(ids)
    numbers = [str(number) for number in range(1, count + 1)]
    letters = [chr(ord("A") + at) for at in range(count)]
    return count > 1 and list(ids) in (numbers, letters, list(_ROMAN[:count]))


def _bought_apart(passages: Sequence[Passage], parts: Sequence[_Part]) -> bool:
    """Whether each part has an amount of its own, or bids may be for some of the parts."""
    ends = [*(part.at for part in parts[1:]), len(passages)]
    texts = (passages[part.at : end] for part, end in zip(parts, ends, strict=True))
    if all(any(_MONEY.search(one.text) for one in text) for text in texts):
        return True
    name = re.escape(parts[0].name)
    plural = f"{name}s?|{name[:-1]}ies" if name[-1:] in "yY" else f"{name}(?:s|es)?"
    says = re.compile("|".join((_BIDS, _APART)).replace("NAME", plural), re.IGNORECASE)
    return any(says.search(one.text) for one in passages)
