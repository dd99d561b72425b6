"""Many lots in one go: each is answered or refused by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from matcher.errors import BadLot, NotLawful
from matcher.matcher import Matcher
from matcher.request import Request
from matcher.types import Lot, Shortlist


@dataclass(frozen=True, slots=True)
class Refusal:
    """A lot that got no list: why, by which rule if it was the law, and what may be asked."""

    lot: str
    title: str
    message: str
    rule: str = ""
    offer: str = ""


def answers(
    matcher: Matcher, lots: Iterable[Lot], request: Request
) -> Iterator[Shortlist | Refusal]:
    """For each lot, in order, its shortlist or why there is none."""
    for lot in lots:
        try:
            yield matcher.shortlist(lot, request)
        except (NotLawful, BadLot) as wrong:
            yield refusal(lot, wrong)


def refusal(lot: Lot, wrong: NotLawful | BadLot) -> Refusal:
    """The refusal of `lot` that an error stands for."""
    rule = wrong.rule if isinstance(wrong, NotLawful) else ""
    offer = wrong.offer if isinstance(wrong, NotLawful) else ""
    return Refusal(lot.id, lot.title, str(wrong), rule, offer)


def together(matcher: Matcher, lots: Sequence[Lot], request: Request) -> Request:
    """The request, with the value of all lots together: what a threshold is compared with.

    Nothing is added where a lot gives no value, or where the request says the whole itself.
    """
    if request.whole_value is not None or len(lots) < 2:
        return request
    vat = 1 + matcher.rulebook.vat
    values = [lot.value for lot in lots]
    if any(value is None for value in values):
        return request
    gross = sum((lot.value or 0.0) * (1.0 if lot.value_is_gross else vat) for lot in lots)
    return replace(request, whole_value=round(gross, 2))
