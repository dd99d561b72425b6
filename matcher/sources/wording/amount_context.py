"""An amount of money in its sentence: what the words around it make of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from matcher.sources.wording.amount_clauses import (
    CLAUSE,
    OF_NEXT,
    UNIT_PRICE,
    is_named,
    last_clause,
    own_clause,
)
from matcher.sources.wording.amount_joins import Join, are_costs, join_of, own_words
from matcher.sources.wording.money import AMOUNT, pounds_of
from matcher.sources.wording.nominal import is_nominal
from matcher.sources.wording.other_amounts import (
    NEW,
    OF_A_UNIT,
    OF_PART,
    OF_RISK,
    is_past,
    is_past_after,
    kind_beside,
    other_kind,
)
from matcher.sources.wording.vat import OF_NEXT_VAT
from matcher.sources.wording.works_and_fees import COST_OF_WORKS, advice_in, is_of_works

_END = "."
"""After the clause that follows an amount, so that its last word is not read as before another."""
_IN_BRACKETS = re.compile(r"^ ?\([^()]{0,40}\)")
FOR_LENGTH = re.compile(
    r"^ ?(?:\((?=\d{1,2} \w{5,6}\))|- (?=\d{1,2} \w{5,6}\W*\Z)"
    r"|(?:\([^()]{0,60}\) ?)?(?:(?!(?:and|but|with)\b)[\w+]{1,10} ){0,4}?"
    r"(?:for|over|across|throughout) (?:an? |its |the )?(?:(?:period|term) of )?)"
    r"(?:(?:1st|first|full|initial|whole) )?(?P<n>\d{1,2}) ?(?P<unit>years|yrs|months|mths)\b",
    re.IGNORECASE,
)
"""After an amount for the whole of a length: '£50,000 for 2 years'."""
_LENGTH_BEFORE = re.compile(
    r"(?:\bfor (?:the |all )?(?:(?:1st|first|initial) )?|\A\W{0,3})"
    r"(?P<n>\d{1,2}) ?(?P<unit>years?|yrs?|months|mths)\b"
    r"[^£]{0,30}\Z",
    re.IGNORECASE,
)

_OUT_OF = re.compile(r"\A\W{0,3}(?:out )?of (?:the|this|our|an?) \Z", re.IGNORECASE)
"""Right before the first amount of a sentence, of which another is the value."""
_OF_CONTRACT = re.compile(
    r"^ (?:(?:overall|estimated|total|whole) )?(?:contract )?(?:budget|price|value),? ?£",
    re.IGNORECASE,
)
_FOR_THIS = re.compile(r"\bfor (?:the|this) (?:contract|lot|service|work)\b", re.IGNORECASE)
"""Words for the contract's own amount, and for its share of another."""
_OF_WHICH = re.compile(r"^,? of which (?:the|this|our|your) ", re.IGNORECASE)
"""Right after the last amount of a sentence, that a part of it without an amount is meant."""
_CAPPED = re.compile(
    r"\b(?:cap(?:ped)? (?:at|of)|limit(?:ed)? (?:at|of|to)|max(?:imum)?(?: of)?"
    r"|up to(?: an? (?:limit|maximum|total) of)?) ?\Z",
    re.IGNORECASE,
)
"""Right before the most that the amount before it may come to: '£500 a day up to £9,000'."""
_PRICED = re.compile(r"\b(?:budget|contract|price|value)\b", re.IGNORECASE)
"""Among the words right before it, what it is the most of instead."""
_NUMBERED = re.compile(
    r"\b(?P<part>lot|package|phase|stage|tranche)s? (?P<n>\d{1,2}|[a-d]\b)", re.IGNORECASE
)
_OF_NUMBERED = re.compile(rf"{_NUMBERED.pattern}[^£;]{{0,40}}\Z", re.IGNORECASE)
"""Right before an amount, the part that it is for: 'Stage 1 fees'."""
_FOR_NUMBERED = re.compile(rf"^ ?\(?(?:for )?(?:the )?{_NUMBERED.pattern}", re.IGNORECASE)
"""Right after an amount, the part that it is for: '(Lot 1)'."""
_OF_SEVERAL_YEARS = re.compile(
    r"\b(?:years? [1-7](?:(?:,? and |,? ?& |, ?| to | ?- ?)[1-7]){1,5}|year [2-7])\b"
    r"(?: ?\([^()£]{0,20}\))?(?: [a-z]{1,14}){0,3} ?[:=-]? ?\Z",
    re.IGNORECASE,
)
"""Right before an amount, some of the years of the contract: 'years 3 and 4: ', 'year 3 '."""


