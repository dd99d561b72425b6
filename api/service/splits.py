"""Ways to split a need: compared, proposed, kept under an id, and replayed.

A kept comparison names no provider.  Consortia name providers and are not kept; the same request
gives the same answer until the register is built again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from api.errors import Missing
from api.records.entry import Entry, EntryKind, NewEntry, digest
from api.service.asking import left_out
from api.service.context import ServiceContext
from api.service.entries import LotHeading, answer_id, as_then, body, encode, keep
from api.service.results import Difference, ReplayResult
from matcher.core.errors import BadInput, BadLot, BadLots
from matcher.core.types import Lot
from matcher.lotting.comparison import compare
from matcher.lotting.consortia import consortia
from matcher.lotting.consortium import Consortia
from matcher.lotting.joining import join_lots
from matcher.lotting.justification import Sentence, reasons
from matcher.lotting.recommendation import Advice, Option, advise
from matcher.lotting.types import ComparedSplits, Split
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices.lots import LotCheck, lots_from_input, notice_as_one_lot

AS_GIVEN = "as given"
"""The name of the split that the lots of a notice make."""
_ROOT = "/compared"


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """A need, ways to split it, and the criteria; `suggest` asks for further ways."""

    need: Lot
    splits: dict[str, Split]
    request: Request
    terms: MarketCriteria
    suggest: bool = False


@dataclass(frozen=True, slots=True)
class Suggested:
    """Ways to split a need, best first, and whether any is better than one contract."""

    split: bool
    verdict: tuple[str, ...]
    options: tuple[Option, ...]
    not_cut: dict[str, str]


@dataclass(frozen=True, slots=True)
class KeptComparison:
    """Splits side by side, kept under an id made of what was asked and of what answered.

    `reasons` is a draft of the reasons for each way, by name; each figure in it has a JSON
    pointer into this answer.  `suggested` is None unless proposals were asked for.
    """

    id: str
    asked: SplitRequest
    compared: ComparedSplits
    reasons: dict[str, tuple[Sentence, ...]]
    suggested: Suggested | None
    rulebook: str
    """digest of the rulebook"""


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """A kept comparison in one line; the title is empty once its body was removed.

    `place` is that of the need, as it was given or by the codes of its councils.  `lots` are the
    values in pounds of the lots of each way that was given, and `area` is the area that providers
    were limited to.
    """

    id: str
    seq: int
    at: str
    title: str
    ways: int
    place: str = ""
    value: float | None = None
    lots: tuple[tuple[float | None, ...], ...] = ()
    area: str = ""


@dataclass(frozen=True, slots=True)
class _NeedOutline(LotHeading):
    postcode: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class _SplitOutline:
    lots: list[LotHeading]


@dataclass(frozen=True, slots=True)
class _AskedOutline:
    need: _NeedOutline
    splits: dict[str, _SplitOutline]
    request: Request


@dataclass(frozen=True, slots=True)
class _ComparedOutline:
    splits: dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class _Outline:
    """As much of a comparison as a list of them shows; the rest is not decoded."""

    asked: _AskedOutline
    compared: _ComparedOutline


_decode_outline = msgspec.json.Decoder(_Outline).decode
_decode = msgspec.json.Decoder(KeptComparison).decode


@dataclass(frozen=True, slots=True)
class SplitService:
    """Compares and proposes ways to split a need, and keeps the answers."""

    context: ServiceContext

    def ask(
        self,
        need: object,
        splits: Mapping[str, Sequence[object]],
        request: Request,
        terms: MarketCriteria,
        *,
        suggest: bool = False,
    ) -> KeptComparison:
        """The splits of a need side by side; with `suggest`, next to splits that are proposed.

        The need and each lot are one lot's fields, an OCDS notice or plain text.  A notice with
        several lots is a need and a split of it.  Without a need, the only split defines it.
        Raises BadInput for what cannot be compared, and BadLot or NotLawful for a need that
        cannot be read.
        """
        whole, lots = read_need(self.context.matcher, need, splits)
        request = replace(request, on=request.on or self.context.today())
        return self.answer(SplitRequest(whole, lots, request, terms, suggest))

    def answer(self, asked: SplitRequest) -> KeptComparison:
        """The answer to a request, kept."""
        answer = compiled(self.context.matcher, asked)
        entry = NewEntry(EntryKind.SPLITS, answer.id, answer.id, encode(answer))
        return keep(self.context.records, [(answer, entry)], _decode)[0]

    def consortia(
        self, lot: object, needs: Sequence[str], request: Request, terms: MarketCriteria
    ) -> Consortia:
        """Sets of small providers that together cover a lot's needs in all its places."""
        matcher = self.context.matcher
        wrong = list[str]()
        read = _lots("lot", [lot], matcher.place_check, wrong)
        if wrong:
            raise BadLots(wrong)
        whole, _ = need_of(matcher, read, notice_as_one_lot(lot, "lot"))
        on = None if whole.day else request.on or self.context.today()
        return consortia(matcher, whole, replace(request, on=on), terms, needs)

    def get(self, id_: str) -> KeptComparison:
        """The comparison kept under an id.

        Raises Missing where there is none, or where it was removed by pruning.
        """
        entry = self.context.records.get(EntryKind.SPLITS, id_)
        if entry is None:
            raise Missing(f"no comparison of splits {id_!r} is kept here; its id came with it")
        return _decode(body(entry))

    def recent(self, limit: int = 50, before: int | None = None) -> list[ComparisonSummary]:
        """The kept comparisons, newest first; `before` is the entry number to continue from."""
        return [
            _summary(entry)
            for entry in self.context.records.newest(EntryKind.SPLITS, limit, before)
        ]

    def replay(self, id_: str) -> ReplayResult:
        """Ask the same again, and compare the answers byte for byte."""
        then = self.get(id_)
        now = _as_then(compiled(self.context.matcher, then.asked), then)
        return ReplayResult.of(id_, encode(now) == encode(then), _differences(then, now))


