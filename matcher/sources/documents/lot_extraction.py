"""Finds the lots of a specification in its headings, tables and text.

An officer checks and corrects the result, so each lot has notes on where its values came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from matcher.core.errors import BadLot
from matcher.core.redaction import without_contacts
from matcher.core.types import Lot
from matcher.sources.documents.all_lots import (
    split_all_lots,
    split_total,
    value_of_all_lots,
    value_of_each_lot,
    values_by_lot,
    whole_value,
    with_period_of_whole,
    with_vat_of_document,
)
from matcher.sources.documents.boilerplate import scope_first, without_email_heads
from matcher.sources.documents.buyer_name import buyer_in
from matcher.sources.documents.delivery_place import codes_in, postcode_in
from matcher.sources.documents.extracted_lots import ExtractedLot, valued
from matcher.sources.documents.lot_sections import Divided, Section, divided
from matcher.sources.documents.passages import Passage, readable, with_years
from matcher.sources.notices.tender import LONGEST_TEXT
from matcher.sources.wording.amounts import value_in
from matcher.sources.wording.choice import Choice
from matcher.sources.wording.stated_values import StatedValue
from matcher.sources.wording.term_lengths import ContractTerm
from matcher.sources.wording.terms import contract_term

MOST_LOTS = 100
"""Lots that a specification may have."""

_CONTEXT = 500
_SHORT = 200
_A_LENGTH = re.compile(r"\b(?:years?|months?|weeks?)\b", re.IGNORECASE)
_EACH_LOT = re.compile(r"\b(?:each|every|per) lot\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a document says outside its lots, or of all of them."""

    beginning: str
    outside: str
    codes: tuple[str, ...]
    postcode: str
    stated_term: ContractTerm | None
    """the term that the text outside the lots states"""
    term: ContractTerm | None
    """that term, or else the one that follows the last lot and is for every lot"""
    value: StatedValue | None
    each: StatedValue | None
    """the value that it states of each lot"""


def lots_in(passages: Iterable[Passage], name: str) -> list[ExtractedLot]:
    """The lots of a specification called `name`, or the whole document as one lot.

    Raises BadLot where the document is empty, is too long or has more than MOST_LOTS lots.
    """
    kept = [
        _without_contacts(passage) for passage in with_years(readable(passages)) if passage.text
    ]
    length = sum(len(passage.text) for passage in kept)
    if not length:
        raise BadLot(f"{name}: is empty; give a title or a description of what you want to buy")
    if length > LONGEST_TEXT:
        raise BadLot(
            f"{name}: has {length:,} characters; give at most {LONGEST_TEXT:,}. Use only the "
            "part that describes what you want to buy"
        )
    document = divided(kept)
    if len(document.sections) > MOST_LOTS:
        count = len(document.sections)
        raise BadLot(f"{name}: has {count:,} lots; give at most {MOST_LOTS} at a time")
    lots = _lots(document, name) if document.sections else [_whole(kept, name)]
    return [replace(lot, notes=(*document.notes, *lot.notes)) for lot in lots]


def _lots(document: Divided, name: str) -> list[ExtractedLot]:
    """The lot of each section, with what the document says of all of them."""
    sections, before = document.sections, document.before
    outside = "\n".join(passage.text for passage in (*before, *document.after))
    ids, of_all = [section.id for section in sections], [outside]
    for section in sections:
        section.of_value, of_all_lots = split_all_lots(section.text, ids)
        of_all.append(of_all_lots)
    texts = [f"{section.title}\n{section.of_value}" for section in sections]
    sections[-1].of_value, total = split_total(sections[-1].of_value, texts)
    of_all.append(total)
    stated_term = contract_term(outside)
    shared = _Shared(
        beginning=_beginning(before),
        outside=outside,
        codes=codes_in(outside),
        postcode=postcode_in(outside) or _postcode_for_all(sections),
        stated_term=stated_term,
        term=stated_term or _term_for_all(sections),
        value=value_of_all_lots("\n".join(of_all), ids),
        each=value_of_each_lot("\n".join(of_all)),
    )
    by_lot = values_by_lot("\n".join((outside, *(one.text for one in sections))), ids)
    stated = [_value(section, by_lot.get(section.id.upper())) for section in sections]
    values = with_period_of_whole([one.value for one in stated], shared.value, outside)
    return [
        _lot(section, replace(one, value=value), name, shared)
        for section, one, value in zip(sections, stated, values, strict=True)
    ]


def _without_contacts(passage: Passage) -> Passage:
    cells = tuple(map(without_contacts, passage.cells))
    return replace(passage, text=without_contacts(passage.text), cells=cells)


# --- lots --------------------------------------------------------------------------------------


