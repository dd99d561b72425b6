"""Removes contact details and streets from API pages before they are saved.

Only the fields that the readers use are kept.  Email addresses and telephone numbers are removed
from free text where they are recognised.
"""

from __future__ import annotations

from matcher.core.redaction import without_contacts
from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.notices.parties import organisations

# fmt: off
_NOTICE = frozenset({
    "ocid", "id", "date", "tag", "language", "initiationType", "name", "buyer", "parties",
    "roles", "identifier", "scheme", "legalName", "additionalIdentifiers", "address",
    "postalCode", "region", "locality", "country", "countryName", "details", "scale",
    "vcse", "sme", "vco", "classifications", "tender", "title", "description", "status",
    "value", "amount", "amountGross", "currency", "aboveThreshold",
    "mainProcurementCategory", "procurementMethod", "procurementMethodDetails",
    "classification", "additionalClassifications", "items", "relatedLot",
    "deliveryAddresses", "deliveryAddress", "lots", "contractPeriod", "startDate",
    "endDate", "durationInDays", "suitability", "minValue", "awards", "suppliers",
    "relatedLots", "contracts", "awardID", "dateSigned", "amendments",
})
_SERVICE = frozenset({
    "id", "name", "description", "organization", "organization_id", "status",
    "service_at_locations", "location", "addresses", "physical_addresses", "postal_code",
    "attributes", "taxonomy_term", "taxonomy", "service_taxonomys", "eligibilitys",
    "eligibility", "eligibility_description", "service_areas", "service_area", "uri",
    "last_modified", "assured_date", "organization_identifiers", "identifier",
    "identifier_type", "identifier_scheme", "website", "url", "services", "service",
    "term_uri",
})
# fmt: on


def notice(release: object) -> object:
    """A release with only the fields that are read; a postcode in the street is kept.

    A party that is a contact is left out.
    """
    if isinstance(release, dict) and "parties" in release:
        release = release | {"parties": organisations(release)}
    return _with_fields(release, _NOTICE)


def service(record: object) -> object:
    """A directory record with only the fields that are read."""
    return _with_fields(record, _SERVICE)


def _with_fields(value: object, fields: frozenset[str]) -> object:
    if isinstance(value, dict):
        source = _with_postcode(value) if "streetAddress" in value else value
        return {key: _with_fields(item, fields) for key, item in source.items() if key in fields}
    if isinstance(value, list):
        return [_with_fields(item, fields) for item in value]
    return without_contacts(value) if isinstance(value, str) else value


def _with_postcode(address: dict[str, object]) -> dict[str, object]:
    street = address.get("streetAddress")
    if address.get("postalCode") or not isinstance(street, str):
        return address
    return address | {"postalCode": find_in_text(street) or ""}
