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
from pathlib import Path

from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import Grade, Provider, Source, Status, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.json_values import is_contact
from matcher.sources.formats.statuses import status_of
from matcher.sources.formats.tables import BAD_NUMBER, NO_POSTCODE, distinct, postcode_within, sites
from matcher.sources.formats.text_files import TextFile, text_files
from matcher.sources.providers.open_referral_numbers import official_ids, unread_numbers
from matcher.sources.providers.open_referral_records import (
    Record,
    dict_of,
    dicts_of,
    documents_of,
    records_of,
    text_of,
)
from matcher.sources.providers.own_cells import status_beside

_NAME = "Open Referral UK"
_LONGEST_AREA_NAME = 80
_NOT_YET = re.compile(r"(?:draft|unpublished|pending|rejected|awaiting approval)\b")
"""How the status of a service begins that is not published."""
_AREA_CODE = re.compile(r"\b[EWSNK]\d{8}\b")
_SERVICE_KEYS = {"organization", "status", "service_at_locations"}
_PART_KEYS = {"service_id", "addresses", "physical_addresses", "latitude", "department", "title"}
"""Fields of what belongs to a service or an organisation: places, contacts, opening times."""
_ABOUT_A_SERVICE = {
    *("description", "url", "fees", "accreditations", "attributes", "service_taxonomys"),
    *("eligibilitys", "eligibility_description", "service_areas", "schedules"),
    *("regular_schedules", "languages", "cost_options", "assured_date", "last_modified"),
}
_OTHER_KEYS = {"taxonomy", "taxonomy_terms", "term_uri", "vocabulary", "parent_id", "version"}
_ORGANISATION_KEYS = {"organization_identifiers", "legal_status", "year_incorporated", "services"}


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

    record: Record = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    postcodes: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    day: date | None = None
    active: bool = False
    where: str = ""
    """where its own record is"""


def _organisations(feed: str, files: Sequence[TextFile], tally: Tally) -> Iterator[Provider]:
    feed_records = _Feed(tally)
    for file in files:
        records = (one for document in documents_of(file, tally) for one in records_of(document))
        for number, record in enumerate(records, start=1):
            tally.read += 1
            feed_records.add(record, f"{file.name} record {number}")
    for org_id, organisation in feed_records.organisations():
        tally.kept += 1
        provider = _provider(feed, org_id, organisation)
        if any(_all_postcodes(organisation)) and not provider.sites:
            tally.drop(NO_POSTCODE, org_id)
        if unread_numbers(organisation.record):
            tally.drop(BAD_NUMBER, org_id)
        yield provider


@dataclass(slots=True)
class _Feed:
    """The organisations of a feed by id, and its services, each with its position.

    The services wait until all are read, since the newest record of each stands: `newest` has the
    day of that record, by the id of the service.
    """

    tally: Tally
    by_id: dict[str, _Organisation] = field(default_factory=dict)
    services: list[tuple[Record, str]] = field(default_factory=list)
    newest: dict[str, date] = field(default_factory=dict)

    def add(self, record: Record, where: str) -> None:
        """Add one record, or set it aside."""
        if service := dict_of(record.get("service")):
            self._add_service_record({**service, "service_at_locations": [record]}, where)
        elif _is_service(record):
            self._add_service_record(record, where)
        elif record.keys() & {*_PART_KEYS, "organization_id", "contact_id"}:
            if owner := text_of(record.get("organization_id")):
                self.by_id.setdefault(owner, _Organisation()).postcodes += _postcodes(record)
            self.tally.drop("place, contact or times without their service", where)
        elif record.keys() & _OTHER_KEYS:
            self.tally.drop("record without an organisation (taxonomy or feed metadata)", where)
        elif text_of(record.get("id")) and text_of(record.get("name")):
            self._add_organisation(record, where)
            for service in dicts_of(record.get("services")):
                self._add_service_record({**service, "organization_id": record["id"]}, where)
        else:
            self.tally.drop("record that is not an organisation or a service", where)

    def organisations(self) -> Iterator[tuple[str, _Organisation]]:
        """The organisations that the feed names; services of other organisations are set aside."""
        for service, where in self.services:
            self._count_service(service, where)
        owners = {_owner_id(service) for service, _ in self.services}
        for key, organisation in self.by_id.items():
            if is_contact(organisation.record) and key not in owners:
                self.tally.drop("contact without their service", organisation.where)
            elif organisation.record:
                yield key, organisation

    def _add_organisation(self, record: Record, where: str = "") -> None:
        """Add an organisation, or merge its non-empty fields into an earlier record of it."""
        organisation = self.by_id.setdefault(text_of(record["id"]), _Organisation())
        organisation.where = organisation.where or where
        organisation.record |= {key: value for key, value in record.items() if value}

    def _add_service_record(self, service: Record, where: str) -> None:
        owner, org_id = dict_of(service.get("organization")), _owner_id(service)
        if org_id and text_of(owner.get("name")):
            self._add_organisation({**owner, "id": org_id})
        id_, day = text_of(service.get("id")), _day_of(service)
        if id_ and day:
            self.newest[id_] = max(day, self.newest.get(id_, day))
        self.by_id.setdefault(org_id, _Organisation())
        self.services.append((service, where))

    def _count_service(self, service: Record, where: str) -> None:
        """Add a service to its organisation, or set it aside."""
        org_id, day = _owner_id(service), _day_of(service)
        status = " ".join(text_of(service.get("status")).lower().replace("_", " ").split())
        is_paused = "temporar" in status
        if not org_id:
            self.tally.drop("service without an organisation", where)
        elif day and day < self.newest.get(text_of(service.get("id")), day):
            self.tally.drop("service with a newer record", where)
        elif not is_paused and (_NOT_YET.match(status) or not status_of(status).may_rank):
            self.tally.drop(f"{status} service", where)
        elif not _name_may_rank(service):
            self.tally.drop("service whose name says that it is gone", where)
        else:
            if is_paused:
                self.tally.drop(f"{status} service (its description is kept)", where)
            _add_service(service, self.by_id[org_id])
            if not self.by_id[org_id].record:
                self.tally.drop("service whose organisation is not in the feed", where)