def _term_for_all(sections: Sequence[Section]) -> ContractTerm | None:
    """The term that follows the last lot, where no other lot has one: it is for every lot.

    It is not where the lot that others are parts of gives a length of time in other words.
    """
    *others, last = [contract_term(section.text) for section in sections]
    if any(_A_LENGTH.search(section.context) for section in sections):
        return None
    return last if others and not any(others) else None


def _postcode_for_all(sections: Sequence[Section]) -> str:
    """The postcode below the last lot, where no other lot has one: it is for every lot."""
    others = (f"{section.text}\n{section.context}" for section in sections[:-1])
    if len(sections) == 1 or any(map(postcode_in, others)):
        return ""
    return postcode_in("\n".join(sections[-1].parts[1:]))


def _value(section: Section, beside: StatedValue | None) -> Choice:
    """The value that a lot states: in a cell of its row, or else in its text.

    What a sentence states of it `beside` that of others counts before the rest of its text.
    """
    row = section.row
    cells = [value_in(cell, expected=True, heading=head) for head, cell in row.values]
    values = (cell.value for cell in cells)
    value = min(filter(None, values), key=lambda cell: cell.period != "", default=None)
    own = "\n".join(filter(None, (section.title, row.prose, section.of_value)))
    value = value or beside
    stated = Choice(value) if value else value_in(own)
    why_not = stated.why_not or next((cell.why_not for cell in cells if cell.why_not), "")
    return stated if stated.value else Choice(None, why_not)


def _lot(section: Section, stated: Choice, name: str, of_all: _Shared) -> ExtractedLot:
    text, row, outside, context = section.text, section.row, of_all.outside, section.context
    own = "\n".join(filter(None, (section.title, row.text, text)))
    value = with_vat_of_document(
        stated.value or of_all.each, of_all.value, f"{outside}\n{context}\n{own}"
    )
    term = contract_term(row.term) or contract_term(own) or contract_term(context) or of_all.term
    description = "\n".join(filter(None, (row.description, text, context)))
    description = without_email_heads(description)
    if len(description) < _SHORT:
        description = f"{description}\n{of_all.beginning}".strip()
    codes = codes_in(row.cpv, expected=True) or codes_in(own) or codes_in(context)
    shared = () if codes else of_all.codes
    postcode = postcode_in(own) or postcode_in(row.place, expected=True)
    postcode = postcode or ("" if row.place else postcode_in(context))
    common = "" if postcode or row.place else of_all.postcode
    title = section.title or row.title or section.title_below or row.place or f"Lot {section.id}"
    lot = Lot(
        id=f"{_stem(name)}#{section.id}",
        title=title,
        description=description,
        cpv=codes or shared,
        postcode=postcode or common,
        area="" if postcode else row.place,
        buyer=buyer_in(f"{outside}\n{context}\n{own}"),
    )
    found = valued(lot, value, term, _notes(codes, shared, common), stated.why_not)
    return replace(found, whole=whole_value(of_all.value, of_all.stated_term or term))


def _beginning(before: Sequence[Passage]) -> str:
    """The start of the introduction, which adds context to a lot that has little text."""
    plain = "\n".join(passage.text for passage in before if not passage.cells)
    text = without_email_heads(plain)
    return text if len(text) <= _CONTEXT else text[:_CONTEXT].rpartition(" ")[0]


def _whole(passages: Sequence[Passage], name: str) -> ExtractedLot:
    """The whole document as one lot, starting with the part that describes the scope."""
    as_written = "\n".join(passage.text for passage in passages)
    buyer = buyer_in(as_written)
    title, ordered, note = scope_first(passages, buyer)
    text = "\n".join(passage.text for passage in ordered)
    codes = codes_in(text)
    lot = Lot(
        id=_stem(name),
        title=title,
        description="" if text == title else without_email_heads(text),
        cpv=codes,
        postcode=postcode_in(as_written),
        buyer=buyer,
    )
    stated = value_in(text)
    if stated.value and _EACH_LOT.search(stated.value.words):
        stated = Choice(None, f"“{stated.value.words}” is for each lot, and no lots were found")
    value = with_vat_of_document(stated.value, None, text)
    notes = [note, *_notes(codes, ())]
    return valued(lot, value, contract_term(text), notes, stated.why_not)


def _notes(own: tuple[str, ...], shared: tuple[str, ...], postcode: str = "") -> Iterator[str]:
    if postcode:
        yield f"The document gives the postcode {postcode} for the whole contract."
    if shared:
        yield "The document gives these CPV codes for the whole contract."
    elif not own:
        yield "No CPV code was found."


def _stem(name: str) -> str:
    stem = re.sub(r"\.\w{1,5}$", "", name)
    return re.sub(r"[^\w.-]+", "_", stem).strip("_")[:80] or "lot"
