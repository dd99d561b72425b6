"""Awards and plans in OCDS notices of Find a Tender, Contracts Finder and the devolved portals.

Reads what `matcher.sources.notices.releases` finds: the releases of one ocid, by one buyer, are
one procurement, and the newest word on each award stands.  Unknown keys are ignored; a part of
the wrong type counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from matcher.core.types import Award, Lot, PlannedContract, Source, Tally
from matcher.sources.formats.json_files import documents
from matcher.sources.formats.json_values import day, ident, listed, mapping, mappings
from matcher.sources.notices import finder_table, merging
from matcher.sources.notices.merging import AwardKey
from matcher.sources.notices.parties import Suppliers, buyer_of, with_role
from matcher.sources.notices.periods import contract_ends
from matcher.sources.notices.planned import is_planned, planned_contract
from matcher.sources.notices.releases import (
    PlacedRelease,
    Procurement,
    ReleaseSpool,
    by_buyer,
    releases_in,
)
from matcher.sources.notices.tender import Fields, Notice, pounds, project_of

TOO_DEEP = "JSON is nested too deep"
_NOT_WON = {
    *("cancelled", "canceled", "unsuccessful", "pending", "withdrawn", "discontinued"),
    *("rejected", "disqualified"),
}
_PORTALS = {
    "ocds-h6vhtk": "Find a Tender",
    "ocds-b5fd17": "Contracts Finder",
    "ocds-r6ebe6": "Public Contracts Scotland",
    "ocds-kuma6s": "Sell2Wales",
}
# Before this date, most suppliers on Find a Tender had no identifier.
_IDS_TELL_APART = date(2024, 4, 1)


def lots_of(release: Fields, tally: Tally) -> Iterator[Lot]:
    """The lots of a release, or the whole tender as one lot.

    The id of a single lot is the notice's ocid, that of one of several is `ocid#lot`.  Awards and
    suppliers are not read.  A lot that is not usable is set aside.
    """
    return Notice.of(release).lots(tally)


@dataclass(frozen=True, slots=True)
class AwardSource:
    """One file or store of notices: its documents, each with where it was found, and its tally."""

    tally: Tally
    documents: Iterable[tuple[str, object]]

    @classmethod
    def file(cls, path: Path) -> Self:
        """The notices in a file, which is opened when they are read."""
        tally = Tally(path.name)
        is_table = path.is_file() and finder_table.is_table(path)
        return cls(tally, (finder_table.rows if is_table else documents)(path, tally))


def read_awards(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Award]]]:
    """As `merged_awards`, of files.  Raises BadSource, on the first award, for a missing file."""
    yield from merged_awards([AwardSource.file(path) for path in paths])


def merged_awards(sources: Sequence[AwardSource]) -> Iterator[tuple[Tally, Iterator[Award]]]:
    """A tally of each source; the awards of all sources come with the first.

    The releases of one ocid are merged across all sources, files and stores alike, and the awards
    come in the order of their newest releases, so that no split into sources changes a register.
    An award is counted where its newest word is.
    """
    for number, source in enumerate(sources):
        yield source.tally, iter(()) if number else _awards_of_all(sources)


def merged_notices(
    sources: Sequence[AwardSource],
) -> Iterator[tuple[Tally, Iterator[Award | PlannedContract]]]:
    """As `merged_awards`, and also the contracts that are announced and not yet tendered."""
    for number, source in enumerate(sources):
        yield source.tally, iter(()) if number else _of_all(sources, planned=True)


def _awards_of_all(sources: Sequence[AwardSource]) -> Iterator[Award]:
    for found in _of_all(sources, planned=False):
        if isinstance(found, Award):
            yield found


def _of_all(sources: Sequence[AwardSource], *, planned: bool) -> Iterator[Award | PlannedContract]:
    spool, tallies = ReleaseSpool(), [source.tally for source in sources]
    for number, source in enumerate(sources):
        _fill(spool, source.documents, number, source.tally)
    spool.close_input()
    for ocid, found in spool.groups(by_moment=True):
        for procurement in _procurements(ocid, found, tallies):
            if planned and is_planned(procurement):
                yield from planned_contract(procurement, _portal(procurement.id), tallies)
            else:
                yield from _of_procurement(procurement, tallies)


def awards_in(found: Iterable[tuple[str, object]], tally: Tally) -> Iterator[Award]:
    """The awards of documents, each with where it was found."""
    return _awards_of_all([AwardSource(tally, found)])


def _fill(
    spool: ReleaseSpool, found: Iterable[tuple[str, object]], file: int, tally: Tally
) -> None:
    for where, document in found:
        for release in _releases(document, where, tally):
            try:
                spool.add(PlacedRelease(release, where, file))
            except RecursionError:
                tally.read += 1
                tally.drop(TOO_DEEP, where)


def _releases(document: object, where: str, tally: Tally) -> Iterable[Fields]:
    """The releases in a document, which may also be a row of Contracts Finder's own table."""
    if not finder_table.is_row(document):
        return releases_in(document, where, tally)
    release = finder_table.release_of(mapping(document))
    if release is None:
        tally.read += 1
        tally.drop(finder_table.OTHER_ROW, where)
    return [] if release is None else [release]


def _procurements(
    ocid: str, found: Sequence[PlacedRelease], tallies: Sequence[Tally]
) -> Sequence[Procurement]:
    """The procurements of one ocid; releases without an ocid are set aside."""
    if ocid:
        return by_buyer(ocid, found, tallies)
    for one in found:
        tallies[one.file].read += 1
        tallies[one.file].drop("notice without an ocid", one.where)
    return ()