_FROM_NOTHING = re.compile(
    r"(?:£|gbp) ?(?:0(?: ?- ?| to )|1(?: ?- ?| to )£ ?\d{1,3},\d)", re.IGNORECASE
)
"""A band of values: '£0-4m', '£1 to £300,000'."""
_BETWEEN = re.compile(r"\bbetween £[^£]{1,20}\Z", re.IGNORECASE)
"""Up to the end of an amount, the beginning of a range: 'between £5k revenue and £6k'."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a sentence, and the text around it up to the amounts before and after it."""

    pounds: float
    of_range: bool
    before: str
    after: str
    beside: str
    """what of the text before it may say whether VAT is included"""
    join: Join = Join.APART
    of_part: bool = False
    """whether it is for one of several parts of its sentence, or for more than the contract"""

    @property
    def clause(self) -> str:
        """The last clause before it, where that is about the value of the contract, or all."""
        return own_clause(self.before)

    @property
    def own_before(self) -> str:
        """The words before it without those of an amount that it is added to."""
        return own_words(self.before) if self.join is Join.SUM else self.before

    @property
    def near(self) -> str:
        """The clause after it."""
        return CLAUSE.split(self.after, maxsplit=1)[0]

    @property
    def length(self) -> re.Match[str] | None:
        """The length that it is said to be for."""
        return FOR_LENGTH.search(self.after) or _LENGTH_BEFORE.search(self.before)

    def is_past(self, *, follows: bool) -> bool:
        """Whether it is of an earlier contract, or `follows` one that is, and is not new."""
        goes_on = follows and self.clause == self.before and not NEW.search(self.before)
        return goes_on or is_past(self.clause) or is_past_after(self.before, self.after)

    def other_kind(self, heading: str, last: str = "") -> str:
        """What it is instead of the value of the contract, such as a price of a unit; or ''.

        `last` is what the amount before it is: a cap in the same clause is of the same.
        """
        if are_costs(self.before, self.after) or (last and self.join is Join.SUM):
            return last
        if last == OF_RISK and _CAPPED.search(self.before):
            return "" if _PRICED.search(own_words(self.before)) else last
        if kind := kind_beside(self.before, self.after) or (self.of_part and OF_PART):
            is_fine = kind == OF_A_UNIT and other_kind(self.clause) == OF_RISK
            return OF_RISK if is_fine else kind  # 'a fine of £50 a day' is no price of a day
        of_what = CLAUSE.split(_IN_BRACKETS.sub("", self.after), maxsplit=1)[0] + _END
        nominal = "an amount that stands for one that is not known"
        kind = other_kind(heading, self.clause, of_what)
        return kind or (nominal if is_nominal(self.pounds) else "")


@dataclass(frozen=True, slots=True)
class TextAround:
    """What a text and its heading say of the amounts in each of its sentences."""

    heading: str
    advice: str
    """the words by which it buys advice, and not the works that cost so much"""
    parts: frozenset[tuple[str, str]]
    """the phases and the like that it numbers; lots have values of their own"""

    @classmethod
    def of(cls, text: str, heading: str) -> Self:
        """What a text and the heading of its cell say."""
        parts = {part for part in _parts_in(text) if part[0] != "lot"}
        return cls(heading, advice_in(text), frozenset(parts))

    def other_kind(self, one: Amount, last: str = "") -> str:
        """What an amount is instead of the value of the contract, or ''."""
        if kind := one.other_kind(self.heading, last):
            return kind
        is_other = self.advice and is_of_works(one.before, one.after, self.advice)
        return COST_OF_WORKS if is_other else ""


def amounts_in(digits: str, parts: Iterable[tuple[str, str]] = ()) -> Iterator[Amount]:
    """The amounts of a sentence; `parts` are those that the text around it numbers."""
    found = list(AMOUNT.finditer(digits))
    parts = _parts_in(digits).union(parts)
    end = 0
    for at, amount in enumerate(found):
        if amount.start() < end:
            continue  # the upper end of the range before
        pounds, until = pounds_of(digits, amount)
        before = digits[end : amount.start()]
        before = FOR_LENGTH.sub("", UNIT_PRICE.sub("", before)) if at else before
        later = next((one.start() for one in found[at + 1 :] if one.start() >= until), None)
        after = digits[until:later]
        yield Amount(
            pounds,
            of_range=until > amount.end(),
            before=before,
            after=OF_NEXT_VAT.sub("", OF_NEXT.sub("", after)) if later else after,
            beside=last_clause(before) if at else before,
            join=_join(digits, end, before, after) if end else Join.APART,
            of_part=_is_of_part(before, after, parts)
            or bool(_FROM_NOTHING.match(digits, amount.start()) and not is_named(before))
            or (later is not None and _is_out_of(before, digits[until:]))
            or (later is None and _OF_WHICH.match(after) is not None),
        )
        end = until


def _join(digits: str, end: int, before: str, after: str) -> Join:
    """How an amount goes on from the one that ends there."""
    is_between = _BETWEEN.search(digits[:end]) and before.rstrip().endswith("and")
    return Join.LISTED if is_between else join_of(before, after, digits)


def _is_out_of(before: str, rest: str) -> bool:
    """Whether an amount is a larger one than the contract's: 'Of the £90,000 grant, £9,000 is …'.

    'Of the £90,000 contract value, £20,000 is for materials' has the contract's own first.
    """
    is_own = _OF_CONTRACT.match(rest) and not _FOR_THIS.search(rest)
    return _OUT_OF.match(before) is not None and not is_own


def _parts_in(text: str) -> set[tuple[str, str]]:
    """The parts that a text numbers: ('lot', '1')."""
    return {(each["part"].lower(), each["n"].lower()) for each in _NUMBERED.finditer(text)}


def _is_of_part(before: str, after: str, parts: set[tuple[str, str]]) -> bool:
    """Whether the words beside an amount say that it is for some of `parts` or of the years."""
    for numbered, text in (
        (_OF_NUMBERED.search(before), before),
        (_FOR_NUMBERED.match(after), after),
    ):
        if numbered and any(
            part == numbered["part"].lower() for part, _ in parts - _parts_in(text)
        ):
            return True
    return _OF_SEVERAL_YEARS.search(before) is not None and not UNIT_PRICE.match(after)
