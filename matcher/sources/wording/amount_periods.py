"""The period that an amount of money is for: '£60k a year', 'every 4 weeks', 'Annual value: £9k'.

Times that are not the period of an amount, such as those of payments and reviews, are left out.
"""

from __future__ import annotations

import re

from matcher.sources.wording.products import with_products

PERIODS = {
    "week": 52.0,
    "fortnight": 26.0,
    "month": 12.0,
    "quarter": 4.0,
    "school term": 3.0,
    "half-year": 2.0,
    "year": 1.0,
}
"""Period that an amount may be for → number of such periods in a year."""
_COUNTS = {"two": 2, "three": 3, "four": 4, "six": 6, "twelve": 12}
_COUNT = rf"[1-9]\d?|{'|'.join(_COUNTS)}"
_KIND = (
    r"(?:(?:calendar|financial|full|academic|school|contract|optional|option|extension|further"
    r"|following"
    r"|later|other|remaining|subsequent) )?"
)
_ADVERBS = (
    r"(?P<ly>weekly|fortnightly|monthly|quarterly|termly|annually|yearly|half[- ]yearly"
    r"|bi-?annual(?:ly)?"
    rf"|biennial(?:ly)?|triennial(?:ly)?)\b|(?P<n>{_COUNT})[ -](?P<unit>week|month|year)ly\b"
)
_EACH = re.compile(
    rf"(?:(?<![a-z])(?:per|an?|each|every|(?:in|for) (?:any|each)(?: (?:1|one))?)|/) ?{_KIND}"
    r"(?P<each>fortnight|half[- ]year|(?:school|academic) term|term(?=[^.]{0,20}\bterms a year)"
    r"|(?<=\bper )term(?! of (?:the|this|our)\b)|(?<=\beach )term(?! of (?:the|this|our)\b)"
    r"|(?<=\bevery )term\b"
    r"|week|wk|month|mth|quarter|qtr|annum|year|yr)\b"
    rf"|(?:(?<![a-z])(?:per|each|every|in any)|/) ?(?P<times>{_COUNT})[ -]?{_KIND}"
    r"(?P<of_unit>week|month|year)s?\b"
    rf"|\b{_ADVERBS}"
    r"|\A(?: ?an? | ?/ ?)(?P<term>term)\b(?! of\b)"
    r"|[-(,] ?(?P<annual>annual)(?= ?(?:[).,;]|$))"
    r"|(?<![a-z])p[./]? ?(?P<pa>[amw])\b|\bp\.? ?(?P<pcm>c)\.? ?m\b"
    r"|(?<!\d)(?<!\d )(?:\bx|×|\*) ?\d{1,3} ?(?P<by>year|month|week|quarter)s?\b"
    r"|(?:for|in) each of (?:the |these |its )?(?:\w{1,10} )?\d{1,3} (?:\w{1,10} )?"
    r"(?P<of>year|month|week|quarter)s?\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"\b(?:(?P<annual>annual)\b|{_ADVERBS})", re.IGNORECASE)
_HALF_YEARLY = re.compile(r"half|bi-?annual", re.IGNORECASE)
_RARE = {"bie": "2 years", "tri": "3 years", "for": "fortnight"}
"""Periods by the first three letters of their words."""
_FIRST_LETTERS = {"w": "week", "m": "month", "c": "month", "q": "quarter"}
_SEASON = re.compile(
    r"\b(?P<n>\d{1,2}) (?:(?:school|term[ -]time|teaching|working|operational) )?"
    r"(?P<unit>week|month|quarter|term)s?"
    r"(?: (?:per|an?|each|every|(?:in|of) (?:the|each|a|any|every)) (?:\w{1,12} )?(?:year|annum)\b"
    r"| (?:of )?term[ -]time)"
    r"|\bterm[ -]time(?: only)?,? ?(?:\( ?)?(?:for |of |over )?(?P<term>\d{1,2}) weeks",
    re.IGNORECASE,
)
"""How often a period comes in a year: '39 weeks a year', 'term time only (38 weeks)'."""
_COUNTED_BEFORE = re.compile(
    r"\b(?P<n>\d{1,2}) (?:weeks|(?:school )?terms) (?:at|@|of|x) ?\Z", re.IGNORECASE
)
_OF_ONE = re.compile(
    r"^ ?(?:(?:an?|each|every|per) |/ ?)(?:(?:academic|school) )?(?P<unit>week|term)\b",
    re.IGNORECASE,
)
_COUNTED_AFTER = re.compile(
    rf"{_OF_ONE.pattern},? (?:for|over|x) (?:the )?(?P<n>\d{{1,2}}) "
    r"(?:(?:academic|school) )?(?P=unit)s\b"
    r"(?! (?:an?|per|each|every|of|in) )",
    re.IGNORECASE,
)
"""How many weeks or terms a price of one is for: '38 weeks at', ' a week for 38 weeks'."""
_TERM_TIME = re.compile(r"\bterm[ -]time\b", re.IGNORECASE)
_APIECE = re.compile(
    r"^ ?(?:(?:each|apiece)\b|[*x×] ?\d{1,3}\b(?! ?(?:year|month|week|quarter)))", re.IGNORECASE
)
_EACH_BEFORE = re.compile(
    r"\beach of (?:the |its )?\d|\beach(?: is)? (?:at|costing|priced at|valued at|worth) ?\Z",
    re.IGNORECASE,
)
_OF_OPTION_YEARS = re.compile(
    r"(?:\A|(?<!\d) )(?:the |any |all )?(?:extension|option|optional) years (?:are )?"
    r"(?:at|costing|priced at|valued at|worth) ?\Z",
    re.IGNORECASE,
)
"""Before the amount of each of several years whose number is not said beside it."""
_UNIT_BEFORE = re.compile(
    r"\b(?P<n>\d{1,2})[ -](?:(?:additional|extension|further|option|optional|possible) ){0,2}"
    r"(?P<unit>year|month|quarter|week)(?P<many>s?)\b",
    re.IGNORECASE,
)
"""Before an amount that is 'each', what there are several of: '2 option years at'."""
_YEARS_BEFORE = re.compile(
    r"\byears \d(?:(?:,? and |, ?| & | to | ?- ?)\d){1,5}(?!\d)", re.IGNORECASE
)
"""Before an amount that is 'each', the years that it is for by their numbers: 'years 2 and 3'."""
_NEAR = 14
"""Characters after a period in which it is said to be that of payments: 'monthly payments'."""
_MOST_BETWEEN = 4
"""Words between 'annual' and an amount that is not said to be a total: 'annual total cost of'."""
_PAID = re.compile(r"\b(?:paid|payable|payments?|instalments?|invoiced|billed)\b", re.IGNORECASE)
_PAYMENT = re.compile(
    r",? ?(?:to be )?(?:(?:paid|payable|spread|split) )?(?:in|by|over) (?:\d{1,3} )?"
    r"(?:(?:annual|equal|half-yearly|regular|staged?|[a-z]{4,10}ly) ){0,2}"
    r"(?:install?ments|payments)\b(?! (?:at|of)\b)"
    r"|,? ?(?:to be )?(?:(?:invoiced|billed) (?:weekly|monthly|quarterly|annually))\b",
    re.IGNORECASE,
)
"""How an amount is paid, which is not the period that it is for."""
_ASIDE = re.compile(
    r"\b(?P<kept>extend\w{0,4}|extensions?|renew\w{0,4})"
    r"(?: (?:it|by|for|of|up|to|an?|one|further|another|additional|more)){1,4} ?(?:\d{1,2} )?"
    r"(?:weeks?|months?|years?)\b"
    r"|\b(?:reviewed|reported|monitored|audited) (?:weekly|monthly|quarterly|annually|yearly"
    r"|(?:every|each) (?:\d{1,2} )?(?:weeks?|months?|quarters?|years?))\b"
    r"|\b(?:weekly|monthly|quarterly|annual|yearly) "
    r"(?:contract |progress |performance )?(?:reviews?|meetings?|reports?|reporting|monitoring)\b"
    r"|\breports? (?:is |are )?due (?:every|each) (?:week|month|quarter|year)\b",
    re.IGNORECASE,
)
"""Extensions, reviews and reports, whose time is not the period that an amount is for."""
_QUANTITY = re.compile(
    r"(?<![£$€\d.,-])(?<![£\d-] )(?<!\bto )(?<!\band )(?<!\bor )(?<!\bx )(\b\d{1,3}(?:,?\d{3})?"
    r"(?: (?!(?:at|for|months?|of|quarters?|terms?|weeks?|years?)\b)[a-z-]{2,15}){0,3})"
    r" (?:an?|each|every|per) (?:day|week|month|quarter|year|annum)\b",
    re.IGNORECASE,
)
"""How many things come in a time: '300 meals a week'."""
_IN_ALL = re.compile(
    r"\b(?:in all|in total|total|overall|whole|aggregate|lifetime"
    r"|(?:(?:over|across|throughout)(?: (?:the|its|a))?|(?:for|during) (?:the|its|a)) "
    r"(?:full |whole |entire |initial )?"
    r"(?:\d{1,2}[ -](?:year|month) )?(?:contract |maximum )?(?:term|period|life|duration)"
    r"|over (?:(?:all|its|the) )?\d{1,2} (?:years|months))\b",
    re.IGNORECASE,
)
_PAID_EACH = re.compile(
    r"^(?: ?\(?(?:plus|ex\w{0,8}|inc\w{0,6})\.? (?:of )?vat\)?)?, ?(?:to be )?(?:paid|payable) "
    r"(?:weekly|monthly|quarterly|termly|annually|yearly|every|each)\b",
    re.IGNORECASE,
)
"""After an amount, when payments fall due: ', payable monthly'."""
_DIRECT = re.compile(r"(?: ?\([^()]{0,40}\))?(?: [\w'’]{1,20}){0,4}[ :=-]{0,3}$")
"""Between 'annual' and the amount that it is said of: 'annual contract sum of £18,000'."""


def without_payments(digits: str) -> str:
    """A sentence without times that are no period of an amount: of payments, reviews, options."""
    plain = _PAYMENT.sub("", with_products(digits))
    return _ASIDE.sub(lambda found: found["kept"] or "", plain)


def without_quantities(digits: str) -> str:
    """A sentence without the times in which so many things come: they are no period of an amount.

    >>> without_quantities("£9,000 for 300 meals a week"), without_quantities("£9,000 a week")
    ('£9,000 for 300 meals', '£9,000 a week')
    """
    return _QUANTITY.sub(r"\1", digits)


def per_year(period: str) -> float:
    """How often a period comes in a year: 4 for 'quarter', 26 for '2 weeks'."""
    number, _, unit = period.rpartition(" ")
    if period in PERIODS:
        return PERIODS[period]
    return PERIODS[unit.removesuffix("s")] / int(number)


def is_apiece(after: str) -> bool:
    """Whether an amount is for each of several: '£10,000 each'."""
    return bool(_APIECE.match(after))


def is_in_all(text: str) -> bool:
    """Whether words beside an amount say that it is for the whole contract."""
    return bool(_IN_ALL.search(text))


def times_a_year(text: str, period: str) -> int | None:
    """How often a text says that a period comes in a year, or None where it does not.

    0 where a week is one in term time and their number is not said, or is said twice.

    >>> times_a_year("£500 a week, term time only (38 weeks)", "week")
    38
    """
    said = {
        int(found["n"] or found["term"])
        for found in _SEASON.finditer(text)
        if period.endswith((found["unit"] or "week").lower())
    }
    if len(said) == 1:
        return said.pop()
    return 0 if said or (period == "week" and _TERM_TIME.search(text)) else None


def counted(before: str, after: str) -> int | None:
    """How many weeks or terms the price of one is for, as the words right beside it say.

    >>> counted("It is for 6 weeks at ", " a week"), counted("", " a week for 39 weeks a year")
    (6, None)
    """
    found = _COUNTED_AFTER.match(after) or (_OF_ONE.match(after) and _COUNTED_BEFORE.search(before))
    return int(found["n"]) if found else None


def is_each_or_all(before: str, after: str) -> bool:
    """Whether an amount may be each payment or all of them, for anything that the text says.

    >>> is_each_or_all("A fee of ", ", paid monthly"), is_each_or_all("In total ", ", paid monthly")
    (True, False)
    """
    is_said = _BEFORE.search(before) or _right_before(before) or _IN_ALL.search(before)
    return _PAID_EACH.match(after) is not None and not is_said


def period_of(before: str, after: str, near: str, heading: str) -> str:
    """The period that an amount is for, or '' for the whole contract.

    `near` is the clause after the amount.
    """
    named = _BEFORE.search(before) or _right_before(before)
    interval = _EACH.search(_SEASON.sub(" ", after) if named else after)
    is_paid = interval and _PAID.search(after[: interval.end() + _NEAR])
    if is_paid and (named or _IN_ALL.search(before)):
        return _name(named) if named else ""  # 'the annual budget is £36,000, paid every month'
    if interval is None and (_APIECE.match(after) or _EACH_BEFORE.search(before)):
        return _apiece(before)
    if interval is None and (_IN_ALL.search(before) or _IN_ALL.search(near)):
        if named and len(before[named.end() :].split()) > _MOST_BETWEEN:
            named = None if _IN_ALL.search(before, named.end()) else named
        said = named and (not _IN_ALL.search(near) or _DIRECT.match(before, named.end()))
        return _name(named) if named and said else ""
    if interval is not None and not _IN_ALL.search(after[: interval.start()]):
        return _name(interval)
    named = named or _EACH.search(before)
    if named is None and _OF_OPTION_YEARS.search(before):
        return "year"
    if named is None and heading:
        named = _BEFORE.search(heading) or _EACH.search(heading)
    return _name(named) if named else ""


def _right_before(before: str) -> re.Match[str] | None:
    """The period right before an amount: 'Total per year £23,000'."""
    found = _EACH.search(before)
    return found if found and not before[found.end() :].strip(" :=-") else None


def _apiece(before: str) -> str:
    """The period of an amount that is 'each', by what stands before it: '2 option years at'."""
    *_, last = [None, *_UNIT_BEFORE.finditer(before)]
    if last is None:
        return "year" if _YEARS_BEFORE.search(before) else ""
    unit = last["unit"].lower()
    return unit if last["many"] else f"{last['n']} {unit}s"


def _name(found: re.Match[str]) -> str:
    """The period that a match of `_EACH` or `_BEFORE` names."""
    groups = {name: word.lower() for name, word in found.groupdict().items() if word}
    count = groups.get("n") or groups.get("times")
    if count:
        number = _COUNTS.get(count) or int(count)
        unit = groups.get("unit") or groups["of_unit"]
        return f"{number} {unit}s" if number > 1 else unit
    word = next(iter(groups.values()))
    if word.endswith("term") or word == "termly":
        return "school term"
    if _HALF_YEARLY.match(word):
        return "half-year"
    return _RARE.get(word[:3]) or _FIRST_LETTERS.get(word[0], "year")
