"""The splitter: splits compared and proposed at the desk, each answer kept under an id.

What is kept names no provider.  Consortia do, and are not kept: the same question gives the same
answer as long as the register stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from api.errors import Missing
from api.records.records import (
    Entry,
    EntryKind,
    NewEntry,
    digest,
)
from api.service.entries import body, encode
from api.service.results import Difference, ReplayResult
from api.service.shortlists import ShortlistService
from matcher.core.errors import BadInput, BadLot
from matcher.core.types import Lot
from matcher.lotting.comparison import compare
from matcher.lotting.consortia import Consortia, consortia
from matcher.lotting.division import join_lots
from matcher.lotting.justification import Sentence, reasons
from matcher.lotting.recommendation import Advice, Option, advise
from matcher.lotting.types import ComparedSplits, Split
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.notices.lots import given_lots, whole_of

AS_GIVEN = "as given"
"""What the lots of a notice are called among the splits of what it is for."""
_ROOT = "/compared"


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """A need, ways to split it, and on what terms they are compared; `suggest`: propose others."""

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
    """Splits side by side, kept under an id made of what was asked and of whom.

    `reasons` is a draft of the reasons for each way, by name; each figure in it carries a JSON
    pointer into this answer.  `suggested` is there where splits were to be proposed.
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
    """A kept comparison in one line; no title once its body was taken away."""

    id: str
    seq: int
    at: str
    title: str
    ways: int


@dataclass(frozen=True, slots=True)
class _Named:
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class _Counted:
    need: _Named
    splits: dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class _Outline:
    """As much of an answer as a list of them shows; the rest is passed over unread."""

    compared: _Counted


_outline = msgspec.json.Decoder(_Outline).decode
_compiled = msgspec.json.Decoder(KeptComparison).decode


@dataclass(frozen=True)
class SplitService:
    """Asks a desk's matcher about splits, and keeps the answers in its records."""

    desk: ShortlistService

    def ask(
        self,
        need: object,
        splits: Mapping[str, Sequence[object]],
        request: Request,
        terms: MarketCriteria,
        *,
        suggest: bool = False,
    ) -> KeptComparison:
        """The splits of a need side by side; with `suggest`, beside others that are proposed.

        `need` and each lot are given as `ShortlistService.lots` takes them; a
        notice with several lots is a
        need and a split of it.  Without a need, one split says what it is.
        Raises BadInput for what cannot be compared, and BadLot or NotLawful for a need that
        cannot be read.
        """
        whole, lots = given(self.desk.matcher, need, splits)
        on = request.on or self.desk.today()
        return self.answer(SplitRequest(whole, lots, replace(request, on=on), terms, suggest))

    def answer(self, asked: SplitRequest) -> KeptComparison:
        """The answer to what was asked, kept."""
        made = compiled(self.desk.matcher, asked)
        self.desk.records.append([NewEntry(EntryKind.SPLITS, made.id, made.id, encode(made))])
        return made

    def consortia(
        self, lot: object, needs: Sequence[str], request: Request, terms: MarketCriteria
    ) -> Consortia:
        """Sets of small providers that together cover a lot's needs in all its places."""
        whole, _ = given(self.desk.matcher, lot, {})
        asked = replace(request, on=None if whole.day else request.on or self.desk.today())
        return consortia(self.desk.matcher, whole, asked, terms, needs)

    def saved(self, id_: str) -> KeptComparison:
        """The answer kept under an id.

        Raises Missing where there is none, or its time to be kept has passed.
        """
        entry = self.desk.records.get(EntryKind.SPLITS, id_)
        if entry is None:
            raise Missing(f"no comparison of splits {id_!r} is kept here; its id came with it")
        return _compiled(body(entry))

    def past(self, limit: int = 50, before: int | None = None) -> list[ComparisonSummary]:
        """The comparisons kept last, newest first; `before` is the number to go on from."""
        kept = self.desk.records.newest(EntryKind.SPLITS, limit, before)
        return [_brief(entry) for entry in kept]

    def replay(self, id_: str) -> ReplayResult:
        """Ask again what was asked, and compare the answers byte for byte."""
        was = self.saved(id_)
        now = compiled(self.desk.matcher, was.asked)
        same = encode(now) == encode(was)
        return ReplayResult(id_, same, () if same else tuple(_changes(was, now)))


