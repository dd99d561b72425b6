"""Open Referral UK (HSDS-UK) responses, versions 3 and 1, saved as JSON.

A response is one record, a list of them, or a page of them under `contents` (version 3) or
`content` (version 1).  A record is an organisation, a service or a service at a location.
Services are joined to their organisations; the files of one folder are pages of one feed.
Contacts, e-mails, telephones and streets are never read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
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
from matcher.sources.formats.tables import day_in, distinct, sites
from matcher.sources.formats.text_files import TextFile, text_files

_Record: TypeAlias = "dict[str, Json]"

_NAME = "Open Referral UK"
_LONGEST_AREA_NAME = 80
_AREA_CODE = re.compile(r"\b[EWSNK]\d{8}\b")
_SERVICE_KEYS = {"organization", "organization_id", "status", "service_at_locations"}
_OTHER_KEYS = {"taxonomy", "taxonomy_terms", "term_uri", "vocabulary", "parent_id", "version"}
_GONE = ("inactive", "defunct")


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, organisations) for each folder that has responses among `paths`.

    `Tally.read` counts the records read (organisations, services, ...); `kept` counts the
    organisations that came of them.

    Raises:
        BadSource: if a file is missing, damaged or not JSON.
    """
    feeds: dict[Path, list[TextFile]] = {}
    for file in text_files(paths):
        feeds.setdefault(file.path.resolve().parent, []).append(file)
    for folder, files in feeds.items():
        tally = Tally(f"{_NAME}: {folder.name}")
        yield tally, _organisations(folder.name, files, tally)


@dataclass(slots=True)
class _Organisation:
    """What the feed has said of one organisation so far."""

    record: _Record = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    postcodes: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    day: date | None = None
    active: bool = False


