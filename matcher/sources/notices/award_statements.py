"""What the releases of a procurement say of each award: the newest word on it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from matcher.core.types import Tally
from matcher.sources.formats.json_values import (
    Fields,
    day,
    ident,
    listed,
    mapping,
    mappings,
    one_or_several,
    text,
)
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.notices import merging
from matcher.sources.notices.merging import AwardKey
from matcher.sources.notices.parties import key_of, with_role
from matcher.sources.notices.procurements import Procurement

NEWER = "award replaced by a newer release"
ANOTHER_ID = "award published again with another id"
_CANCELLED = {"cancelled", "canceled"}
_NOT_WON = re.compile(
    r"(?:cancell?ed|unsuccessful|pending|withdrawn|discontinued|rejected|disqualified|abandoned"
    r"|annulled|rescinded|revoked|void(?:ed)?|failed|declined|(?:not|no|non)[ -]?award(?:ed)?"
    r"|terminated before)\b",
    re.IGNORECASE,
)
"""What the status of an award begins with that was not won, or is not yet."""


@dataclass(slots=True)
class AwardStatement:
    """The newest word on one award: merged from all that was said of it."""

    id: str
    where: str
    key: AwardKey
    fields: Fields
    newest: Fields
    day: date | None
    tally: Tally
    words: tuple[str, str]
    """the title and the description of the tender in the release with the newest word"""


def statements_of(procurement: Procurement, tallies: Sequence[Tally]) -> list[AwardStatement]:
    """Each award that the releases name, once, in the order in which it was first named."""
    found: list[AwardStatement] = []
    awarded = {
        ident(entry.get("id"))
        for release in procurement.releases
        for entry in listed(release.fields.get("awards"))
    }
    for release in procurement.releases:
        tally = tallies[release.file]
        entries = _entries(release.fields) or _of_contracts(release.fields, awarded)
        if not entries:
            tally.reject("notice without an award", procurement.id)
        is_withdrawn = "awardcancellation" in merging.tags_of(release.fields)
        words = _words(mapping(release.fields.get("tender")))
        published = day(release.fields.get("date"))
        keys = [AwardKey.of(entry, place) for place, entry in enumerate(entries, 1)]
        named = {n for n, one in enumerate(found) if any(map(one.key.is_same, keys))}
        in_this: set[int] = set()
        for key, entry in zip(keys, entries, strict=True):
            tally.read += 1
            told = {**entry, "status": "cancelled"} if is_withdrawn else entry
            id_ = _free_id(key, {one.id for one in found})
            where = f"{procurement.id}/{id_}"
            new = AwardStatement(id_, where, key, told, told, published, tally, words)
            same, reason = _same_award(found, key, told, in_this), NEWER
            if same is None:
                is_update = "awardupdate" in merging.tags_of(release.fields)
                same = _told_before(found, new, named | in_this, is_update=is_update)
                reason = ANOTHER_ID
            if same is None:
                in_this.add(len(found))
                found.append(new)
            else:
                in_this.add(same)
                _renew(found[same], new, reason)
        if is_withdrawn and not entries:
            for one in found:
                one.fields = {**one.fields, "status": "cancelled"}
    return found


def _entries(release: Fields) -> list[Fields]:
    """The awards of a release.  Some exports refer to a supplier by its id or its name alone."""
    known = {ident(one.get("id")) for one in mappings(release.get("parties"))}
    entries: list[Fields] = []
    for entry in listed(release.get("awards")):
        given = held_in(entry.get("suppliers") or entry.get("supplier"))
        several = list(map(held_in, one_or_several(given)))
        if any(isinstance(one, str) for one in several) or "supplier" in entry:
            named = [
                {"id" if one in known else "name": one} if isinstance(one, str) else one
                for one in several
            ]
            entries.append({**entry, "suppliers": [one for one in named if one]})
        else:
            entries.append(entry)
    return entries


def _of_contracts(release: Fields, awarded: Collection[str]) -> list[Fields]:
    """An award for each contract of a release without awards, if no release has the award of it.

    Its suppliers are those of its contract, or the parties with that role: see `with_suppliers`.
    """
    told: dict[str, Fields] = {}
    for contract in mappings(release.get("contracts")):
        id_ = merging.contract_award_id(contract)
        if id_ and id_ not in awarded:
            words = {key: contract[key] for key in ("title", "description") if key in contract}
            told.setdefault(id_, {"id": id_, "status": "active", **words})
    return list(told.values())


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


def _told_before(
    found: Sequence[AwardStatement],
    new: AwardStatement,
    named: Collection[int],
    *,
    is_update: bool,
) -> int | None:
    """The position of an award that a notice tells again with a new id; None where it is new.

    `named` are those that the notice names by their ids: what it tells apart are different awards.
    A notice that updates an award may also change who won it, where only one award can be meant.
    """
    others = [n for n in range(len(found)) if n not in named]
    again = [n for n in others if _is_again(found[n], new) and _keeps_winners(found[n], new)]
    if not again and is_update:
        again = [n for n in others if _is_again(found[n], new)]
        again = again if len(again) == 1 else []
    return next(iter(again), None)


def _is_again(one: AwardStatement, new: AwardStatement) -> bool:
    """Whether an award with a new id is one that was told before, in a notice published anew.

    Contracts Finder gives an award another id each time that its notice is published.  It is the
    same award where its day, its period, its lots and its words are the same: see also
    `_keeps_winners`.
    """
    older, newer = one.newest, new.newest
    awarded = day(older.get("date"))
    if awarded is None or awarded != day(newer.get("date")) or one.key.lots != new.key.lots:
        return False
    if _NOT_WON.match(ident(older.get("status"))) or _term(older) != _term(newer):
        return False
    said = zip((*one.words, *_words(older)), (*new.words, *_words(newer)), strict=True)
    same_words = all(not old or not now or now.startswith(old) for old, now in said)
    return bool(_winners(older)) and bool(_winners(newer)) and same_words


def _keeps_winners(one: AwardStatement, new: AwardStatement) -> bool:
    """Whether an award still goes to everybody that it went to; its value may be corrected.

    Two orders of one day have no period, and are one only where their values are the same.
    """
    older, newer = one.newest, new.newest
    if not any(_term(older)) and older.get("value") != newer.get("value"):
        return False
    return _winners(older) <= _winners(newer)


def _winners(entry: Fields) -> set[str]:
    return set(filter(None, map(key_of, mappings(entry.get("suppliers")))))


def _term(entry: Fields) -> tuple[date | None, date | None]:
    period = mapping(entry.get("contractPeriod"))
    return day(period.get("startDate")), day(period.get("endDate"))


def _words(holder: Fields) -> tuple[str, str]:
    return ident(holder.get("title")), text(holder.get("description"))


def _renew(one: AwardStatement, new: AwardStatement, reason: str) -> None:
    """Merge a newer word on an award into what is known of it."""
    if new.newest == one.newest or new.newest.keys() <= _BARE:
        new.tally.drop("award repeated", one.where)
        return
    one.tally.drop(reason, one.where)
    one.fields = merging.merged_object(one.fields, new.newest)
    one.newest, one.tally, one.words = new.newest, new.tally, new.words
    one.key = new.key if new.key.lots or reason == ANOTHER_ID else one.key


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
    if _NOT_WON.match(status):
        return f"award is {status}"
    if contracts and all(map(is_cancelled, contracts)):
        return "contract of the award is cancelled"
    if entry and entry.keys() <= _BARE:
        return "award repeated without content"
    return "" if mappings(entry.get("suppliers")) else "award without suppliers"


def is_cancelled(contract: Fields) -> bool:
    """Whether a contract was cancelled before it was signed."""
    return ident(contract.get("status")).lower() in _CANCELLED


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
