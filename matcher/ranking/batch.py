"""Shortlists for many lots: each lot gets a shortlist or a refusal of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TypeAlias

from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.law.contract_kinds import contract_of
from matcher.law.procurement import is_vat_added, total_value
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query, encode_together
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from matcher.sources.notices.whole_value import NOT_STATED, WholeValue, wholes_of

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
    """The request with the value and the kinds of contract of all lots, for the threshold.

    A whole value that the request already has is kept.  For the lots of a notice, the larger of
    their sum and of what the notice says of the whole counts (`wholes`, by id of the notice).
    Where neither is known for every lot, the value is a lower bound.
    """
    if not lots:
        return request
    kinds = {contract_of(matcher.rulebook, lot) for lot in lots}.union(request.kinds)
    if len(kinds) > 1 and request.contract is None:
        request = replace(request, kinds=tuple(sorted(kinds)))
    if request.whole_value is not None:
        return request
    vat = matcher.rulebook.vat
    notices: dict[str, list[Lot]] = {}
    for lot in lots:
        notices.setdefault(notice_id(lot.id), []).append(lot)
    own_total = total = total_value(lots, vat)
    at_least = vat_added = False
    for notice, own_lots in sorted(notices.items()):
        stated, own = wholes.get(notice, NOT_STATED), total_value(own_lots, vat)
        whole = stated.with_vat(vat)
        total += max(whole - own, 0.0)
        vat_added |= whole > (stated.gross or 0.0) if whole > own else is_vat_added(own_lots)
        at_least |= whole < max(own, 0.01) and any(lot.value is None for lot in own_lots)
    if not total or (len(lots) == 1 and total == own_total):
        return request
    return replace(
        request, whole_value=round(total, 2), whole_at_least=at_least, vat_added=vat_added
    )