def _portal(ocid: str) -> str:
    if ocid.startswith(finder_table.PREFIX):
        return "Contracts Finder"
    return _PORTALS.get(ocid[:11], "OCDS notice")


def _of_procurement(procurement: Procurement, tallies: Sequence[Tally]) -> Iterator[Award]:
    """The awards of a procurement, each counted in the file that has its newest word."""
    statements = _statements(procurement, tallies)
    if not statements:
        return
    try:
        release = procurement.merged([one.fields for one in statements])
    except RecursionError:
        for one in statements:
            one.tally.drop(TOO_DEEP, procurement.id)
        return
    awarding = _Awarding.of(release, procurement.id, procurement.newest_day)
    for one in statements:
        one.fields = _with_suppliers(one.fields, release, only=len(statements) == 1)
        id_ = f"{procurement.id}/{one.id}"
        if reason := _no_award(one.fields):
            one.tally.drop(reason, id_)
            continue
        for award in awarding.award(one.fields, id_, one.day, one.tally):
            one.tally.kept += 1
            yield award


@dataclass(slots=True)
class _Statement:
    """The newest word on one award: merged from all that was said of it."""

    id: str
    key: AwardKey
    fields: Fields
    newest: Fields
    day: date | None
    tally: Tally


def _statements(procurement: Procurement, tallies: Sequence[Tally]) -> list[_Statement]:
    """Each award that the releases name, once, in the order in which it was first named."""
    found: list[_Statement] = []
    for release in procurement.releases:
        tally = tallies[release.file]
        entries = listed(release.fields.get("awards"))
        if not entries:
            tally.read += 1
            tally.drop("notice without an award", procurement.id)
        is_cancelled = "awardcancellation" in merging.tags_of(release.fields)
        in_this: set[int] = set()
        for place, entry in enumerate(entries, 1):
            tally.read += 1
            told = {**entry, "status": "cancelled"} if is_cancelled else entry
            key = AwardKey.of(told, place)
            same = _same_award(found, key, told, in_this)
            if same is None:
                in_this.add(len(found))
                id_ = _free_id(key, {one.id for one in found})
                published = day(release.fields.get("date"))
                found.append(_Statement(id_, key, told, told, published, tally))
            else:
                in_this.add(same)
                _renew(found[same], key, told, tally, procurement.id)
        if is_cancelled and not entries:
            for one in found:
                one.fields = {**one.fields, "status": "cancelled"}
    return found


def _same_award(
    found: Sequence[_Statement], key: AwardKey, entry: Fields, in_this: set[int]
) -> int | None:
    """The position of the award that an entry is about; None where it is a new one.

    A release tells awards of one id apart by naming them twice: `in_this` are those it has named.
    """
    same = [n for n, one in enumerate(found) if one.key.is_same(key)]
    same = [n for n in same if n not in in_this or found[n].newest == entry]
    best = max(same, key=lambda n: (found[n].newest == entry, found[n].key == key, n), default=-1)
    return best if same else None


def _renew(one: _Statement, key: AwardKey, entry: Fields, tally: Tally, ocid: str) -> None:
    """Merge a newer word on an award into what is known of it."""
    where = f"{ocid}/{one.id}"
    if entry == one.newest or entry.keys() <= _BARE:
        tally.drop("award repeated", where)
        return
    one.tally.drop("award replaced by a newer release", where)
    one.fields, one.newest, one.tally = merging.merged_award(one.fields, entry), entry, tally
    one.key = key if key.lots else one.key


_BARE = {"id", "amendments"}


def _free_id(key: AwardKey, taken: set[str]) -> str:
    """An id for an award; an id that another award of other lots has is followed by its lots."""
    id_ = key.id
    if id_ in taken and key.lots:
        id_ = f"{id_}~{'+'.join(sorted(key.lots))}"
    while id_ in taken:
        id_ += "~"
    return id_


def _no_award(entry: Fields) -> str:
    """Why an entry of `awards` is not an award to anybody; empty where it is."""
    status = ident(entry.get("status")).lower()
    if status in _NOT_WON:
        return f"award is {status}"
    if entry and entry.keys() <= _BARE:
        return "award repeated without content"
    return "" if mappings(entry.get("suppliers")) else "award without suppliers"


@dataclass(frozen=True, slots=True)
class _Awarding:
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
    def of(cls, release: Fields, id_: str, published: date | None) -> Self:
        contracts: dict[str, list[Fields]] = {}
        for contract in mappings(release.get("contracts")):
            contracts.setdefault(ident(contract.get("awardID")), []).append(contract)
        return cls(
            notice=Notice.of({**_with_buyer(release), "ocid": id_}, named_by_project=False),
            project=project_of(release),
            portal=_portal(ident(release.get("ocid"))),
            suppliers=Suppliers.of(release),
            contracts=contracts,
            lots_are_safe=_lots_are_safe(release, published),
        )

    def award(
        self, entry: Fields, id_: str, published: date | None, tally: Tally
    ) -> Iterator[Award]:
        """One award; some notices give its value and day with its contracts alone."""
        contracts = self.contracts.get(ident(entry.get("id")), ())
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


def _with_suppliers(entry: Fields, release: Fields, *, only: bool) -> Fields:
    """An award that says nothing of suppliers, with those of its contracts.

    For the only award of a procurement, the parties that have the role of a supplier count as well.
    """
    id_ = ident(entry.get("id"))
    if "suppliers" in entry or entry.keys() <= _BARE or not id_:
        return entry
    contracts = mappings(release.get("contracts"))
    own = [one for one in contracts if ident(one.get("awardID")) == id_]
    found = [supplier for one in own for supplier in mappings(one.get("suppliers"))]
    if only and not found:
        found = with_role(release, "supplier")
    return {**entry, "suppliers": found} if found else entry


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