def _organisations(feed: str, files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    joined = _Feed(tally)
    for file in files:
        for number, record in enumerate(_records(_document(file)), start=1):
            tally.read += 1
            joined.take(record, f"{file.name} record {number}")
    for org_id, organisation in joined.named():
        tally.kept += 1
        yield _provider(feed, org_id, organisation)


def _document(file: TextFile) -> Json:
    text = "".join(file.lines()).lstrip()
    if text.startswith("<"):
        raise BadSource(f"{file.path} is a web page, not JSON: the feed answered with an error")
    try:
        document: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadSource(f"{file.path} is not JSON: {error}") from error
    return document


def _records(document: Json) -> list[_Record]:
    """The records of a page, a list or a single record."""
    if isinstance(document, dict):
        page = document.get("contents", document.get("content"))
        return _dicts(page) if isinstance(page, list) else [document]
    return _dicts(document)


@dataclass(slots=True)
class _Feed:
    """The organisations of a feed by their id, and where the services of each were read."""

    tally: Tally
    known: dict[str, _Organisation] = field(default_factory=dict)
    services: list[tuple[str, str]] = field(default_factory=list)

    def take(self, record: _Record, where: str) -> None:
        """Put one record where it belongs, or set it aside."""
        if service := _dict(record.get("service")):
            self._service({**service, "service_at_locations": [record]}, where)
        elif record.keys() & _SERVICE_KEYS:
            self._service(record, where)
        elif record.keys() & _OTHER_KEYS:
            self.tally.drop("names no organisation (taxonomy, or about the feed)", where)
        elif _text(record.get("id")) and _text(record.get("name")):
            self._organisation(record)
            for own in _dicts(record.get("services")):
                self._service({**own, "organization_id": record["id"]}, where)
        else:
            self.tally.drop("neither an organisation nor a service", where)

    def named(self) -> Iterator[tuple[str, _Organisation]]:
        """Each organisation that the feed names; the services of others are set aside."""
        for org_id, where in self.services:
            if not self.known[org_id].record:
                self.tally.drop("service whose organisation is not in the feed", where)
        yield from ((key, found) for key, found in self.known.items() if found.record)

    def _organisation(self, record: _Record) -> None:
        """Remember an organisation; of two descriptions of it, what either adds stays."""
        known = self.known.setdefault(_text(record["id"]), _Organisation())
        known.record |= {key: value for key, value in record.items() if value}

    def _service(self, service: _Record, where: str) -> None:
        owner = _dict(service.get("organization"))
        org_id = _text(owner.get("id")) or _text(service.get("organization_id"))
        status = _text(service.get("status")).lower()
        if _text(owner.get("id")) and _text(owner.get("name")):
            self._organisation(owner)
        if not org_id:
            self.tally.drop("service without an organisation", where)
        elif status in _GONE:
            self.tally.drop(f"service is {status}", where)
        else:
            if status == "temporarily closed":
                self.tally.drop("service is temporarily closed (what it does is kept)", where)
            self.services.append((org_id, where))
            _add_service(service, self.known.setdefault(org_id, _Organisation()))


def _add_service(service: _Record, organisation: _Organisation) -> None:
    organisation.active = True
    about = ("name", "description", "eligibility_description")
    organisation.texts += [_text(service.get(key)) for key in about]
    organisation.texts += _each(service, "eligibilitys", "eligibility")
    for link in _dicts(service.get("attributes")):
        organisation.tags.append(_text(_dict(link.get("taxonomy_term")).get("name")))
    for link in _dicts(service.get("service_taxonomys")):
        organisation.tags.append(_text(_dict(link.get("taxonomy")).get("name")))
    for area in _dicts(service.get("service_areas")):
        organisation.areas += _area(area)
    for link in _dicts(service.get("service_at_locations")):
        organisation.postcodes += _postcodes(_dict(link.get("location")))
    day = day_in(_text(service.get("last_modified")) or _text(service.get("assured_date")))
    organisation.day = max(filter(None, (day, organisation.day)), default=None)


def _area(area: _Record) -> list[str]:
    """The area's code where its address on the web has one, else its name; no sentences."""
    code = _AREA_CODE.search(_text(area.get("uri")))
    name = _text(area.get("name")) or _text(area.get("service_area"))
    if code:
        return [code[0]]
    return [name] if len(name) <= _LONGEST_AREA_NAME else []


def _postcodes(location: _Record) -> list[str]:
    addresses = ("addresses", "physical_addresses")
    return [code for key in addresses for code in _each(location, key, "postal_code")]


def _provider(feed: str, org_id: str, organisation: _Organisation) -> Provider:
    record = organisation.record
    official = _official(record)
    texts = [_text(record.get("description")), *organisation.texts]
    return Provider(
        id=official[0] if official else _own_id(feed, org_id),
        name=_text(record.get("name")),
        source=Source(f"{_NAME}: {feed}", organisation.day),
        ids=official[1:],
        profile="\n".join(distinct(texts)),
        tags=distinct(organisation.tags),
        sites=sites(organisation.postcodes, Grade.SERVICE_LOCATION),
        areas=distinct(organisation.areas),
        status=Status.ACTIVE if organisation.active else Status.UNKNOWN,
        website=_text(record.get("website")) or _text(record.get("url")),
    )


def _own_id(feed: str, org_id: str) -> str:
    """The feed's id; a plain number is told apart from other feeds' by the feed's name."""
    return f"ORUK-{feed}-{org_id}" if org_id.isdigit() else f"ORUK-{org_id}"


def _official(record: _Record) -> tuple[str, ...]:
    """Org-ids of the official numbers that an organisation gives."""
    return distinct(_org_id(entry) for entry in _dicts(record.get("organization_identifiers")))


def _org_id(entry: _Record) -> str:
    number, kind = _text(entry.get("identifier")), _text(entry.get("identifier_type")).lower()
    found = org_ids.from_scheme(_text(entry.get("identifier_scheme")), number)
    if found or "company" in kind:
        return found or org_ids.company(number)
    return org_ids.charity(number) if "charity" in kind else ""


def _each(record: _Record, key: str, inner: str) -> list[str]:
    return [_text(entry.get(inner)) for entry in _dicts(record.get(key))]


def _text(value: Json) -> str:
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip() if usable else ""


def _dict(value: Json) -> _Record:
    return value if isinstance(value, dict) else {}


def _dicts(value: Json) -> list[_Record]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
