"""The lengths of time in a sentence: which is the term of a contract, and which extend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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
    exact,
    in_years,
    last_before,
    sums_of_options,
    years_of,
)
from matcher.sources.wording.option_words import OPTION

_CONTRACTS = (
    r"contracts?|agreements?|frameworks?|dps|dynamic (?:market|purchasing system)|concessions?"
    r"|call-?offs?|arrangements?|deals?|licen[cs]es?|partnerships?|engagements?|appointments?"
    r"|opportunity|commission"
)
"""What has a term."""
_FILLING = (
    r"(?:shall|will|would|is|are|be|being|to|runs?|running|lasts?|lasting|let|awarded|made|placed"
    r"|put|granted|commissioned|offered|proposed|set|anticipated|estimated|expected|intended"
    r"|envisaged|stay|remain|open|in|place|for|of|over|up|an?|the|its|this|initial|initially"
    r"|1st|first|fixed|minimum|maximum|total|overall|period|term|duration|length|approximately|about"
    r"|around|list|panel|no (?:more|longer) than)"
)
_NAMED_BEFORE = re.compile(
    rf"(?:\b(?:{_CONTRACTS}|terms?|duration|appointed|award(?:ed)?|commissioned"
    r"|(?:(?<=contract )|(?<=initial )|^ ?)(?:length|period))\b(?: ?\([^()]{0,20}\))?"
    r"|\b(?:they|it|which|that|and|services?|projects?) (?:(?:shall|will|would|is|are|be|to) ){0,3}"
    r"(?:runs?|lasts?|let|awarded|appointed|commissioned|delivered|funded|provided"
    r"|in (?:force|place)|for)\b)"
    rf"(?: {_FILLING}){{0,9}} ?[:=-]? ?$",
    re.IGNORECASE,
)
"""Right before a length that is said to be that of the contract."""
_NAMED_AFTER = re.compile(
    rf"^[ -]?(?:(?:fixed|initial|rolling|term|period|single|supplier|service) ){{0,2}}"
    rf"(?:{_CONTRACTS}|term|duration)\b(?! (?:break|review|notice))",
    re.IGNORECASE,
)
"""Right after such a length: '3 year contract'."""
_FEWEST_DAYS = 28 / 365.25
"""Years of the shortest term in days."""
_NOT_TERM = re.compile(
    r"\b(?:accounts|aged?|ago|defects?|design life|experience|every|guarantees?|history|interval"
    r"|(?:the|its|their|your) last|least|notice|old|past|practice"
    r"|previous|records?|retain\w{0,3}|review\w{0,3}|term[ -]time|trading|warranty|within"
    r"|(?:had|held|holding|holds?(?<!shall hold)(?<!will hold)) (?:an?|the|their)"
    r"|(?:shall|will) hold (?:an?|the|their) (?!(?:agreement|appointment|concession|contract)\b)"
    r"|break|handover|implementation|lead[- ]in|mobilisation|pilot|probation\w{0,3}|standstill"
    r"|transition|trial"
    r"|validity(?! of (?:the|this) (?:contract|agreement|framework|dps|dynamic)))\b",
    re.IGNORECASE,
)
"""Words near a length that is of something else, or that begins or ends something."""
_CLAUSE = re.compile(r"^.*(?:[,;]| (?:and|but|which) )", re.DOTALL)
"""A text up to its last clause."""
_PILOT = re.compile(r"^[ -](?:pilot|trial)\b(?! (?:\w{1,12} ){0,3}followed by)", re.IGNORECASE)
_OF_THIS = re.compile(r"\b(?:our|this) $", re.IGNORECASE)
"""Around the length of a pilot that is itself the contract: 'this 2 year pilot'."""
_WITHIN = re.compile(r"^ of (?:the|this|a|any|each) ", re.IGNORECASE)
"""Right after a length that is a part of something: 'the first 6 months of the contract'."""
_WHOLE = re.compile(
    r"\b(?:all|entire|full|whole|each of|every one of) (?:of )?(?:the |its )?$"
    r"|\b(?:across|over|throughout) the $",
    re.IGNORECASE,
)
"""Right before a length that is no part: 'the full 4 years of the framework'."""
_SO_FAR = re.compile(r"\bfor (?:well )?(?:almost|more than|nearly|over) $", re.IGNORECASE)
_HAS = re.compile(r"^,? (?:[\w'’-]{1,20} ){1,4}(?:has|have)\b", re.IGNORECASE)
"""After a length of what someone has done so far: 'for over 15 years we have supported'."""
_ALL_TOLD = re.compile(
    r"\b(?:giving|making|potential|resulting|total(?:l?ing)?)\b[^,;]{0,40}$", re.IGNORECASE
)
"""Right before a length that sums up those before it: 'making a potential contract of 5 years'."""
_LATER = re.compile(
    r"^['’s]{0,2}[ -](?:olds?|time|to run|remaining|before|(?:after|following) (?:that|this)\b"
    r"|after (?:the )?(?:contract )?(?:award|start|signature|commencement|publication|ends?"
    r"|expir\w{1,3}|completion))\b",
    re.IGNORECASE,
)
"""After a length until something happens: '4 years' time', '42 months after contract award'."""
_INCLUDING = re.compile(r"\binclu(?:d\w{1,4}|sive)\b", re.IGNORECASE)
_A_YEAR = re.compile(
    r"^ ?(?:per|an?|each|every|of (?:the|each)|in (?:the|a|each)) (?:\w{1,12} )?(?:year|annum)\b"
)
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
    r"|notice|review|(?:[\w-]{1,14} ){0,2}(?:guarantee|warranty)|defects?|mobilisation|pilot"
    r"|trial)\b",
    re.IGNORECASE,
)
"""Right after a length that is no part of the one named before."""
_INTERVAL = re.compile(
    r"(?:\b(?:per|each|every|in any(?: one)?|(?:at|in) (?:intervals|increments|periods|blocks) of"
    r"(?: up to)?)|/) ?$",
    re.IGNORECASE,
)
"""Right before the interval of an amount or of options: '£6,000 per 4 weeks'."""


