"""Amounts that a text gives for the first year of a contract, the second and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.sources.wording.amount_clauses import CLAUSE
from matcher.sources.wording.money import AMOUNT, pounds_of
from matcher.sources.wording.nominal import NOMINAL
from matcher.sources.wording.number_words import NUMBER, UNIT
from matcher.sources.wording.other_amounts import NOT_OF_CONTRACT, PERHAPS_PAST, is_past

_YEARS = ("one", "two", "three", "four", "five", "six", "seven")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
_IN_YEAR = (
    rf"(?:\b(?:year |yr ?|y)(?P<{{0}}>[1-9]|{'|'.join(_YEARS)})\b(?:\s?\([^()£]{{{{1,20}}}}\))?"
    rf"|\b(?P<{{0}}o>{'|'.join(_ORDINALS)})(?: year\b|(?= and\b| ?[,.;]|$))"
    r"|(?<![\d/])(?:(?:financial )?year |fy ?)?"
    r"(?P<{0}f>20\d\d|(?<=fy)\d\d) ?[/-] ?(?:20)?\d\d\b(?![/-])"
    r"|(?<![\d/])(?P<{0}s>[23]\d)/[23]\d\b(?![/-])"
    r"|(?:(?<=\bfor )|(?<=\bin ))(?P<{0}c>20\d\d)\b(?! ?[/-] ?\d))"
)
"""A year of the contract, 'year 1', 'second year', or of a calendar, '2026/27', 'in 2026'."""
_AMOUNT = rf"£ ?(?:{NUMBER})(?: ?(?:{UNIT})\b)?"
_SPELT = re.compile(
    rf"\byears (?:{'|'.join(_YEARS)})"
    rf"(?:(?:,? and |,? & |, ?| to | ?- ?)(?:{'|'.join(_YEARS)})){{1,5}}\b",
    re.IGNORECASE,
)
"""Several years whose numbers are words: 'years two and three'."""
_OF_YEAR = re.compile(
    rf"{_IN_YEAR.format('a')}(?:\s{{0,2}}(?:[:=(–-]|at|is|was|of|costs?|budget)){{0,3}}\s{{0,3}}"
    rf"(?P<after>{_AMOUNT})"
    rf"|(?P<before>{_AMOUNT})\s{{0,2}}"
    rf"(?:(?:in|for)?\s{{0,2}}(?:the\s)?{_IN_YEAR.format('b')}"
    rf"|[(–-]\s?(?:the\s)?{_IN_YEAR.format('c')}(?!\s?[:=–-]?\s?£))",
    re.IGNORECASE,
)
"""An amount of one year of several: 'Year 1: £40,000', '£40,000 in 2026/27'."""
_LIST = r"(?P<list>[1-7](?:(?:,|,? and|,? &) ?[1-7]){1,5}|[1-7] ?(?:-|to|through) ?[1-7])\b"
_EACH = r"(?: (?:each(?: year)?|(?:an?|per|each) (?:year|annum)|p\.?a\b\.?))"
_IN_YEARS = re.compile(
    rf"(?P<pounds>{_AMOUNT})(?P<each>{_EACH})?,? ?(?:for|in|during) (?P<of>each of )?(?:the )?"
    rf"(?:contract )?years {_LIST}(?P<changes>(?=,? (?:and |then )?(?:falling|dropping|reducing"
    r"|decreasing|rising|increasing)\b))?",
    re.IGNORECASE,
)
_YEARS_FIRST = re.compile(
    rf"\byears {_LIST}(?: ?\([^()£]{{1,20}}\))? ?(?:[:=-]|at)? ?"
    rf"(?P<pounds>{_AMOUNT})(?P<each>{_EACH})",
    re.IGNORECASE,
)
"""One amount for each of several years: '£9,000 a year in years 2 and 3', 'Years 1-3: £9k each'."""
_OF_FIRST = re.compile(
    rf"({_AMOUNT})(?=,? (?:and |then )?(?:ris|increas|grow|fall|decreas|reduc|taper)ing (?:to )?"
    rf"{_AMOUNT} (?:in|for) (?:the )?(?:year 2|second year|2nd year)\b[^.;\n]{{0,80}}"
    r"\b(?:year 3|third year|3rd year)\b)",
    re.IGNORECASE,
)
"""An amount of the first year, by those of the next ones: '£5k rising to £6k in year 2 and …'."""
_GOES_ON = re.compile(
    r"^,? ?(?:(?:and|then|thereafter|afterwards|after that|falling|dropping|reducing|decreasing"
    r"|rising|increasing)\b[ ,]{0,2}(?:\w{1,12} ){0,3}){1,3}£"
    rf"|^[,;.]?\s?(?:and )?{_IN_YEAR.format('n')}[^£.;\n]{{0,40}}£",
    re.IGNORECASE,
)
"""After the amounts of years, one more for the years or the year that follow them."""
_NO_PRICE = re.compile(
    r"\b(?:savings?|uplifts?|social value|income|mobilisation|increases?|inflation|discounts?"
    r"|reductions?|targets?|actual|past)\b",
    re.IGNORECASE,
)
"""Words for amounts of years that are not what the contract costs."""
_SPEND = re.compile(r"\b(?:expenditure|spend|spending)\b", re.IGNORECASE)
_PLANNED = re.compile(
    r"\b(?:anticipated|approximate|budget|estimated|expected|forecast|future|planned|projected)\b",
    re.IGNORECASE,
)
"""Beside 'spend' before years of a calendar, words for years to come."""
_ENDS = re.compile(r"[.;!?]\s|(?<!:)\n")
_LAST_YEAR = 99
_NEAR = 120
"""Characters before and after the amounts that are read with them."""


@dataclass(frozen=True, slots=True)
class YearAmounts:
    """The amounts of several years, and the text around them."""

    pounds: float
    """their sum; 0 where they are no price, or not one amount for each year from the first"""
    years: int
    """how many years have an amount"""
    is_price: bool
    least: float
    """what the whole contract costs at least"""
    of_range: bool
    words: str
    before: str
    after: str
    """the text from the first amount to the end of the clause after the last one"""
    rest: str
    """the whole text without them"""


def amounts_of_years(text: str) -> YearAmounts | None:
    """The amounts of two years or more that a text gives, or None."""
    text = _OF_FIRST.sub(r"\1 in year 1", _SPELT.sub(_in_digits, text))
    text = _YEARS_FIRST.sub(_one_by_one, _IN_YEARS.sub(_one_by_one, text))
    found = list(_OF_YEAR.finditer(text))
    if len(found) < 2:
        return None
    ends = [*(one.start() for one in found[1:]), len(text)]
    read = [_read(one, end) for one, end in zip(found, ends, strict=True)]
    begins = min(year for year, *_ in read)
    if begins > _LAST_YEAR:  # the years of a calendar: the first is that of the contract
        read = [(year - begins + 1, pounds, end) for year, pounds, end in read]
    amounts = {year: pounds for year, pounds, _ in read}
    first, last = found[0].start(), read[-1][2]
    before = _ENDS.split(text[max(0, first - _NEAR) : first])[-1]
    near = CLAUSE.split(_ENDS.split(text[last : last + _NEAR])[0], maxsplit=1)[0]
    after = text[first:last] + _ENDS.split(text[last : last + _NEAR])[0]
    around = f"{before} {_without(text[first:last], found, read, first)} {near}"
    was_paid = PERHAPS_PAST.search(f"{before} {text[first:last]}") or is_past(around)
    is_spend = begins > _LAST_YEAR and _SPEND.search(before) and not _PLANNED.search(before)
    is_other = NOT_OF_CONTRACT.search(around) or _NO_PRICE.search(around)
    is_price = not (is_other or was_paid or is_spend)
    each_once = len(amounts) == len(read) == max(amounts) and min(amounts.values()) >= NOMINAL
    each_once = each_once and not _GOES_ON.match(text[last : last + _NEAR])
    return YearAmounts(
        pounds=round(sum(amounts.values()), 2) if is_price and each_once else 0.0,
        years=len(amounts),
        is_price=is_price,
        least=0.95 * sum(amounts.values()),
        of_range=any(end > one.end() for one, (_, _, end) in zip(found, read, strict=True)),
        words="; ".join(
            text[one.start() : end] for one, (*_, end) in zip(found, read, strict=True)
        ),
        before=before,
        after=after,
        rest=_without(text, found, read, 0),
    )


def _in_digits(found: re.Match[str]) -> str:
    number = {word: str(at) for at, word in enumerate(_YEARS, 1)}
    return re.sub("[a-z]+", lambda word: number.get(word[0], word[0]), found[0].lower())


def _one_by_one(found: re.Match[str]) -> str:
    """The same amount for each of several years, where the text says that it is for each."""
    said = found.groupdict()
    if not (said["each"] or said.get("of") or said.get("changes") is not None):
        return found[0]
    first, *_, last = numbers = [int(number) for number in re.findall(r"\d", said["list"])]
    if re.search(r"[-ot]", said["list"]):
        numbers = list(range(first, last + 1))
    return ", ".join(f"{said['pounds']} in year {number}" for number in numbers)


def _read(found: re.Match[str], until: int) -> tuple[int, float, int]:
    """The year, its pounds or the upper end of their range, and where they end."""
    numbers = (found[f"{which}{kind}"] for kind in ("", "o", "f", "s", "c") for which in "abc")
    number = next(filter(None, numbers)).lower()
    words = _YEARS if number in _YEARS else _ORDINALS
    year = int(number) if number.isdigit() else words.index(number) + 1
    year += 2000 if len(number) == 2 and number.isdigit() else 0
    which = "after" if found["after"] else "before"
    amount = AMOUNT.match(found.string, found.start(which), until)
    if amount is None:
        return year, 0.0, found.end()
    pounds, end = pounds_of(found.string[:until], amount)
    return year, pounds, max(end, found.end())


def _without(
    text: str, found: list[re.Match[str]], read: list[tuple[int, float, int]], offset: int
) -> str:
    """The text, which begins at `offset`, without the amounts of years."""
    parts, at = [], 0
    for one, (*_, end) in zip(found, read, strict=True):
        parts.append(text[at : one.start() - offset])
        at = end - offset
    return " ".join([*parts, text[at:]])
