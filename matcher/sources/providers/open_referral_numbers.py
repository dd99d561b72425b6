"""Reads the official numbers of organisations in Open Referral UK responses as org-ids."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcher.core import org_ids
from matcher.core.types import Json
from matcher.sources.formats.tables import distinct
from matcher.sources.providers.open_referral_records import Record, dicts_of, text_of

_SCHEME = re.compile(r"GB-[A-Z]{2,4}(?=/?$)", re.IGNORECASE)
"""The code of a register, alone or at the end of its address at org-id.guide."""
_OF_CHARITIES = {"GB-CHC", "GB-SC", "GB-NIC"}
_SCHEMES = {
    **{"CHC": "GB-CHC", "CCEW": "GB-CHC", "RCN": "GB-CHC", "COH": "GB-COH", "CRN": "GB-COH"},
    **{"OSCR": "GB-SC", "CCNI": "GB-NIC", "UKPRN": "GB-UKPRN"},
}
_OF_A_REGISTER = re.compile(r"(?i)charit|compan|\bGB-(?:CHC|COH|SC|NIC)\b")
_SOCIETIES = re.compile(r"mutuals|societ(?:y|ies)\b", re.IGNORECASE)
_FIELDS = {"charity_number": "charity", "company_number": "company", "tax_id": ""}
"""Fields that exports give an organisation for its number, and what register it is of; what a
tax ID is of, its `tax_status` says."""
_IN_ADDRESS = re.compile(r"(?<![A-Za-z0-9])[A-Z]{0,3}\d{5,8}(?![A-Za-z0-9])")
_REGISTERS = re.compile(
    r"//[\w.-]{0,60}(?:company-information|companieshouse|opencorporates|charitycommission|oscr"
    r"|org-id)\b",
    re.IGNORECASE,
)
"""Sites whose pages have the number of an organisation in their address."""


def official_ids(record: Record) -> tuple[str, ...]:
    """The org-ids of the official numbers of an organisation.

    They are in its list of identifiers, or in its own id or address (`uri`).
    """
    listed = (one for entry in _entries(record) for one in _org_ids(entry))
    return distinct([*listed, *(_own(text_of(record.get(key))) for key in ("uri", "id"))])


def unread_numbers(record: Record) -> bool:
    """Whether an organisation has a number of a company or a charity that cannot be read."""
    entries = _entries(record)
    return any(_is_of_a_register(entry) and not any(_org_ids(entry)) for entry in entries)


def _entries(record: Record) -> list[Record]:
    """The identifiers of an organisation, also those in fields that the standard does not have."""
    others = (
        {
            "identifier_scheme": one.get("identifier_scheme") or one.get("scheme"),
            "identifier_type": one.get("identifier_type") or one.get("type"),
            "identifier": one.get("identifier") or one.get("id"),
        }
        for one in dicts_of(record.get("identifiers"))
    )
    in_fields = (
        {"identifier_type": register or record.get("tax_status"), "identifier": record[field]}
        for field, register in _FIELDS.items()
        if record.get(field)
    )
    return [*dicts_of(record.get("organization_identifiers")), *others, *in_fields]


def _is_of_a_register(entry: Record) -> bool:
    """Whether an identifier is that of a company or a charity, by what it says of its register."""
    said = f"{text_of(entry.get('identifier_type'))} {text_of(entry.get('identifier_scheme'))}"
    return bool(_number(entry.get("identifier")) and _OF_A_REGISTER.search(said))


def _own(text: str) -> str:
    """The org-id that a text is, or that is in the address of a page of a register; else ''."""
    if _REGISTERS.search(text):
        return _id_in_address(text)
    return next(iter(org_ids.forms(text)), "") if text.upper().startswith("GB-") else ""


def _org_ids(entry: Record) -> Sequence[str]:
    """The org-ids of an identifier, by its scheme, its own prefix, or what says its register."""
    number, kind = _number(entry.get("identifier")), text_of(entry.get("identifier_type"))
    scheme = text_of(entry.get("identifier_scheme")) or kind
    if "://" in number or number.lower().startswith("www."):
        return (_id_in_address(number),)
    listed = _SCHEME.search(scheme)
    scheme = _SCHEMES.get(scheme.upper(), listed[0].upper() if listed else scheme)
    if org_id := org_ids.from_scheme(scheme, number):
        return (org_id,)
    register = f"{kind} {scheme}".lower()
    if _SOCIETIES.search(register):
        society = org_ids.from_scheme("GB-MPR", number)
        return (society,) if society else ()
    if re.search(r"compan(?:y|ies)|\b(?:crn|cic)\b", register):
        return org_ids.several(org_ids.company, number)
    if "scot" in register or "oscr" in register:
        number = number if number.upper().startswith("SC") else f"SC{number}"
    is_charity = "charit" in register or "oscr" in register or scheme in _OF_CHARITIES
    return org_ids.several(org_ids.charity, number) if is_charity else ()


def _id_in_address(address: str) -> str:
    """The org-id of the number in the address of a page of a register."""
    if own := org_ids.forms(org_ids.in_address(address)) if "GB-" in address else ():
        return own[0]
    numbers = _IN_ADDRESS.findall(address)
    read = (
        org_ids.company
        if re.search("compan|corporates", address, re.IGNORECASE)
        else org_ids.charity
    )
    return read(numbers[-1]) if numbers else ""


def _number(value: Json) -> str:
    """A number as text; a spreadsheet writes 1150079.0, and a part of a charity 1150079-1."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return re.sub(r"^(\d{6,7})-\d{1,2}$", r"\1", text_of(whole))