_OPTIONS_BEFORE = re.compile(rf"\b(?:{OPTION})\b[^.;\d]{{0,40}}$", re.IGNORECASE)
"""Right before a sum of options alone: 'extension: 1+1'."""


@dataclass(frozen=True, slots=True)
class ContractTerm:
    """How long a contract runs, in years, and how much longer its options may make it."""

    years: float
    words: str
    options: float = 0.0
    named: bool = field(default=False, repr=False, compare=False)
    """whether the text says of this very length that it is the contract's"""

    @property
    def longest(self) -> float:
        """Years with every option used: the law counts them (Procurement Act 2023 Schedule 3)."""
        return exact(self.years + self.options)


def term_in(digits: str) -> ContractTerm | None:
    """The term that a sentence states with its options, or None.

    >>> term_in("3 years with 2 x 12 month extensions")
    ContractTerm(years=3.0, words='3 years', options=2.0)
    """
    if adds_up_options(digits):
        return _lengths(sums_of_options(digits))
    return _sum(digits) or _lengths(digits)


def extensions_in(digits: str, years: float) -> ContractTerm:
    """The term of `years` with the options that a text which follows it states.

    What the text includes is included in itself, not in these years.
    """
    digits = _INCLUDING.sub("with", sums_of_options(digits))
    return _lengths(digits, years) or ContractTerm(years, "")


@dataclass(frozen=True, slots=True)
class _Length:
    """A length of time that may be a term or an extension, and the text up to other lengths."""

    found: re.Match[str]
    before: str
    after: str
    named: bool

    @property
    def years(self) -> float:
        return years_of(self.found)

    def extends(self, options: float) -> bool:
        return is_extension(self.found, self.before, self.after, options)

    def only_extends(self, options: float) -> bool:
        return is_only_extension(self.found, self.before, self.after, options)


