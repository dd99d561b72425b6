"""Amounts of money in a text: their numbers and ranges, each said once."""

from __future__ import annotations

import re

from matcher.sources.wording.number_words import NUMBER, UNIT, value_of

_WHOLE_NUMBER = rf"(?:{NUMBER})(?![\d,.]?\d|,o|, 000\b|e\d)"
"""A number that no digits follow: not the beginning of '1,500000', '450,00.00' or '95,OOO'."""
AMOUNT = re.compile(
    rf"(?:£|\bgbp) ?(?!000(?!\d))(?P<pounds>{_WHOLE_NUMBER})(?: ?(?P<unit>{UNIT})\b)?",
    re.IGNORECASE,
)
_SUM = rf"£ ?{_WHOLE_NUMBER}(?: ?(?:{UNIT})\b)?"
_REPEAT = re.compile(rf"({_SUM}) \(({_SUM})(?: sterling)?\)", re.IGNORECASE)


def _changing(verbs: str) -> re.Pattern[str]:
    """An amount, what it is for, and the amount that it changes to."""
    return re.compile(
        rf"({_SUM})([^£.,;]{{0,30}}),? (?:(?:and|then|possibly|potentially) )?(?:{verbs}) "
        rf"(?:\w{{1,12}} ){{0,4}}?to ({_SUM})(?! (?:if|including|when|with)\b)"
        r"(?: (?:in|by|from|for) year \d)?",
        re.IGNORECASE,
    )


_REVISED = re.compile(
    r"\b(?:(?:has|have|is|was|were) )?(?:been )?"
    r"(?:changed?|cut|decreased?|down|increased?|reduced?|revised?|up) "
    rf"(?:by {_SUM}[^£.,;]{{0,12}} )?from {_SUM}(?:[^£.,;]{{0,12}})? to ({_SUM})",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    rf"(?:\b(?:is|was|were) )?(?:\b(?:first|initially|originally) )?"
    rf"{_SUM}[^£.;]{{0,20}}?,? (?:(?:and|but) )?(?:(?:been|has|have|is|now|since|was) ){{1,4}}"
    rf"(?:amended|changed|cut|decreased|increased|raised|reduced|revised) to ({_SUM})",
    re.IGNORECASE,
)
"""An amount, and what it has been changed to: '£9,000 but has been cut to £8,000'."""
_RISES = _changing("rising|increasing|growing")
_FALLS = _changing("falling|decreasing|reducing|tapering")
_LIMIT = re.compile(
    r"\b(?:(?:not|cannot|\w{2,6}n['’]t|never) "
    r"(?:(?:be|expected|likely|anticipated|allowed|permitted|to) ){0,3}"
    r"(?:exceed|(?:(?:be|come to|cost|go|rise) )?(?:above|over)|come to more than)"
    r"|unlikely to exceed)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(bids|offers|prices|quotations|quotes|submissions|tenders) "
    r"(?:(?:costing|of|priced|that|which) )?(?:(?:are|is) )?"
    r"(?:above|exceed(?:ing)?|greater than|higher than|in excess of|more than|over) "
    r"(?=£[^£.;]{0,40}\b(?:disqualified|excluded|not be (?:accepted|considered|evaluated)|rejected"
    r"|ruled out)\b)",
    re.IGNORECASE,
)
"""Before the most that a bid may be: 'bids over £9,000 will be rejected'."""
_INSTALMENTS = re.compile(
    r"(£[^£]{1,60}?),? (?:(?:paid|payable) )?(?:in|(?<!followed )by) (?:\w{1,12} ){0,3}"
    rf"(?:instalments|payments) of {_SUM}",
    re.IGNORECASE,
)
_WORKED_OUT = re.compile(
    r"(?P<label>\b(?:annual|yearly)\b[^=£\d.;]{0,30})?"
    r"(?:£|(?<![\w.,-])\d)[^=£.:;]{0,40}(?:£(?:[^=£.:;]|\.\d){1,40}){0,6}= ?(?=£)",
    re.IGNORECASE,
)
"""What an amount is worked out from: '3 x £20,000 ='."""
_VAT_ITSELF = re.compile(
    rf"(?<=[£\d,.)k] )(plus|and|with|including|\+) {_SUM} (?:of |for |in )?(vat)\b", re.IGNORECASE
)
_VAT_OF = re.compile(
    rf"(?:\b(?=vat of)|(?<=[,;] )(?=vat:? £))(vat)(?: of|:)? {_SUM}", re.IGNORECASE
)
_SUM_WITH_VAT = re.compile(
    rf"({_SUM} ?(?:\+|plus|and) (?:\d\d ?% )?vat(?: \(?(?:@|at) ?\d\d ?%\)?)?)"
    rf" ?= ?{_SUM}",
    re.IGNORECASE,
)
"""An amount and VAT, and what they come to: '£9,000 + VAT = £10,800'."""
_UPPER = re.compile(
    rf" ?(?:-|(?:and )?up to|to|(?P<and>and)) ?(?P<sign>£|gbp)? ?(?P<number>{_WHOLE_NUMBER})"
    rf"(?: ?(?P<unit>{UNIT})\b)?",
    re.IGNORECASE,
)
_LARGE = re.compile(r"[, ]\d{3}|\d{5}")
"""Digits that are money without a sign, and no year: '£25,000 - 50,000', '£25000 - 50000'."""
_UNREAD = re.compile(r"£ ?\d")  # which may go on as no number does: '£1e99', '£5,00,000'
_CUT = re.compile(r"£ ?\d{1,3},\W*\Z")  # which the next line may go on with: '£85,' and '000'
_BETWEEN = re.compile(r"\bbetween(?: \w{1,14}){0,3} ?\Z", re.IGNORECASE)
"""Before the first of two amounts whose 'and' is that of a range."""


