"""Reads the awards of one procurement, with what they share: its tender, parties and contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from matcher.core.types import Award, Source, Tally
from matcher.sources.formats.json_values import day, ident, mapping, mappings
from matcher.sources.notices import merging
from matcher.sources.notices.parties import buyer_of
from matcher.sources.notices.periods import contract_ends
from matcher.sources.notices.suppliers import Suppliers
from matcher.sources.notices.tender import Fields, Notice, project_of
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
    portal: str
    suppliers: Suppliers
    contracts: Mapping[str, Sequence[Fields]]
    lots_are_safe: bool

    @classmethod
    def of(cls, release: Fields, id_: str, portal: str, published: date | None) -> Self:
        """Read a merged release; `portal` is where it was published."""
        contracts: dict[str, list[Fields]] = {}
        for contract in mappings(release.get("contracts")):
            contracts.setdefault(ident(contract.get("awardID")), []).append(contract)
        return cls(
            notice=Notice.of({**_with_buyer(release), "ocid": id_}, named_by_project=False),
            project=project_of(release),
            portal=portal,
            suppliers=Suppliers.of(release),
            contracts=contracts,
            lots_are_safe=_lots_are_safe(release, published),
        )

    def contracts_of(self, entry: Fields) -> Sequence[Fields]:
        """The contracts that carry out an award, by its id; none where it has no id."""
        id_ = ident(entry.get("id"))
        return self.contracts.get(id_, ()) if id_ else ()

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
        winners = tuple(self.suppliers.providers(entry.get("suppliers"), source))
        if not winners:
            tally.drop("award without a named supplier", id_)
            return
        value = _value([entry, *contracts], tally, id_)
        others = [*contracts, self.project]
        for lot in self.notice.awarded(self._part_of(entry), entry, others, tally):
            ends, extends = contract_ends(self._periods(entry, contracts), when)
            yield Award(id_, lot, when, winners, value, ends, extends)

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


def _with_buyer(release: Fields) -> Fields:
    """A release that names no buyer, with the first buyer that its awards or contracts name."""
    buyer = buyer_of(release)
    if buyer.name or buyer.id:
        return release
    holders = [*mappings(release.get("awards")), *mappings(release.get("contracts"))]
    named = (one for each in holders for one in (each.get("buyer"), *mappings(each.get("buyers"))))
    return {**release, "buyer": next(filter(None, map(mapping, named)), {})}


def _value(holders: Sequence[Fields], tally: Tally, where: str) -> float | None:
    """The first amount of an award or its contracts, preferably without VAT."""
    amounts = (
        pounds(holder, key, tally, where) for holder in holders for key in ("amount", "amountGross")
    )
    return next((amount for amount in amounts if amount is not None), None)


def _lots_are_safe(release: Fields, published: date | None) -> bool:
    """Whether the ids of a notice can say which supplier won which lot."""
    if not ident(release.get("ocid")).startswith("ocds-h6vhtk") or (
        published and published >= _IDS_TELL_APART
    ):
        return True
    ids = [
        ident(supplier.get("id"))
        for entry in mappings(release.get("awards"))
        for supplier in mappings(entry.get("suppliers"))
    ]
    return len(set(ids)) == len(ids)
