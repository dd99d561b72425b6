"""How long a contract runs, as a specification states it in words: terms, dates and options."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from matcher.sources.wording.number_words import in_digits, sentences, short

_LONGEST_DATES = 20_000
"""Characters in which a start date with an end date is looked for."""
_NEAR = 200
"""Characters after a start and an end in which their options are looked for."""
LONGEST_TERM = 40.0
"""Most years of a contract; a longer time is not read as its term."""

_EQUAL = 0.02
"""Years by which equal lengths in different units may differ."""

_LENGTH = re.compile(
    r"(?<![\d,])(?P<n>\d,\d{3}|\d{1,4}(?:\.\d{1,2})?)(?: ?\(\d{1,3}\))?[ -]?"
    r"(?P<more>(?:further|additional|more|extra|optional|calendar|consecutive|full|academic|school"
    r"|financial"
    r"|contract) )?"
    r"(?P<unit>years?|yrs?|months?|mths?|weeks?|quarters?|days?)\b"
    r"(?:,? and (?P<months>\d{1,2})(?: ?\(\d{1,2}\))?[ -]?months?\b)?",
    re.IGNORECASE,
)
_RUNS_DAYS = re.compile(
    r"(?:\b(?:contract|agreement|framework|it) (?:is|will be|is let|will be let)(?: for)?"
    r"|\b(?:lasts?|runs?|run)(?: for)?|\b(?:duration|length|period|term)s?(?: is| will be)?)"
    r"(?: a| of| up to| period| term| duration| ?\([^()]{0,20}\)){0,4} ?[:=-]? ?$",
    re.IGNORECASE,
)
"""Right before a term in days. Other days are notice, credit or answers."""
_FEWEST_DAYS = 28 / 365.25
"""Years of the shortest term in days."""
_UNIT_FIRST = re.compile(
    r"\b((?:duration|term|length|period)s?\b(?: of (?:the )?(?:contract|framework))?)"
    r"(?: in (years|months|weeks|days)\b| ?\((?:in )?(years|months|weeks|days)\))"
    r" ?(?:[:=-]|is)? ?(\d{1,4}(?:\.\d{1,2})?)\b(?! ?(?:years|months|weeks|days))",
    re.IGNORECASE,
)
"""A length whose unit comes first: 'Duration (months): 36'."""
_PLUS_BARE = re.compile(
    r"\b(\d{1,2}) ?(years?|yrs?|months?) ?((?:\+ ?\d{1,2} ?){1,6})(?![\d.]| ?[xX×]|"
    r" ?(?:years?|yrs?|months?|weeks?|days?)\b)",
    re.IGNORECASE,
)
"""Options in the unit of the length: '3 years +2'."""
_SUM = re.compile(
    r"\b(?P<first>\d{1,2})(?P<more>(?: ?(?:\+|plus) ?\d{1,2}){1,6})"
    r"(?: ?(?P<unit>years?|yrs?|months?))?\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(\d{1,2}) (?:more|further|additional)\b(?=[ .,;)]|$)", re.IGNORECASE)
_RUNS = re.compile(
    r"\b(?:agreement|arrangement|awarded|commence\w{0,3}|contract|contracts|duration|framework"
    r"|initial|initially|lasts?|length|let|period|run|runs|term|[cg]h?ontract|[cg]yfnod|cytundeb"
    r"|fframwaith)\b",
    re.IGNORECASE,
)
_EXTENDS = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|options?|optional|further|additional|renew\w{0,4}|possible"
    r"|plus|extra|ymestyn|estyn\w{0,6}|opsiwn|opsiynau)\b|\+",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\bextend\w{0,4} (?:it |this |the contract )?(?:up )?to (?:a )?(?:total |maximum )?(?:of )?$"
    r"|\b(?:maximum|total) (?:overall )?(?:of|term of|length of|duration of|period of) $",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(\d{1,2}) ?(?:x|×|(?:further |additional |more |optional |separate |possible ){0,2}"
    r"(?:(?:periods?|extensions?|options?|terms?|increments?) ){1,2}(?:of|for)) ?(?:up to |a )?$",
    re.IGNORECASE,
)
_OPTIONS_AFTER = re.compile(r"^(?:'s?|s')? ?(?:extensions?|options?|optional)\b", re.IGNORECASE)
_COUNTED_AFTER = re.compile(
    r"^(?:'s?|s')? ?(?:extensions?|options?|optional|periods?|increments?)\b", re.IGNORECASE
)
_COUNT = re.compile(
    r"\b(\d{1,2}) (?:x |× )?(?:(?:optional|further|additional|separate|possible|more) )*$",
    re.IGNORECASE,
)
_TWICE = re.compile(
    r"^,? ?(?:on |for )?(?:up to )?"
    r"(?:(?P<twice>twice|both)\b|(?P<n>\d{1,2}) (?:separate )?(?:times|occasions)\b)",
    re.IGNORECASE,
)
_TWICE_BEFORE = re.compile(
    r"\b(?:twice|(?P<n>\d{1,2}) (?:times|occasions)),? (?:by|for|of) (?:up to )?(?:an? )?$",
    re.IGNORECASE,
)
_INCLUDED = re.compile(
    r"\binclu\w{1,6} (?:(?:of|an?|the|any|up to|optional|possible|options?|extensions?|to|extend"
    r"|for|by|further|\d{1,2}|x) )*$",
    re.IGNORECASE,
)
"""Before an extension that the length named first already holds: '5 years, including a 2 year
extension'."""
_ORDINAL_YEARS = re.compile(
    r"\b((?:(?:\d{1,2}(?:st|nd|rd|th)|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
    r"(?:,? and |, | or | & | )){1,4})(?:contract |and final |final )?year\b",
    re.IGNORECASE,
)
_BRACKETED_SUM = re.compile(
    r"\b(\d{1,2}) ?(years?|yrs?|months?) ?"
    r"\( ?((?:\+ ?\d{1,2} ?){1,6})(?:years?|yrs?|months?)? ?\)",
    re.IGNORECASE,
)
_SUM_OF_OPTIONS = re.compile(
    r"\b(\d{1,2}(?: ?\+ ?\d{1,2}){1,5}) ?(?:years?|yrs?)? "
    r"(?=(?:year )?(?:optional|options?|extensions?)\b)",
    re.IGNORECASE,
)
_TWIN = re.compile(r"\b(\d{1,4}) ?\(\1\)")
_YEARLY_OPTIONS = re.compile(
    r"\b(\d{1,2}) (?:optional )?(?:annual|yearly) (?=extensions?\b|options?\b)", re.IGNORECASE
)
_LATER_OPTION = re.compile(r"\b(?:extend\w{0,4}|extensions?|renew\w{0,4})\b", re.IGNORECASE)
_NO_LATER_OPTION = re.compile(
    r"\b(?:deadline|tender period|clos\w{2,3} date|submission|validity"
    r"|no (?:option|provision|right|scope)|not (?:be )?(?:extend|renew)\w{0,4}|lease|warranty"
    r"|defects?)\b",
    re.IGNORECASE,
)
_NOT_TERM = re.compile(
    r"\b(?:accounts|aged?|ago|experience|every|history|interval|(?:the|its|their|your) last"
    r"|least|notice|old|past|practice"
    r"|previous|record|retain\w{0,3}|review\w{0,3}|trading|warranty|within)\b",
    re.IGNORECASE,
)
_A_YEAR = re.compile(r"^ ?(?:per|an?|each|every|of (?:the|each)|in (?:the|a|each)) year\b")
"""After weeks that are not the term: '39 weeks a year'."""
_NO_PART = re.compile(
    r"\b(?:after|at|from|every|break\w{0,6})(?: [a-z]{1,9}){0,2} ?$", re.IGNORECASE
)
_STEPS = re.compile(r"^ ?(?:increments?|intervals?|blocks?|instalments?|steps?|stages?)\b")
"""Around a length that is no part of the one named before."""
_INTERVAL = re.compile(r"(?:\b(?:per|each)|/) ?$", re.IGNORECASE)
"""Right before the interval of an amount: '£6,000 per 4 weeks'."""
_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = (
    r"(?:(?:(?P<{0}d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?)?(?P<{0}m>" + _MONTH + r"),? "
    r"(?P<{0}y>20\d\d)"
    r"|(?P<{0}sd>\d{{1,2}})(?:st|nd|rd|th)? (?P<{0}sm>" + _MONTH + r"),? '?(?P<{0}sy>\d\d)(?!\d)"
    r"|(?P<{0}um>" + _MONTH + r") (?P<{0}ud>\d{{1,2}})(?:st|nd|rd|th)?, (?P<{0}uy>20\d\d)"
    r"|(?P<{0}iy>20\d\d)-(?P<{0}im>\d\d)-(?P<{0}id>\d\d)"
    r"|(?P<{0}nd>\d{{1,2}})[/.-](?P<{0}nm>\d{{1,2}})[/.-](?P<{0}ny>20\d\d|\d\d(?!\d)))"
)
_FORMS = ("", "s", "u", "i", "n")
"""The ways to write a day in `_DAY`, by the letter before d, m and y in its names."""
_BETWEEN = re.compile(
    rf"{_DAY.format('a')},? ?"
    r"(?:-|(?:and )?(?:to |will )?(?:run(?:s|ning)? )?(?:to|until|till|through"
    r"|(?:ends?|ending|expires?|expiring|finish(?:es|ing)?)(?: on| in)?))"
    rf" ?(?:the )?(?:end of )?{_DAY.format('b')}",
    re.IGNORECASE,
)
_FROM_DAY = re.compile(
    rf"\b(?:from|on|commenc\w{{1,6}}|start\w{{0,4}})(?: on)? (?:the )?{_DAY.format('a')}",
    re.IGNORECASE,
)
"""The day from which a contract runs."""
_TO_DAY = re.compile(
    r"\b(?:extend\w{0,4}|extensions?|options?|renew\w{0,4})\b[^.;:]{0,60}?\b(?:to|until|till) "
    rf"(?:the )?(?:end of )?{_DAY.format('b')}",
    re.IGNORECASE,
)
"""The day to which a contract may be extended."""
_START_AND_END = re.compile(
    r"\b(?:start|commencement|commences?|begins?)(?: date)?(?: is| on)?\W{1,4}"
    rf"{_DAY.format('a')}\W{{1,6}}(?:(?:contract|proposed|estimated|anticipated|and|the) ){{0,3}}"
    rf"(?:end|ends|expiry|completion|finish)(?: date)?(?: is| on)?\W{{1,4}}{_DAY.format('b')}",
    re.IGNORECASE,
)


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


