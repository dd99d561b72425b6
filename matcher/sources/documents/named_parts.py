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
from itertools import takewhile

from matcher.core.formatting import series
from matcher.sources.documents.lot_lines import NEXT, is_run
from matcher.sources.documents.lot_titles import AMOUNT
from matcher.sources.documents.passages import Passage
from matcher.sources.wording.amounts import value_in

_NAME = (
    r"work ?package|package|bundle|work ?stream|service (?:area|element|line)|service"
    r"|part|element|component|category|contract|batch|zone|area|rhan"
)
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_PART = re.compile(
    rf"\W{{0,3}}(?P<name>{_NAME})\s+(?P<id>\d{{1,2}}|[ivx]{{1,4}}|[a-z])"
    r"(?P<mark>\s*+[:.)=*–—-]++\s*+|\s++(?=(?-i:[A-Z])))(?P<title>\S.{2,})",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_TITLE = 200
_LONGEST_SAID = 5_000
"""The characters of a paragraph in which the document may say how parts are bought."""
_PROCEDURE = re.compile(
    r"\W{0,3}(?:(?:the|our|your|detailed|technical) )?"
    r"(?:(?:about|annex|appendi|background|bidder|certificat|declaration|definition|evaluation|fees?\b"
    r"|form of|glossary|how to|instruct|introduc|invitation|key dates|preliminaries|prelims"
    r"|pric(?:e|ing)|procurement|questionnaire|schedule|scope|selection|specification|submission"
    r"|tender|terms (?:and|of)|timetable|tupe|what (?:is|we)|your\b"
    r"|amserlen|atodiad|cefndir|cyfarwydd|cyflwyn|gwerthus|holiadur|manyleb|pris|telerau|trosolwg)"
    r"|(?:agreement|commercial|company|contact|contract|cost|general|information|insurance|labour"
    r"|legal|materials|method|outcome|overview|payment|performance|purpose|quality|reference"
    r"|requirement|response|social value|standard|summary|supplier)s?"
    r"(?: (?:and conditions|details?|envelope|form|information|management|matters|monitoring"
    r"|particulars|requirements?|sections?|statements?|template|terms?)){0,2}\W*(?:£|\Z))",
    re.IGNORECASE,
)
"""The title of a part of a document or of a price, and not of work."""
_OF_A_FORM = r"\b(?:address|answer|complet|cover|fill|includ|provid|read|respon|return|sign)"
"""What bidders do with each part of a form."""
_BIDS = (
    r"\b(?:apply|applications?|bids?|offers?|price|priced|proposals?|quotes?|quotations?|tenders?)\b"
    rf"(?:(?!{_OF_A_FORM})[^.;]){{0,60}}\b(?:any|both|each|either|individual|more than one|one"
    r"|several|single)\b"
    r"[^.;]{0,30}\b(?:NAME)\b"
)
_APART = (
    r"\b(?:award(?:ed)?|commission(?:ed)?|contract(?:ed|s)?|let|procured?|tender(?:ed)?)\b[^.;]{0,40}"
    r"\b(?:each|separate(?:ly)?)\b[^.;]{0,40}\b(?:NAME)\b"
    r"|\b(?:each|every) (?:NAME)\b[^.;]{0,40}\b(?:separate(?:ly)?|own contract)\b"
)
_TOGETHER = (
    r"\b(?:all|both|the)(?: \w{1,10})? (?:NAME)\b[^.;]{0,80}"
    r"\b(?:a single|one|the same) (?:contract|organisation|provider|supplier)\b"
    r"|\b(?:a single|one|the same) (?:contract|contractor|organisation|provider|supplier)\b"
    r"[^.;]{0,60}\b(?:all|both)(?: \w{1,10}){0,2} (?:NAME)\b"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A line that starts a part: its index, what the document calls it, its id and its title."""

    at: int
    name: str
    id: str
    title: str


def parts_as_lots(passages: Sequence[Passage]) -> tuple[list[Passage], str]:
    """The passages with each part that is bought by itself as 'Lot 1: …', and what to check.

    Where it is not clear that the parts are lots, the passages stay as they are, and the note asks.
    """
    parts = _parts(passages)
    if not parts:
        return list(passages), ""
    ids = dict.fromkeys(part.id for part in parts)
    called = series([f"“{parts[0].name} {id_}”" for id_ in ids])
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
    """The parts with the first name of which there are two or more in order; () where none are.

    A part may be in several places, such as one on the work and one on its price.
    """
    by_name: dict[str, list[_Part]] = defaultdict(list)
    for part in _lines(passages):
        by_name[part.name.lower()].append(part)
    for found in by_name.values():
        ids = list(dict.fromkeys(part.id for part in found))
        if _is_run(ids) and not any(_PROCEDURE.match(part.title) for part in found):
            return _without_contents(found)
    return ()


def _without_contents(parts: Sequence[_Part]) -> Sequence[_Part]:
    """The parts without those of a list of contents: lines in a row of parts that follow below."""
    last = {part.id: part.at for part in parts}
    lines = {part.at for part in parts}
    return [
        part
        for part in parts
        if part.at == last[part.id]
        or not {part.at - 1, part.at + 1} & lines
        or AMOUNT.search(part.title)
    ]


def _lines(passages: Sequence[Passage]) -> Iterator[_Part]:
    for at, passage in enumerate(passages):
        short = not passage.cells and len(passage.text.partition("\n")[0]) <= _LONGEST_TITLE
        match = _PART.fullmatch(passage.text) if short else None
        if match and not match["title"].rstrip().endswith((" and", " or")):
            yield _Part(at, match["name"], match["id"].upper(), match["title"])


def _is_run(ids: Sequence[str]) -> bool:
    """Whether ids are 1, 2, … or A, B, … or I, II, …, at least two of them."""
    return is_run(ids) or (len(ids) > 1 and list(ids) == list(_ROMAN[: len(ids)]))


def _bought_apart(passages: Sequence[Passage], parts: Sequence[_Part]) -> bool:
    """Whether each part has a value of its own, or bids may be for some of the parts.

    They are not where the document says that one provider does all of them.
    """
    name = re.escape(parts[0].name)
    plural = f"{name}s?|{name[:-1]}ies" if name[-1:] in "yY" else f"{name}(?:s|es)?"
    said = [one.text[:_LONGEST_SAID] for one in passages]
    if _says(_TOGETHER.replace("NAME", plural), said):
        return False
    texts: dict[str, list[str]] = defaultdict(list)
    ends = [*(part.at for part in parts[1:]), len(passages)]
    for part, end in zip(parts, ends, strict=True):
        below = takewhile(lambda line: not NEXT.fullmatch(line), said[part.at + 1 : end])
        texts[part.id] += [part.title[:_LONGEST_SAID], *below]
    if all(value_in("\n".join(lines)).value for lines in texts.values()):
        return True
    return _says("|".join((_BIDS, _APART)).replace("NAME", plural), said)


def _says(pattern: str, said: Sequence[str]) -> bool:
    return any(map(re.compile(pattern, re.IGNORECASE).search, said))
