"""The surveyor: markets asked for at the desk, each kept under an id, and asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import msgspec

from api.errors import Missing
from api.records.records import EntryKind, NewEntry, digest
from api.service.entries import body, encode
from api.service.results import Difference, ReplayResult
from api.service.shortlists import ShortlistService
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.types import Lot
from matcher.market.assessment import LotAssessment, assess
from matcher.market.batch import assess_lots
from matcher.market.criteria import MarketCriteria
from matcher.market.market import CombinedMarket, Market, market
from matcher.market.market import combined_market as all_together
from matcher.ranking.batch import Refusal, refusal, with_whole_value
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed(Market):
    """A market that is kept, under an id made of what was asked and of whom.

    The same lot, request and terms asked of the same register, bundle and rulebook give the
    same id and the same bytes.  It names no provider.
    """

    id: str
    asked: Lot
    request: Request
    values: tuple[float, ...] | None
    """through which a value curve was drawn"""
    rulebook: str
    """digest of the rulebook"""

    @classmethod
    def of(cls, found: Market, **rest: Any) -> Surveyed:  # noqa: ANN401
        """The market with what keeping it adds."""
        held = {f.name: getattr(found, f.name) for f in fields(Market)}
        return cls(**held, **rest)


@dataclass(frozen=True, slots=True)
class MarketRequest:
    """What is asked of each lot beside itself: the request, the terms, and values for a curve.

    `as_one` says that all lots are of one procurement, and so valued together; a lot that stands
    there again under its id counts once.
    """

    request: Request
    terms: MarketCriteria
    values: tuple[float, ...] | None = None
    as_one: bool = False


One: TypeAlias = tuple[int, Surveyed | Refusal]
"""Which of the lots given it is, and its market, or why there is none."""

_surveyed = msgspec.json.Decoder(Surveyed).decode


class MarketService:
    """Asks a desk's matcher for markets, and keeps them in its records; of at most `most` lots."""

    def __init__(self, desk: ShortlistService, most: int | None = None) -> None:
        self._desk = desk
        self._most = most
        self._reached: list[LotAssessment] = []
        self._terms = MarketCriteria()

    def each(self, lots: Sequence[object], survey: MarketRequest) -> Iterator[One]:
        """Each lot's market in the order given, kept before it is given out; or why none.

        A lot is given as `ShortlistService.lots` takes it; a notice with several gives several.
        Raises BadInput where there are too many, and for what no lot can be asked: before the
        first market, if not before the first refusal.
        """
        for found in self._each(lots, survey):
            if isinstance(found[1], Surveyed):
                self._desk.records.append([_entry(found[1])])
            yield found

    def all(self, lots: Sequence[object], survey: MarketRequest) -> list[One]:
        """As `each`, all at once, and kept in one go."""
        found = list(self._each(lots, survey))
        self._desk.records.append([_entry(one) for _, one in found if isinstance(one, Surveyed)])
        return found

    @property
    def together(self) -> CombinedMarket:
        """The distinct credible providers of all lots asked so far."""
        return all_together(self._reached, self._terms)

    def _each(self, lots: Sequence[object], survey: MarketRequest) -> Iterator[One]:
        self._terms = survey.terms
        matcher, book = self._desk.matcher, self._rulebook()
        read_ = [self._read(number, given) for number, given in enumerate(lots)]
        every = [lot for found in read_ if isinstance(found, list) for lot in found]
        check_number("lots", len(every), self._most)
        request = replace(survey.request, on=survey.request.on or self._desk.today())
        if survey.as_one:
            request = with_whole_value(matcher, list(_each_once(lots, read_)), request)
        asked = assess_lots(matcher, every, request)
        for number, found in enumerate(read_):
            if isinstance(found, Refusal):
                yield number, found
                continue
            for _ in found:
                one = next(asked)
                if isinstance(one, Refusal):
                    yield number, one
                else:
                    self._reached.append(one.credible(survey.terms.floor))
                    yield number, _kept(one, survey, book)

    def _read(self, number: int, given: object) -> list[Lot] | Refusal:
        try:
            return list(self._desk.lots(given, f"lots/{number}").lots)
        except BadLot as wrong:
            return Refusal(f"lots/{number}", "", str(wrong))

    def _rulebook(self) -> str:
        return digest(encode(self._desk.matcher.rulebook))

    def saved(self, id_: str) -> Surveyed:
        """The market kept under an id.

        Raises Missing where there is none, or its time to be kept has passed.
        """
        entry = self._desk.records.get(EntryKind.MARKET, id_)
        if entry is None:
            raise Missing(f"no market {id_!r} is kept here; its id came with the answer")
        return _surveyed(body(entry))

    def replay(self, id_: str) -> ReplayResult:
        """Ask again what was asked, and compare the answers byte for byte."""
        was = self.saved(id_)
        survey = MarketRequest(was.request, was.terms, was.values)
        now = _again(self._desk.matcher, was.asked, survey, self._rulebook())
        if isinstance(now, Refusal):
            return ReplayResult(id_, False, (Difference("answer", "a market", now.message),))
        if encode(now) == encode(was):
            return ReplayResult(id_, True)
        return ReplayResult(id_, False, tuple(_changes(was, now)))


def _each_once(given: Sequence[object], read_: Sequence[list[Lot] | Refusal]) -> Iterator[Lot]:
    """All lots, of which one that repeats another under its id is the same lot; without one, not.

    A lot in words, or without an id, has an id of what it says: two alike are two lots.
    """
    seen = set[Lot]()
    for one, found in zip(given, read_, strict=True):
        named = isinstance(one, dict) and bool(one.get("id") or one.get("ocid"))
        for lot in found if isinstance(found, list) else ():
            if not (named and lot in seen):
                yield lot
            seen.add(lot)


def check_number(field: str, lots: int, most: int | None) -> None:
    """Refuse more lots than may be asked at once, however many of them a notice holds."""
    if most is not None and lots > most:
        raise BadInput(
            f"{field}: {lots:,} lots are more than {most:,}, the lots of notices counted one by "
            "one; ask in several requests"
        )


def _kept(reading: LotAssessment, survey: MarketRequest, book: str) -> Surveyed:
    lot, basis = reading.lot, reading.basis
    request = replace(reading.request, on=None) if lot.day else reading.request
    found = market(reading, survey.terms, survey.values)
    of = (lot, request, survey.terms, survey.values, basis.register, basis.model, book)
    return Surveyed.of(
        found,
        id=digest(encode(of))[:24],
        asked=lot,
        request=request,
        values=survey.values,
        rulebook=book,
    )


def _again(matcher: Matcher, lot: Lot, survey: MarketRequest, book: str) -> Surveyed | Refusal:
    try:
        return _kept(assess(matcher, lot, survey.request), survey, book)
    except (NotLawful, BadLot) as wrong:
        return refusal(lot, wrong)


def _entry(one: Surveyed) -> NewEntry:
    return NewEntry(EntryKind.MARKET, one.id, one.id, encode(one))


def _changes(was: Surveyed, now: Surveyed) -> Iterator[Difference]:
    """What is no longer the same, the causes before the effects."""
    yield from Difference.between(_causes(was), _causes(now))
    if encode(was.depth) != encode(now.depth):
        counted = (str(one.depth.credible.number) for one in (was, now))
        yield Difference("depth", *(f"{number} credible" for number in counted))


def _causes(one: Surveyed) -> dict[str, str]:
    basis = one.basis
    return {"register": basis.register, "model": basis.model, "rulebook": one.rulebook}
