"""What is kept of a page before it touches the disk: never a contact, a telephone, a street.

A page of an API is text that this product writes down itself, so it keeps the fields that
the readers read and no others.  Free text loses the e-mail addresses and telephone numbers
that can be recognised in it.
"""

from __future__ import annotations

from matcher.core.redaction import without_contacts
from matcher.geo.postcode_parsing import find_in_text

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
    """A release with the fields that are read; of a street, the postcode that ends it."""
    return _kept(release, _NOTICE)


def service(record: object) -> object:
    """A record of a directory with the fields that are read."""
    return _kept(record, _SERVICE)


def _kept(value: object, fields: frozenset[str]) -> object:
    if isinstance(value, dict):
        own = _with_postcode(value) if "streetAddress" in value else value
        return {key: _kept(each, fields) for key, each in own.items() if key in fields}
    if isinstance(value, list):
        return [_kept(each, fields) for each in value]
    return without_contacts(value) if isinstance(value, str) else value


def _with_postcode(address: dict[str, object]) -> dict[str, object]:
    street = address.get("streetAddress")
    if address.get("postalCode") or not isinstance(street, str):
        return address
    return address | {"postalCode": find_in_text(street) or ""}