def _as_then(now: KeptComparison, then: KeptComparison) -> KeptComparison:
    """The comparison of now, each of whose markets tells as much as that of `then`."""
    before = then.compared.markets
    markets = {
        key: as_then(one, before[key]) if key in before else one
        for key, one in now.compared.markets.items()
    }
    return replace(now, compared=replace(now.compared, markets=markets))


def read_need(
    matcher: Matcher, need: object, splits: Mapping[str, Sequence[object]]
) -> tuple[Lot, dict[str, Split]]:
    """The need as one lot, and the splits of it, from what a client sent.

    Raises BadInput where the need is missing, and BadLots, naming each, for what is no lot.
    """
    check, wrong = matcher.place_check, list[str]()
    lots = {
        name: Split(tuple(_lots(f"splits/{name}", sent, check, wrong)))
        for name, sent in splits.items()
    }
    needed = [] if need is None else _lots("need", [need], check, wrong)
    if wrong:
        raise BadLots(wrong)
    if need is not None:
        whole, own = need_of(matcher, needed, notice_as_one_lot(need, "need"))
        return whole, lots or own
    if len(lots) != 1:
        why = f"{len(lots)} splits may be of different needs" if lots else "there is no split"
        raise BadInput(f"need: is missing, and {why}; give the whole need as one lot")
    (only,) = lots.values()
    whole, _ = need_of(matcher, only.lots)
    return whole, lots


def need_of(
    matcher: Matcher, lots: Sequence[Lot], whole: Lot | None = None
) -> tuple[Lot, dict[str, Split]]:
    """Lots joined into one need, and, where there are several, as a split of it.

    `whole` is their notice as one lot: the need takes its words, and its value where it has one.
    """
    register = matcher.register
    need = join_lots(lots, register.councils, register.postcodes, matcher.rulebook.vat)
    if len(lots) < 2:
        return need, {}
    if whole is not None:
        need = replace(need, title=whole.title, description=whole.description, cpv=whole.cpv)
    if whole is not None and whole.value is not None:
        need = replace(need, value=whole.value, value_is_gross=whole.value_is_gross)
    return need, {AS_GIVEN: Split(tuple(lots))}


def _lots(where: str, contents: Sequence[object], check: LotCheck, wrong: list[str]) -> list[Lot]:
    """The lots that can be read; what is wrong with the others is added to `wrong`."""
    lots: list[Lot] = []
    for number, content in enumerate(contents, 1):
        try:
            lots += _all_read(where, content, check)
        except BadLot as error:
            detail = str(error).removeprefix(f"{where}: ")
            place = f"{where}, number {number}" if "/" in where else where
            wrong.append(f"{place}: {detail}")
    return lots


def _all_read(where: str, content: object, check: LotCheck) -> list[Lot]:
    """The lots of a text, a lot or a notice.  Raises BadLot where one of them cannot be used."""
    lots, _ = lots_from_input(content, where, check)
    for _, refused in left_out(where, lots):
        raise BadLot(f"{refused.lot}: {refused.message}")
    return lots


def compiled(matcher: Matcher, asked: SplitRequest) -> KeptComparison:
    """The answer to a request; its day is left out where the need and each lot have their own.

    Raises BadInput for what cannot be compared, and BadLot or NotLawful for a need that cannot
    be read.
    """
    lots = [asked.need, *(lot for split in asked.splits.values() for lot in split.lots)]
    if all(lot.day for lot in lots):
        asked = replace(asked, request=replace(asked.request, on=None))
    advice: Advice | None = None
    if asked.suggest:
        advice = advise(matcher, asked.need, asked.request, asked.terms, asked.splits)
        compared = advice.compared
    else:
        compared = compare(matcher, asked.need, asked.splits, asked.request, asked.terms)
    rulebook = digest(encode(matcher.rulebook))
    return KeptComparison(
        id=answer_id(asked, compared.basis.register, compared.basis.model, rulebook),
        asked=asked,
        compared=compared,
        reasons={name: reasons(compared, name, _ROOT) for name in compared.splits},
        suggested=Suggested(advice.split, advice.verdict, advice.options, advice.not_cut)
        if advice
        else None,
        rulebook=rulebook,
    )


def _summary(entry: Entry) -> ComparisonSummary:
    if entry.body is None:
        return ComparisonSummary(entry.id, entry.seq, entry.at, "", 0)
    outline = _decode_outline(entry.body)
    need, asked = outline.asked.need, outline.asked
    return ComparisonSummary(
        id=entry.id,
        seq=entry.seq,
        at=entry.at,
        title=need.label,
        ways=len(outline.compared.splits),
        place=need.postcode or need.area,
        value=need.value,
        lots=tuple(tuple(lot.value for lot in split.lots) for split in asked.splits.values()),
        area=asked.request.wish.area or "",
    )


def _differences(then: KeptComparison, now: KeptComparison) -> Iterator[Difference]:
    """What differs, causes before effects."""
    yield from Difference.between(_causes(then), _causes(now))
    if encode(then.compared) != encode(now.compared):
        yield Difference("compared", "the splits as they were counted", "other figures")


def _causes(kept: KeptComparison) -> dict[str, str]:
    basis = kept.compared.basis
    return {"register": basis.register, "model": basis.model, "rulebook": kept.rulebook}
