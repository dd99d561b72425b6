"""The schema of a lot that is sent: its fields, a notice, or text."""

from __future__ import annotations

from typing import Any

from matcher.law.types import BuyerKind

_TEXT = {"type": "string"}
_CPV_EXAMPLE = "55521100"


def _object(description: str, /, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - schemas
    return {"type": "object", "description": description, "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_VALUE = _object(
    "An amount of money.",
    amount={"type": "number", "minimum": 0, "description": "Without VAT."},
    amountGross={"type": "number", "minimum": 0, "description": "With VAT."},
    currency={"type": "string", "examples": ["GBP"]},
)
_TENDER = _object(
    "What is to be bought.",
    id=_TEXT,
    title=_TEXT,
    description=_TEXT,
    value=_VALUE,
    lots=_list(_object("One lot.", id=_TEXT, title=_TEXT, description=_TEXT, value=_VALUE)),
    items=_list(
        _object(
            "What is bought in a lot, and where.",
            id=_TEXT,
            relatedLot={"type": "string", "description": "The id of the lot."},
            classification=_object(
                "What it is.",
                scheme={"type": "string", "examples": ["CPV"]},
                id={"type": "string", "examples": [_CPV_EXAMPLE]},
            ),
            deliveryAddresses=_list(_object("A place.", postalCode=_TEXT, region=_TEXT)),
        )
    ),
)
_FIELDS: dict[str, Any] = {
    "id": {"type": "string", "description": "Your own name for the lot."},
    "title": {"type": "string", "examples": ["Hot meals for older people at home"]},
    "description": {"type": "string", "description": "What is needed, in your words."},
    "cpv": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[0-9]{8}$", "examples": [_CPV_EXAMPLE]},
        "description": "CPV codes of eight digits.",
    },
    "value": {"type": "number", "minimum": 0, "description": "Pounds.", "examples": [24000]},
    "value_is_gross": {"type": "boolean", "description": "VAT is included."},
    "postcode": {
        "type": "string",
        "description": "Where the work is done.",
        "examples": ["WS2 8RR"],
    },
    "area": {
        "type": "string",
        "description": "A council or county, code or name; a town or village.",
        "examples": ["Walsall"],
    },
    "buyer": {"type": "string", "description": "The buyer's name."},
    "buyer_id": {"type": "string", "description": "The buyer's org-id."},
    "buyer_kind": {
        "type": "string",
        "description": "The kind of buyer, which decides its duties and thresholds.",
        "examples": [kind.value for kind in BuyerKind],
    },
    "buyer_postcode": {"type": "string", "examples": ["WS1 1TP"]},
    "category": {
        "type": "string",
        "description": "The kind of contract, as a notice says it.",
        "examples": ["services"],
    },
    "day": {
        "type": "string",
        "format": "date",
        "description": "The start of the procurement.",
        "examples": ["2026-09-21"],
    },
    "years": {"type": "number", "minimum": 0, "description": "How long the contract lasts."},
    "value_period": {
        "type": "string",
        "enum": ["", "year", "whole", "unclear"],
        "description": "What the value is for: each of the years, or the whole "
        "contract (as usual). 'unclear' is read as a year, and asked about before "
        "any list but an engagement list.",
    },
}

LOT: dict[str, Any] = {
    "description": "A lot: its fields, an OCDS tender or release with its lots, or plain text.",
    "anyOf": [
        {
            "type": "object",
            "title": "LotFields",
            "description": "Only a title or a description is needed.",
            "properties": _FIELDS,
        },
        {
            "type": "object",
            "title": "OcdsNotice",
            "description": "A release, a package, or a plain notice with its lots: what is read "
            "of it. Further members of OCDS may be there.",
            "properties": {
                "ocid": {"type": "string", "examples": ["ocds-213czf-000901"]},
                "date": {"type": "string", "format": "date-time"},
                "buyer": _object("Who buys.", id=_TEXT, name=_TEXT),
                "tender": _TENDER,
            },
        },
        {"type": "string", "title": "Text", "minLength": 1},
    ],
}
