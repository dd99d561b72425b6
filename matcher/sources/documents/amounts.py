"""What a contract is worth and how long it runs, as a specification states it in words.

Number words are read by text2num. Everything else is one small grammar: amounts of money with
their unit, range, period and VAT; terms in years, months or between dates; and extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from text_to_num import alpha2digit

PERIODS = {"week": 52.0, "month": 12.0, "quarter": 4.0, "year": 1.0}
"""Period that an amount may be for → number of such periods in a year."""
LONGEST_TERM = 40.0
"""Most years of a contract; a longer time is not read as its term."""
_LONGEST_SENTENCE = 2_000
_LEAST_BARE = 1_000.0
"""Least pounds of an amount without context for it to be read as the contract's value."""

# --- numbers -----------------------------------------------------------------------------------

_NUMBER = (
    r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?"
    r"|\d{1,3}(?: \d{3}){1,4}(?![\d,])"
    r"|\d{1,12}(?:\.\d{1,4})?"
)
_UNIT = r"billion|bn|million|mn|mill?|m|thousand|k"
_UNITS = {"b": 1e9, "m": 1e6, "t": 1e3, "k": 1e3}
_LARGE = re.compile(r"(\d) ?(billion|million|thousand)\b", re.IGNORECASE)
_LARGE_SIGNS = {"billion": "bn", "million": "m", "thousand": "k"}
_HALF = re.compile(
    r"\b(\w{1,12}) and a half (billion|million|thousand|years?)\b|\bhalf a (million|billion)\b"
    r"|\ba (million|billion|thousand) pounds\b",
    re.IGNORECASE,
)
_HYPHENED = re.compile(r"([a-z])-(years?|months?|weeks?)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200b\u202f\u205f\u3000]+")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")

# --- amounts -----------------------------------------------------------------------------------