def contract_term(text: str) -> ContractTerm | None:
    """The length of the contract, or None; an age or experience is not its length.

    >>> contract_term("Drivers have three years of practice. The contract is for two years.")
    ContractTerm(years=2.0, words='2 years', options=0.0)
    """
    whole = list(sentences(text))
    for at, sentence in enumerate(whole):
        digits = _with_sums(in_digits(sentence))
        term = _between_dates(digits) or (_term(digits) if _RUNS.search(digits) else None)
        if term and not term.options:
            term = replace(term, options=_options_to_day(term, digits))
        if term and not term.options:
            term = replace(term, options=_options_later(whole[at + 1 : at + 3]))
        if term and 0 < term.years <= term.longest <= LONGEST_TERM:
            return replace(term, words=short(term.words))
    dates = _START_AND_END.search(in_digits(text[:_LONGEST_DATES]))
    term = _of_dates(dates) if dates else None
    if term and dates:
        after = dates.string[dates.end() : dates.end() + _NEAR]
        if _LATER_OPTION.search(after) and not _NO_LATER_OPTION.search(after):
            term = replace(term, options=_options_after(dates, after))
    return replace(term, words=short(term.words)) if term else None


def _options_later(after: list[str]) -> float:
    """The options of a contract as the sentences after the one with its length say them."""
    for sentence in after:
        digits = _with_sums(in_digits(sentence))
        if _LATER_OPTION.search(digits) and not _NO_LATER_OPTION.search(digits):
            term = _term(digits, of_options=True)
            if term and term.options:
                return term.options
    return 0.0


