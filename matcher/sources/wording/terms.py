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
from matcher.sources.wording.extensions import (
    EQUAL,
    EXTENDS,
    OPTIONS_AFTER,
    extended,
    is_extension,
    may_extend,
    options_without_length,
    says_again,
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

_RUNS_DAYS = re.compile(
    r"(?:\b(?:contract|agreement|framework|it) (?:is|will be|is let|will be let)(?: for)?"
    r"|\b(?:lasts?|runs?|run)(?: for)?|\b(?:duration|length|period|term)s?(?: is| will be)?)"
    r"(?: a| of| up to| period| term| duration| ?\([^()]{0,20}\)){0,4} ?[:=-]? ?$",
    re.IGNORECASE,
)
"""Right before a term in days. Other days are notice, credit or answers."""
_LABEL_LINE = re.compile(
    r"(?:^|(?<=\n))[ \t]{0,8}((?:(?:the|contract|agreement|framework|initial|total|overall) ){0,2}"
    r"(?:duration|length|period|term)(?: of (?:the )?(?:contract|agreement|framework))?) ?:?"
    r"[ \t]?\r?\n\n?(?=[^\n]{1,40}\b(?:years?|months?|weeks?)\b)",
    re.IGNORECASE,
)
"""A label with the length on the next line."""
_FEWEST_DAYS = 28 / 365.25
"""Years of the shortest term in days."""
_RUNS = re.compile(
    r"\b(?:agreement|arrangement|awarded|commence\w{0,3}|contract|contracts|duration|framework"
    r"|initial|initially|lasts?|length|let|period|run|runs|term|[cg]h?ontract|[cg]yfnod|cytundeb"
    r"|fframwaith)\b",
    re.IGNORECASE,
)
_PAID_FOR = re.compile(
    r"\b(?:budget|costs?|fees?|funding|pay|price|spend|sum|valued?|worth)\b.{0,80}?"
    r"£ ?\d[^£:]{0,60}?(?:\b(?:for|over|across)| [x×*]|,) (?:each of )?(?:an? |the )?"
    r"(?:(?:first|fixed|full|initial|maximum|total|whole) )?(?:(?:period|term) of )?(?:up to )?"
    r"(?=\d{1,2}[ +\d]{0,12} ?(?:years?|yrs?|months?)\b(?!['’]|[ -](?:olds?|ago|probation\w{0,3}"
    r"|notice|rent|trial|membership|warranty|training|supply|placement)\b))",
    re.IGNORECASE,
)
"""A price up to the length that it is paid for: 'the budget is £40k a year for 3+1+1 years'."""
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
    whole = list(sentences(_LABEL_LINE.sub(r"\1: ", text)))
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
    extends = may_extend(after)
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
        if may_extend(digits):
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
        extends = is_extension(found, before, after)
        if initial is None and not OPTIONS_AFTER.match(after):
            initial, words, unit = years, found[0], found["unit"]
        elif not extends:
            parts += [years] if not options and _is_part(before, after) else []
        elif initial is not None and not says_again(initial, options, years, before, after):
            initial, options = extended(initial, options, years, before, after)
        end = found.end()
    if initial is None:
        return None
    options = options or options_without_length(digits[end:], unit)
    if initial > options > 0 and any(abs(part + options - initial) < EQUAL for part in parts):
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


def _is_part(before: str, after: str) -> bool:
    return bool(_PART.search(before[-60:])) and not _NO_PART_AFTER.match(after)


def _are_term(years: float, before: str, after: str) -> bool:
    """Whether days, which are most often notice, credit or work, are a term or its extension."""
    if years < _FEWEST_DAYS or after.startswith(" of "):
        return False
    return bool(_RUNS_DAYS.search(before[-80:]) or EXTENDS.search(before[-40:]))


def _sum(digits: str) -> ContractTerm | None:
    """A term written as '3+1+1' years."""
    found = SUM.search(digits)
    if found is None:
        return None
    last = last_before(digits, found.start())
    unit = in_years(found["unit"] or (last["unit"] if last else "years"))
    more = added(found["more"])
    return ContractTerm(round(int(found["first"]) * unit, 2), found[0], round(more * unit, 2))
