"""An amount of money in its sentence: what the words around it make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matcher.sources.wording.amount_clauses import (
    CLAUSE,
    OF_NEXT,
    UNIT_PRICE,
    last_clause,
    own_clause,
)
from matcher.sources.wording.money import AMOUNT, pounds_of
from matcher.sources.wording.nominal import is_nominal
from matcher.sources.wording.other_amounts import (
    NEW,
    is_past,
    is_past_after,
    kind_beside,
    other_kind,
)
from matcher.sources.wording.vat import OF_NEXT_VAT

_END = "."
"""After the clause that follows an amount, so that its last word is not read as before another."""
_IN_BRACKETS = re.compile(r"^ ?\([^()]{0,40}\)")
FOR_LENGTH = re.compile(
    r"^ ?(?:\([^()]{0,60}\) ?)?(?:(?!(?:and|but|with)\b)[\w+]{1,10} ){0,4}?"
    r"(?:for|over|across|throughout) (?:an? |its |the )?(?:(?:period|term) of )?"
    r"(?:(?:1st|first|initial) )?(?P<n>\d{1,2}) (?P<unit>years|months)\b",
    re.IGNORECASE,
)
"""After an amount for the whole of a length: '£50,000 for 2 years'."""
_LENGTH_BEFORE = re.compile(
    r"(?:\bfor (?:the |all )?(?:(?:1st|first|initial) )?|\A\W{0,3})"
    r"(?P<n>\d{1,2}) (?P<unit>years?|months)\b"
    r"[^£]{0,30}\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a sentence, and the text around it up to the amounts before and after it."""

    pounds: float
    of_range: bool
    before: str
    after: str
    beside: str
    """what of the text before it may say whether VAT is included"""

    @property
    def clause(self) -> str:
        """The last clause before it, where that is about the value of the contract, or all."""
        return own_clause(self.before)

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

    def other_kind(self, heading: str) -> str:
        """What it is instead of the value of the contract, such as a price of a unit; or ''."""
        if kind := kind_beside(self.before, self.after):
            return kind
        of_what = CLAUSE.split(_IN_BRACKETS.sub("", self.after), maxsplit=1)[0] + _END
        nominal = "an amount that stands for one that is not known"
        kind = other_kind(heading, self.clause, of_what)
        return kind or (nominal if is_nominal(self.pounds) else "")


def amounts_in(digits: str) -> Iterator[Amount]:
    """The amounts of a sentence."""
    found = list(AMOUNT.finditer(digits))
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
        )
        end = until
