"""How long a contract runs, as a specification states it in words: terms, dates and options."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcher.sources.wording.contract_dates import (
    DatedTerm,
    between_days,
    start_and_end,
    years_to_latest_end,
)
from matcher.sources.wording.lengths import (
    LENGTH,
    SUM,
    added,
    in_years,
    last_before,
    with_sums,
    years_of,
)
from matcher.sources.wording.number_words import in_digits, sentences, short

_LONGEST_DATES = 20_000
"""Characters in which a start date with an end date is looked for."""
_NEAR = 200
"""Characters after a start and an end in which their options are looked for."""
LONGEST_TERM = 40.0
"""Most years of a contract; a longer time is not read as its term."""

_EQUAL = 0.02
"""Years by which equal lengths in different units may differ."""

_RUNS_DAYS = re.compile(
    r"(?:\b(?:contract|agreement|framework|it) (?:is|will be|is let|will be let)(?: for)?"
    r"|\b(?:lasts?|runs?|run)(?: for)?|\b(?:duration|length|period|term)s?(?: is| will be)?)"
    r"(?: a| of| up to| period| term| duration| ?\([^()]{0,20}\)){0,4} ?[:=-]? ?$",
    re.IGNORECASE,
)
"""Right before a term in days. Other days are notice, credit or answers."""
_FEWEST_DAYS = 28 / 365.25
"""Years of the shortest term in days."""
_MORE = re.compile(r"\b(\d{1,2}) (?:more|further|additional)\b(?=[ .,;)]|$)", re.IGNORECASE)
_RUNS = re.compile(
    r"\b(?:agreement|arrangement|awarded|commence\w{0,3}|contract|contracts|duration|framework"
    r"|initial|initially|lasts?|length|let|period|run|runs|term|[cg]h?ontract|[cg]yfnod|cytundeb"
    r"|fframwaith)\b",
    re.IGNORECASE,
)
_PAID_FOR = re.compile(
    r"\b(?:budget|costs?|fees?|funding|pay|price|spend|sum|valued?|worth)\b.{0,80}?"
    r"£ ?\d[^£:]{0,60}?(?:\b(?:for|over|across)| [x×*]) (?:each of )?(?:an? |the )?"
    r"(?:(?:first|fixed|full|initial|maximum|total|whole) )?(?:(?:period|term) of )?(?:up to )?"
    r"(?=\d{1,2}[ +\d]{0,12} ?(?:years?|yrs?|months?)\b(?!['’]|[ -](?:olds?|ago|probation\w{0,3}"
    r"|notice|rent|trial|membership|warranty|training|supply|placement)\b))",
    re.IGNORECASE,
)
"""A price up to the length that it is paid for: 'the budget is £40k a year for 3+1+1 years'."""
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
_PART = re.compile(
    r"(?:[:,(=]|\b(?:compris\w{1,4}|consist\w{0,4}|made up|being|split|initial|initially))"
    r"(?: ?\b(?:an?|the|of|as|in|into|is|for|up|first|initial|fixed|core|minimum|term|period"
    r"|contract)\b){0,6} ?$",
    re.IGNORECASE,
)
"""Right before a length that is a part of the one named first: '5 years: an initial 3 years'."""
_NO_PART_AFTER = re.compile(
    r"^[ -]?(?:increments?|intervals?|blocks?|instalments?|steps?|stages?|break|probation\w{0,3}"
    r"|notice|review|warranty|defects?|mobilisation|pilot|trial)\b",
    re.IGNORECASE,
)
"""Right after a length that is no part of the one named before."""
_AGAIN = re.compile(r"[(=][^()=]{0,30}$")
"""Before a length in brackets or after '=', which may say again what the text said before."""
_ADDS = re.compile(r"\+|\b(?:and|plus|then)\b", re.IGNORECASE)
_INTERVAL = re.compile(r"(?:\b(?:per|each)|/) ?$", re.IGNORECASE)
"""Right before the interval of an amount: '£6,000 per 4 weeks'."""


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
        digits = with_sums(in_digits(sentence))
        term = _between_days(digits) or (_term(digits) if _RUNS.search(digits) else None)
        if term and not term.options:
            options = max(0.0, round(years_to_latest_end(digits) - term.years, 2))
            term = replace(term, options=options)
        if term and not term.options:
            term = replace(term, options=_options_later(whole[at + 1 : at + 3]))
        if term and 0 < term.years <= term.longest <= LONGEST_TERM:
            return replace(term, words=short(term.words))
    dated = start_and_end(in_digits(text[:_LONGEST_DATES]))
    if dated is None:
        return _paid_for(whole)
    after = dated.rest[:_NEAR]
    extends = _LATER_OPTION.search(after) and not _NO_LATER_OPTION.search(after)
    term = _of_days(replace(dated, rest=after if extends else ""))
    return replace(term, words=short(term.words))


def _paid_for(whole: list[str]) -> ContractTerm | None:
    """The length of the contract, read from a price: "£40k a year for 3 years"."""
    for sentence in whole:
        digits = with_sums(in_digits(sentence))
        price = _PAID_FOR.search(digits)
        term = _term(digits[price.end() :]) if price else None
        if term and 0 < term.years <= term.longest <= LONGEST_TERM:
            return replace(term, words=short(term.words))
    return None


def _between_days(digits: str) -> ContractTerm | None:
    dated = next(between_days(digits), None)
    return _of_days(dated) if dated else None


def _of_days(dated: DatedTerm) -> ContractTerm:
    """A term by its days; its options end on a later day, or else have a length."""
    options = dated.options
    if not options and (more := _term(dated.rest, of_options=True)):
        options = more.options
    return ContractTerm(dated.years, dated.words, options)


def _options_later(after: list[str]) -> float:
    """The options of a contract as the sentences after the one with its length say them."""
    for sentence in after:
        digits = with_sums(in_digits(sentence))
        if _LATER_OPTION.search(digits) and not _NO_LATER_OPTION.search(digits):
            term = _term(digits, of_options=True)
            if term and term.options:
                return term.options
    return 0.0


def _term(digits: str, *, of_options: bool = False) -> ContractTerm | None:
    """The first length that is not an extension, and the sum of those that are."""
    if not of_options and (term := _sum(digits)):
        return term
    initial: float | None = 0.0 if of_options else None
    options, words, end, unit = 0.0, "", 0, "years"
    parts: list[float] = []
    for found in LENGTH.finditer(digits):
        before, after = digits[end : found.start()], digits[found.end() :]
        years = years_of(found)
        if _is_other_length(years, found, before, after[:40]):
            end = found.end()
            continue
        extends = _is_extension(found, before, after)
        if initial is None and not _OPTIONS_AFTER.match(after):
            initial, words, unit = years, found[0], found["unit"]
        elif not extends:
            parts += [years] if not options and _is_part(before, after) else []
        elif initial is not None and not _says_again(initial, options, years, before, after):
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
    return bool(_PART.search(before[-60:])) and not _NO_PART_AFTER.match(after)


def _says_again(initial: float, options: float, years: float, before: str, after: str) -> bool:
    """Whether a length is the options, or the term with them: 'a 2 year extension (3+2)'."""
    opened = _AGAIN.search(before)
    if not options or opened is None or _ADDS.search(opened[0]):
        return False
    total = years * _times(before, after)
    return min(abs(total - options), abs(total - initial - options)) < _EQUAL


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
        return int(more[1]) * in_years(unit)
    ordinals = _ORDINAL_YEARS.search(rest)
    return float(len(re.findall(r"\w{3,}", ordinals[1].replace("and", "")))) if ordinals else 0.0


def _sum(digits: str) -> ContractTerm | None:
    """A term written as '3+1+1' years."""
    found = SUM.search(digits)
    if found is None:
        return None
    last = last_before(digits, found.start())
    unit = in_years(found["unit"] or (last["unit"] if last else "years"))
    more = added(found["more"])
    return ContractTerm(round(int(found["first"]) * unit, 2), found[0], round(more * unit, 2))


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
