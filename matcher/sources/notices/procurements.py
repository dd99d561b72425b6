"""Groups the releases of one ocid into procurements, one for each buyer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from matcher.core.types import Tally
from matcher.law.buyers import kind_of_buyer
from matcher.law.types import BuyerKind
from matcher.sources.formats.json_values import day, ident
from matcher.sources.notices import merging
from matcher.sources.notices.merging import Fields, sort_key
from matcher.sources.notices.parties import buyer_of, buyers, is_lasting, name_key, reference_of

NO_BUYER = "release without a buyer, of an ocid that several buyers use"


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

    `id` is the ocid.  Where several buyers use one ocid, the later ones have `ocid~buyer`.
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

    A release without a buyer belongs to the only one; where there are several it is set aside.
    """
    releases_ = sorted(found, key=lambda one: sort_key(one.fields))
    groups: list[_BuyerGroup] = []
    loose: list[PlacedRelease] = []
    for one in releases_:
        buyer = _Identity.of(one.fields)
        if not (buyer.name or buyer.ids):
            loose.append(one)
            continue
        same = [group for group in groups if group.has(buyer)]
        joined = _BuyerGroup([buyer], [one])
        for group in same:
            joined = _BuyerGroup(group.buyers + joined.buyers, group.releases + joined.releases)
        place = groups.index(same[0]) if same else len(groups)
        groups = [group for group in groups if group not in same]
        groups.insert(place, joined)
    if len(groups) <= 1:
        return [Procurement(ocid, releases_)]
    for one in loose:
        tallies[one.file].read += 1
        tallies[one.file].drop(NO_BUYER, one.where)
    return list(_named(ocid, groups))


@dataclass(frozen=True, slots=True)
class _BuyerGroup:
    buyers: list[_Identity]
    releases: list[PlacedRelease]

    def has(self, buyer: _Identity) -> bool:
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


_COUNCIL_WORDS = frozenset(
    {
        *("the", "of", "and", "council", "borough", "metropolitan", "city", "county", "district"),
        *("mbc", "bc", "dc", "cc", "lb", "lbc", "rb", "london", "royal", "unitary"),
        *("authority", "corporation", "cbc", "mdc", "cyngor", "bwrdeistref", "sirol", "sir"),
        *("dinas", "a", "y"),
    }
)


_TIER_OF = {
    **{"sirol": "county", "sir": "county", "dinas": "city", "bwrdeistref": "borough"},
    **{"dc": "district", "mdc": "district", "bc": "borough", "mbc": "borough", "lb": "borough"},
    **{"lbc": "borough", "rb": "borough"},
}
"""Welsh words and abbreviations for the tiers.  CC is a county or a city."""
_TIERS = frozenset({"county", "city", "borough", "district", "metropolitan"})
"""Words that tell the council of a county from those within it: Durham has had both."""
_PART_OF_NAME = re.compile(r"\([^()]{1,200}\)|[.'’]")


@dataclass(frozen=True, slots=True)
class _Identity:
    """What a release says of its buyer: the name, and the ids that refer to it.

    `joint` has the keys of the names of all, where several buy together.
    """

    name: str
    ids: frozenset[str]
    joint: frozenset[str]

    @classmethod
    def of(cls, release: Fields) -> Self:
        buyer = buyer_of(release)
        every = frozenset(
            filter(None, (name_key(ident(one.get("name"))) for one in buyers(release)))
        )
        ids = frozenset(filter(None, (buyer.id, reference_of(release))))
        return cls(buyer.name, ids, every if len(every) > 1 else frozenset())

    def is_same(self, other: _Identity) -> bool:
        """Whether both are one buyer: by name or official id, or by any id if a name is missing."""
        shared = self.ids & other.ids
        if not (self.name and other.name):
            return bool(shared)
        if any(is_lasting(one) for one in shared) or (self.joint and self.joint == other.joint):
            return True
        keys = name_key(self.name), name_key(other.name)
        same_name = keys[0] in _names(other.name) or keys[1] in _names(self.name)
        return same_name or _same_council(self.name, other.name)


def _same_council(one: str, other: str) -> bool:
    """Whether both are councils whose names differ only in words for a kind of council.

    The words may be English or Welsh; what stands in brackets is a part of the council.

    A county council is not the council of the city or borough of its name.  CC may stand for a
    county or a city council; beside the words for a city, borough or district it is a county's.
    """
    every = [
        set(re.findall(r"[^\W_]+", _PART_OF_NAME.sub("", name.lower()))) for name in (one, other)
    ]
    words = [each - _COUNCIL_WORDS for each in every]
    every = [{_TIER_OF.get(word, word) for word in each} for each in every]
    of_county = [each & _TIERS == {"county"} or "cc" in each for each in every]
    of_part = [bool(each & _TIERS) and "county" not in each for each in every]
    if any(of_county) and any(of_part):
        return False
    kinds = {kind_of_buyer(one), kind_of_buyer(other)}
    return kinds == {BuyerKind.COUNCIL} and bool(words[0]) and words[0] == words[1]


_IN_BRACKETS = re.compile(r"([^()]{3,200})\(([^()]{2,100})\)\s*")


def _names(name: str) -> set[str]:
    """The keys of a name: of 'Eastern Purchasing (EPO)' also that of its short form in brackets.

    Of a name in Welsh and English, 'Cyngor Abertwyn / Abertwyn Council', those of both.  A short
    form is in capitals; other words in brackets may be those of many bodies.
    """
    found = _IN_BRACKETS.fullmatch(name)
    parts = [found[1], found[2]] if found and found[2].isupper() else []
    languages = re.split(r" ?[/|] ?", name)
    if any(one.lower().startswith("cyngor ") for one in languages):
        parts += languages
    return {name_key(one) for one in (name, *parts)}
