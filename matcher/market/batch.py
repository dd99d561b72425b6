"""Assesses many lots: equal lots once, and in several processes if asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot
from matcher.market.assessment import LotAssessment, assess
from matcher.ranking.batch import Refusal, refusal, with_whole_value
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices.whole_value import wholes_of

_Key: TypeAlias = tuple[Lot, Request, int]
_MOST_A_TASK = 50
"""The most lots that one process assesses before it returns them."""


def assess_lots(
    matcher: Matcher, lots: Iterable[Lot], request: Request, jobs: int = 1
) -> Iterator[LotAssessment | Refusal]:
    """The assessment of each lot, or its refusal, in order.

    Lots that differ only in their id are assessed once.  The lots of one notice are valued
    together, wherever they are in `lots`.  With `jobs` above 1, so many processes are used, or
    what `joblib.parallel_config` names.
    """
    asked = _with_wholes(matcher, lots, request)
    keys = [_content(matcher, lot, own) for lot, own in asked]
    first: dict[_Key, tuple[Lot, Request]] = {}
    for key, task in zip(keys, asked, strict=True):
        first.setdefault(key, task)
    found = zip(first, _read_all(matcher, list(first.values()), jobs), strict=True)
    left, done = Counter(keys), dict[_Key, LotAssessment | Refusal]()
    for key, (lot, _) in zip(keys, asked, strict=True):
        if key not in done:
            done.update([next(found)])
        one = done[key]
        left[key] -= 1
        if not left[key]:
            del done[key]
        yield _of(one, lot)


def _with_wholes(
    matcher: Matcher, given: Iterable[Lot], request: Request
) -> list[tuple[Lot, Request]]:
    """Each lot with its request, which holds the value of all lots of the same notice.

    The order of lots makes no difference.  A lot that is repeated is valued once.
    """
    wholes, lots = wholes_of(given), list(given)
    notices: dict[str, dict[Lot, None]] = {}
    for lot in lots:
        notices.setdefault(notice_id(lot.id), {})[lot] = None
    asked = {
        notice: with_whole_value(matcher, list(own), request, wholes)
        for notice, own in notices.items()
    }
    return [(lot, asked[notice_id(lot.id)]) for lot in lots]


def _content(matcher: Matcher, lot: Lot, request: Request) -> _Key:
    """What decides an assessment: the lot's content, the request, and the known awards."""
    known = matcher.register.without(lot.id).known_awards
    return replace(lot, id=""), request, known


def _of(one: LotAssessment | Refusal, lot: Lot) -> LotAssessment | Refusal:
    return replace(one, lot=lot.id) if isinstance(one, Refusal) else replace(one, lot=lot)


def _read_all(
    matcher: Matcher, asked: Sequence[tuple[Lot, Request]], jobs: int
) -> Iterator[LotAssessment | Refusal]:
    if jobs == 1 or len(asked) < 2 * jobs:
        return _read_each(matcher, asked)
    import joblib  # takes a moment; only several processes need it

    size = min(_MOST_A_TASK, -(-len(asked) // jobs))
    parts = [asked[at : at + size] for at in range(0, len(asked), size)]
    tasks = (joblib.delayed(_read_part)(matcher, part) for part in parts)
    work = joblib.Parallel(n_jobs=jobs, return_as="generator")
    return chain.from_iterable(work(tasks))


def _read_part(
    matcher: Matcher, asked: Sequence[tuple[Lot, Request]]
) -> list[LotAssessment | Refusal]:
    return list(_read_each(matcher, asked))


def _read_each(
    matcher: Matcher, asked: Iterable[tuple[Lot, Request]]
) -> Iterator[LotAssessment | Refusal]:
    for lot, request in asked:
        try:
            yield assess(matcher, lot, request)
        except (NotLawful, BadLot) as wrong:
            yield refusal(lot, wrong)
