"""Groups the releases of one ocid into procurements, one for each buyer.

Publishers that use one ocid for many buyers use it for several procurements of one of them, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Self, TypeAlias

from matcher.core.types import Tally
from matcher.sources.formats.json_values import Fields, day, ident, mapping, mappings
from matcher.sources.notices import merging
from matcher.sources.notices.merging import sort_key
from matcher.sources.notices.parties import is_lasting, key_of, name_key
from matcher.sources.notices.same_buyer import Identity

NO_BUYER = "release without a buyer, of an ocid that several buyers use"
_Won: TypeAlias = tuple[date | None, set[str]]
_Said: TypeAlias = "Identity | tuple[str, frozenset[str]]"
VAGUE_BUYER = "release whose buyer may be either of two that use its ocid"


@dataclass(frozen=True, slots=True)
class PlacedRelease:
    """A release, where it was found, and the number of its file.

    `alone`: it is no OCDS release but a lot or a plain notice, which is never merged.
    """

    fields: Fields
    where: str
    file: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Procurement:
    """The releases of one ocid by one buyer, from old to new.

    `id` is the ocid.  Where several buyers use one ocid, the later ones have `ocid~buyer`; later
    procurements of one buyer have `~2`, `~3` after that.
    """

    id: str
    releases: Sequence[PlacedRelease]

    @property
    def newest_day(self) -> date | None:
        """The day of its newest release."""
        return day(self.releases[-1].fields.get("date"))

    def merged(self, awards: Sequence[Fields] = ()) -> Fields:
        """Its releases as one, under its id, with these awards.

        Raises RecursionError where they are nested too deep.
        """
        every = [one.fields for one in self.releases]
        whole = merging.merged(every) if len(every) > 1 else every[0]
        return {**whole, "ocid": self.id, "awards": list(awards)}


def by_buyer(
    ocid: str, found: Sequence[PlacedRelease], tallies: Sequence[Tally]
) -> list[Procurement]:
    """The releases of one ocid, kept apart by buyer: the buyer of the oldest release first.

    Those of one buyer are kept apart where they award different things to others: see `_Awarded`.

    A release without a buyer belongs to the only one; where there are several it is set aside.
    So is one whose buyer may be either of two, unless its official id says which.
    """
    if len(found) == 1:
        return [Procurement(ocid, found)]
    releases_ = sorted(found, key=lambda one: sort_key(one.fields))
    identities = [Identity.of(one.fields) for one in releases_]
    doubtful = _doubtful({one for one in identities if one})
    settled = {buyer: _settled(buyer, identities, same) for buyer, same in doubtful.items()}
    groups: list[_BuyerGroup] = []
    loose: list[tuple[PlacedRelease, str]] = []
    for one, said in zip(releases_, identities, strict=True):
        buyer = settled.get(said, said)
        if not buyer:
            loose.append((one, VAGUE_BUYER if said else NO_BUYER))
            continue
        same = [group for group in groups if group.has(buyer)]
        joined = _BuyerGroup([buyer], [one])
        for group in same:
            joined = _BuyerGroup(group.buyers + joined.buyers, group.releases + joined.releases)
        place = groups.index(same[0]) if same else len(groups)
        groups = [group for group in groups if group not in same]
        groups.insert(place, joined)
    if len(groups) <= 1:
        return list(_apart(Procurement(ocid, releases_)))
    for one, reason in loose:
        tallies[one.file].reject(reason, one.where)
    return [each for procurement in _named(ocid, groups) for each in _apart(procurement)]


def _apart(whole: Procurement) -> Iterator[Procurement]:
    """The procurements that the releases of one buyer and one ocid are of: nearly always one.

    A release joins the newest that has its title; without one, the newest that it does not
    contradict.
    """
    if sum("awards" in one.fields for one in whole.releases) < 2:
        yield whole
        return
    groups: list[_Group] = []
    for release in whole.releases:
        said = _Awarded.of(release.fields)
        fits = [group for group in groups if not group.is_other(said)]
        same = [group for group in fits if said.title in group.titles]
        if not fits:
            fits = [_Group()]
            groups += fits
        (same or fits)[-1].add(release, said)
    for number, group in enumerate(groups, 1):
        yield Procurement(f"{whole.id}~{number}" if number > 1 else whole.id, group.releases)


@dataclass(frozen=True, slots=True)
class _Awarded:
    """What tells a release's awards from others under their ids."""

    title: str
    won: Mapping[str, _Won]
    """award id → its day and winners, without awards that name lots"""
    adds: bool
    """whether it says that it is a change, or compiled of all"""

    @classmethod
    def of(cls, release: Fields) -> Self:
        title = name_key(ident(mapping(release.get("tender")).get("title")))
        adds = merging.is_change(release) or "compiled" in merging.tags_of(release)
        return cls(title, _winners(release), adds)

    def is_other(self, older: _Awarded) -> bool:
        """Whether it awards something else under the id of an award of an older release.

        It has another title and another day, and goes to nobody to whom that went.
        """
        one, two = self.title, older.title
        if not (one and two) or one in two or two in one:
            return False
        shared = self.won.keys() & older.won.keys()
        return bool(shared) and all(_differ(self.won[id_], older.won[id_]) for id_ in shared)


