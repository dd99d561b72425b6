"""Reads Open Referral UK (HSDS-UK) responses, versions 3 and 1, saved as JSON.

A response is one record, a list of records, or a page with records under `contents` (version 3)
or `content` (version 1).  A record is an organisation, a service or a service at a location.
Services are joined to their organisations; the files of one folder are pages of one feed.
Contacts, email addresses, telephone numbers and streets are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from matcher.core import org_ids
from matcher.core.errors import BadSource
from matcher.core.types import (
    Grade,
    Json,
    Provider,
    Source,
    Status,
    Tally,
)
from matcher.sources.formats.days import day_in
from matcher.sources.formats.json_files import documents_in
from matcher.sources.formats.markup import visible, without_markup
from matcher.sources.formats.statuses import status_of
from matcher.sources.formats.tables import distinct, sites
from matcher.sources.formats.text_files import TextFile, text_files

_Record: TypeAlias = "dict[str, Json]"

_NAME = "Open Referral UK"
_LONGEST_AREA_NAME = 80
_AREA_CODE = re.compile(r"\b[EWSNK]\d{8}\b")
_SERVICE_KEYS = {"organization", "organization_id", "status", "service_at_locations"}
_OTHER_KEYS = {"taxonomy", "taxonomy_terms", "term_uri", "vocabulary", "parent_id", "version"}
_ORGANISATION_KEYS = {"organization_identifiers", "legal_status", "year_incorporated", "services"}
_PAGES = ("contents", "content", "results", "items", "data")
"""The keys under which a page has its records."""
_LISTS = ("organizations", "organisations", "services", "service_at_locations")
_HEAD_LINES = 20


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, organisations) for each folder of responses in `paths`.

    `Tally.read` counts records (organisations, services, ...), `Tally.kept` counts organisations.
    Raises BadSource where a file is missing, damaged or not JSON.
    """
    feeds: dict[Path, list[TextFile]] = {}
    for file in text_files(paths):
        feeds.setdefault(file.path.resolve().parent, []).append(file)
    for folder, files in feeds.items():
        tally = Tally(f"{_NAME}: {folder.name}")
        yield tally, _organisations(folder.name, files, tally)


@dataclass(slots=True)
class _Organisation:
    """The data read so far of one organisation."""

    record: _Record = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    postcodes: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    day: date | None = None
    active: bool = False


