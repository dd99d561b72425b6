"""What a specification says of all its lots together: their value, and whether it includes VAT."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from matcher.sources.notices.whole_value import NOT_STATED, WholeValue
from matcher.sources.wording.amounts import stated_value
from matcher.sources.wording.number_words import sentences
from matcher.sources.wording.stated_values import StatedValue
from matcher.sources.wording.term_lengths import ContractTerm
from matcher.sources.wording.vat import gross_for_all

_ONE_LOT = re.compile(
    r"\b(?:a|any|each|every|one|per|single|this) lot\b|\blot (?:no\.? ?)?(?:\d|[a-z]\b)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\blots? (?P<first>\d{1,3}|[a-z])(?P<rest>(?:(?:, ?| ?& ?| ?- ?| (?:and|to) )(?:lot )?"
    r"(?:\d{1,3}|[a-z])\b){1,20})",
    re.IGNORECASE,
)
"""Several lots by their ids: 'Lot 1 and Lot 2', 'lots 1 to 3'."""
_NEXT_ID = re.compile(r"(?P<to>-|\bto ) ?(?:lot )?(\w{1,3})|\b(?!lot\b|and\b)(\w{1,3})\b", re.I)
_EACH_LOT = re.compile(
    r"\b(?:each|every|per)(?: of the)?(?: \w{1,12})? lots?\b|(?<=\d )a lot\b", re.IGNORECASE
)
_ALL_LOTS = re.compile(r"\b(?:all|both)(?: (?:of )?the)?(?: \w{1,6})? lots\b", re.IGNORECASE)
_EACH_YEAR = re.compile(
    r"\b(?:all|the) (?:\w{1,12} )?(?:amounts|budgets|figures|prices|values)(?: \w{1,12})? are"
    r"(?: \w{1,12})? (?:a year|annual|annually|each year|per annum|per year|p\.?a\b|yearly)",
    re.IGNORECASE,
)
_LOT_NAME = re.compile(r"\b(?:for )?lot (?:\d{1,3}[a-z]?|[a-z])\b", re.IGNORECASE)
_AMOUNT_OR_LOT = re.compile(r"£ ?\d|\blot (?P<lot>\d{1,3}[a-z]?|[a-z])\b", re.IGNORECASE)
_TOTAL = re.compile(
    r"\b(?:aggregate|all (?:the )?lots|both lots|combined|overall|total|whole)\b", re.IGNORECASE
)
_OF_PURCHASE = re.compile(
    r"\b(?:all (?:the )?lots|both lots|(?:across|among|between) (?:the )?(?:\w{1,6} )?lots|combined"
    r"|contracts?|framework|overall|procurement|programme"
    r"|project|service|services|tender|total|whole)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:authority|council|department|trust)['’]s\b|\b(?:gap|last|previous|reserves|saved?"
    r"|savings?|spent)\b|\bbelow £|\b(?:bids?|experience|held|hold(?:ing|s)?|reject(?:ed)?)\b"
    r"|\b(?:bidders?|contractors?|providers?|suppliers?|tenderers?)"
    r" (?:has|have|must|need|should|shall|who)\b",
    re.IGNORECASE,
)
_LAST_TOTAL = re.compile(
    r"\W{0,3}(?:(?:the|a|grand|estimated|annual|contract) ){0,2}"
    r"(?:(?:total|overall|combined|aggregate)\b[^£]{0,60}£"
    r"|value of (?:all |both |the )?lots\b[^£]{0,30}(?:£|\bgbp\b))",
    re.IGNORECASE,
)
"""A sentence after the last lot that gives a total."""
_ASIDE = re.compile(r"(?<=\d) ?: | ?[,;(] ?(?!\d)| of which | that is | i\.?e\b| - ", re.IGNORECASE)
"""Where what follows may be about single lots: 'the total is £9,000, i.e. £3,000 for each lot'."""


def value_of_all_lots(outside: str, lots: Sequence[str] = ()) -> StatedValue | None:
    """The value that the text outside the lots states of all of them, or None.

    Amounts of one lot, of the council's own budgets, of suppliers and of the past are not of all
    lots. A total comes first, then an amount for the whole contract, then the largest. `lots` are
    the ids of all lots: a sentence that names each of them is of all.

    >>> value_of_all_lots("The total budget is £90,000, VAT included. Each lot is worth £30,000.")
    StatedValue(pounds=90000.0, period='', gross=True, words='The total budget is £90,000, VAT \
included', of_range=False, unclear=False)
    """
    kept = [
        part
        for sentence in sentences(outside)
        if _OF_PURCHASE.search(sentence) and not _OF_OTHERS.search(sentence)
        if (part := _of_all(sentence, lots))
    ]
    return _best([part for part in kept if _TOTAL.search(part)]) or _best(kept)


def value_of_each_lot(outside: str) -> StatedValue | None:
    """The value that the text outside the lots states of each of them, or None.

    >>> value_of_each_lot("Each lot is worth £30,000 a year.").pounds
    30000.0
    """
    kept = [
        sentence
        for sentence in sentences(outside)
        if _EACH_LOT.search(sentence) and not _OF_OTHERS.search(sentence)
        if sentence.count("£") == 1
    ]
    return stated_value(kept[0]) if len(kept) == 1 else None


def values_by_lot(text: str, lots: Sequence[str]) -> dict[str, StatedValue]:
    """The values of single lots in a sentence that has an amount for each lot that it names.

    >>> found = values_by_lot("The budget is £40,000 for Lot A and £25,000 for Lot B.", ["A", "B"])
    >>> {id_: value.pounds for id_, value in found.items()}
    {'A': 40000.0, 'B': 25000.0}
    """
    found: dict[str, StatedValue] = {}
    for sentence in sentences(text):
        marks = [*_AMOUNT_OR_LOT.finditer(sentence)]
        ids = [mark["lot"].upper() for mark in marks if mark["lot"]]
        in_turn = all(bool(a["lot"]) != bool(b["lot"]) for a, b in pairwise(marks))
        is_pairs = len(set(ids)) == len(ids) > 1 and 2 * len(ids) == len(marks)
        is_known = set(ids) <= {id_.upper() for id_ in lots}
        if is_pairs and in_turn and is_known and not _OF_OTHERS.search(sentence):
            values = _in_turn(sentence, [m.start() for m in marks if not m["lot"]])
            if len(values) == len(ids):
                found |= dict(zip(ids, values, strict=True))
    return found


def _in_turn(sentence: str, amounts: Sequence[int]) -> list[StatedValue]:
    """The values that a sentence says of lots, with its `amounts` at these places.

    What stands before the first is said of each, and so is a period that only the last one has.
    """
    lead, ends = _LOT_NAME.sub("the lot", sentence[: amounts[0]]), [*amounts[1:], len(sentence)]
    parts = (sentence[start:end] for start, end in zip(amounts, ends, strict=True))
    said = [stated_value(f"{lead}{_LOT_NAME.sub('', part)}") for part in parts]
    last = said[-1].period if said[-1] else ""
    return [replace(one, period=one.period or last, words=sentence) for one in said if one]


def _best(kept: Sequence[str]) -> StatedValue | None:
    """The value of the whole contract, and the largest, in sentences alone or together."""
    found = filter(None, map(stated_value, (".\n".join(kept), *kept)))
    return max(
        found, key=lambda value: (not value.period, value.yearly or value.pounds), default=None
    )


def _of_all(sentence: str, lots: Sequence[str]) -> str:
    """The part of a sentence that is about all lots, or ''."""
    if (several := _SEVERAL.search(sentence)) is not None:
        return sentence if _TOTAL.search(sentence) and _names_all(several, lots) else ""
    if not _ONE_LOT.search(sentence):
        return sentence
    part, *rest = _ASIDE.split(sentence, maxsplit=1)
    whole = _OF_PURCHASE.search(part) and "£" in part and "£" in "".join(rest)
    return part if whole and not _ONE_LOT.search(part) else ""


def _names_all(several: re.Match[str], lots: Sequence[str]) -> bool:
    """Whether each of the lots is among those that a sentence names, alone or in a range."""
    order = [id_.upper() for id_ in lots]
    named = [several["first"].upper()]
    for found in _NEXT_ID.finditer(several["rest"]):
        id_ = (found[2] or found[3]).upper()
        if found["to"] and named[-1] in order and id_ in order:
            named += order[order.index(named[-1]) : order.index(id_)]
        named.append(id_)
    return bool(order) and set(order) <= set(named)


def split_all_lots(text: str, lots: Sequence[str]) -> tuple[str, str]:
    """The text of one lot, without the sentences on the value of all lots or each, and these."""
    of_all = {
        sentence: None
        for sentence in sentences(text)
        if _is_of_all(sentence, lots) or ("£" in sentence and _EACH_LOT.search(sentence))
    }
    if not of_all:
        return text, ""
    own = (sentence for sentence in sentences(text) if sentence not in of_all)
    return ".\n".join(own), ".\n".join(of_all)


def split_total(text: str, lots: Sequence[str]) -> tuple[str, str]:
    """The text of the last lot without a total that follows it and is of all lots, and that total.

    `lots` are the texts of all lots with their titles. A total is of the last lot alone where
    another lot has one too, or where only the others have values.
    """
    *others, last = lots
    totals = [sentence for sentence in sentences(text) if _LAST_TOTAL.match(sentence)]
    if not (others and totals) or any(map(_has_total, others)):
        return text, ""
    own = [sentence for sentence in sentences(text) if sentence not in totals]
    has_value = "£" in "".join(sentence for sentence in sentences(last) if sentence not in totals)
    if not has_value and any("£" in other for other in others):
        return text, ""
    return ".\n".join(own), ".\n".join(totals)


def _has_total(text: str) -> bool:
    return any(map(_LAST_TOTAL.match, sentences(text)))


def _is_of_all(sentence: str, lots: Sequence[str]) -> bool:
    part = _of_all(sentence, lots) if "£" in sentence else ""
    named = _ALL_LOTS.search(part) or _SEVERAL.search(part)
    return bool(named and "£" in part and _TOTAL.search(part))


def with_period_of_whole(
    values: Sequence[StatedValue | None], whole: StatedValue | None, outside: str
) -> Sequence[StatedValue | None]:
    """The values of the lots; where they add up to a yearly value of all, as yearly values.

    So are all where `outside`, the text outside the lots, says that its figures are for a year.
    """
    if _EACH_YEAR.search(outside):
        return [replace(one, period=one.period or "year") if one else None for one in values]
    known = [value for value in values if value and not value.period]
    if whole is None or not whole.period or not (len(known) == len(values) > 1):
        return values
    if abs(sum(value.pounds for value in known) - whole.pounds) >= 1:
        return values
    return [replace(value, period=whole.period) for value in known]


def with_vat_of_document(
    value: StatedValue | None, whole: StatedValue | None, document: str
) -> StatedValue | None:
    """The value; where it does not mention VAT, as the document says of all amounts or of `whole`.

    Where the document says nothing of VAT, the value stays as it is.
    """
    if value is None or value.vat_stated:
        return value
    gross = gross_for_all(document)
    if gross is None and whole is not None and whole.vat_stated:
        gross = whole.gross
    return value if gross is None else replace(value, gross=gross, vat_stated=True)


def whole_value(value: StatedValue | None, term: ContractTerm | None) -> WholeValue:
    """The value of all lots for the whole contract of that term; not stated where that is open."""
    years, options = (term.years, term.options) if term else (None, 0.0)
    pounds = value.of_contract(years, options) if value else None
    if value is None or pounds is None:
        return NOT_STATED
    return WholeValue(gross=pounds) if value.gross else WholeValue(net=pounds)