_AMOUNT = re.compile(
    rf"(?:£|\bgbp) ?(?P<pounds>{_NUMBER})(?: ?(?P<unit>{_UNIT})\b)?"
    rf"|\b(?P<words>{_NUMBER})(?: ?(?P<wunit>{_UNIT})\b)? ?(?:pounds|gbp)\b",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(rf"(?:{_NUMBER})(?: ?(?:{_UNIT})\b)?", re.IGNORECASE)
_UPPER = re.compile(
    rf" ?(?:-|to|and|or) ?(?P<sign>£|gbp)? ?(?P<number>{_NUMBER})(?: ?(?P<unit>{_UNIT})\b)?",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"(?:per|an?|each|every|/) ?(?:calendar |financial )?(week|month|quarter|annum|year)\b"
    r"|\b(weekly|monthly|quarterly|annually|yearly)\b|\bp\.? ?([am])\b|\bp(c)m\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(weekly|monthly|quarterly|annual|annually|yearly)\b", re.IGNORECASE)
_FIRST_LETTERS = {"w": "week", "m": "month", "c": "month", "q": "quarter"}
_IN_ALL = re.compile(
    r"\b(?:in all|in total|total|overall|whole|aggregate|lifetime"
    r"|(?:over|across|for|during|throughout) (?:the|its|a) (?:full |whole |entire |initial )?"
    r"(?:\d{1,2}[ -](?:year|month) )?(?:contract |maximum )?(?:term|period|life|duration)"
    r"|over \d{1,2} (?:years|months))\b",
    re.IGNORECASE,
)
_NET = re.compile(
    r"(?:\b(?:ex|exc|excl|excludes|excluding|exclusive of|plus|net of|before|without)\b\.?|\+)"
    r" ?(?:any )?vat\b|\bvat ?(?:is |will be )?(?:exc\b|excl|exempt|extra|to be added)|\bnet\b",
    re.IGNORECASE,
)
_GROSS = re.compile(
    r"\b(?:inc|incl|includes|including|inclusive of|with|gross of)\b\.? ?(?:any )?vat\b"
    r"|\bvat ?(?:is )?inc|\bgross\b|\( ?(?:including|inclusive|inc\.?) ?\)"
    r"|^ ?(?:including|inc) ?\)",
    re.IGNORECASE,
)
_OF_CONTRACT = re.compile(
    r"\b(?:annual|budget|contract|cost|costs|estimated?|expenditure|fee|funding|maximum|monthly"
    r"|not exceed(?:ing)?|overall|price|spend|sum|total|up to|valued?|worth)\b",
    re.IGNORECASE,
)
_NOT_OF_CONTRACT = re.compile(
    r"\b(?:bond|cover|damages|deposit|fined?|grant of|hourly|indemnity|insur\w{1,8}|liability"
    r"|penalt\w{1,3}|salar\w{1,4}|threshold|turnover|wages?"
    r"|(?:per|an?|each|every) (?:bed|child|client|day|head|hour|item|journey|meal|mile|person"
    r"|place|pupil|resident|session|tonne|trip|unit|visit))\b",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(r"\b(?:budget|costs?|fee|funding|price|spend)\b", re.IGNORECASE)
"""Words for an amount that may be for a year or for the whole contract."""
_CLAUSE = re.compile(r"[,(;]| and | but | with ", re.IGNORECASE)

# --- terms -------------------------------------------------------------------------------------

_LENGTH = re.compile(
    r"\b(?P<n>\d{1,3}(?:\.\d{1,2})?)(?: ?\(\d{1,3}\))?[ -]?"
    r"(?P<more>(?:further|additional|more|extra|optional|calendar|consecutive|full) )?"
    r"(?P<unit>years?|yrs?|months?|mths?|weeks?)\b"
    r"(?:,? and (?P<months>\d{1,2})(?: ?\(\d{1,2}\))?[ -]?months?\b)?",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?P<first>\d{1,2})(?P<more>(?: ?\+ ?\d{1,2}){1,6})(?: ?(?P<unit>years?|yrs?|months?))?\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(\d{1,2}) (?:more|further|additional)\b(?=[ .,;)]|$)", re.IGNORECASE)
_RUNS = re.compile(
    r"\b(?:agreement|arrangement|awarded|commence\w{0,3}|contract|contracts|duration|framework"
    r"|initial|initially|lasts?|length|let|period|run|runs|term)\b",
    re.IGNORECASE,
)
_EXTENDS = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|options?|optional|further|additional|renew\w{0,4}|possible"
    r"|plus|extra)\b|\+",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\bextend\w{0,4} (?:it |this |the contract )?(?:up )?to (?:a )?(?:total |maximum )?(?:of )?$"
    r"|\b(?:maximum|total) (?:overall )?(?:of|term of|length of|duration of|period of) $",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(\d{1,2}) ?(?:x|×|(?:further |additional |more |optional |separate |possible ){0,2}"
    r"(?:periods?|extensions?|options?|terms?|increments?) (?:of|for)) ?(?:up to |a )?$",
    re.IGNORECASE,
)
_OPTIONS_AFTER = re.compile(r"^(?:'s?|s')? ?(?:extensions?|options?|optional)\b", re.IGNORECASE)
_COUNT = re.compile(r"\b(\d{1,2}) (?:x |× )?$")
_NOT_TERM = re.compile(
    r"\b(?:accounts|aged?|ago|experience|every|history|interval|(?:the|its|their|your) last"
    r"|least|notice|old|past|practice"
    r"|previous|record|retain\w{0,3}|review\w{0,3}|trading|warranty|within)\b",
    re.IGNORECASE,
)
_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY = (
    r"(?:(?:(?P<{0}d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?)?(?P<{0}m>jan(?:uary)?|feb(?:ruary)?"
    r"|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?),? (?P<{0}y>20\d\d)"
    r"|(?P<{0}nd>\d{{1,2}})[/.](?P<{0}nm>\d{{1,2}})[/.](?P<{0}ny>20\d\d))"
)
_BETWEEN = re.compile(
    rf"{_DAY.format('a')},? ?"
    r"(?:-|(?:and )?(?:will )?(?:run(?:s|ning)? )?(?:to|until|till|through"
    r"|ends?(?: on)?|ending(?: on)?|expires?(?: on)?|expiring(?: on)?|finish(?:es|ing)?(?: on)?))"
    rf" ?(?:the )?{_DAY.format('b')}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^\n.;!?]+(?:[.](?=\d|a\b|m\b|vat|,)[^\n.;!?]+)*", re.IGNORECASE)
_ABBREVIATED = re.compile(r"\b(p\.? ?[am]|inc|incl|exc|excl|ex|v\.a\.t|approx|est|no|yrs?|mths?)\.")
_WRAPPED = re.compile(r"(?<![.!?:;])\n(?=[a-z£(])")


@dataclass(frozen=True, slots=True)
class StatedValue:
    """An amount in pounds for each `period`, or for the whole contract where that is ''.

    `gross`: VAT is included; False where the text does not mention VAT.  `of_range`: the amount
    is the upper end of a range.
    """

    pounds: float
    period: str
    gross: bool
    words: str
    of_range: bool = False
    unclear: bool = False
    """whether the text leaves open if the amount is for a year or for the whole contract"""

    @property
    def yearly(self) -> float | None:
        """Pounds a year, or None where the amount is for the whole contract."""
        return self.pounds * PERIODS[self.period] if self.period else None


@dataclass(frozen=True, slots=True)
class ContractTerm:
    """How long a contract runs, in years, and how much longer its options may make it."""

    years: float
    words: str
    options: float = 0.0

    @property
    def longest(self) -> float:
        """Years with every option used: the law counts them (Procurement Act 2023 Schedule 3)."""
        return round(self.years + self.options, 2)


def stated_value(text: str, *, expected: bool = False, heading: str = "") -> StatedValue | None:
    """The value of the contract, or None; insurance cover and prices per visit are not its value.

    `expected`: the text is where a value is usual, such as a table cell, and need not contain a
    word for value.  `heading` is the heading of that cell.  Prefers an amount for the whole
    contract to one for a period, then the first.

    >>> stated_value("Cover of £5m is needed. The budget is £60k a year.")
    StatedValue(pounds=60000.0, period='year', gross=False, words='The budget is £60k a year',
                of_range=False, unclear=False)
    """
    if expected and _BARE_NUMBER.fullmatch(text.strip()):
        text = f"£{text.strip()}"
    found = list(_all_values(text, heading, expected=expected))
    if not found and not expected:
        bare = [
            value for value in _all_values(text, "", expected=True) if value.pounds >= _LEAST_BARE
        ]
        found = bare if len({value.pounds for value in bare}) == 1 else []
    return min(found, key=lambda value: value.period != "", default=None)


def contract_term(text: str) -> ContractTerm | None:
    """The length of the contract, or None; an age or experience is not its length.

    >>> contract_term("Drivers have three years of practice. The contract is for two years.")
    ContractTerm(years=2.0, words='2 years', options=0.0)
    """
    for sentence in _sentences(text):
        digits = in_digits(sentence)
        term = _between_dates(digits) or (_term(digits) if _RUNS.search(digits) else None)
        if term and 0 < term.years <= term.longest <= LONGEST_TERM:
            return replace(term, words=_short(term.words))
    return None


def in_digits(text: str) -> str:
    """The text with numbers in digits, and with ordinary spaces and hyphens.

    >>> in_digits("twenty-four months, two and a half years, £1.5 million")
    '24 months, 2.5 years, £1.5m'
    """
    plain = _DASHES.sub("-", _SPACES.sub(" ", text.replace("\n", " ")))
    plain = _LARGE.sub(lambda found: found[1] + _LARGE_SIGNS[found[2].lower()], plain)
    plain = _HYPHENED.sub(r"\1 \2", _HALF.sub(_with_half, plain))
    digits: str = alpha2digit(plain, "en", 0)
    return digits


def _with_half(found: re.Match[str]) -> str:
    if found[3]:
        return f"0.5{_LARGE_SIGNS[found[3].lower()]}"
    if found[4]:
        return f"1{_LARGE_SIGNS[found[4].lower()]} pounds"
    whole = alpha2digit(found[1], "en", 0)
    unit = _LARGE_SIGNS.get(found[2].lower(), f" {found[2]}")
    return f"{whole}.5{unit}" if whole.isdigit() else found[0]


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a text; a sentence may continue on the next line."""
    joined = _ABBREVIATED.sub(r"\1", _WRAPPED.sub(" ", text))
    for found in _SENTENCE.finditer(joined):
        yield found[0][:_LONGEST_SENTENCE]


# --- amounts -----------------------------------------------------------------------------------


def _all_values(text: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    for sentence in _sentences(text):
        yield from _values(sentence, heading, expected=expected)


def _values(sentence: str, heading: str, *, expected: bool) -> Iterator[StatedValue]:
    digits = in_digits(sentence)
    if not expected and not _OF_CONTRACT.search(digits):
        return
    found = list(_AMOUNT.finditer(digits))
    end = 0
    for at, amount in enumerate(found):
        if amount.start() < end:
            continue  # the upper end of the range before
        pounds, until = _pounds(digits, amount)
        until = _repeated_amount_end(digits, found[at + 1 :], pounds, until)
        before = digits[end : amount.start()]
        later = [value.start() for value in found[at + 1 :] if value.start() >= until]
        after = digits[until : later[0] if later else len(digits)]
        end = until
        near = _CLAUSE.split(after, maxsplit=1)[0]
        if pounds <= 0 or _NOT_OF_CONTRACT.search(before) or _NOT_OF_CONTRACT.search(near):
            continue
        period = _period(before, after, near, heading)
        context = f"{heading} {before}"
        yield StatedValue(
            pounds=pounds,
            period=period,
            gross=_is_gross(before, after, heading),
            words=_short(sentence),
            of_range=_pounds(digits, amount)[1] > amount.end(),
            unclear=not period
            and bool(_UNCLEAR.search(context))
            and not (_IN_ALL.search(context) or _IN_ALL.search(near)),
        )


def _pounds(digits: str, amount: re.Match[str]) -> tuple[float, int]:
    """The amount, or the upper end of its range, and where it ends."""
    number = amount["pounds"] or amount["words"]
    unit = amount["unit"] or amount["wunit"]
    lower = _number(number, unit)
    upper = _UPPER.match(digits, amount.end())
    if upper and (upper["sign"] or upper["unit"] or "," in upper["number"]):
        value = _number(upper["number"], upper["unit"])
        if not unit and upper["unit"] and lower < 1000:
            lower = _number(number, upper["unit"])
        if value > lower:
            return value, upper.end()
    return lower, amount.end()


def _repeated_amount_end(
    digits: str, later: Sequence[re.Match[str]], pounds: float, until: int
) -> int:
    """The end of an amount, after its repetition: 'sixty thousand pounds (£60,000)'."""
    repeat = next(iter(later), None)
    if (
        repeat
        and digits[until : repeat.start()].strip() == "("
        and _pounds(digits, repeat)[0] == pounds
    ):
        return repeat.end()
    return until


def _number(number: str, unit: str | None) -> float:
    plain = float(number.replace(",", "").replace(" ", ""))
    return round(plain * _UNITS.get((unit or "")[:1].lower(), 1), 2)


def _period(before: str, after: str, near: str, heading: str) -> str:
    """The period that an amount is for, or '' for the whole contract."""
    interval = _EACH.search(after)
    if interval is None and (_IN_ALL.search(before) or _IN_ALL.search(near)):
        named = _BEFORE.search(before)
        return _period_of(named[1]) if named and not _IN_ALL.search(near) else ""
    if interval is not None and not _IN_ALL.search(after[: interval.start()]):
        return _period_of(next(filter(None, interval.groups())))
    named = _BEFORE.search(before) or _EACH.search(before)
    if named is None and heading:
        named = _BEFORE.search(heading) or _EACH.search(heading)
    return _period_of(next(filter(None, named.groups()))) if named else ""


def _period_of(word: str) -> str:
    return _FIRST_LETTERS.get(word[0].lower(), "year") if word.lower() != "a" else "year"


def _is_gross(before: str, after: str, heading: str) -> bool:
    """Whether VAT is included; text after the amount takes precedence over text before it."""
    for text in (after, before, heading):
        net, gross = _NET.search(text), _GROSS.search(text)
        if net and gross:
            return gross.start() < net.start()
        if net or gross:
            return gross is not None
    return False


# --- terms -------------------------------------------------------------------------------------


def _between_dates(digits: str) -> ContractTerm | None:
    for found in _BETWEEN.finditer(digits):
        first, last = _day(found, "a", last=False), _day(found, "b", last=True)
        if first and last and last > first:
            years = round((last - first).days / 365.25, 2)
            whole = round(years * 12) / 12
            years = whole if abs(years - whole) < 0.02 else years
            options = _term(digits[found.end() :], of_options=True)
            return ContractTerm(round(years, 2), found[0], options.options if options else 0.0)
    return None


def _day(found: re.Match[str], which: str, *, last: bool) -> date | None:
    try:
        if found[f"{which}m"]:
            month = _MONTH_NAMES.index(found[f"{which}m"][:3].lower()) + 1
            year = int(found[f"{which}y"])
            if found[f"{which}d"]:
                return date(year, month, int(found[f"{which}d"]))
            if last:
                return date(year + month // 12, month % 12 + 1, 1)
            return date(year, month, 1)
        return date(*(int(found[f"{which}{part}"]) for part in ("ny", "nm", "nd")))
    except ValueError:
        return None


def _term(digits: str, *, of_options: bool = False) -> ContractTerm | None:
    """The first length that is not an extension, and the sum of those that are."""
    if not of_options and (term := _sum(digits)):
        return term
    initial: float | None = 0.0 if of_options else None
    options, words, end, unit = 0.0, "", 0, "years"
    for found in _LENGTH.finditer(digits):
        before, after = digits[end : found.start()], digits[found.end() :]
        near = after[:40]
        years = _years(found)
        if _NOT_TERM.search(before[-40:]) or _NOT_TERM.match(near.lstrip(" 'sof").lstrip()):
            end = found.end()
            continue
        extends = bool(
            _EXTENDS.search(before) or (found["more"] and _EXTENDS.search(found["more"]))
        ) or bool(_OPTIONS_AFTER.match(after))
        if initial is None and not _OPTIONS_AFTER.match(after):
            initial, words, unit = years, found[0], found["unit"]
        elif extends and initial is not None:
            if _UNTIL.search(before) and years > initial:
                options = years - initial
            elif years:
                options += years * _times(before, after)
        end = found.end()
    if initial is None:
        return None
    more = _MORE.search(digits, end) if _EXTENDS.search(digits[end:]) else None
    if more and not options:
        options = int(more[1]) * _in_years(unit)
    return ContractTerm(round(initial, 2), words, round(options, 2))


def _sum(digits: str) -> ContractTerm | None:
    """A term written as '3+1+1' years."""
    found = _SUM.search(digits)
    if found is None:
        return None
    unit = _in_years(found["unit"] or "years")
    more = sum(int(part) for part in re.findall(r"\d{1,2}", found["more"]))
    return ContractTerm(round(int(found["first"]) * unit, 2), found[0], round(more * unit, 2))


def _years(found: re.Match[str]) -> float:
    return float(found["n"]) * _in_years(found["unit"]) + int(found["months"] or 0) / 12


def _in_years(unit: str) -> float:
    return {"m": 1 / 12, "w": 1 / 52}.get(unit[0].lower(), 1.0)


def _times(before: str, after: str) -> int:
    found = _TIMES.search(before) or (
        _COUNT.search(before) if _OPTIONS_AFTER.match(after) else None
    )
    return int(found[1]) if found else 1


def _short(sentence: str) -> str:
    plain = " ".join(sentence.split())
    return plain if len(plain) <= 140 else f"{plain[:139]}…"
