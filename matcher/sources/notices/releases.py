"""Finds the releases in OCDS documents.

A document is a release, a release package, a record, a record package, or a list of these.  Of a
record, the compiled release is read; else its releases; else the newest value of each field of
its versioned release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matcher.core.types import Tally
from matcher.sources.formats.json_values import ident, listed, mapping
from matcher.sources.notices.merging import Fields, moment

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
        value = [fields] if fields.keys() & {"url", "href", *held} else by_id
    found = [{"url": one} if isinstance(one, str) else mapping(one) for one in value]
    return [one for one in found if one]


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
    """Whether it describes a package or found none, and holds nothing of a release or a lot."""
    is_other = part.keys() & {"title", "description", "lots", *_OF_A_RELEASE}
    is_empty = any(part.get(key) == [] for key in _WRAPPERS) or part.keys() == {"uri", "version"}
    return (is_empty or bool(part.keys() & _OF_A_PACKAGE)) and not is_other


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
    is_address = any(release.get(key) for key in ("url", "uri", "href"))
    return is_address and not release.keys() & _CONTENT


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
