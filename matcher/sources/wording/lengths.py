"""Lengths of time in a text whose numbers are digits, with sums of lengths as one length."""

from __future__ import annotations

import re

LENGTH = re.compile(
    r"(?<![\d,])(?P<n>\d,\d{3}|\d{1,4}(?:\.\d{1,2})?)(?: ?\(\d{1,3}\))?[ -]?"
    r"(?P<more>(?:further|additional|more|extra|optional|option|extension|firm|calendar|consecutive"
    r"|full|academic|school|financial|contract) )?"
    r"(?P<unit>years?|yrs?|months?|mths?|weeks?|quarters?|days?)\b"
    r"(?:(?:,? (?:and|&) |(?P<alone>,? ))"
    r"(?P<months>[1-9]|1[01])(?: ?\(\d{1,2}\))?[ -]?months?\b"
    r"(?! ?['’]? ?notice\b)(?(alone)(?! of\b| ?['’]|[ -](?:break|exten|further|mobili|notice|opti"
    r"|pilot|probation|trial|warranty))))?",
    re.IGNORECASE,
)
"""A length; months without 'and' may be of something else: '3 years, 6 months notice'."""
_UNIT_FIRST = re.compile(
    r"\b((?:duration|extension|length|option to extend|period|term)s?\b"
    r"(?: of (?:the )?(?:contract|framework))?)"
    r"(?: in (years|months|weeks|days)\b| ?\((?:in )?(years|months|weeks|days)\))"
    r" ?(?:[:=-]|is)? ?(\d{1,4}(?:\.\d{1,2})?)\b(?! ?(?:years|months|weeks|days))",
    re.IGNORECASE,
)
"""A length whose unit comes first: 'Duration (months): 36'."""
_NUMBER_OF = re.compile(
    r"\b(?:number of|(?P<option>extension)) (?P<unit>years|months)(?: ?[:=-]| is)? ?"
    r"(?P<n>\d{1,3})\b",
    re.IGNORECASE,
)
"""A length by its label: 'Number of years: 3', 'Extension years: 1'."""
_PLUS_BARE = re.compile(
    r"\b(\d{1,2}) ?(years?|yrs?|months?) ?((?:\+ ?\d{1,2} ?){1,6}(?![\d.]| ?[xX×]|"
    r" ?(?:years?|yrs?|months?|weeks?|days?)\b)|plus \d{1,2}(?= ?(?:[.;,)]|$)))",
    re.IGNORECASE,
)
"""Options in the unit of the length: '3 years +2'."""
_TIMES_BARE = re.compile(
    r"\b\d{1,3} ?(years?|yrs?|months?|mths?),? ?\(?(?:\+|plus|and|with)"
    r"(?: (?:an?|the|options?|extensions?|optional|possible|of|to|extend|by|for|up)){0,6} ?:? ?"
    r"\d ?[xX×] ?(\d{1,2})\b(?= ?(?:[.;,)\n]|$|optional|options?|extensions?|periods?))",
    re.IGNORECASE,
)
"""Options in the unit of the length: '36 months plus 2x12'."""
_IN_LETTERS = re.compile(
    r"\b((?:contract|agreement|initial|extension) (?:duration|length|period|term)|duration|term)"
    r"( ?[:=-]? ?(?:\+? ?\d{1,2} ?[my]\b(?: ?(?=\+))?){1,4})(?![£%²])"
    r"(?! (?!(?:and|with|plus|from|option|exten|initial|fixed|starting|commencing))(?-i:[a-z]))",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(\d{1,2}) ?([my])\b", re.IGNORECASE)
"""Lengths behind a label, with a letter for their unit: 'Term: 36m + 12m'; not '25 m pool'."""
_PLUS_UP_TO = re.compile(
    r"\b(\d{1,2}) ?(years?|yrs?|months?|mths?)? ?(?:plus|\+) ?up to (\d{1,2})"
    r"(?: (years?|yrs?|months?|mths?)\b|(?= ?(?:[.;,)]|$)))",
    re.IGNORECASE,
)
"""Options that may be shorter: 'three years plus up to two', '3 + up to 2 years'."""
_LABEL_BEFORE = re.compile(
    r"\b(?:contract|agreement|term|duration|length|period)(?: (?:is|of|will be|for))? ?[:=-]? ?$",
    re.IGNORECASE,
)
"""What stands before years that have no unit: 'Contract term 3 + up to 2'."""
_MONTHS_FROM = 6
"""Options from this number on are in months, also of a length in years: '3 years plus 2x12'."""
_SAID_YES = re.compile(
    r"\b((?:exten(?:d|sions?)|options?|renewals?)(?: (?:\w{1,10} ){0,2}\w{1,10})?)"
    r" ?[:?] ?yes ?[,;:(-] ?",
    re.IGNORECASE,
)
"""'Option to extend: yes, 2 x 12 months'."""
_NAMED_YEAR = re.compile(
    r"\b((?:agreement|contract|lasts?|let|runs?|running|term)(?: (?:is|will be|to be|will))? for)"
    r" the (?:20\d\d ?[/-] ?(?:20)?\d\d (?:academic|financial|school) year"
    r"|(?:academic|financial|school) year 20\d\d ?[/-] ?(?:20)?\d\d)\b"
    r"(?!,? (?:and|&|to|-) ?(?:the )?(?:\w{6,9} year )?20)",
    re.IGNORECASE,
)
"""The one year of a contract: 'for the 2026/27 financial year'."""
_OPT = re.compile(r"\bopt\.?(?= ?(?:to extend\b|\d{1,2} ?(?:\+|years?|yrs?|months?|mths?)))", re.I)
_MONTHS_SHORT = re.compile(r"(?<=\d)(yrs?|years?),? ?(\d{1,2}) ?(?:mths?|mos?)\b", re.IGNORECASE)
"""Years and months, cut short: '3yrs 6mths'."""
SUM = re.compile(
    r"\b(?P<first>\d{1,2})(?P<more>(?: ?(?:\+|plus) ?\d{1,2}){1,6})"
    r"(?: ?(?P<unit>years?|yrs?|months?))?\b",
    re.IGNORECASE,
)
_BRACKETED_SUM = re.compile(
    r"\b(\d{1,2}) ?(years?|yrs?|months?) ?"
    r"\( ?((?:(?:\+|plus) ?\d{1,2} ?){1,6})(?:years?|yrs?|months?)? ?\)",
    re.IGNORECASE,
)
_SAID_AGAIN = re.compile(
    r"\( ?(?P<n>\d{1,2}) ?(?P<unit>year|month)s?"
    r"(?P<more>(?: ?(?:\+|plus|and) ?(?P=n) ?(?P=unit)s?){1,4}) ?\)",
    re.IGNORECASE,
)
"""Options of one length in brackets, which say again how long they are: '(1 year + 1 year)'."""
_SUM_OF_OPTIONS = re.compile(
    r"\b(\d{1,2}(?: ?(?:\+|plus) ?\d{1,2}){1,5})[ -]?(?:years?|yrs?)? "
    r"(?=(?:year )?(?:optional|options?|extensions?)\b)",
    re.IGNORECASE,
)
_DAY = 0.003
"""Years of a day."""
_TWIN = re.compile(r"\b(\d{1,4}) ?\(\1\)")
_FOR_ONE = re.compile(
    r"\b(?:(by|for) an? (?=(?:year|month|quarter)\b)|an? (?=year and \d{1,2} months\b))",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\bboth (?:(?:of )?the )?((?:extension|option|optional) years)\b", re.IGNORECASE
)
_BY_PERIODS = re.compile(
    r"(£ ?[\d,.]{1,15} ?(?:k|m|bn)? ?(?:(?:an?|each|per) )?(?P<unit>pa|pm|pcm|annum|year|month)\b)"
    r" ?[x×*] ?(?P<n>\d{1,2})\b(?! ?(?:[a-z£%]|[,.]\d|\d))",
    re.IGNORECASE,
)
"""A price of a period by a number of them: '£9,000 pa x 4'."""
_FINANCIAL_YEARS = re.compile(
    r"\b(?P<runs>(?:agreement|contract|lasts?|let|period|runs?|running|term)"
    r"(?: (?:is|will be|to be|will))?)(?: (?:for|over|across|during|cover(?:s|ing)?)| ?[:=])"
    r" (?:the )?"
    r"(?:(?:academic|financial|school) years? )?20(?P<first>\d\d) ?[/-] ?(?:20)?\d\d"
    r"(?:, 20\d\d ?[/-] ?(?:20)?\d\d){0,4}(?:,? and | & | to | - |, )"
    r"20(?P<last>\d\d) ?[/-] ?(?:20)?\d\d(?![\d/-])",
    re.IGNORECASE,
)
"""Years that a contract runs for, by their names: 'for 2026/27 and 2027/28'."""
_OF_TODAY = re.compile(
    r"\b(?:current|currently|earlier|existing|expiring|last|old|outgoing|present|previous|prior) "
    r"(?:[\w'’-]{1,20} ){0,4}\Z",
    re.IGNORECASE,
)
"""Right before such years, words for a contract that is not the one to come."""
_ONE_MORE = re.compile(
    r"(?:\b(?:an? (?:further|additional|extra|final|optional|possible|second|third)|another)"
    r"|\A\W{0,3}(?:further|additional|extra|optional)) (year|month|quarter)\b",
    re.IGNORECASE,
)
_YEARLY_OPTIONS = re.compile(
    r"\b(\d{1,2}) (?:optional )?(?:annual|yearly) (?=extensions?\b|options?\b)", re.IGNORECASE
)


def with_sums(digits: str) -> str:
    """The text with what is added written as one length.

    '2 years (+1+1)' is '2 years plus 2 years', '1+1 extensions' is '2 years extensions'; '2 (2)
    years' is '2 years'.
    """
    digits = _OPT.sub("optional", _MONTHS_SHORT.sub(r" \1 \2 months", digits))
    digits = _NAMED_YEAR.sub(_one_year, _SAID_YES.sub(r"\1: ", digits))
    digits = _IN_LETTERS.sub(_in_words, digits)
    digits = _PLUS_UP_TO.sub(_plus_options, _TIMES_BARE.sub(_times_unit, digits))
    digits = _FINANCIAL_YEARS.sub(_of_years, _BY_PERIODS.sub(_by_periods, digits))
    digits = _BOTH.sub(r"2 \1", _FOR_ONE.sub(_for_one, digits))
    digits = _ONE_MORE.sub(r"1 further \1", _TWIN.sub(r"\1", digits))
    digits = _UNIT_FIRST.sub(lambda found: f"{found[1]}: {found[4]} {found[2] or found[3]}", digits)
    digits = _NUMBER_OF.sub(
        lambda found: f"{found['option'] or 'term'}: {found['n']} {found['unit']}", digits
    )
    digits = _PLUS_BARE.sub(
        lambda found: f"{found[1]} {found[2]} plus {added(found[3])} {found[2]} ", digits
    )
    digits = _SAID_AGAIN.sub(_as_one, digits)
    digits = _YEARLY_OPTIONS.sub(r"\1 optional 1 year ", digits)
    digits = _BRACKETED_SUM.sub(
        lambda found: f"{found[1]} {found[2]} plus {added(found[3])} {found[2]}", digits
    )
    digits = _SUM_OF_OPTIONS.sub(lambda found: f"{added(found[1])} years ", digits)
    return SUM.sub(lambda found: _later_sum(digits, found), digits)


def _one_year(found: re.Match[str]) -> str:
    is_of_today = _OF_TODAY.search(found.string[: found.start()])
    return found[0] if is_of_today else f"{found[1]} 1 year"


def _in_words(found: re.Match[str]) -> str:
    units = {"m": "months", "y": "years"}
    return found[1] + _LETTER.sub(lambda one: f"{one[1]} {units[one[2].lower()]}", found[2])


def _times_unit(found: re.Match[str]) -> str:
    is_months = int(found[2]) >= _MONTHS_FROM
    return f"{found[0]} {'months' if is_months else found[1]}"


def _plus_options(found: re.Match[str]) -> str:
    unit = found[2] or found[4] or "years"
    if not (found[2] or found[4] or _LABEL_BEFORE.search(found.string[: found.start()][-40:])):
        return found[0]
    return f"{found[1]} {unit} plus {found[3]} optional {found[4] or unit}"


def _by_periods(found: re.Match[str]) -> str:
    unit = "months" if "m" in found["unit"].lower().replace("annum", "") else "years"
    return f"{found[1]} x {found['n']} {unit}"


def _for_one(found: re.Match[str]) -> str:
    return f"{found[1]} 1 " if found[1] else "1 "


def _of_years(found: re.Match[str]) -> str:
    years = int(found["last"]) - int(found["first"]) + 1
    is_of_today = _OF_TODAY.search(found.string[: found.start()])
    return found[0] if years < 1 or is_of_today else f"{found['runs']} for {years} years"


def _as_one(found: re.Match[str]) -> str:
    return f"({added(found['n'] + found['more'])} {found['unit']}s)"


def sums_of_options(digits: str) -> str:
    """A text about options to extend, with their sums as lengths: '1 + 1 years' is '2 years'."""
    return SUM.sub(lambda found: f"{added(found[0])} {found['unit'] or 'years'}", digits)


def _later_sum(digits: str, found: re.Match[str]) -> str:
    """A sum after a length as one length, unless it says that length again: '7 years (5+2)'."""
    last = last_before(digits, found.start())
    total = added(found[0])
    repeats = digits[: found.start()].rstrip().endswith(("(", ":", "=", ","))
    if last is None or (repeats and float(last["n"]) == total):
        return found[0]
    return f"{total} {found['unit'] or last['unit']}"


def last_before(digits: str, end: int) -> re.Match[str] | None:
    """The last match of `LENGTH` before the place `end` of a text, or None."""
    *_, last = [None, *LENGTH.finditer(digits[:end])]
    return last


def added(numbers: str) -> int:
    """The sum of the numbers of up to two digits in a text: 3 for '1 + 2'."""
    return sum(map(int, re.findall(r"\d{1,2}", numbers)))


def years_of(found: re.Match[str]) -> float:
    """The years of a match of `LENGTH`."""
    return (
        float(found["n"].replace(",", "")) * in_years(found["unit"])
        + int(found["months"] or 0) / 12
    )


def exact(years: float) -> float:
    """Years, as whole months where they are within a day of them, to 9 places.

    >>> exact(730 / 365.25), exact(20 / 12)
    (2.0, 1.666666667)
    """
    whole = round(years * 12) / 12
    return round(whole if abs(years - whole) < _DAY else years, 9)


def in_years(unit: str) -> float:
    """The years of one of a unit: 'months', 'weeks'."""
    return {"m": 1 / 12, "w": 1 / 52, "q": 1 / 4, "d": 1 / 365.25}.get(unit[0].lower(), 1.0)
