"""Reads the awards of one procurement, with what they share: its tender, parties and contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from matcher.core.types import Award, Source, Tally
from matcher.sources.formats.json_values import Fields, day, ident, mappings
from matcher.sources.notices import merging
from matcher.sources.notices.award_statements import is_cancelled
from matcher.sources.notices.parties import buyer_of, buyers_in, with_buyer_of_awards
from matcher.sources.notices.periods import contract_ends
from matcher.sources.notices.supplier_notes import NOTE, is_note
from matcher.sources.notices.suppliers import Suppliers
from matcher.sources.notices.tender import Notice, project_of
from matcher.sources.notices.tender_value import pounds

# Before this date, most suppliers on Find a Tender had no identifier.
_IDS_TELL_APART = date(2024, 4, 1)


@dataclass(frozen=True, slots=True)
class Awarding:
    """What the awards of one procurement share; `contracts` are by the award they carry out.

    `project` has the title and description of the release or of its planning's project.
    """

    notice: Notice
    project: Fields
    release: Fields
    portal: str
    suppliers: Suppliers
    contracts: Mapping[str, Sequence[Fields]]
    lots_are_safe: bool

    @classmethod
    def of(cls, release: Fields, id_: str, portal: str, published: date | None) -> Self:
        """Read a merged release; `portal` is where it was published."""
        contracts: dict[str, list[Fields]] = {}
        awards = [ident(one.get("id")) for one in mappings(release.get("awards"))]
        only = awards[0] if len(awards) == 1 else ""
        for contract in mappings(release.get("contracts")):
            contracts.setdefault(merging.contract_award_id(contract) or only, []).append(contract)
        return cls(
            notice=Notice.of({**release, "ocid": id_}, named_by_project=False),
            project=project_of(release),
            release=release,
            portal=portal,
            suppliers=Suppliers.of(release),
            contracts=contracts,
            lots_are_safe=_lots_are_safe(release, published),
        )

    def contracts_of(self, entry: Fields) -> Sequence[Fields]:
        """The contracts that carry out an award, by its id; none where it has no id.

        Those that were cancelled are left out where another was not.
        """
        id_ = ident(entry.get("id"))
        found = self.contracts.get(id_, ()) if id_ else ()
        return [one for one in found if not is_cancelled(one)] or found

    def award(
        self, entry: Fields, id_: str, published: date | None, tally: Tally
    ) -> Iterator[Award]:
        """One award; some notices give its value and day with its contracts alone."""
        contracts = self.contracts_of(entry)
        written = [entry.get("date"), *(each.get("dateSigned") for each in contracts)]
        when = next(filter(None, map(day, written)), published)
        if when is None:
            tally.drop("award without a date", id_)
            return
        source = Source(self.portal, when, "OGL-UK-3.0")
        named = list(self.suppliers.providers(entry.get("suppliers"), source))
        winners = tuple(one for one in named if not is_note(one.name))
        if len(winners) < len(named):
            tally.drop(NOTE, id_)
        if not winners:
            tally.drop("award without a named supplier", id_)
            return
        value = _value(entry, contracts, tally, id_)
        others = [*contracts, self.project]
        notice = self._notice_of(entry, contracts)
        for lot in notice.awarded(self._part_of(entry), _own_items(entry), others, tally):
            ends, extends = contract_ends(self._periods(entry, contracts), when)
            yield Award(id_, lot, when, winners, value, ends, extends)

    def _notice_of(self, entry: Fields, contracts: Sequence[Fields]) -> Notice:
        """The notice, of the buyer that an award or its contracts name where the notice names none.

        An award that names none itself has the only one that the others name.
        """
        if self.notice.buyer.name or self.notice.buyer.id:
            return self.notice
        own = buyers_in([entry, *contracts])
        named = {**self.release, "buyer": own[0]} if own else with_buyer_of_awards(self.release)
        return replace(self.notice, buyer=buyer_of(named))

    def _periods(self, entry: Fields, contracts: Sequence[Fields]) -> Iterator[object]:
        """The periods that are given for an award: of its contracts, its lot, and the tender."""
        yield from (each.get("period") for each in contracts)
        yield from (entry.get(key) for key in ("contractPeriod", "period"))
        part = self._part_of(entry)
        if part:
            yield self.notice.parts[part].get("contractPeriod")
        yield self.notice.tender.get("contractPeriod")

    def _part_of(self, entry: Fields) -> str:
        """The id of the single lot of an award; '', for the whole tender, where it is uncertain."""
        names = set(filter(None, merging.lots_of_award(entry)))
        named = sorted(names & self.notice.parts.keys())
        sure = self.lots_are_safe and len(names) == len(named) == 1
        return named[0] if sure and len(self.notice.parts) > 1 else ""


def _own_items(entry: Fields) -> Fields:
    """An award without the items that it gives for lots of other awards."""
    lots, items = set(merging.lots_of_award(entry)), mappings(entry.get("items"))
    own = [one for one in items if ident(one.get("relatedLot")) in lots]
    return {**entry, "items": own} if lots and own else entry


def _value(entry: Fields, contracts: Sequence[Fields], tally: Tally, where: str) -> float | None:
    """The amount of an award, else that of its contracts, preferably without VAT.

    Contracts of different amounts are parts of the award.  Where all have one amount, each may
    repeat that of the award, so it counts once.
    """
    if (own := _amount(entry, tally, where)) is not None:
        return own
    amounts = [_amount(one, tally, where) for one in contracts]
    known = [one for one in amounts if one is not None]
    if len(set(known)) > 1:
        return round(sum(known), 2)
    return next(iter(known), None)


def _amount(holder: Fields, tally: Tally, where: str) -> float | None:
    amounts = (pounds(holder, key, tally, where) for key in ("amount", "amountGross"))
    return next((amount for amount in amounts if amount is not None), None)


def _lots_are_safe(release: Fields, published: date | None) -> bool:
    """Whether the ids of a notice can say which supplier won which lot."""
    if not ident(release.get("ocid")).lower().startswith("ocds-h6vhtk") or (
        published and published >= _IDS_TELL_APART
    ):
        return True
    ids = [
        ident(supplier.get("id"))
        for entry in mappings(release.get("awards"))
        for supplier in mappings(entry.get("suppliers"))
    ]
    return len(set(ids)) == len(ids)