def _read(digits: str) -> Iterator[_Length]:
    """The lengths of a sentence that may be those of a contract or its extensions."""
    end = 0
    for found in LENGTH.finditer(digits):
        before, after = digits[end : found.start()], digits[found.end() :]
        named = bool(_NAMED_BEFORE.search(_tail(before, 100)) or _NAMED_AFTER.match(after[:40]))
        is_pilot = _PILOT.match(after) and _OF_THIS.search(before)
        one = _Length(found, before, after, named or bool(is_pilot))
        if is_pilot or not _is_other_length(one, after[:40]):
            yield one
        end = found.end()


def _lengths(digits: str, initial: float | None = None) -> ContractTerm | None:
    """The length that is said to be the contract's, or else the first, and its extensions.

    Where the length is known already (`initial`), all that is looked for are its extensions.
    """
    known = initial is not None
    options, words, unit, named = 0.0, "", "years", False
    parts: list[float] = []
    lengths = list(_read(digits))
    named_ones = (one for one in lengths if one.named and not one.extends(0))
    term = next((one for one in named_ones if not _sums_up(one, lengths)), None)
    for one in lengths:
        if initial is None and one.only_extends(options):
            options += one.years * times(one.before, one.after)
        elif initial is None and term in (None, one):
            initial, words, unit, named = one.years, one.found[0], one.found["unit"], one.named
        elif initial is None:
            continue
        elif not one.extends(options):
            parts += [one.years] if not options and _is_part(one.before, one.after) else []
        elif not says_again(initial, options, one.years, one.before, one.after):
            initial, options = extended(initial, options, one.found, one.before, one.after)
    if initial is None:
        return None
    *_, last = [0, *(found.end() for found in LENGTH.finditer(digits))]
    options = options or options_without_length(initial, digits[last:], unit)
    if not known and _is_sum(initial, options, parts):
        initial -= options  # '5 years, of 3 years and a 2 year option'
    return ContractTerm(exact(initial), words, exact(options), named)


def _sums_up(one: _Length, lengths: Sequence[_Length]) -> bool:
    """Whether a length is said to be the sum of those before it in the sentence."""
    return one is not lengths[0] and bool(_ALL_TOLD.search(_tail(one.before, 60)))


def _is_sum(length: float, options: float, parts: Sequence[float]) -> bool:
    """Whether a length is the sum of one of its parts and of the options after it."""
    return length > options > 0 and any(abs(part + options - length) < EQUAL for part in parts)


def _is_other_length(one: _Length, near: str) -> bool:
    """Whether a length is no term: an age, an interval, a notice."""
    close = _tail(one.before, 40)
    return bool(
        _INTERVAL.search(one.before)
        or _NOT_TERM.search(_CLAUSE.sub("", close))
        or _A_YEAR.match(near)
        or (_SO_FAR.search(close) and _HAS.match(near))
        or (not one.named and (_LATER.match(near) or _is_within(close, near)))
        or (not one.named and _NO_PART_AFTER.match(near))
        or (not one.named and _NOT_TERM.match(near.lstrip(" 'sof").lstrip()))
        or (one.found["unit"][0] in "dD" and not _are_term(one, near))
    )


def _is_within(close: str, near: str) -> bool:
    """Whether a length is a part of something: 'the first 6 months of the contract'."""
    return bool(_WITHIN.match(near)) and not _WHOLE.search(close)


def _tail(text: str, most: int) -> str:
    """The last characters of a text, from the beginning of a word."""
    return text if len(text) <= most else text[-most:].partition(" ")[2]


def _is_part(before: str, after: str) -> bool:
    return bool(_PART.search(_tail(before, 60))) and not _NO_PART_AFTER.match(after)


def _are_term(one: _Length, after: str) -> bool:
    """Whether days, which are most often notice, credit or work, are a term or its extension."""
    if one.years < _FEWEST_DAYS or after.startswith(" of "):
        return False
    return one.named or bool(EXTENDS.search(_tail(one.before, 40)))


def adds_up_options(digits: str) -> bool:
    """Whether a sum is of options alone, with no term before it: 'extension of 1+1 years'."""
    found = SUM.search(digits)
    before = digits[: found.start()] if found else ""
    return bool(_OPTIONS_BEFORE.search(before)) and not LENGTH.search(before)


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
    return ContractTerm(exact(int(found["first"]) * unit), found[0], exact(more * unit))
