"""Checks a shortlist against a council's contract procedure rules: how many quotes, from whom.

A check says whether each rule is met, not met, or may conflict with the law.  It never changes the
list: nobody is added to reach a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from matcher.core.errors import BadInput
from matcher.core.formatting import long_date, pounds, series
from matcher.core.types import Lot, Provider
from matcher.law.procedure_rules import ProcedureRules, ValueBand
from matcher.law.scope import SMALL
from matcher.law.types import Purpose, Signal
from matcher.ranking.filters import local_area, scope_of
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist


class ProcedureOutcome(StrEnum):
    """Whether a list meets one rule."""

    MET = "met"
    NOT_MET = "not met"
    POSSIBLE_CONFLICT = "possible conflict"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class ProcedureFinding:
    """Whether a list meets one rule: the number needed, the number found, and why.

    `found` is None where it may not be counted or is not known; `rule` names the law.
    """

    words: str
    outcome: ProcedureOutcome
    needed: int
    found: int | None
    because: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ProcedureCheck:
    """A list checked against a pack.  `value` is pounds, with or without VAT as the pack counts."""

    pack: str
    council: str
    version: str
    digest: str
    source: str
    band: str
    value: float | None
    checks: tuple[ProcedureFinding, ...]
    notes: tuple[str, ...]


def check(
    matcher: Matcher, lot: Lot, request: Request, answer: Shortlist, pack: ProcedureRules
) -> ProcedureCheck:
    """Check the list that answers `request` for `lot` against the rules for its value.

    Raises BadInput where the pack is not in force on the list's day.
    """
    if not pack.period.contains(answer.on):
        ends = f" to {long_date(pack.period.ends)}" if pack.period.ends else " on"
        raise BadInput(
            f"procedure {pack.id}: version {pack.version} is in force from "
            f"{long_date(pack.period.begins)}{ends}, and the lot is dated {long_date(answer.on)}: "
            "name the version in force on that day"
        )
    value = _value(matcher, answer, pack)
    band = None if value is None else pack.band(value)
    without_findings = ProcedureCheck(
        pack=pack.id,
        council=pack.council,
        version=pack.version,
        digest=pack.digest,
        source=pack.source,
        band=band.name if band else "",
        value=value,
        checks=(),
        notes=tuple(_notes(lot, pack, band, value, at_least=request.whole_at_least)),
    )
    if band is None:
        return without_findings
    providers = [_provider(matcher, suggestion.id) for suggestion in answer.suggestions]
    rules = _Rules(matcher, request, answer, pack, providers)
    return replace(without_findings, checks=tuple(rules.findings(band)))


def _provider(matcher: Matcher, org_id: str) -> Provider:
    row = matcher.register.row(org_id)
    if row is None:
        raise BadInput(f"provider {org_id!r} is not in this register")
    return matcher.register.organisations[row].provider


def _value(matcher: Matcher, answer: Shortlist, pack: ProcedureRules) -> float | None:
    """Pounds of all lots together, with or without VAT as the pack counts."""
    if answer.value is None:
        return None
    return round(answer.value / (1.0 if pack.vat_included else 1 + matcher.rulebook.vat), 2)


def _notes(
    lot: Lot, pack: ProcedureRules, band: ValueBand | None, value: float | None, *, at_least: bool
) -> Iterator[str]:
    if value is None:
        yield "The value is not known, so no band of the rules applies: give the lot a value."
    elif band is None:
        yield f"These rules have no band for {pounds(value)}."
    else:
        vat = "included" if pack.vat_included else "excluded"
        yield f"{pounds(value)} (VAT {vat}): {band.name}. {band.words}"
        if at_least:
            yield "Not every lot has a value, so the rules for a higher value may apply."
    if lot.buyer and lot.buyer != pack.council:
        yield f"These are the rules of {pack.council}; the buyer is {lot.buyer}."
    yield "Nobody was added to the list to meet these rules."


@dataclass(frozen=True, slots=True)
class _Rules:
    """Applies the rules of one band to one list."""

    matcher: Matcher
    request: Request
    answer: Shortlist
    pack: ProcedureRules
    providers: Sequence[Provider]

    def findings(self, band: ValueBand) -> Iterator[ProcedureFinding]:
        """The finding for each rule of the band."""
        if band.quotes:
            yield self._counted("at least {} on the list", band.quotes, len(self.providers))
        if band.local_quotes:
            yield self._local(band.local_quotes)
        wish = self.request.wish
        if band.small_quotes:
            small = sum(provider.size in SMALL for provider in self.providers)
            words, reserved = "at least {} known to be an SME", wish.size == "small"
            yield self._by_size(words, band.small_quotes, small, reserved=reserved)
        if band.vcse_quotes:
            vcse = sum(provider.kind.vcse for provider in self.providers)
            words, reserved = "at least {} VCSE", wish.kind == "vcse"
            yield self._by_size(words, band.vcse_quotes, vcse, reserved=reserved)

    def _counted(self, words: str, needed: int, found: int) -> ProcedureFinding:
        met = found >= needed
        because = f"{found} of {len(self.providers)} on the list."
        if not met and len(self.providers) == self.request.limit:
            because += f" The list stops at limit {self.request.limit}: ask for more."
        outcome = ProcedureOutcome.MET if met else ProcedureOutcome.NOT_MET
        return ProcedureFinding(words.format(needed), outcome, needed, found, because)

    def _local(self, needed: int) -> ProcedureFinding:
        councils = self.matcher.register.councils
        areas = [local_area(councils, councils.require(name)) for name in self.pack.local]
        if not areas:
            why = "The rules do not say what local means: add `local` to the pack."
            words = f"at least {needed} based in the local area"
            return ProcedureFinding(words, ProcedureOutcome.NOT_KNOWN, needed, None, why)
        words = f"at least {{}} based in {series(area.name for area in areas)}"
        local = frozenset[str]().union(*(area.councils for area in areas))
        reserved = self._reserved_to()
        within = bool(reserved) and reserved <= local
        if conflict := self._conflict(Signal.PLACE, words.format(needed), needed, reserved=within):
            return conflict
        found = sum(self._is_in(local, provider) for provider in self.providers)
        return self._counted(words, needed, found)

    def _reserved_to(self) -> frozenset[str]:
        """The councils that the request is limited to; none where it is not limited to councils."""
        place, wish = self.matcher.place(self.answer.lot), self.request.wish
        councils = self.matcher.register.councils
        return scope_of(councils, wish, self.request.purpose, place).councils

    def _is_in(self, codes: frozenset[str], provider: Provider) -> bool:
        points = (self.matcher.register.postcodes.find(s.postcode) for s in provider.sites)
        return any(point is not None and point.council in codes for point in points)

    def _by_size(self, words: str, needed: int, found: int, *, reserved: bool) -> ProcedureFinding:
        conflict = self._conflict(Signal.SIZE, words.format(needed), needed, reserved=reserved)
        return conflict or self._counted(words, needed, found)

    def _conflict(
        self, signal: Signal, words: str, needed: int, *, reserved: bool
    ) -> ProcedureFinding | None:
        """The finding where a quota uses something that may not count for this purpose.

        `reserved`: the competition is reserved to nobody but those that the quota is for.  Among
        those of a wider reservation, a quota is a preference that the law does not allow.
        """
        rule = self.answer.neutral.get(signal.value, "")
        if not rule or (reserved and self.request.purpose is Purpose.RESERVED):
            return None
        what = {Signal.PLACE: "where suppliers are", Signal.SIZE: "their size or kind"}[signal]
        because = (
            f"In a list of providers to invite, {what} may not count ({rule}) unless the "
            "competition was reserved to them beforehand. We read the law as saying that a quota "
            "is not a reservation. Take advice, or reserve the competition."
        )
        return ProcedureFinding(
            words, ProcedureOutcome.POSSIBLE_CONFLICT, needed, None, because, rule
        )