def _is_service(record: Record) -> bool:
    """Whether a record is a service; one that only has its organisation's id may be a contact."""
    if record.keys() & _ORGANISATION_KEYS:
        return False
    by_id = "organization_id" in record and not record.keys() & _PART_KEYS
    return bool(record.keys() & _SERVICE_KEYS or (by_id and record.keys() & _ABOUT_A_SERVICE))


def _name_may_rank(record: Record) -> bool:
    """Whether a name does not say that what has it is gone: 'Lunch club (closed)'."""
    return status_of(status_beside(text_of(record.get("name")))).may_rank


def _owner_id(service: Record) -> str:
    """The id of a service's organisation; its name where it has no id; '' where it has neither."""
    owner = service.get("organization")
    if isinstance(owner, str):
        return text_of(owner)
    fields = dict_of(owner)
    own = text_of(fields.get("id")) or text_of(service.get("organization_id"))
    return own or text_of(fields.get("name"))


def _add_service(service: Record, organisation: _Organisation) -> None:
    organisation.active = True
    about = ("name", "description", "eligibility_description")
    organisation.texts += [text_of(service.get(key)) for key in about]
    organisation.texts += _values(service, "eligibilitys", "eligibility")
    for link in dicts_of(service.get("attributes")):
        organisation.tags.append(text_of(dict_of(link.get("taxonomy_term")).get("name")))
    for link in dicts_of(service.get("service_taxonomys")):
        organisation.tags.append(text_of(dict_of(link.get("taxonomy")).get("name")))
    for area in dicts_of(service.get("service_areas")):
        organisation.areas += _area_names(area)
    places = [
        dict_of(link.get("location")) for link in dicts_of(service.get("service_at_locations"))
    ]
    for place in (*places, *dicts_of(service.get("location")), *dicts_of(service.get("locations"))):
        organisation.postcodes += _postcodes(place)
    organisation.day = max(filter(None, (_day_of(service), organisation.day)), default=None)


def _day_of(service: Record) -> date | None:
    return day_in(text_of(service.get("last_modified")) or text_of(service.get("assured_date")))


def _area_names(area: Record) -> list[str]:
    """The code in the URI of an area, or else its name; a long text is not a name."""
    code = _AREA_CODE.search(text_of(area.get("uri")))
    name = text_of(area.get("name")) or text_of(area.get("service_area"))
    if code:
        return [code[0]]
    return [name] if len(name) <= _LONGEST_AREA_NAME else []


def _postcodes(location: Record) -> list[str]:
    addresses = ("addresses", "physical_addresses", "address", "physical_address")
    found = (one for key in addresses for one in dicts_of(location.get(key)))
    return [_postcode(address) for address in found]


def _all_postcodes(organisation: _Organisation) -> list[str]:
    """The postcodes of the places of an organisation's services, and then of its own."""
    own = dicts_of(organisation.record.get("locations"))
    return [*organisation.postcodes, *(code for one in own for code in _postcodes(one))]


def _postcode(address: Record) -> str:
    """The postcode of an address, or else that in one of its lines."""
    own = text_of(address.get("postal_code")) or text_of(address.get("postcode"))
    lines = ("address_2", "address_1", "city", "region", "state_province")
    return own or next(
        filter(None, (postcode_within(text_of(address.get(key))) for key in lines)), ""
    )


def _provider(feed: str, org_id: str, organisation: _Organisation) -> Provider:
    record = organisation.record
    numbers = official_ids(record)
    texts = [text_of(record.get("description")), *organisation.texts]
    told = (text_of(record.get("status")), status_beside(text_of(record.get("name"))))
    said = next((one for one in map(status_of, told) if not one.may_rank), Status.UNKNOWN)
    there = Status.ACTIVE if organisation.active else Status.UNKNOWN
    name = text_of(record.get("name"))
    return Provider(
        id=numbers[0] if numbers else _own_id(feed, org_id),
        name=name,
        source=Source(f"{_NAME}: {feed}", organisation.day),
        ids=numbers[1:],
        kind=kind_of_name(name),
        profile="\n".join(distinct(texts)),
        tags=distinct(organisation.tags),
        sites=sites(_all_postcodes(organisation), Grade.SERVICE_LOCATION),
        areas=distinct(organisation.areas),
        status=there if said.may_rank else said,
        website=text_of(record.get("website")) or text_of(record.get("url")),
    )


def _own_id(feed: str, org_id: str) -> str:
    """An id from the feed's id; the feed's name makes a plain number unique."""
    return f"ORUK-{feed}-{org_id}" if org_id.isdigit() else f"ORUK-{org_id}"


def _values(record: Record, key: str, inner: str) -> list[str]:
    return [text_of(entry.get(inner)) for entry in dicts_of(record.get(key))]