def given(
    matcher: Matcher, need: object, splits: Mapping[str, Sequence[object]]
) -> tuple[Lot, dict[str, Split]]:
    """The need as one lot, and the splits of it, as somebody gave them.

    Raises BadInput where no need is told, and BadLot, naming which, for what is no lot.
    """
    lots = {name: Split(tuple(_lots(f"splits/{name}", each))) for name, each in splits.items()}
    if need is not None:
        whole, own = need_of(matcher, _lots("need", [need]), whole_of(need, "need"))
        return whole, lots or own
    if len(lots) != 1:
        told = f"{len(lots)} splits may be of different needs" if lots else "no split is either"
        raise BadInput(f"need: is not given, and {told}; give the whole need as one lot")
    ((_, only),) = lots.items()
    whole, _ = need_of(matcher, only.lots)
    return whole, lots


def need_of(
    matcher: Matcher, lots: Sequence[Lot], whole: Lot | None = None
) -> tuple[Lot, dict[str, Split]]:
    """Lots as the one need that they are of, and as a split of it where there are several.

    `whole` is their notice as one lot: its words are the need's, and its value if it tells one.
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


def _lots(where: str, each: Sequence[object]) -> list[Lot]:
    found: list[Lot] = []
    for at, one in enumerate(each, 1):
        try:
            lots, _ = given_lots(one, where)
        except BadLot as wrong:
            said = str(wrong).removeprefix(f"{where}: ")
            raise BadLot(f"{where}, number {at}: {said}") from wrong
        found += lots
    return found


def compiled(matcher: Matcher, asked: SplitRequest) -> KeptComparison:
    """The answer to what was asked; of no day where the need and each lot have a day of their own.

    Raises BadInput for what cannot be compared, and BadLot or NotLawful for a need that cannot
    be read.
    """
    lots = [asked.need, *(lot for split in asked.splits.values() for lot in split.lots)]
    if all(lot.day for lot in lots):
        asked = replace(asked, request=replace(asked.request, on=None))
    advice: Advice | None = None
    if asked.suggest:
        advice = advise(matcher, asked.need, asked.request, asked.terms, asked.splits)
    found = (
        advice.compared
        if advice
        else compare(matcher, asked.need, asked.splits, asked.request, asked.terms)
    )
    book = digest(encode(matcher.rulebook))
    of = (asked, found.basis.register, found.basis.model, book)
    return KeptComparison(
        id=digest(encode(of))[:24],
        asked=asked,
        compared=found,
        reasons={name: reasons(found, name, _ROOT) for name in found.splits},
        suggested=Suggested(advice.split, advice.verdict, advice.options, advice.not_cut)
        if advice
        else None,
        rulebook=book,
    )


def _brief(entry: Entry) -> ComparisonSummary:
    if entry.body is None:
        return ComparisonSummary(entry.id, entry.seq, entry.at, "", 0)
    found = _outline(entry.body).compared
    title = found.need.title or found.need.description[:80]
    return ComparisonSummary(entry.id, entry.seq, entry.at, title, len(found.splits))


def _changes(was: KeptComparison, now: KeptComparison) -> Iterator[Difference]:
    """What is no longer the same, the causes before the effects."""
    yield from Difference.between(_causes(was), _causes(now))
    if encode(was.compared) != encode(now.compared):
        yield Difference("compared", "the splits as they were counted", "other figures")


def _causes(one: KeptComparison) -> dict[str, str]:
    basis = one.compared.basis
    return {"register": basis.register, "model": basis.model, "rulebook": one.rulebook}
