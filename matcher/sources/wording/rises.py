"""Yearly rises and falls of a price: 'rising by 3% a year', 'plus an annual uplift by CPI'.

Their 'a year' is not what the amount beside them is for.
"""

from __future__ import annotations

import re

_RATE = r"(?P<rate>\d{1,2}(?:\.\d{1,2})?) ?(?:%|per ?cent\b)"
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
_LEAD = (
    r"(?:,? ?\(?(?:\b(?:and|but|which|that|then|it|this|will|would|is|are|be|to|with|subject|plus"
    r"|an?)\b ?|\+ ?){0,6})"
)


def _any_of(*forms: str) -> re.Pattern[str]:
    """A pattern of any of these forms, whose groups are numbered: `rate0`, `down0`, `rate1`."""
    numbered = (
        re.sub(r"\(\?P<(\w+)>", rf"(?P<\g<1>{number}>", form) for number, form in enumerate(forms)
    )
    return re.compile(rf"{_LEAD}(?:{'|'.join(numbered)})", re.IGNORECASE)


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
_OF_OTHERS = re.compile(
    r"\b(?:demand|need|numbers?|population|volumes?|usage|use|referrals?|caseloads?|visits?|users?"
    r"|people|meals|hours)\b[^£]{0,40}\Z",
    re.IGNORECASE,
)
"""Right before a rise that is not of the price."""


def without_rises(digits: str) -> str:
    """A sentence without the yearly rises of its price.

    >>> without_rises("The value is £60,000, rising by 3% a year, for 3 years")
    'The value is £60,000, for 3 years'
    """
    return _RISE.sub(lambda found: found[0] if _is_of_others(found) else "", digits)


def rise_in(digits: str) -> float | None:
    """The share by which the price in a sentence rises each year; None where it does not.

    0 where the share is not said, or several are.

    >>> rise_in("£20,000 a year plus a 5% annual uplift"), rise_in("£9,000, falling by 10% a year")
    (0.05, -0.1)
    """
    rates, rises = set(), False
    for found in _RISE.finditer(digits):
        groups = {name: text for name, text in found.groupdict().items() if text}
        rate = next((float(text) for name, text in groups.items() if name.startswith("rate")), 0.0)
        falls = any(name.startswith("down") for name in groups)
        if not _is_of_others(found):
            rises = True
            rates |= {-rate / 100 if falls else rate / 100} if rate else set()
    return rates.pop() if len(rates) == 1 else 0.0 if rises else None


def _is_of_others(found: re.Match[str]) -> bool:
    return bool(_OF_OTHERS.search(found.string[: found.start()]))
