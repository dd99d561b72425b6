"""Markets of planned lots: assessed, kept under an id, and replayed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import msgspec

from api.errors import Missing
from api.records.entry import EntryKind, NewEntry
from api.service.asking import check_lot_count, left_out, read_lots
from api.service.context import ServiceContext
from api.service.entries import answer_id, as_then, body, encode, keep
from api.service.results import Difference, ReplayResult
from matcher.core.errors import BadLot, NotLawful
from matcher.core.types import Lot
from matcher.market.assessment import LotAssessment, assess
from matcher.market.batch import assess_lots
from matcher.market.criteria import MarketCriteria
from matcher.market.market import CombinedMarket, Market, combined_market, market
from matcher.ranking.batch import Refusal, refusal, with_whole_value
from matcher.ranking.request import Request
from matcher.sources.notices.whole_value import NoticeLots


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMarket(Market):
    """A market with an id made of what was asked and of the versions that answered.

    The same lot, request and criteria with the same register, bundle and rulebook give the same
    id and the same bytes.  It names no provider.
    """

    id: str
    asked: Lot
    request: Request
    values: tuple[float, ...] | None
    """lot values, in pounds, that a value curve was drawn through"""
    rulebook: str
    """digest of the rulebook"""

    @classmethod
    def of(cls, lot_market: Market, **rest: Any) -> KeptMarket:  # noqa: ANN401
        """The market with the fields that keeping it adds."""
        own = {f.name: getattr(lot_market, f.name) for f in fields(Market)}
        return cls(**own, **rest)


@dataclass(frozen=True, slots=True)
class MarketRequest:
    """What is asked of each lot: the request, the criteria, and lot values for a value curve.

    `as_one` says that all lots belong to one procurement, so that their values are added up; a
    lot sent twice under one id counts once.
    """

    request: Request
    terms: MarketCriteria
    values: tuple[float, ...] | None = None
    as_one: bool = False


LotMarket: TypeAlias = tuple[int, KeptMarket | Refusal]
"""The number of a lot in the request, from 0, and its market or why there is none."""

_decode = msgspec.json.Decoder(KeptMarket).decode


class MarketBatch:
    """The markets of the lots of one request, assessed and kept one after another."""

    def __init__(
        self,
        context: ServiceContext,
        lots: Mapping[str, object],
        asked: MarketRequest,
        most: int | None,
    ) -> None:
        self._context = context
        self._lots = lots
        self._asked = asked
        self._most = most
        self._credible: list[LotAssessment] = []

    def __iter__(self) -> Iterator[LotMarket]:
        """Each lot's market in the order sent, kept before it is yielded; or why there is none.

        A notice with several lots yields several.  Raises BadInput where there are too many lots.
        """
        for number, result in self._results():
            if isinstance(result, KeptMarket):
                yield number, self._keep([result])[0]
            else:
                yield number, result

    def all(self) -> list[LotMarket]:
        """All markets at once, kept in one transaction."""
        results = list(self._results())
        kept = iter(self._keep([result for _, result in results if isinstance(result, KeptMarket)]))
        return [
            (number, next(kept) if isinstance(result, KeptMarket) else result)
            for number, result in results
        ]

    @property
    def together(self) -> CombinedMarket:
        """The distinct credible providers of all lots assessed so far."""
        return combined_market(self._credible, self._asked.terms)

    def _keep(self, markets: Sequence[KeptMarket]) -> list[KeptMarket]:
        entries = [NewEntry(EntryKind.MARKET, one.id, one.id, encode(one)) for one in markets]
        return keep(self._context.records, list(zip(markets, entries, strict=True)), _decode)

    def _results(self) -> Iterator[LotMarket]:
        self._credible.clear()
        asked, matcher = self._asked, self._context.matcher
        check = matcher.place_check
        read = [read_lots(f"lots/{key}", lot, check) for key, lot in self._lots.items()]
        readable = NoticeLots.joined(result for result in read if isinstance(result, list))
        check_lot_count("lots", len(readable), self._most)
        request = replace(asked.request, on=asked.request.on or self._context.today())
        if asked.as_one:
            distinct = list(_distinct(self._lots.values(), read))
            request = with_whole_value(matcher, distinct, request, readable.wholes)
        assessments = assess_lots(matcher, readable, request)
        for number, result in enumerate(read):
            if isinstance(result, Refusal):
                yield number, result
                continue
            for _ in result:
                assessment = next(assessments)
                if isinstance(assessment, Refusal):
                    yield number, assessment
                else:
                    self._credible.append(assessment.credible(asked.terms.floor))
                    yield number, _kept(assessment, asked, self._context.rulebook_digest)
            for _, refused in left_out(str(number), result):
                yield number, refused


@dataclass(frozen=True, slots=True)
class MarketService:
    """Asks the matcher for markets, and keeps them."""

    context: ServiceContext

    def batch(
        self, lots: Mapping[str, object], asked: MarketRequest, most: int | None
    ) -> MarketBatch:
        """The markets of lots under keys, at most `most` of them; assessed when it is read.

        A lot is one lot's fields, an OCDS notice or plain text.
        """
        return MarketBatch(self.context, lots, asked, most)

    def get(self, id_: str) -> KeptMarket:
        """The market kept under an id.

        Raises Missing where there is none, or where it was removed by pruning.
        """
        entry = self.context.records.get(EntryKind.MARKET, id_)
        if entry is None:
            raise Missing(f"no market {id_!r} is kept here; its id came with the answer")
        return _decode(body(entry))

    def replay(self, id_: str) -> ReplayResult:
        """Ask the same again, and compare the answers byte for byte."""
        then = self.get(id_)
        now = self._again(then)
        if isinstance(now, Refusal):
            return ReplayResult(id_, False, (Difference("answer", "a market", now.message),))
        now = as_then(now, then)
        return ReplayResult.of(id_, encode(now) == encode(then), _differences(then, now))

    def _again(self, then: KeptMarket) -> KeptMarket | Refusal:
        asked = MarketRequest(then.request, then.terms, then.values)
        try:
            assessment = assess(self.context.matcher, then.asked, asked.request)
            return _kept(assessment, asked, self.context.rulebook_digest)
        except (NotLawful, BadLot) as error:
            return refusal(then.asked, error)


def _distinct(contents: Iterable[object], read: Sequence[list[Lot] | Refusal]) -> Iterator[Lot]:
    """All lots, a lot sent again under the same id only once.

    A lot sent as text or without an id gets an id made of its words: two alike stay two lots.
    """
    seen = set[Lot]()
    for content, lots in zip(contents, read, strict=True):
        has_id = isinstance(content, dict) and bool(content.get("id") or content.get("ocid"))
        for lot in lots if isinstance(lots, list) else ():
            if not (has_id and lot in seen):
                yield lot
            seen.add(lot)


def _kept(assessment: LotAssessment, asked: MarketRequest, rulebook: str) -> KeptMarket:
    lot, basis = assessment.lot, assessment.basis
    request = replace(assessment.request, on=None) if lot.day else assessment.request
    id_ = answer_id(lot, request, asked.terms, asked.values, basis.register, basis.model, rulebook)
    return KeptMarket.of(
        market(assessment, asked.terms, asked.values),
        id=id_,
        asked=lot,
        request=request,
        values=asked.values,
        rulebook=rulebook,
    )


def _differences(then: KeptMarket, now: KeptMarket) -> Iterator[Difference]:
    """What differs, causes before effects; where neither tells, the fields that differ."""
    told = [*_told(then, now)]
    yield from told or Difference.of_fields(then, now)


def _told(then: KeptMarket, now: KeptMarket) -> Iterator[Difference]:
    yield from Difference.between(_causes(then), _causes(now))
    if encode(then.depth) != encode(now.depth):
        counts = (f"{kept.depth.credible.number} credible" for kept in (then, now))
        yield Difference("depth", *counts)


def _causes(kept: KeptMarket) -> dict[str, str]:
    basis = kept.basis
    return {"register": basis.register, "model": basis.model, "rulebook": kept.rulebook}