def _with_sums(digits: str) -> str:
    """The text with what is added written as one length.

    '2 years (+1+1)' is '2 years plus 2 years', '1+1 extensions' is '2 years extensions'; '2 (2)
    years' is '2 years'.
    """
    digits = _TWIN.sub(r"\1", digits)
    digits = _UNIT_FIRST.sub(lambda found: f"{found[1]}: {found[4]} {found[2] or found[3]}", digits)
    digits = _PLUS_BARE.sub(
        lambda found: f"{found[1]} {found[2]} plus {_added(found[3])} {found[2]} ", digits
    )
    digits = _YEARLY_OPTIONS.sub(r"\1 optional 1 year ", digits)
    digits = _BRACKETED_SUM.sub(
        lambda found: f"{found[1]} {found[2]} plus {_added(found[3])} {found[2]}", digits
    )
    digits = _SUM_OF_OPTIONS.sub(lambda found: f"{_added(found[1])} years ", digits)
    return _SUM.sub(lambda found: _later_sum(digits, found), digits)


def _later_sum(digits: str, found: re.Match[str]) -> str:
    """A sum after a length as one length, unless it says that length again: '7 years (5+2)'."""
    *_, last = [None, *_LENGTH.finditer(digits[: found.start()])]
    total = _added(found[0])
    repeats = digits[: found.start()].rstrip().endswith(("(", ":", "=", ","))
    if last is None or (repeats and float(last["n"]) == total):
        return found[0]
    return f"{total} {found['unit'] or last['unit']}"


