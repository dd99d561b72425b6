"""The lengths of time in a sentence: which is the term of a contract, and which extend it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.sources.wording.extensions import (
    EQUAL,
    EXTENDS,
    extended,
    is_extension,
    is_only_extension,
    options_without_length,
    says_again,
    times,
)
from matcher.sources.wording.lengths import (
    LENGTH,
    SUM,
    added,
    in_years,
    last_before,
    sums_of_options,
    years_of,
)

_RUNS_DAYS = re.compile(
    r"(?:\b(?:contract|agreement|framework|it) (?:is|will be|is let|will be let)(?: for)?"
    r"|\b(?:lasts?|runs?|run)(?: for)?|\b(?:duration|length|period|term)s?(?: is| will be)?)"
    r"(?: a| of| up to| period| term| duration| ?\([^()]{0,20}\)){0,4} ?[:=-]? ?$",
    re.IGNORECASE,
)
"""Right before a term in days. Other days are notice, credit or answers."""
_CONTRACT_IS = re.compile(
    r"\b(?:contract|agreement|framework) (?:will )?(?:is|be|lasts?|runs?)(?: let)? (?:for )?$",
    re.IGNORECASE,
)
"""Right before the term of a contract, also where it begins after something else."""
_FEWEST_DAYS = 28 / 365.25
"""Years of the shortest term in days."""
_NOT_TERM = re.compile(
    r"\b(?:accounts|aged?|ago|defects?|design life|experience|every|guarantees?|history|interval"
    r"|(?:the|its|their|your) last|least|notice|old|past|practice"
    r"|previous|records?|retain\w{0,3}|review\w{0,3}|term[ -]time|trading|warranty|within)\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"^['’s]{0,2}[ -](?:olds?|time|to run|remaining|before"
    r"|after (?:the )?(?:contract )?(?:award|start|signature|commencement|publication|ends?"
    r"|expir\w{1,3}|completion))\b",
    re.IGNORECASE,
)
"""After a length until something happens: '4 years' time', '42 months after contract award'."""
_INCLUDING = re.compile(r"\binclu(?:d\w{1,4}|sive)\b", re.IGNORECASE)
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
_INTERVAL = re.compile(
    r"(?:\b(?:per|each|every|in any(?: one)?|(?:at|in) (?:intervals|increments|periods|blocks) of"
    r"(?: up to)?)|/) ?$",
    re.IGNORECASE,
)
"""Right before the interval of an amount or of options: '£6,000 per 4 weeks'."""


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


def term_in(digits: str) -> ContractTerm | None:
    """The term that a sentence states with its options, or None.

    >>> term_in("3 years with 2 x 12 month extensions")
    ContractTerm(years=3.0, words='3 years', options=2.0)
    """
    return _sum(digits) or _lengths(digits)


def extensions_in(digits: str, years: float) -> ContractTerm:
    """The term of `years` with the options that a text which follows it states.

    What the text includes is included in itself, not in these years.
    """
    digits = _INCLUDING.sub("with", sums_of_options(digits))
    return _lengths(digits, years) or ContractTerm(years, "")


def _lengths(digits: str, initial: float | None = None) -> ContractTerm | None:
    """The first length that is not an extension, and the sum of those that are.

    Where the length is known already (`initial`), all that is looked for are its extensions.
    """
    known = initial is not None
    options, words, end, unit = 0.0, "", 0, "years"
    parts: list[float] = []
    for found in LENGTH.finditer(digits):
        before, after = digits[end : found.start()], digits[found.end() :]
        years, end = years_of(found), found.end()
        if _is_other_length(years, found, before, after[:40]):
            continue
        if initial is None and is_only_extension(found, before, after, options):
            options += years * times(before, after)
        elif initial is None:
            initial, words, unit = years, found[0], found["unit"]
        elif not is_extension(found, before, after, options):
            parts += [years] if not options and _is_part(before, after) else []
        elif not says_again(initial, options, years, before, after):
            initial, options = extended(initial, options, years, before, after)
    if initial is None:
        return None
    options = options or options_without_length(digits[end:], unit)
    if not known and _is_sum(initial, options, parts):
        initial -= options  # '5 years, of 3 years and a 2 year option'
    return ContractTerm(round(initial, 2), words, round(options, 2))


def _is_sum(length: float, options: float, parts: Sequence[float]) -> bool:
    """Whether a length is the sum of one of its parts and of the options after it."""
    return length > options > 0 and any(abs(part + options - length) < EQUAL for part in parts)


def _is_other_length(years: float, found: re.Match[str], before: str, near: str) -> bool:
    """Whether a length is no term: an age, an interval, a notice."""
    return bool(
        _INTERVAL.search(before)
        or _NOT_TERM.search(_tail(before, 40))
        or _NOT_TERM.match(near.lstrip(" 'sof").lstrip())
        or _A_YEAR.match(near)
        or (_LATER.match(near) and not _CONTRACT_IS.search(before))
        or (found["unit"][0] in "dD" and not _are_term(years, before, near))
    )


def _tail(text: str, most: int) -> str:
    """The last characters of a text, from the beginning of a word."""
    return text if len(text) <= most else text[-most:].partition(" ")[2]


def _is_part(before: str, after: str) -> bool:
    return bool(_PART.search(_tail(before, 60))) and not _NO_PART_AFTER.match(after)


def _are_term(years: float, before: str, after: str) -> bool:
    """Whether days, which are most often notice, credit or work, are a term or its extension."""
    if years < _FEWEST_DAYS or after.startswith(" of "):
        return False
    return bool(_RUNS_DAYS.search(_tail(before, 80)) or EXTENDS.search(_tail(before, 40)))


def _sum(digits: str) -> ContractTerm | None:
    """A term written as '3+1+1' years."""
    found = SUM.search(digits)
    if found is None:
        return None
    last = last_before(digits, found.start())
    if last and EXTENDS.search(digits[: last.start()]) and float(last["n"]) == added(found[0]):
        return None  # the extension once more: 'to extend by 2 years (1+1)'
    unit = in_years(found["unit"] or (last["unit"] if last else "years"))
    more = added(found["more"])
    return ContractTerm(round(int(found["first"]) * unit, 2), found[0], round(more * unit, 2))
