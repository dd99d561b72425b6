"""Reads lots and awards from OCDS notices of Find a Tender, Contracts Finder and other portals.

Reads releases, release packages, record packages, and lists or JSON Lines of these.  Unknown keys
are ignored; a value of the wrong type counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from matcher.core.types import (
    Award,
    Lot,
    Source,
    Tally,
)
from matcher.sources.formats.json_files import (
    day,
    documents,
    ident,
    listed,
    mapping,
    mappings,
)
from matcher.sources.notices.parties import Suppliers
from matcher.sources.notices.tender import Fields, Notice, pounds

_NO_AWARD = {"cancelled", "unsuccessful"}
_PORTALS = {
    "ocds-h6vhtk": "Find a Tender",
    "ocds-b5fd17": "Contracts Finder",
    "ocds-r6ebe6": "Public Contracts Scotland",
    "ocds-kuma6s": "Sell2Wales",
}
# Before this date, most suppliers on Find a Tender had no identifier.
_IDS_TELL_APART = date(2024, 4, 1)


def releases(document: object) -> Iterator[Fields]:
    """Every release in a release, release package, record package, or list of these."""
    for part in listed(document if isinstance(document, list) else [document]):
        if "releases" in part:
            yield from listed(part["releases"])
        elif "records" in part:
            for record in listed(part["records"]):
                compiled = mapping(record.get("compiledRelease"))
                yield from [compiled] if compiled else listed(record.get("releases"))
        else:
            yield part


def releases_in(document: object, where: str, tally: Tally) -> list[Fields]:
    """As `releases`; a document without a release is set aside."""
    found = list(releases(document))
    if not found:
        tally.read += 1
        tally.drop("document without a notice", where)
    return found


def lots_of(release: Fields, tally: Tally) -> Iterator[Lot]:
    """The lots of a release, or the whole tender as one lot.

    The id of a single lot is the notice's ocid, that of one of several is `ocid#lot`.  Awards and
    suppliers are not read.  A lot that is not usable is set aside.
    """
    return Notice.of(release).lots(tally)


def read_awards(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Award]]]:
    """A tally and the awards of each file.

    Raises BadSource, on the first award, where a file does not exist.
    """
    for path in paths:
        tally = Tally(path.name)
        yield tally, _read(path, tally)


def _read(path: Path, tally: Tally) -> Iterator[Award]:
    return awards_in(documents(path, tally), tally)


def awards_in(found: Iterable[tuple[str, object]], tally: Tally) -> Iterator[Award]:
    """The awards of (position, document) pairs; only the first award with an id is read."""
    seen: set[str] = set()
    for where, document in found:
        for release in releases_in(document, where, tally):
            for award in _awards(release, where, tally):
                if award.id in seen:
                    tally.drop("award repeated", award.id)
                else:
                    seen.add(award.id)
                    tally.kept += 1
                    yield award


def _awards(release: Fields, where: str, tally: Tally) -> Iterator[Award]:
    entries, ocid = listed(release.get("awards")), ident(release.get("ocid"))
    if not (entries and ocid):
        tally.read += 1
        tally.drop("notice without an award" if ocid else "notice without an ocid", ocid or where)
        return
    awarding = _Awarding.of(release)
    for place, entry in enumerate(entries, 1):
        id_ = f"{ocid}/{ident(entry.get('id')) or place}"
        tally.read += 1
        if reason := _no_award(entry):
            tally.drop(reason, id_)
        else:
            yield from awarding.award(entry, id_, tally)


def _no_award(entry: Fields) -> str:
    """The reason why an entry of `awards` is not an award, or ''."""
    status = ident(entry.get("status"))
    if status in _NO_AWARD:
        return f"award is {status}"
    if entry and entry.keys() <= {"id", "amendments"}:
        return "award repeated without content"
    return "" if mappings(entry.get("suppliers")) else "award without suppliers"


@dataclass(frozen=True, slots=True)
class _Awarding:
    """What the awards of one release share; `contracts` are by the id of their award."""

    notice: Notice
    portal: str
    suppliers: Suppliers
    contracts: Mapping[str, Sequence[Fields]]
    lots_are_safe: bool

    @classmethod
    def of(cls, release: Fields) -> Self:
        contracts: dict[str, list[Fields]] = {}
        for contract in mappings(release.get("contracts")):
            contracts.setdefault(ident(contract.get("awardID")), []).append(contract)
        return cls(
            notice=Notice.of(release),
            portal=_PORTALS.get(ident(release.get("ocid"))[:11], "OCDS notice"),
            suppliers=Suppliers.of(release),
            contracts=contracts,
            lots_are_safe=_lots_are_safe(release),
        )

    def award(self, entry: Fields, id_: str, tally: Tally) -> Iterator[Award]:
        """One award; some notices give its value and date only in its contracts."""
        contracts = self.contracts.get(ident(entry.get("id")), ())
        written = [entry.get("date"), *(each.get("dateSigned") for each in contracts)]
        when = next(filter(None, map(day, written)), self.notice.day)
        if when is None:
            tally.drop("award without a date", id_)
            return
        source = Source(self.portal, when, "OGL-UK-3.0")
        winners = tuple(self.suppliers.providers(entry.get("suppliers"), source))
        if not winners:
            tally.drop("award without a named supplier", id_)
            return
        value = _value([entry, *contracts], tally, id_)
        for lot in self.notice.lot(self._part_of(entry), tally):
            yield Award(id_, lot, when, winners, value)

    def _part_of(self, entry: Fields) -> str:
        """The id of the single lot of an award; '', for the whole tender, where it is uncertain."""
        related = entry.get("relatedLots")
        names = {ident(name) for name in related} if isinstance(related, list) else set()
        named = sorted(names & self.notice.parts.keys())
        sure = self.lots_are_safe and len(names) == len(named) == 1
        return named[0] if sure and len(self.notice.parts) > 1 else ""


def _value(holders: Sequence[Fields], tally: Tally, where: str) -> float | None:
    """The first amount of an award or its contracts, preferably without VAT."""
    amounts = (
        pounds(holder, key, tally, where) for holder in holders for key in ("amount", "amountGross")
    )
    return next((amount for amount in amounts if amount is not None), None)


def _lots_are_safe(release: Fields) -> bool:
    """Whether the ids in a notice identify which supplier won which lot."""
    published = day(release.get("date"))
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