def _added(numbers: str) -> int:
    return sum(map(int, re.findall(r"\d{1,2}", numbers)))


def _between_dates(digits: str) -> ContractTerm | None:
    for found in _BETWEEN.finditer(digits):
        if term := _of_dates(found):
            return replace(term, options=_options_after(found, digits[found.end() :]))
    return None


def _options_after(found: re.Match[str], rest: str) -> float:
    """The years of options in the text after a start and an end: a length, or a later end."""
    until, end = _TO_DAY.search(rest), _day(found, "b", last=True)
    latest = _day(until, "b", last=True) if until else None
    if latest and end and latest > end:
        return _whole_months((latest - end).days / 365.25)
    options = _term(rest, of_options=True)
    return options.options if options else 0.0


def _options_to_day(term: ContractTerm, digits: str) -> float:
    """The years of options of a term whose first day and latest last day are given."""
    begins, until = _FROM_DAY.search(digits), _TO_DAY.search(digits)
    first = _day(begins, "a", last=False) if begins else None
    latest = _day(until, "b", last=True) if until else None
    if not (first and latest and latest > first):
        return 0.0
    return max(0.0, round(_whole_months((latest - first).days / 365.25) - term.years, 2))


def _whole_months(years: float) -> float:
    """The years, as whole months where they are nearly so."""
    whole = round(years * 12) / 12
    return round(whole if abs(years - whole) < 0.02 else years, 2)


def _of_dates(found: re.Match[str]) -> ContractTerm | None:
    """The term between the two days of a match, or None where the second is not later."""
    first, last = _day(found, "a", last=False), _day(found, "b", last=True)
    if not (first and last and last > first):
        return None
    return ContractTerm(_whole_months(round((last - first).days / 365.25, 2)), found[0])


