"""What the releases of a procurement say of each award: the newest word on it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matcher.core.types import Tally
from matcher.sources.formats.json_values import day, ident, listed, mappings
from matcher.sources.notices import merging
from matcher.sources.notices.merging import AwardKey, Fields
from matcher.sources.notices.parties import with_role
from matcher.sources.notices.procurements import Procurement

_CANCELLED = {"cancelled", "canceled"}
_NOT_WON = {
    *("cancelled", "canceled", "unsuccessful", "pending", "withdrawn", "discontinued"),
    *("rejected", "disqualified"),
}


@dataclass(slots=True)
class AwardStatement:
    """The newest word on one award: merged from all that was said of it."""

    id: str
    key: AwardKey
    fields: Fields
    newest: Fields
    day: date | None
    tally: Tally


def statements_of(procurement: Procurement, tallies: Sequence[Tally]) -> list[AwardStatement]:
    """Each award that the releases name, once, in the order in which it was first named."""
    found: list[AwardStatement] = []
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
                found.append(AwardStatement(id_, key, told, told, published, tally))
            else:
                in_this.add(same)
                _renew(found[same], key, told, tally, procurement.id)
        if is_cancelled and not entries:
            for one in found:
                one.fields = {**one.fields, "status": "cancelled"}
    return found


def _same_award(
    found: Sequence[AwardStatement], key: AwardKey, entry: Fields, in_this: set[int]
) -> int | None:
    """The position of the award that an entry is about; None where it is a new one.

    A release tells awards of one id apart by naming them twice: `in_this` are those it has named.
    """
    same = [n for n, one in enumerate(found) if one.key.is_same(key)]
    same = [n for n in same if n not in in_this or found[n].newest == entry]
    best = max(same, key=lambda n: (found[n].newest == entry, found[n].key == key, n), default=-1)
    return best if same else None


def _renew(one: AwardStatement, key: AwardKey, entry: Fields, tally: Tally, ocid: str) -> None:
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


def no_award(entry: Fields, contracts: Sequence[Fields]) -> str:
    """Why an entry of `awards` is not an award to anybody; empty where it is.

    `contracts` are those that carry it out.  One is cancelled before it is signed; one that was
    signed is terminated.
    """
    status = ident(entry.get("status")).lower()
    if status in _NOT_WON:
        return f"award is {status}"
    if contracts and all(ident(one.get("status")).lower() in _CANCELLED for one in contracts):
        return "contract of the award is cancelled"
    if entry and entry.keys() <= _BARE:
        return "award repeated without content"
    return "" if mappings(entry.get("suppliers")) else "award without suppliers"


def with_suppliers(
    entry: Fields, contracts: Sequence[Fields], release: Fields, *, only: bool
) -> Fields:
    """An award that says nothing of suppliers, with those of its contracts.

    For the only award of a procurement, the parties that have the role of a supplier count as well.
    """
    if "suppliers" in entry or entry.keys() <= _BARE or not ident(entry.get("id")):
        return entry
    found = [supplier for one in contracts for supplier in mappings(one.get("suppliers"))]
    if only and not found:
        found = with_role(release, "supplier")
    return {**entry, "suppliers": found} if found else entry
