"""Assesses many lots: equal lots once, and in several processes if asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TypeAlias

from matcher.core import workers
from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.market.assessment import LotAssessment, assessed, market_query
from matcher.ranking.batch import Refusal, queries, refusal, with_whole_value
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices.whole_value import wholes_of

_Task: TypeAlias = tuple[Lot, Request]
_Key: TypeAlias = tuple[Lot, Request, int]
_MOST_A_PART = 50
"""The most lots that one process assesses before it returns them."""


def assess_lots(
    matcher: Matcher, lots: Iterable[Lot], request: Request
) -> Iterator[LotAssessment | Refusal]:
    """The assessment of each lot, or its refusal, in order.

    Lots that differ only in their id are assessed once.  The lots of one notice are valued
    together, wherever they are in `lots`.  Runs where `core.workers.running_on` says.
    """
    tasks = _with_whole_values(matcher, lots, request)
    keys = [_key(matcher, lot, own_request) for lot, own_request in tasks]
    distinct: dict[_Key, _Task] = {}
    for key, task in zip(keys, tasks, strict=True):
        distinct.setdefault(key, task)
    results = zip(distinct, _assess_all(matcher, list(distinct.values())), strict=True)
    remaining, done = Counter(keys), dict[_Key, LotAssessment | Refusal]()
    for key, (lot, _) in zip(keys, tasks, strict=True):
        if key not in done:
            done.update([next(results)])
        result = done[key]
        remaining[key] -= 1
        if not remaining[key]:
            del done[key]
        yield _for_lot(result, lot)


def _with_whole_values(matcher: Matcher, lots: Iterable[Lot], request: Request) -> list[_Task]:
    """Each lot with its request, which holds the value of all lots of the same notice.

    The order of lots makes no difference.  A lot that is repeated is valued once.
    """
    wholes, all_lots = wholes_of(lots), list(lots)
    notices: dict[str, dict[Lot, None]] = {}
    for lot in all_lots:
        notices.setdefault(notice_id(lot.id), {})[lot] = None
    requests = {
        notice: with_whole_value(matcher, list(own_lots), request, wholes)
        for notice, own_lots in notices.items()
    }
    return [(lot, requests[notice_id(lot.id)]) for lot in all_lots]


def _key(matcher: Matcher, lot: Lot, request: Request) -> _Key:
    """What decides an assessment: the lot's content, the request, and the known awards."""
    known_awards = matcher.register.without(lot.id).known_awards
    return replace(lot, id=""), request, known_awards


def _for_lot(result: LotAssessment | Refusal, lot: Lot) -> LotAssessment | Refusal:
    """The result for a lot with the same content."""
    return replace(result, lot=lot.id) if isinstance(result, Refusal) else replace(result, lot=lot)


def _assess_all(matcher: Matcher, tasks: Sequence[_Task]) -> Iterator[LotAssessment | Refusal]:
    jobs = workers.processes()
    if jobs == 1 or len(tasks) < 2 * jobs:
        return _assess_each(matcher, tasks)
    size = min(_MOST_A_PART, -(-len(tasks) // jobs))
    parts = [tasks[at : at + size] for at in range(0, len(tasks), size)]
    return chain.from_iterable(workers.in_order(partial(_assess_part, matcher), parts))


def _assess_part(matcher: Matcher, tasks: Sequence[_Task]) -> list[LotAssessment | Refusal]:
    return list(_assess_each(matcher, tasks))


def _assess_each(matcher: Matcher, tasks: Iterable[_Task]) -> Iterator[LotAssessment | Refusal]:
    for (lot, request), query in queries(tasks, partial(market_query, matcher)):
        if isinstance(query, Refusal):
            yield query
            continue
        try:
            yield assessed(matcher, lot, request, query)
        except (NotLawful, BadLot) as error:
            yield refusal(lot, error)