def _organisations(feed: str, files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    feed_records = _Feed(tally)
    for file in files:
        records = (one for document in _documents(file, tally) for one in _records(document))
        for number, record in enumerate(records, start=1):
            tally.read += 1
            feed_records.add(record, f"{file.name} record {number}")
    for org_id, organisation in feed_records.organisations():
        tally.kept += 1
        yield _provider(feed, org_id, organisation)


def _documents(file: TextFile, tally: Tally) -> Iterator[object]:
    """The JSON documents of a file: one, several, or one a line.

    Raises BadSource where no part of the file is JSON.
    """
    head = "".join(islice(file.lines(), _HEAD_LINES)).lstrip()
    if head.startswith("<"):
        raise BadSource(f"{file.path} is a web page, not JSON: the feed returned an error page")
    found, problems = False, Tally(file.name)
    for _, document in documents_in(file.reader(), file.name, problems):
        found = True
        yield document
    if problems.set_aside and not found:
        error = next(iter(problems.examples.values()))
        raise BadSource(f"{file.path} is not JSON: {error}")
    tally.read += problems.read
    for reason, count in problems.set_aside.items():
        tally.set_aside[reason] = tally.set_aside.get(reason, 0) + count
        tally.examples.setdefault(reason, problems.examples[reason])


def _records(document: object) -> list[_Record]:
    """The records of a page, of a list of records or pages, or the single record."""
    if isinstance(document, list):
        return [record for each in document for record in _records(each)]
    if not isinstance(document, dict):
        return []
    pages = [document[key] for key in _PAGES if key in document]
    if page := next((page for page in pages if isinstance(page, list) or _is_keyed(page)), None):
        return _records(list(page.values()) if isinstance(page, dict) else page)
    if not document.keys() & {"id", "name"}:
        inner = [value for value in document.values() if isinstance(value, dict)]
        pages = [value for value in inner if value.keys() & {*_PAGES, *_LISTS}]
        if len(pages) == 1:
            return _records(pages[0])
        lists = [value for key, value in document.items() if key in _LISTS and value]
        if lists:
            return [record for each in lists for record in _records(each)]
    return [document]


def _is_keyed(value: object) -> bool:
    """Whether a value has records under their ids, as a list is written in PHP."""
    return isinstance(value, dict) and bool(value) and all(map(_is_record, value.values()))


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= {"id", "name"}


@dataclass(slots=True)
class _Feed:
    """The organisations of a feed by id, and the organisation id and position of each service."""

    tally: Tally
    by_id: dict[str, _Organisation] = field(default_factory=dict)
    services: list[tuple[str, str]] = field(default_factory=list)

    def add(self, record: _Record, where: str) -> None:
        """Add one record, or set it aside."""
        if service := _dict(record.get("service")):
            self._add_service_record({**service, "service_at_locations": [record]}, where)
        elif record.keys() & _SERVICE_KEYS and not record.keys() & _ORGANISATION_KEYS:
            self._add_service_record(record, where)
        elif record.keys() & _OTHER_KEYS:
            self.tally.drop("record without an organisation (taxonomy or feed metadata)", where)
        elif _text(record.get("id")) and _text(record.get("name")):
            self._add_organisation(record)
            for service in _dicts(record.get("services")):
                self._add_service_record({**service, "organization_id": record["id"]}, where)
        else:
            self.tally.drop("record that is not an organisation or a service", where)

    def organisations(self) -> Iterator[tuple[str, _Organisation]]:
        """The organisations that the feed names; services of other organisations are set aside."""
        for org_id, where in self.services:
            if not self.by_id[org_id].record:
                self.tally.drop("service whose organisation is not in the feed", where)
        yield from (
            (key, organisation) for key, organisation in self.by_id.items() if organisation.record
        )

    def _add_organisation(self, record: _Record) -> None:
        """Add an organisation, or merge its non-empty fields into an earlier record of it."""
        organisation = self.by_id.setdefault(_text(record["id"]), _Organisation())
        organisation.record |= {key: value for key, value in record.items() if value}

    def _add_service_record(self, service: _Record, where: str) -> None:
        owner = _dict(service.get("organization"))
        org_id = _owner_id(service)
        status = " ".join(_text(service.get("status")).lower().replace("_", " ").split())
        if org_id and _text(owner.get("name")):
            self._add_organisation({**owner, "id": org_id})
        is_paused = "temporar" in status
        if not org_id:
            self.tally.drop("service without an organisation", where)
        elif not is_paused and not status_of(status).may_rank:
            self.tally.drop(f"{status} service", where)
        else:
            if is_paused:
                self.tally.drop(f"{status} service (its description is kept)", where)
            self.services.append((org_id, where))
            _add_service(service, self.by_id.setdefault(org_id, _Organisation()))


def _owner_id(service: _Record) -> str:
    """The id of a service's organisation; its name where it has no id; '' where it has neither."""
    owner = service.get("organization")
    if isinstance(owner, str):
        return _text(owner)
    fields = _dict(owner)
    own = _text(fields.get("id")) or _text(service.get("organization_id"))
    return own or _text(fields.get("name"))


def _add_service(service: _Record, organisation: _Organisation) -> None:
    organisation.active = True
    about = ("name", "description", "eligibility_description")
    organisation.texts += [_text(service.get(key)) for key in about]
    organisation.texts += _values(service, "eligibilitys", "eligibility")
    for link in _dicts(service.get("attributes")):
        organisation.tags.append(_text(_dict(link.get("taxonomy_term")).get("name")))
    for link in _dicts(service.get("service_taxonomys")):
        organisation.tags.append(_text(_dict(link.get("taxonomy")).get("name")))
    for area in _dicts(service.get("service_areas")):
        organisation.areas += _area_names(area)
    for link in _dicts(service.get("service_at_locations")):
        organisation.postcodes += _postcodes(_dict(link.get("location")))
    day = day_in(_text(service.get("last_modified")) or _text(service.get("assured_date")))
    organisation.day = max(filter(None, (day, organisation.day)), default=None)


def _area_names(area: _Record) -> list[str]:
    """The code in the URI of an area, or else its name; a long text is not a name."""
    code = _AREA_CODE.search(_text(area.get("uri")))
    name = _text(area.get("name")) or _text(area.get("service_area"))
    if code:
        return [code[0]]
    return [name] if len(name) <= _LONGEST_AREA_NAME else []


def _postcodes(location: _Record) -> list[str]:
    addresses = ("addresses", "physical_addresses", "address", "physical_address")
    names = ("postal_code", "postcode")
    return [code for key in addresses for name in names for code in _values(location, key, name)]


def _provider(feed: str, org_id: str, organisation: _Organisation) -> Provider:
    record = organisation.record
    official_ids = _official_ids(record)
    texts = [_text(record.get("description")), *organisation.texts]
    places = [code for one in _dicts(record.get("locations")) for code in _postcodes(one)]
    said = status_of(_text(record.get("status")))
    there = Status.ACTIVE if organisation.active else Status.UNKNOWN
    return Provider(
        id=official_ids[0] if official_ids else _own_id(feed, org_id),
        name=_text(record.get("name")),
        source=Source(f"{_NAME}: {feed}", organisation.day),
        ids=official_ids[1:],
        profile="\n".join(distinct(texts)),
        tags=distinct(organisation.tags),
        sites=sites([*organisation.postcodes, *places], Grade.SERVICE_LOCATION),
        areas=distinct(organisation.areas),
        status=there if said.may_rank else said,
        website=_text(record.get("website")) or _text(record.get("url")),
    )


def _own_id(feed: str, org_id: str) -> str:
    """An id from the feed's id; the feed's name makes a plain number unique."""
    return f"ORUK-{feed}-{org_id}" if org_id.isdigit() else f"ORUK-{org_id}"


def _official_ids(record: _Record) -> tuple[str, ...]:
    """The org-ids of the official numbers of an organisation."""
    return distinct(_org_id(entry) for entry in _dicts(record.get("organization_identifiers")))


_SCHEME = re.compile(r"GB-[A-Z]{2,4}(?=/?$)", re.IGNORECASE)
"""The code of a register, alone or at the end of its address at org-id.guide."""
_SCHEMES = {"CHC": "GB-CHC", "CCEW": "GB-CHC", "COH": "GB-COH", "CRN": "GB-COH", "OSCR": "GB-SC"}


def _org_id(entry: _Record) -> str:
    """The org-id of an identifier, by its scheme, its own prefix, or what says its register."""
    number, kind = _number(entry.get("identifier")), _text(entry.get("identifier_type")).lower()
    scheme = _text(entry.get("identifier_scheme"))
    listed = _SCHEME.search(scheme)
    scheme = _SCHEMES.get(scheme.upper(), listed[0].upper() if listed else scheme)
    if org_id := org_ids.from_scheme(scheme, number):
        return org_id
    register = f"{kind} {scheme.lower()}"
    if re.search(r"compan(?:y|ies)|\b(?:crn|cic)\b", register):
        return org_ids.company(number)
    if "scot" in register or "oscr" in register:
        number = number if number.upper().startswith("SC") else f"SC{number}"
    return org_ids.charity(number) if "charit" in register or "oscr" in register else ""


def _number(value: Json) -> str:
    """A number as text; a spreadsheet writes 1150079.0, and a part of a charity 1150079-1."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return re.sub(r"^(\d{6,7})-\d{1,2}$", r"\1", _text(whole))


def _values(record: _Record, key: str, inner: str) -> list[str]:
    return [_text(entry.get(inner)) for entry in _dicts(record.get(key))]


def _text(value: Json) -> str:
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    return visible(without_markup(str(value))).strip() if usable else ""


def _dict(value: Json) -> _Record:
    return value if isinstance(value, dict) else {}


def _dicts(value: Json) -> list[_Record]:
    """The objects in a list, or one alone, as some programs write a list of one."""
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]
