"""Many lots in one go: each is answered or refused by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.law.procurement import total_value
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist


@dataclass(frozen=True, slots=True)
class Refusal:
    """A lot that got no list: why, by which rule if it was the law, and what may be asked."""

    lot: str
    title: str
    message: str
    rule: str = ""
    offer: str = ""


def shortlists(
    matcher: Matcher, lots: Iterable[Lot], request: Request
) -> Iterator[Shortlist | Refusal]:
    """For each lot, in order, its shortlist or why there is none."""
    for lot, asked in with_whole_values(matcher, lots, request):
        try:
            yield matcher.shortlist(lot, asked)
        except (NotLawful, BadLot) as wrong:
            yield refusal(lot, wrong)


def with_whole_values(
    matcher: Matcher, lots: Iterable[Lot], request: Request
) -> Iterator[tuple[Lot, Request]]:
    """Each lot with the request as it stands for its notice: all lots valued together.

    The lots of one notice follow each other and share what stands before '#' in their ids; a
    lot that stands there twice over is valued once.
    """
    for _, notice in groupby(lots, key=lambda lot: notice_id(lot.id)):
        whole = list(notice)
        asked = with_whole_value(matcher, list(dict.fromkeys(whole)), request)
        yield from ((lot, asked) for lot in whole)


def refusal(lot: Lot, wrong: NotLawful | BadLot) -> Refusal:
    """The refusal of `lot` that an error stands for."""
    rule = wrong.rule if isinstance(wrong, NotLawful) else ""
    offer = wrong.offer if isinstance(wrong, NotLawful) else ""
    return Refusal(lot.id, lot.title, str(wrong), rule, offer)


def with_whole_value(matcher: Matcher, lots: Sequence[Lot], request: Request) -> Request:
    """The request, with the value of all lots together: what a threshold is compared with.

    VAT is added where a value is not said to include it.  Lots without a value add nothing,
    so the sum is then the least that it can be.  A whole that the request names stands.
    """
    valued = [lot for lot in lots if lot.value is not None]
    if request.whole_value is not None or len(lots) < 2 or not valued:
        return request
    return replace(request, whole_value=total_value(valued, matcher.rulebook.vat))
