"""Finds the releases in OCDS documents.

A document is a release, a release package, a record, a record package, or a list of these.  Of a
record, the compiled release is read; else its releases; else the newest value of each field of
its versioned release.  Where all releases are in the record and say more than the compiled one, as
one of another buyer or a newer one does, they are read instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from matcher.core.types import Tally
from matcher.sources.formats.json_values import (
    Fields,
    ident,
    listed,
    mapping,
    mappings,
    one_or_several,
)
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.notices.merging import moment
from matcher.sources.notices.same_buyer import Identity

NO_RELEASES = "package without releases"
ONLY_LINKS = "record only links to its releases: give the compiled release or the releases"

_OF_A_PACKAGE = {
    *("publisher", "publishedDate", "publicationPolicy", "packages", "metaData", "links"),
    *("extensions", "license"),
}
_OF_A_RELEASE = {"ocid", "tender", "awards", "parties", "buyer", "tag", "contracts", "planning"}
_OF_A_RECORD = {"compiledRelease", "versionedRelease"}
_CONTENT = _OF_A_RELEASE - {"ocid", "tag"}
_WRAPPERS = ("results", "value", "data", "packages", "releasePackage", "recordPackage")
"""Fields in which portals and exports put packages, releases or records."""
_SURE = {"ocid", "releases", "records", *_OF_A_RECORD}
_OF_A_LOT = {"title", "description", "lots"}
_DEEPEST = 4
"""How many objects may wrap a release: an answer, its hits, one hit and its source."""
_ADDRESSES = {"url", "uri", "href"}
_VERSION = {"releaseID", "releaseDate", "releaseTag"}
_VERSIONED = {*_VERSION, "value"}


def releases(document: object) -> Iterator[Fields]:
    """Every release in a document; releases that are only links are left out."""
    for part in _parts(document):
        yield from _of_part(part)


def _of_part(part: Fields) -> Iterator[Fields]:
    """The releases of a package, a record or a release."""
    if "releases" in part and not part.keys() & _OF_A_RECORD:
        found = (inner for one in _several(part["releases"]) for inner in _unpacked(one))
        yield from (_held(part, _plain(one)) for one in found if not _is_link(one))
    elif "records" in part:
        for record in _several(part["records"]):
            yield from _of_record(record)
    elif part.keys() & _OF_A_RECORD:
        yield from _of_record(part)
    elif not is_package(part):
        yield _plain(part)


def _parts(document: object) -> list[Fields]:
    """The packages, records and releases of a document; those that something wraps too."""
    parts = listed(one_or_several(document))
    return [one for part in parts for one in _wrapped(part) or [part]]


def _several(value: object) -> list[Fields]:
    """The releases or records of a list or by their ids, or one alone; an address is a link."""
    value = held_in(value)
    held, fields = {*_OF_A_RELEASE, *_OF_A_RECORD}, mapping(value)
    if not isinstance(value, list):
        by_id = [one for one in fields.values() if mapping(one).keys() & held]
        value = [fields] if fields.keys() & {"url", "href", *held} else by_id
    each = map(held_in, value)
    found = [{"url": one} if isinstance(one, str) else mapping(one) for one in each]
    return [one for one in found if one]


def _unpacked(release: Fields) -> list[Fields]:
    """A release; of a package that stands among releases, those in it."""
    is_package_ = "releases" in release and not release.keys() & (_OF_A_RELEASE | _OF_A_RECORD)
    return _several(release["releases"]) if is_package_ else [release]


def releases_in(document: object, where: str, tally: Tally) -> list[Fields]:
    """As `releases`; each record that only links, and each package without any, is set aside."""
    every: list[Fields] = []
    for part in _parts(document) or [{}]:
        found = list(_of_part(part))
        links = sum(_only_links(one) for one in _records(part))
        reasons = [ONLY_LINKS] * links or ([] if found else [NO_RELEASES])
        for reason in reasons:
            tally.reject(reason, where)
        every += found
    return every


def is_release(fields: Fields) -> bool:
    """Whether an object has a field that only releases have."""
    return not fields.keys().isdisjoint(_OF_A_RELEASE)


def is_search(part: Fields) -> bool:
    """Whether it wraps packages, releases or records, as what a search of a portal answers does."""
    return bool(_wrapped(part))


def _wrapped(part: Fields, depth: int = _DEEPEST) -> list[Fields]:
    """The packages, releases or records that something wraps; empty where it is one of these.

    Under a name that is not known, only what has an ocid or is a package counts.
    """
    known = {"releases", "records", *_OF_A_RELEASE, *_OF_A_RECORD}
    if part.keys() & known or not depth:
        return []
    for key in _WRAPPERS:
        found = listed(one_or_several(part.get(key)))
        if any(is_package(one) or one.keys() & known for one in found):
            return found
    if part.keys() & _OF_A_LOT:
        return []
    every: list[Fields] = []
    for value in part.values():
        found = mappings(value)
        is_sure = any(one.keys() & _SURE for one in found)
        every += found if is_sure else [r for one in found for r in _wrapped(one, depth - 1)]
    return every


def is_package(part: Fields) -> bool:
    """Whether it describes a package or found none, and holds nothing of a release or a lot."""
    is_other = part.keys() & {*_OF_A_LOT, *_OF_A_RELEASE}
    is_empty = _found_nothing(part) or part.keys() == {"uri", "version"}
    is_empty = is_empty or any(part.get(key) == [] for key in _WRAPPERS)
    return (is_empty or bool(part.keys() & _OF_A_PACKAGE)) and not is_other


def _found_nothing(part: Fields) -> bool:
    """Whether it has an empty list, and beside such lists at most numbers: {"total": 0, …: []}."""
    told = [one for one in _leaves(part) if one is not None and not isinstance(one, int | float)]
    return bool(told) and "cpv" not in part and all(one == [] for one in told)


def _leaves(value: object, depth: int = _DEEPEST) -> Iterator[object]:
    """What an object and those in it have for values."""
    if not isinstance(value, dict) or not depth:
        yield value
        return
    for one in value.values():
        yield from _leaves(one, depth - 1)


def _records(part: Fields) -> list[Fields]:
    """The records of a package; a record itself."""
    if "records" in part:
        return _several(part["records"])
    return [part] if part.keys() & {"releases", *_OF_A_RECORD} else []


def _of_record(record: Fields) -> Iterator[Fields]:
    compiled = next(iter(_several(record.get("compiledRelease"))), {})
    compiled = compiled if any(compiled.get(key) for key in _CONTENT) else {}
    held = [inner for one in _several(record.get("releases")) for inner in _unpacked(one)]
    embedded = [_held(record, _plain(one)) for one in held if not _is_link(one)]
    versioned = mapping(record.get("versionedRelease"))
    if compiled and not (len(embedded) == len(held) and _say_more(embedded, compiled)):
        yield _held(record, _plain(compiled))
    elif embedded or not versioned or _is_link(versioned):
        yield from embedded
    else:
        yield _held(record, _newest_values(versioned))


def _say_more(embedded: Sequence[Fields], compiled: Fields) -> bool:
    """Whether one of several releases is newer than the compiled one, or by another buyer."""
    made = moment(compiled)
    if made and any(moment(one) > made for one in embedded):
        return True
    buyers = [buyer for one in embedded if (buyer := Identity.of(one))]
    return any(not one.is_same(two) for one, two in combinations(buyers, 2))


def _held(holder: Fields, release: Fields) -> Fields:
    """A release; what it lacks of its ocid and its day is that of what holds it.

    The day of a package tells which release is newer, and is no day of a notice.
    """
    if release.get("ocid") and release.get("date"):
        return release
    own = {"ocid": release.get("ocid") or holder.get("ocid")}
    if not release.get("date"):
        own["publishedDate"] = holder.get("publishedDate")
    return {**release, **{key: value for key, value in own.items() if value}}


def _only_links(record: Fields) -> bool:
    whole = (record.get(key) for key in ("compiledRelease", "versionedRelease"))
    held = [*_several(record.get("releases")), *_several([*whole]), record]
    return any(map(_is_link, held)) and not list(_of_record(record))


def _is_link(release: Fields) -> bool:
    """Whether it is a linked release: an address where the release can be found."""
    is_address = any(
        release.get(key) and (key in _ADDRESSES or ident(value).startswith(("http://", "https://")))
        for key, value in release.items()
    )
    is_package_ = release.keys() & {"releases", "records"}
    return is_address and not release.keys() & _CONTENT and not is_package_


def _has_versions(value: object) -> bool:
    """Whether it is the list of what a field was in one release after another."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and one.keys() & _VERSION for one in value)
        and all(one.keys() <= _VERSIONED or one.keys() >= _VERSION for one in value)
    )


def _plain(release: Fields) -> Fields:
    """A release; of a versioned release, which a package may hold too, the newest values."""
    tender = mapping(release.get("tender"))
    lists = (release.get("awards"), release.get("parties"), tender.get("lots"))
    firsts = (next(iter(listed(one)), {}) for one in lists)
    holders = (release, tender, mapping(release.get("buyer")), *firsts)
    if any(_has_versions(value) for holder in holders for value in holder.values()):
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