@dataclass(frozen=True, slots=True)
class _Group:
    """The releases of one procurement, from old to new."""

    releases: list[PlacedRelease] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    by_award: dict[str, list[_Awarded]] = field(default_factory=dict)

    def add(self, release: PlacedRelease, said: _Awarded) -> None:
        self.releases.append(release)
        self.titles.add(said.title)
        for id_ in said.won:
            known = self.by_award.setdefault(id_, [])
            if not known or (known[-1].title, known[-1].won) != (said.title, said.won):
                known.append(said)

    def is_other(self, said: _Awarded) -> bool:
        """Whether a release contradicts one of them, and so is of another procurement."""
        return not said.adds and any(
            said.is_other(older) for id_ in said.won for older in self.by_award.get(id_, ())
        )


def _differ(one: _Won, other: _Won) -> bool:
    """Whether two statements under one id are of two awards, as far as both say enough."""
    (day_, winners), (other_day, others) = one, other
    same_day = day_ is not None and day_ == other_day
    return not same_day and bool(winners and others) and winners.isdisjoint(others)


def _winners(release: Fields) -> dict[str, _Won]:
    """The day and the winners of each award of a release that names no lots, by the award's id."""
    return {
        ident(one.get("id")): (
            day(one.get("date")),
            set(filter(None, map(key_of, mappings(one.get("suppliers"))))),
        )
        for one in mappings(release.get("awards"))
        if not any(merging.lots_of_award(one))
    }


def _doubtful(buyers: Collection[Identity]) -> dict[Identity, list[Identity]]:
    """The buyers that may be either of two, each with those that it may be.

    Their name is that of two councils, 'Durham Council' beside county and city, that of two schools
    with a number each, or short for two names; or they have none, and an id that two others have.
    """
    known: dict[tuple[str, frozenset[str]], Identity] = {}
    for buyer in buyers:
        key = (buyer.name, buyer.numbers)
        before = known.get(key, buyer)
        known[key] = replace(before, ids=before.ids | buyer.ids)
    nameless = [buyer for buyer in buyers if not buyer.name]
    named = [one for (name, _), one in known.items() if name]
    found: dict[_Said, list[Identity]] = {}
    for buyer in [*named, *nameless]:
        same = [one for one in named if one is not buyer and buyer.is_same(one)]
        if any(_are_two(one, two, buyer) for one, two in combinations(same, 2)):
            found[_said(buyer)] = same
    return {buyer: found[said] for buyer in buyers if (said := _said(buyer)) in found}


def _said(buyer: Identity) -> _Said:
    """What tells a buyer from others of its ocid: its name and its numbers, or its ids."""
    return (buyer.name, buyer.numbers) if buyer.name else buyer


def _are_two(one: Identity, two: Identity, buyer: Identity) -> bool:
    """Whether a buyer that is like both is certainly not both."""
    if one.is_other_tier(two) or one.has_another_number(two):
        return True
    is_vague = not buyer.name or (buyer.is_short_for(one) and buyer.is_short_for(two))
    return is_vague and not one.is_same(two)


def _settled(
    buyer: Identity, buyers: Iterable[Identity], same: Sequence[Identity]
) -> Identity | None:
    """Which of those that it may be a buyer is, by its official id; None where that is not said.

    Where it has none itself, those of its name in other releases of the ocid count.
    """
    named_so = frozenset[str]().union(*(one.ids for one in buyers if one.name == buyer.name))
    for ids in (buyer.ids, named_so if buyer.name else frozenset[str]()):
        if official := set(filter(is_lasting, ids)):
            found = [one for one in same if official & one.ids]
            is_one = all(one.is_same(two) for one, two in combinations(found, 2))
            return found[0] if found and is_one else None
    return None


@dataclass(frozen=True, slots=True)
class _BuyerGroup:
    buyers: list[Identity]
    releases: list[PlacedRelease]

    def has(self, buyer: Identity) -> bool:
        return any(buyer.is_same(one) for one in self.buyers)


def _named(ocid: str, groups: Sequence[_BuyerGroup]) -> Iterator[Procurement]:
    taken: set[str] = set()
    for group in groups:
        releases_ = sorted(group.releases, key=lambda one: sort_key(one.fields))
        names = sorted(buyer.name for buyer in group.buyers if buyer.name)
        name = name_key(names[0] if names else min(group.buyers[0].ids))
        id_ = f"{ocid}~{name}" if taken else ocid
        while id_ in taken:
            id_ += "~"
        taken.add(id_)
        yield Procurement(id_, releases_)