def is_unread(digits: str) -> bool:
    """Whether a sentence has what begins as an amount and goes on as no number does."""
    is_odd = len(_UNREAD.findall(digits)) > len(AMOUNT.findall(digits))
    return is_odd or _CUT.search(digits) is not None


def without_repeats(digits: str) -> str:
    """A sentence without amounts in brackets that repeat the one before.

    >>> without_repeats("£2m (£2,000,000) and £3m")
    '£2m and £3m'
    """
    return _REPEAT.sub(
        lambda found: found[1] if _pounds(found[1]) == _pounds(found[2]) else found[0], digits
    )


def _pounds(words: str) -> float | None:
    found = AMOUNT.fullmatch(words)
    return value_of(found["pounds"], found["unit"]) if found else None


def without_parts_of_price(digits: str) -> str:
    """A sentence without the amounts of instalments, of VAT and of each that others are made of.

    >>> without_parts_of_price("£8,000 a year in monthly instalments of £666.67")
    '£8,000 a year'
    >>> without_parts_of_price("£20,000 plus £4,000 VAT")
    '£20,000 plus VAT'
    >>> without_parts_of_price("Total: 2 years x £35,000 = £70,000")
    'Total: = £70,000'
    """
    digits = _VAT_OF.sub(r"\1", _VAT_ITSELF.sub(r"\1 \2", digits))
    digits = _WORKED_OUT.sub(_equals, _SUM_WITH_VAT.sub(r"\1", digits))
    return _INSTALMENTS.sub(r"\1", digits)


def _equals(found: re.Match[str]) -> str:
    """What is worked out over some years is not for each of them, whatever its label."""
    label = "" if "years" in found[0] else found["label"] or ""
    return f"{label}= "


def with_plain_limits(digits: str) -> str:
    """A sentence with its limits in the same words.

    >>> with_plain_limits("It is not expected to exceed £9m; we cannot go above £8m")
    'It is not exceed £9m; we not exceed £8m'
    >>> with_plain_limits("Bids over £9m will be rejected")
    'Bids not exceed £9m will be rejected'
    """
    return _LIMIT.sub("not exceed", _REFUSED.sub(r"\1 not exceed ", digits))


def with_rises(digits: str) -> str:
    """A sentence with amounts that rise or fall as ranges, because the largest counts.

    >>> with_rises("£25,000 per annum rising to £30,000 in year 3")
    '£25,000 to £30,000 per annum'
    """
    digits = _CHANGED.sub(r"is \1", _REVISED.sub(r"is \1", digits))
    return _FALLS.sub(r"\3 to \1\2", _RISES.sub(r"\1 to \3\2", digits))


def pounds_of(digits: str, amount: re.Match[str]) -> tuple[float, int]:
    """The amount, or the upper end of its range, and where it ends."""
    lower = value_of(amount["pounds"], amount["unit"])
    upper = _UPPER.match(digits, amount.end())
    if upper and upper["and"] and not _BETWEEN.search(digits[: amount.start()]):
        upper = None
    if upper and (upper["sign"] or upper["unit"] or _LARGE.search(upper["number"])):
        value = value_of(upper["number"], upper["unit"])
        if value > lower:
            return value, upper.end()
    return lower, amount.end()
