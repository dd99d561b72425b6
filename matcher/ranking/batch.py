"""Shortlists for many lots: each lot gets a shortlist or a refusal of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TypeAlias

from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.law.procurement import total_value
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query, encode_together
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from matcher.sources.notices.whole_value import WholeValue, wholes_of

_NO_WHOLES: Mapping[str, WholeValue] = {}


Task: TypeAlias = tuple[Lot, Request]
"""A lot and the request that it is asked with."""
_TOGETHER = 25
"""Lots of which an encoder reads the texts together."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a lot got no shortlist, the rule if the law forbids it, and what may be asked instead."""

    lot: str
    title: str
    message: str
    rule: str = ""
    offer: str = ""


def shortlists(
    matcher: Matcher, lots: Iterable[Lot], request: Request
) -> Iterator[Shortlist | Refusal]:
    """The shortlist of each lot, or its refusal, in order."""
    tasks = with_whole_values(matcher, lots, request)
    for (_, own_request), query in queries(tasks, matcher.query):
        yield query if isinstance(query, Refusal) else matcher.answer(query, own_request)


def queries(
    tasks: Iterable[Task], ask: Callable[[Lot, Request], Query]
) -> Iterator[tuple[Task, Query | Refusal]]:
    """Each lot with its request, and its query as `ask` makes it or its refusal, in order.

    An encoder reads the texts of `_TOGETHER` lots at a time.
    """
    remaining = iter(tasks)
    while part := list(islice(remaining, _TOGETHER)):
        found = [_query(ask, lot, request) for lot, request in part]
        encode_together([query for query in found if isinstance(query, Query)])
        yield from zip(part, found, strict=True)


def _query(ask: Callable[[Lot, Request], Query], lot: Lot, request: Request) -> Query | Refusal:
    try:
        return ask(lot, request)
    except (NotLawful, BadLot) as error:
        return refusal(lot, error)


def with_whole_values(
    matcher: Matcher, lots: Iterable[Lot], request: Request
) -> Iterator[tuple[Lot, Request]]:
    """Each lot with its request, which holds the value of all lots of the same notice.

    The lots of a notice must follow each other.  A lot that is repeated is valued once.
    """
    wholes = wholes_of(lots)
    for _, notice in groupby(lots, key=lambda lot: notice_id(lot.id)):
        own_lots = list(notice)
        whole = with_whole_value(matcher, list(dict.fromkeys(own_lots)), request, wholes)
        yield from ((lot, whole) for lot in own_lots)


def refusal(lot: Lot, error: NotLawful | BadLot) -> Refusal:
    """The refusal of `lot` for an error."""
    rule = error.rule if isinstance(error, NotLawful) else ""
    offer = error.offer if isinstance(error, NotLawful) else ""
    return Refusal(lot.id, lot.title, str(error), rule, offer)


def with_whole_value(
    matcher: Matcher,
    lots: Sequence[Lot],
    request: Request,
    wholes: Mapping[str, WholeValue] = _NO_WHOLES,
) -> Request:
    """The request with the value of all lots, which is compared with thresholds.

    A whole value that the request already has is kept.  For the lots of a notice, the larger of
    their sum and of what the notice says of the whole counts (`wholes`, by id of the notice).
    Where neither is known for every lot, the value is a lower bound.
    """
    if request.whole_value is not None or not lots:
        return request
    valued = [lot for lot in lots if lot.value is not None]
    vat = matcher.rulebook.vat
    own_total = total = total_value(valued, vat)
    for notice in sorted({notice_id(lot.id) for lot in lots} & wholes.keys()):
        own = total_value((lot for lot in valued if notice_id(lot.id) == notice), vat)
        total += max(wholes[notice].with_vat(vat) - own, 0.0)
    if not total or (len(lots) == 1 and total == own_total):
        return request
    return replace(request, whole_value=round(total, 2))
