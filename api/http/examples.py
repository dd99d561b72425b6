"""Worked examples of the API's requests, all fictional; the tests run each."""

from __future__ import annotations

from typing import Any

MEALS = {
    "title": "Hot meals for older people at home",
    "description": "Cook a hot midday meal and bring it to the door, seven days a week.",
    "cpv": ["55521100"],
    "value": 24000,
    "value_is_gross": True,
    "postcode": "WS2 8RR",
    "buyer": "Wallbrook Borough Council (fictional)",
    "buyer_kind": "council",
    "day": "2026-09-21",
}
TENDER = {
    "ocid": "ocds-213czf-000901",
    "date": "2026-09-14T10:00:00+01:00",
    "buyer": {"name": "Wallbrook Borough Council (fictional)"},
    "tender": {
        "id": "000901",
        "title": "Support close to home (fictional)",
        "lots": [
            {"id": "1", "title": "Advice on debt", "value": {"amount": 40000, "currency": "GBP"}},
            {"id": "2", "title": "Care of small parks", "value": {"amount": 25000}},
        ],
        "items": [
            {
                "id": "1",
                "relatedLot": "1",
                "classification": {"scheme": "CPV", "id": "85312320"},
                "deliveryAddresses": [{"postalCode": "WS1 1NG"}],
            },
            {
                "id": "2",
                "relatedLot": "2",
                "classification": {"scheme": "CPV", "id": "77310000"},
                "deliveryAddresses": [{"postalCode": "WS3 1HF"}],
            },
        ],
    },
}
TEXT = "Minibuses to day centres, with a passenger assistant and room for wheelchairs, WS3 1HF."

ASK: dict[str, Any] = {
    "purpose": "engagement",
    "limit": 5,
    "lots": {"meals": MEALS, "tender": TENDER, "buses": TEXT},
}
INVITE: dict[str, Any] = {
    "purpose": "invite",
    "limit": 5,
    "procedure": "wallbrook",
    "lots": {"meals": MEALS},
}
RESERVED: dict[str, Any] = {
    "purpose": "reserved",
    "area": "Walsall",
    "with_neighbours": True,
    "lots": {"meals": MEALS},
}
DECIDE: dict[str, Any] = {
    "by": "Alex Example",
    "role": "Category manager (fictional)",
    "reason": "It cooks on the day and delivers in the borough.",
    "conflicts": "none",
    "choices": [
        {"provider": "XX-EXAMPLE-0078", "outcome": "invited"},
    ],
}
QUERIES: dict[str, Any] = {
    "q0": {
        "query": "Ladle House Kichen",
        "limit": 3,
        "properties": [{"pid": "postcode", "v": "WS2 8RR"}],
    },
    "q1": {"query": "Fairscales Money and Debt Advise"},
}
MATCH: dict[str, Any] = {
    "queries": [
        {
            "limit": 3,
            "conditions": [
                {"matchType": "name", "v": "Ladle House Kichen"},
                {"matchType": "property", "pid": "postcode", "v": "WS2 8RR"},
            ],
        },
        {"conditions": [{"matchType": "name", "v": "Fairscales Money and Debt Advise"}]},
    ]
}
EXTEND: dict[str, Any] = {
    "ids": ["XX-EXAMPLE-0078"],
    "properties": [{"id": "kind"}, {"id": "postcode"}, {"id": "status"}],
}


ASKS = {
    "engagement": {"summary": "Providers to talk to, for lots sent in three ways", "value": ASK},
    "invite": {
        "summary": "Providers to invite, checked against a council's own rules",
        "value": INVITE,
    },
    "reserved": {"summary": "A competition reserved to the local area", "value": RESERVED},
}
OUTCOME: dict[str, Any] = {
    "by": "Alex Example",
    "role": "Commissioning officer",
    "results": [
        {"provider": "XX-EXAMPLE-0078", "result": "awarded"},
        {"provider": "XX-EXAMPLE-0025", "result": "no answer", "reason": "It is fully booked."},
    ],
    "notice": "ocds-h6vhtk-051f8d",
}
OUTCOMES = {"recorded": {"summary": "Who won and who did not answer", "value": OUTCOME}}
DECISIONS = {
    "invited": {"summary": "Which provider was invited, and by which officer", "value": DECIDE}
}
