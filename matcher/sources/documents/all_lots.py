"""What a specification says of all its lots together: their value, and whether it includes VAT."""

from __future__ import annotations

import re
from dataclasses import replace

from matcher.sources.documents.amounts import StatedValue, stated_value
from matcher.sources.documents.vat import gross_for_all
from matcher.sources.notices.whole_value import NOT_STATED, WholeValue
from matcher.sources.wording.number_words import sentences

_ONE_LOT = re.compile(
    r"\b(?:a|any|each|every|one|per|single|this) lot\b|\blot (?:no\.? ?)?(?:\d|[a-z]\b)",
    re.IGNORECASE,
)
_OF_PURCHASE = re.compile(
    r"\b(?:all (?:the )?lots|both lots|contracts?|framework|overall|procurement|programme|project"
    r"|service|services|tender|total|whole)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:authority|council|department|trust)['’]s\b|\b(?:gap|last|previous|reserves|saved?"
    r"|savings?|spent)\b",
    re.IGNORECASE,
)


def value_of_all_lots(outside: str) -> StatedValue | None:
    """The value that the text outside the lots states of all of them, or None.

    Amounts of one lot, of the council's own budgets and of the past are not of all lots.

    >>> value_of_all_lots("The total budget is £90,000, VAT included. Each lot is worth £30,000.")
    StatedValue(pounds=90000.0, period='', gross=True, words='The total budget is £90,000, VAT \
included', of_range=False, unclear=False)
    """
    kept = (
        sentence
        for sentence in sentences(outside)
        if _OF_PURCHASE.search(sentence)
        and not (_ONE_LOT.search(sentence) or _OF_OTHERS.search(sentence))
    )
    found = stated_value(".\n".join(kept))
    return with_vat_of_document(found, None, outside)


def with_vat_of_document(
    value: StatedValue | None, whole: StatedValue | None, document: str
) -> StatedValue | None:
    """The value; where it does not mention VAT, as the document says of all amounts or of `whole`.

    A document that says so of no other amount leaves the value as it is.
    """
    if value is None or value.vat_stated:
        return value
    gross = gross_for_all(document)
    if gross is None and whole is not None and whole.vat_stated:
        gross = whole.gross
    return value if gross is None else replace(value, gross=gross, vat_stated=True)


def whole_value(value: StatedValue | None, years: float | None) -> WholeValue:
    """The value of all lots for the whole contract of `years`; not stated where that is open."""
    if value is None or (value.yearly is not None and years is None):
        return NOT_STATED
    pounds = value.pounds if value.yearly is None else value.yearly * (years or 1)
    pounds = round(pounds, 2)
    return WholeValue(gross=pounds) if value.gross else WholeValue(net=pounds)
