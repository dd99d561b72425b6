"""Finds the releases in OCDS documents, and groups them by procurement.

A document is a release, a release package, a record, a record package, or a list of these.  Of a
record, the compiled release is read; else its releases; else the newest value of each field of
its versioned release.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Self

from matcher.core.types import Tally
from matcher.law.buyers import kind_of_buyer
from matcher.law.types import BuyerKind
from matcher.sources.formats.json_values import day, ident, listed, mapping
from matcher.sources.notices import merging
from matcher.sources.notices.merging import Fields, moment, sort_key
from matcher.sources.notices.parties import buyer_of, buyers, is_lasting, name_key, reference_of

NO_RELEASES = "package without releases"
ONLY_LINKS = "record only links to its releases: give the compiled release or the releases"
NO_BUYER = "release without a buyer, of an ocid that several buyers use"

_OF_A_PACKAGE = {
    *("publisher", "publishedDate", "publicationPolicy", "packages", "metaData", "links"),
    *("extensions", "license"),
}
_OF_A_RELEASE = {"ocid", "tender", "awards", "parties", "buyer", "tag", "contracts", "planning"}
_OF_A_RECORD = {"compiledRelease", "versionedRelease"}
_CONTENT = _OF_A_RELEASE - {"ocid", "tag"}
_WRAPPERS = ("results", "value", "data", "packages", "releasePackage", "recordPackage")
"""Fields in which portals and exports put packages, releases or records."""
_VERSION = {"releaseID", "releaseDate", "releaseTag"}
_VERSIONED = {*_VERSION, "value"}


def releases(document: object) -> Iterator[Fields]:
    """Every release in a document; releases that are only links are left out."""
    for part in _parts(document):
        if "releases" in part and not part.keys() & _OF_A_RECORD:
            found = (inner for one in _several(part["releases"]) for inner in _unpacked(one))
            yield from (_plain(one) for one in found if not _is_link(one))
        elif "records" in part:
            for record in _several(part["records"]):
                yield from _of_record(record)
        elif part.keys() & _OF_A_RECORD:
            yield from _of_record(part)
        elif not is_package(part):
            yield _plain(part)


def _parts(document: object) -> Iterator[Fields]:
    """The packages, records and releases of a document; those that something wraps too."""
    for part in listed(document if isinstance(document, list) else [document]):
        wrapped = _wrapped(part)
        yield from wrapped or [part]


def _several(value: object) -> list[Fields]:
    """The releases or records of a list or by their ids, or one alone; an address is a link."""
    held, fields = {*_OF_A_RELEASE, *_OF_A_RECORD}, mapping(value)
    if not isinstance(value, list):
        by_id = [one for one in fields.values() if mapping(one).keys() & held]
        value = [fields] if fields.keys() & {"url", *held} else by_id
    return [{"url": one} if isinstance(one, str) else mapping(one) for one in value]


def _unpacked(release: Fields) -> list[Fields]:
    """A release; of a package that stands among releases, those in it."""
    is_package_ = "releases" in release and not release.keys() & (_OF_A_RELEASE | _OF_A_RECORD)
    return _several(release["releases"]) if is_package_ else [release]


def releases_in(document: object, where: str, tally: Tally) -> list[Fields]:
    """As `releases`; each record that only links, and a document without any, is set aside."""
    found = list(releases(document))
    links = sum(_only_links(one) for one in _records(document))
    for _ in range(links):
        tally.read += 1
        tally.drop(ONLY_LINKS, where)
    if not found and not links:
        tally.read += 1
        tally.drop(NO_RELEASES, where)
    return found


def is_search(part: Mapping[str, object]) -> bool:
    """Whether it wraps packages, releases or records, as what a search of a portal answers does."""
    return bool(_wrapped(part))


def _wrapped(part: Mapping[str, object]) -> list[Fields]:
    """The packages, releases or records that something wraps; empty where it is one of these."""
    known = {"releases", "records", *_OF_A_RELEASE, *_OF_A_RECORD}
    if part.keys() & known:
        return []
    for key in _WRAPPERS:
        value = part.get(key)
        found = listed(value if isinstance(value, list) else [value])
        if any(is_package(one) or one.keys() & known for one in found):
            return found
    return []


def is_package(part: Mapping[str, object]) -> bool:
    """Whether it describes a package, and holds nothing of a release or of a lot."""
    is_other = part.keys() & {"title", "description", "lots", *_OF_A_RELEASE}
    return bool(part.keys() & _OF_A_PACKAGE) and not is_other


def _records(document: object) -> Iterator[Fields]:
    for part in _parts(document):
        if "records" in part:
            yield from _several(part["records"])
        elif "releases" in part:
            yield part


def _of_record(record: Fields) -> Iterator[Fields]:
    compiled = mapping(record.get("compiledRelease"))
    compiled = compiled if any(compiled.get(key) for key in _CONTENT) else {}
    held = _several(record.get("releases"))
    embedded = [_plain(one) for one in held if not _is_link(one)]
    versioned = mapping(record.get("versionedRelease"))
    if compiled:
        yield {"ocid": record.get("ocid"), **_plain(compiled)}
    elif embedded or not versioned:
        yield from embedded
    else:
        yield {"ocid": record.get("ocid"), **_newest_values(versioned)}


def _only_links(record: Fields) -> bool:
    held = _several(record.get("releases"))
    return any(map(_is_link, held)) and not list(_of_record(record))


def _is_link(release: Fields) -> bool:
    """Whether it is a linked release: an address where the release can be found."""
    return bool(release.get("url") or release.get("uri")) and not release.keys() & _CONTENT


def _has_versions(value: object) -> bool:
    """Whether it is the list of what a field was in one release after another."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and one.keys() <= _VERSIONED for one in value)
        and all(one.keys() & _VERSION for one in value)
    )