def _day(found: re.Match[str], which: str, *, last: bool) -> date | None:
    form = next((form for form in _FORMS if found[f"{which}{form}m"]), "")
    day, month, year = (found[f"{which}{form}{part}"] for part in "dmy")
    named = month[:3].lower()
    at = _MONTH_NAMES.index(named) + 1 if named in _MONTH_NAMES else int(month)
    in_year = int(year) + (2000 if len(year) == 2 else 0)
    try:
        if day:
            return date(in_year, at, int(day))
        return date(in_year + at // 12, at % 12 + 1, 1) if last else date(in_year, at, 1)
    except ValueError:
        return None


def _term(digits: str, *, of_options: bool = False) -> ContractTerm | None:
    """The first length that is not an extension, and the sum of those that are."""
    if not of_options and (term := _sum(digits)):
        return term
    initial: float | None = 0.0 if of_options else None
    options, words, end, unit = 0.0, "", 0, "years"
    parts: list[float] = []
    for found in _LENGTH.finditer(digits):
        before, after = digits[end : found.start()], digits[found.end() :]
        years = _years(found)
        if _is_other_length(years, found, before, after[:40]):
            end = found.end()
            continue
        extends = _is_extension(found, before, after)
        if initial is None and not _OPTIONS_AFTER.match(after):
            initial, words, unit = years, found[0], found["unit"]
        elif not extends:
            parts += [years] if _is_part(before, after) else []
        elif initial is not None:
            initial, options = _extended(initial, options, years, before, after)
        end = found.end()
    if initial is None:
        return None
    options = options or _options_without_length(digits[end:], unit)
    if initial > options > 0 and any(abs(part + options - initial) < _EQUAL for part in parts):
        initial -= options  # the first length is the sum: '5 years, of 3 years and a 2 year option'
    return ContractTerm(round(initial, 2), words, round(options, 2))


def _is_other_length(years: float, found: re.Match[str], before: str, near: str) -> bool:
    """Whether a length is no term: an age, an interval, a notice."""
    return bool(
        _INTERVAL.search(before)
        or _NOT_TERM.search(before[-40:])
        or _NOT_TERM.match(near.lstrip(" 'sof").lstrip())
        or _A_YEAR.match(near)
        or (found["unit"][0] in "dD" and not _are_term(years, before, near))
    )


def _extended(
    initial: float, options: float, years: float, before: str, after: str
) -> tuple[float, float]:
    """The length and the options with one more extension of `years`."""
    if _UNTIL.search(before) and years > initial:
        return initial, years - initial
    if _INCLUDED.search(before) and years < initial:
        return initial - years, options + years
    return initial, options + years * _times(before, after)


def _is_part(before: str, after: str) -> bool:
    return not _NO_PART.search(before[-40:]) and not _STEPS.match(after)


def _are_term(years: float, before: str, after: str) -> bool:
    """Whether days, which are most often notice, credit or work, are a term or its extension."""
    if years < _FEWEST_DAYS or after.startswith(" of "):
        return False
    return bool(_RUNS_DAYS.search(before[-80:]) or _EXTENDS.search(before[-40:]))


def _is_extension(found: re.Match[str], before: str, after: str) -> bool:
    more = found["more"] or ""
    return bool(_EXTENDS.search(before) or _EXTENDS.search(more) or _OPTIONS_AFTER.match(after))


def _options_without_length(rest: str, unit: str) -> float:
    """Options said after the length in its unit, or by their years: '2 more', 'a third year'."""
    if not _EXTENDS.search(rest):
        return 0.0
    if more := _MORE.search(rest):
        return int(more[1]) * _in_years(unit)
    ordinals = _ORDINAL_YEARS.search(rest)
    return float(len(re.findall(r"\w{3,}", ordinals[1].replace("and", "")))) if ordinals else 0.0


def _sum(digits: str) -> ContractTerm | None:
    """A term written as '3+1+1' years."""
    found = _SUM.search(digits)
    if found is None:
        return None
    *_, last = [None, *_LENGTH.finditer(digits[: found.start()])]
    unit = _in_years(found["unit"] or (last["unit"] if last else "years"))
    more = sum(int(part) for part in re.findall(r"\d{1,2}", found["more"]))
    return ContractTerm(round(int(found["first"]) * unit, 2), found[0], round(more * unit, 2))


def _years(found: re.Match[str]) -> float:
    return (
        float(found["n"].replace(",", "")) * _in_years(found["unit"])
        + int(found["months"] or 0) / 12
    )


def _in_years(unit: str) -> float:
    return {"m": 1 / 12, "w": 1 / 52, "q": 1 / 4, "d": 1 / 365.25}.get(unit[0].lower(), 1.0)


def _times(before: str, after: str) -> int:
    """How many extensions of one length there are."""
    if again := _TWICE.match(after):
        return int(again["n"] or 2)
    if again := _TWICE_BEFORE.search(before):
        return int(again["n"] or 2)
    found = _TIMES.search(before) or (
        _COUNT.search(before) if _COUNTED_AFTER.match(after) else None
    )
    return int(found[1]) if found else 1
