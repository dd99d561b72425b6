"""Data extension: the facts of organisations that fill the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.http.reconciliation.client_json import check_number, object_in
from api.http.reconciliation.properties import PROPERTIES, Cell, property_of
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.core.types import Json

SETTING: dict[str, Json] = {
    "name": "limit",
    "label": "Most values",
    "type": "number",
    "default": 0,
    "help_text": "How many values to return for each organisation. 0 returns all.",
}
"""What a client can set for each property that it asks for."""


@dataclass(frozen=True, slots=True)
class Extend:
    """The ids of organisations, and the facts to return: property → most values, 0 for all."""

    ids: list[str]
    most: dict[str, int]


def extend(services: Services, extend_query: str) -> dict[str, Json]:
    """The requested facts of each provider; none where the register lacks the provider."""
    asked = read_extend(object_in("extend", extend_query))
    rows: dict[str, Json] = {
        id_: {name: list(cells) for name, cells in facts.items()}
        for id_, facts in facts_of(services, asked)
    }
    return {"meta": [property_of(name) for name in asked.most], "rows": rows}


def read_extend(fields: Mapping[str, Any]) -> Extend:
    """What facts are asked for, of every id that is not null.

    Raises BadInput for what cannot be read, naming it.
    """
    ids, properties = fields.get("ids"), fields.get("properties")
    ids = [id_ for id_ in ids if id_ is not None] if isinstance(ids, list) else ids
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise BadInput("extend: ids: give a list of ids, each in quotes")
    if not isinstance(properties, list) or not all(isinstance(p, dict) for p in properties):
        raise BadInput('extend: properties: give a list such as [{"id": "kind"}]')
    check_number("extend: ids", len(ids))
    most: dict[str, int] = {}
    for each in properties:
        name, settings = each.get("id"), each.get("settings")
        if not isinstance(name, str) or name not in PROPERTIES:
            raise BadInput(
                f"extend: {name!r} is not a property; give one of {', '.join(PROPERTIES)}"
            )
        limit = str(settings.get("limit") if isinstance(settings, dict) else "")
        most[name] = int(limit[:9]) if limit.isascii() and limit.isdigit() else 0
    return Extend(ids, most)


def facts_of(services: Services, asked: Extend) -> Iterator[tuple[str, dict[str, list[Cell]]]]:
    """Each id with the values of each property; none where the register lacks the provider."""
    register = services.matcher.register
    for id_ in asked.ids:
        row = register.row(id_)
        known = None if row is None else register.organisations[row].provider
        yield (
            id_,
            {
                name: list(PROPERTIES[name].cells(known))[: most or None] if known else []
                for name, most in asked.most.items()
            },
        )


def propose_properties(type_: str, limit: int) -> dict[str, Json]:
    """The properties that can fill a column."""
    names = list(PROPERTIES)[:limit]
    return {"type": type_, "limit": limit, "properties": [property_of(name) for name in names]}