def _plain(release: Fields) -> Fields:
    """A release; of a versioned release, which a package may hold too, the newest values."""
    tender, buyer = mapping(release.get("tender")), mapping(release.get("buyer"))
    told = (release.get("initiationType"), tender.get("title"), tender.get("description"))
    if any(map(_has_versions, (*told, buyer.get("name")))):
        return _newest_values(release)
    return release


def _newest_values(versioned: Fields) -> Fields:
    """A versioned release with the newest value of each field, and the newest date."""
    dates: list[str] = []
    fields = {key: _newest_value(value, dates) for key, value in versioned.items()}
    newest = max(dates, default="", key=lambda one: moment({"date": one}))
    return {"date": newest, **fields}


def _newest_value(value: object, dates: list[str]) -> object:
    if isinstance(value, dict):
        return {key: _newest_value(one, dates) for key, one in value.items()}
    if not isinstance(value, list):
        return value
    if _has_versions(value):
        latest_first = reversed(value)  # of one moment, the later release comes later
        newest = max(latest_first, key=lambda one: moment({"date": one.get("releaseDate")}))
        dates.append(ident(newest.get("releaseDate")))
        return newest.get("value")
    return [_newest_value(one, dates) for one in value]


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
        *("authority", "corporation"),
    }
)


_TIERS = frozenset({"county", "city", "borough", "district", "metropolitan"})
"""Words that tell the council of a county from those within it: Durham has had both."""


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

    A county council is not the council of the city or borough of its name.
    """
    every = [set(name.lower().replace(",", " ").split()) for name in (one, other)]
    words = [each - _COUNCIL_WORDS for each in every]
    of_county = [each & _TIERS == {"county"} for each in every]
    of_part = [bool(each & _TIERS) and "county" not in each for each in every]
    if any(of_county) and any(of_part):
        return False
    kinds = {kind_of_buyer(one), kind_of_buyer(other)}
    return kinds == {BuyerKind.COUNCIL} and bool(words[0]) and words[0] == words[1]


_IN_BRACKETS = re.compile(r"([^()]{3,200})\(([^()]{2,100})\)\s*")


def _names(name: str) -> set[str]:
    """The keys of a name: of 'Eastern Purchasing (EPO)' also that of its short form in brackets.

    A short form is in capitals; other words in brackets may be those of many bodies.
    """
    found = _IN_BRACKETS.fullmatch(name)
    parts = [found[1], found[2]] if found and found[2].isupper() else []
    return {name_key(one) for one in (name, *parts)}


class ReleaseSpool:
    """The releases of several files in a temporary database on disk, grouped by ocid."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", check_same_thread=False)
        self._number = count()
        self._base.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE release (ocid TEXT, file INTEGER, moment TEXT, place TEXT, "
            "alone INTEGER, body TEXT);"
        )

    def add(self, one: PlacedRelease) -> None:
        """Put one release in.  Raises RecursionError where it is nested too deep."""
        ocid = "" if one.alone else _printable(ident(one.fields.get("ocid")))
        key = ocid or f"\n{next(self._number)}"
        row = (key, one.file, moment(one.fields), _printable(one.where), one.alone)
        self._base.execute(
            "INSERT INTO release VALUES (?, ?, ?, ?, ?, ?)", (*row, json.dumps(one.fields))
        )

    def close_input(self) -> None:
        """Group what was put in."""
        self._base.executescript(
            "CREATE INDEX release_ocid ON release (ocid);"
            "CREATE TABLE home AS SELECT ocid, max(moment) AS newest, 0 AS first FROM release "
            "GROUP BY ocid;"
            "UPDATE home SET first = (SELECT min(rowid) FROM release r WHERE r.ocid = home.ocid);"
        )

    def groups(self, *, by_moment: bool = False) -> Iterator[tuple[str, list[PlacedRelease]]]:
        """The releases of each ocid, in the order in which the ocids came first.

        With `by_moment` the order is that of their newest releases, however they came.
        """
        order = "newest, ocid" if by_moment else "first"
        query = f"SELECT ocid FROM home ORDER BY {order}"  # noqa: S608 - one of two orders
        with closing(self._base.cursor()) as ocids:
            for (ocid,) in ocids.execute(query):
                rows = self._base.execute(
                    "SELECT body, place, file, alone FROM release WHERE ocid = ? ORDER BY rowid",
                    (ocid,),
                )
                found = [
                    PlacedRelease(json.loads(body), where, number, bool(alone))
                    for body, where, number, alone in rows
                ]
                yield ident(found[0].fields.get("ocid")), found


def _printable(text: str) -> str:
    """A text that a database can hold."""
    return text.encode(errors="replace").decode()


def grouped(found: Iterable[PlacedRelease]) -> Iterator[tuple[str, list[PlacedRelease]]]:
    """The releases of each ocid, in the order in which the ocids came first."""
    groups: dict[str, list[PlacedRelease]] = {}
    for number, one in enumerate(found):
        ocid = "" if one.alone else ident(one.fields.get("ocid"))
        groups.setdefault(ocid or f"\n{number}", []).append(one)
    for group in groups.values():
        yield ident(group[0].fields.get("ocid")), group
