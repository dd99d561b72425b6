"""Amounts that are written as several equal ones: '3 years @ £12,000', '12 payments of £500'."""

from __future__ import annotations

import re

from matcher.sources.wording.number_words import NUMBER, UNIT, value_of

_SUM = rf"£ ?(?P<pounds>{NUMBER})(?![\d,.]?\d)(?: ?(?P<unit>{UNIT})\b)?"
_ALONE = (
    r"(?: (?:each|apiece)\b(?! [a-z]))?"
    r"(?=\W*\Z| ?[,.;:)(+=£]| (?:and|ex|for|in|over|plus|with)"
    r"| (?:are|to be|will be) (?:invoiced|made|paid|payable)\b)"
)
"""After an amount of which there are several: none of a time or a thing, and no range."""
_BEFORE = (
    r"(?<![\d.,£x×*@])(?<![x×*@] )(?<!lot )(?<!lots )(?<!year )(?<!years )(?<!phase )(?<!stage )"
    r"(?<!\d[-–/&+])(?<!\b\d [-–/&+] )(?<!\b\d or )(?<!\b\d to )(?<!\b\d and )"
    r"(?P<n>[1-9]\d{0,2})"
)
"""How many, where that is one number: in '2 + 1 years' or 'lots 1-3' it is not the last one."""
_OPTION = r"(?:extension|further|option|optional)"
_PAID_IN = r" (?:(?:are|be|is|shall|to|will) ){0,2}(?:(?:made|paid|payable) )?(?:by|in|over) "
_COUNTED = (
    r"(?P<n>[1-9]\d?) (?:(?:equal|half-yearly|[a-z]{4,8}ly) ){0,2}"
    r"install?ments\b(?! (?:at|of)\b)"
)
"""After 'payments of £500', how many there are: 'will be made in 12 instalments'."""
_PRODUCTS = (
    re.compile(
        rf"{_BEFORE} ?(?:(?P<years>years?|yrs?|months?|mths?) ?[x×*@]|(?:quarters|weeks) ?[x×*@]"
        rf"|(?<!for \d )quarters of|[x×*](?=[ £])) ?{_SUM}{_ALONE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_BEFORE} (?P<option>{_OPTION} (?:years?|months?)|(?:years?|months?) {_OPTION}s?)"
        rf" ?[x×*@] ?{_SUM}{_ALONE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_BEFORE} (?:(?!at\b|of\b)[a-z-]{{4,12}} ){{0,2}}?(?:instalments|installments|payments) "
        rf"(?:of|at|@) {_SUM}{_ALONE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<of>)\b(?:payments|install?ments|sums) of {_SUM}(?: each)?{_PAID_IN}{_COUNTED}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<of>)\b(?:payments?|install?ments?|sums?) of {_SUM}{_PAID_IN}each of (?:the )?"
        rf"{_COUNTED}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_SUM} ?[x×*] ?(?P<n>[1-9]\d?)\b(?! ?[@£%x×*-]){_ALONE}", re.IGNORECASE),
)
_MARK = "\0"
"""Before a total, while a sentence is read."""
_JOINED = re.compile(
    rf"(?<={_MARK})(£[\d,.]+(?: for \d+ \w+)?)(?:, and|,| and) ?(?={_MARK})", re.IGNORECASE
)
"""A product and what it is added to."""
_DEPOSIT = re.compile(r"\bdeposit\b(?! of [^£])", re.IGNORECASE)


def with_products(digits: str) -> str:
    """A sentence with what several equal amounts come to in their place.

    Those for a time or a thing stay: '3 x £12,000 a year' may be for three years or three posts.

    >>> with_products("Budget: 3 years @ £12,000 + VAT"), with_products("2 x £15k for vans")
    ('Budget: £36,000 for 3 years + VAT', '£30,000 for vans')
    >>> with_products("£9,000 followed by 12 monthly instalments of £500 each")
    '£9,000 followed by £6,000'
    >>> with_products("£500 deposit and 12 payments of £100")
    '£500 up-front payment and £1,200'
    >>> with_products("3 x £12,000 a year"), with_products("12 cuts @ £950")
    ('3 x £12,000 a year', '12 cuts @ £950')
    """
    found = digits
    for product in _PRODUCTS if "£" in digits else ():
        found = product.sub(_total, found)
    if found == digits:
        return digits
    return _DEPOSIT.sub("up-front payment", _JOINED.sub(r"\1 plus ", found)).replace(_MARK, "")


def _total(found: re.Match[str]) -> str:
    said, n = found.groupdict(), found["n"]
    total = round(int(n) * value_of(found["pounds"], found["unit"]), 2)
    pounds = f"{_MARK}£{total:,.2f}".removesuffix(".00")
    if said.get("option"):
        time = "month" if "month" in found["option"].lower() else "year"
        return f"{n} optional {time}s at {pounds}"
    if years := said.get("years"):
        return f"{pounds} for {n} {years}{'' if years.lower().endswith('s') else 's'}"
    return f"sum of {pounds}" if "of" in said else pounds
