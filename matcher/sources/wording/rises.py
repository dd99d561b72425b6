"""Yearly rises and falls of a price: 'rising by 3% a year', 'plus an annual uplift by CPI'.

Their 'a year' is not what the amount beside them is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_RATE = r"(?<![\d.])(?:(?<!\bto )|(?<=\bup to ))(?P<rate>\d{1,3}(?:\.\d{1,3})?) ?(?:%|per ?cent\b)"
"""A share by which a price rises; 'to 90%' is no such share."""
_INDEX = r"\b(?:CPIH?|RPIX?|SPPI|inflation(?:ary)?|(?:retail|consumer) prices?)\b"
_VERB = (
    r"(?:\b(?:ris(?:e|es|ing)|increas(?:e|es|ed|ing)|grow(?:s|ing)?|uplift(?:s|ed)?|escalat\w{1,5}"
    r"|index(?:ed|ation)?|adjust(?:ed|ments?)|go(?:es|ing)? up|inflated"
    r"|(?P<down>fall(?:s|ing)?|decreas(?:e|es|ed|ing)|reduc(?:e|es|ed|ing|tions?)|taper(?:s|ing)?)"
    r")\b)"
)
_YEARLY = (
    r"(?:(?:(?<![a-z])(?:each|every|per|an?)|/) ?(?:(?:contract|financial|subsequent|following"
    r"|further|later) )?(?:year|annum|yr)\b|\b(?:annually|yearly|year on year|p\.?a)\b)"
)
_ADJECTIVE = r"\b(?:annual|yearly|year[- ]on[- ]year)\b"
_GAP = r"[^£;%]{0,30}?"
_LEAD = re.compile(
    r",? ?\(?(?:\b(?:and|but|which|that|then|it|this|will|would|is|are|be|to|with|subject|plus"
    r"|an?)\b ?|\+ ?){0,6}\Z",
    re.IGNORECASE,
)
"""The small words right before a rise: ', which will'."""


def _any_of(*forms: str) -> re.Pattern[str]:
    """A pattern of any of these forms, whose groups are numbered: `rate0`, `down0`, `rate1`."""
    numbered = (
        re.sub(r"\(\?P<(\w+)>", rf"(?P<\g<1>{number}>", form) for number, form in enumerate(forms)
    )
    return re.compile("|".join(numbered), re.IGNORECASE)


_BY = rf"(?:{_RATE}|{_INDEX})"
_BY_ANY = rf"(?:{_RATE}|{_INDEX}|\bby £ ?\d[\d,.]*(?:k\b)?)"
_RISE = _any_of(
    rf"{_VERB}{_GAP}{_BY_ANY}{_GAP}{_YEARLY}",
    rf"{_VERB}{_GAP}{_YEARLY}{_GAP}{_BY_ANY}",
    rf"{_ADJECTIVE} (?:\w{{1,12}} ){{0,2}}{_VERB} {_GAP}{_BY_ANY}",
    rf"{_BY} (?:\w{{1,12}} )?{_ADJECTIVE} (?:\w{{1,12}} )?{_VERB}",
    rf"{_ADJECTIVE} {_BY} (?:\w{{1,12}} )?{_VERB}",
    rf"{_BY} (?:\w{{1,12}} )?{_VERB}{_GAP}{_YEARLY}",
    rf"(?:\bplus|\+) ?{_BY} ?{_YEARLY}",
)
_RISES = re.compile(f"{_VERB}|{_INDEX}", re.IGNORECASE)
_BESIDE = 60
"""Most characters before a rise that are looked at for what rises."""
_CLAUSE = re.compile(r"[,;:.()]|£[\d,.]+[kmb]?|\b(?:and|but|while|whereas|with)\b", re.IGNORECASE)
_PRICE = re.compile(
    r"\b(?:prices?|pricing|costs?|fees?|charges?|values?(?! for money)|budgets?|amounts?|sums?"
    r"|payments?|funding|spend|tariffs?|it)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"(?:\b(?:volumes?|demand|numbers?|population|case ?loads?|referrals|usage|footfall|activity)\b"
    r"|(?<![£\d.,])\b\d{1,3}(?:,?\d{3})?(?: [a-z]{3,15}){0,2} (?:an?|each|every|per) "
    r"(?:day|week|month)\b)(?![^,;]{0,60}£)",
    re.IGNORECASE,
)
"""Before a rise, what grows other than a price."""
_SMALL_WORDS = re.compile(
    r"\b(?:and|but|with|this|an?|the|that|which|then|is|are|be|will|would|shall|may|can|to|by|of|at"
    r"|in|on|for|from|up|over|subject|plus|line|least|most|first|second|third|thereafter|further"
    r"|expected|vat|exc?|excluding|each|every|per|pa|fixed|contract|financial|subsequent|following"
    r"|later|annum|annual(?:ly)?|yearly|years?|yr|months?|term|per ?cent|\d+|[a-z])\b",
    re.IGNORECASE,
)
"""Words that do not say what rises."""
_DENIED = re.compile(r"\b(?:no|not|never|without|nor|includ(?:es?|ing|ed))\b", re.IGNORECASE)


def without_rises(digits: str) -> str:
    """A sentence without its yearly rises, of its price or of other things.

    >>> without_rises("The value is £60,000, rising by 3% a year, for 3 years")
    'The value is £60,000, for 3 years'
    """
    kept, end = [], 0
    for start, found in _rises(digits):
        kept.append(digits[end:start])
        end = found.end()
    return "".join((*kept, digits[end:]))


def rise_in(digits: str) -> float | None:
    """The share by which the price in a sentence rises each year; None where it does not say so.

    0 where the share is not said, or several are.

    >>> rise_in("£20,000 a year plus a 5% annual uplift"), rise_in("£9,000, falling by 10% a year")
    (0.05, -0.1)
    """
    rates, rises = set(), False
    for start, found in _rises(digits):
        groups = {name: text for name, text in found.groupdict().items() if text}
        rate = next((float(text) for name, text in groups.items() if name.startswith("rate")), 0.0)
        falls = any(name.startswith("down") for name in groups)
        if _is_of_price(digits, start, found.end()):
            rises = True
            rates |= {-min(rate, 100) / 100 if falls else rate / 100} if rate else set()
    return rates.pop() if len(rates) == 1 else 0.0 if rises else None


def _rises(digits: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The rises of a sentence, each with the start of the small words before it."""
    end = 0
    for found in _RISE.finditer(digits):
        lead = _LEAD.search(digits[max(end, found.start() - _BESIDE) : found.start()])
        yield found.start() - (len(lead[0]) if lead else 0), found
        end = found.end()


def _is_of_price(digits: str, start: int, end: int) -> bool:
    """Whether a rise and the words right before it name the price, or nothing that rises."""
    before, rise = digits[max(0, start - _BESIDE) : start], digits[start:end]
    begins_clause = rise.lstrip().startswith((",", "("))
    if begins_clause and _QUANTITY.search(before):
        return False
    words = rise if begins_clause else _CLAUSE.split(before)[-1] + rise
    if _DENIED.search(words):
        return False
    others = _SMALL_WORDS.sub("", _RISES.sub("", words))
    return bool(_PRICE.search(words)) or not re.search(r"[^\W\d_]", others)
