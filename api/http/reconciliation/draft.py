"""The draft 1.0 of the Reconciliation API, beside version 0.2.

It has addresses of its own, because the two describe themselves in ways that cannot be joined.
The draft changed the names of two fields, and how a query is written; all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from api.http.reconciliation.client_json import check_number
from api.http.reconciliation.data_extension import SETTING, facts_of, read_extend
from api.http.reconciliation.manifest import PREVIEW_SIZE
from api.http.reconciliation.properties import (
    NUMBERS,
    PROPERTIES,
    default_types,
    ids_in,
    named_property,
    named_types,
)
from api.http.reconciliation.queries import candidates, most_candidates
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.core.types import Json, Provider
from matcher.register.search import NameQuery

VERSION = "1.0-draft"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a candidate is compared with: a name where `property` is empty, else a property."""

    property: str
    values: tuple[str, ...]
    required: bool
    quantifier: str


def manifest(base: str) -> dict[str, Json]:
    """The service manifest, for a client that reaches the service at the address `base`."""
    label, setting = SETTING["label"], SETTING["name"]
    return {
        "versions": [VERSION],
        "name": "Local by Default: providers",
        "documentation": f"{base}/docs",
        "defaultTypes": [*default_types()],
        "view": {"url": f"{base}/providers/{{id}}"},
        "preview": {"width": PREVIEW_SIZE[0], "height": PREVIEW_SIZE[1]},
        "suggest": {"entity": True, "property": True, "type": True},
        "extend": {
            "proposeProperties": True,
            "propertySettings": [
                {
                    "id": setting,
                    "name": label,
                    "type": SETTING["type"],
                    "default": SETTING["default"],
                    "helpText": SETTING["help_text"],
                }
            ],
        },
        "standardizedScore": True,
    }


def match(services: Services, body: object) -> dict[str, Json]:
    """The candidates for each query, in order; a query that cannot be read has none.

    Raises BadInput where there is no list of queries, or too many.
    """
    asked = body.get("queries") if isinstance(body, Mapping) else None
    if not isinstance(asked, list):
        raise BadInput('queries: is missing; give a list such as [{"conditions": […]}]')
    check_number("queries", len(asked))
    return {"results": [{"candidates": _candidates(services, query)} for query in asked]}


def extend(services: Services, body: object) -> dict[str, Json]:
    """The requested facts of each provider, as rows.  Raises BadInput for what cannot be read."""
    if not isinstance(body, Mapping):
        raise BadInput("extend: give an object with ids and properties")
    asked = read_extend(body)
    rows: list[Json] = [
        {
            "id": id_,
            "properties": [{"id": name, "values": [*cells]} for name, cells in facts.items()],
        }
        for id_, facts in facts_of(services, asked)
    ]
    meta: list[Json] = [{"id": name, "name": PROPERTIES[name].name} for name in asked.most]
    return {"meta": meta, "rows": rows}


def _candidates(services: Services, query: object) -> list[Json]:
    conditions = _conditions(query)
    if not isinstance(query, Mapping) or not conditions:
        return []
    names = [value for one in conditions if not one.property for value in one.values]
    numbers = [
        org_id
        for one in conditions
        if one.quantifier != "none"
        for value in one.values
        for org_id in ids_in(one.property, value)
    ]
    postcodes = [value for one in conditions if one.property == "postcode" for value in one.values]
    wanted = NameQuery(next(iter(names), ""), tuple(numbers), next(iter(postcodes), ""))
    most = most_candidates(query.get("limit"))
    asked = query.get("type")
    types = named_types([asked] if isinstance(asked, str) else [])
    return candidates(services, wanted, types, most, _fits(conditions))


def _conditions(query: object) -> list[Condition]:
    """The conditions of a query; [] where one of them cannot be read."""
    fields = query if isinstance(query, Mapping) else {}
    given = fields.get("conditions", _earlier_conditions(fields))
    read = [_condition(one) for one in given] if isinstance(given, list) else []
    return [one for one in read if one] if all(read) else []


def _earlier_conditions(query: Mapping[str, object]) -> list[object]:
    """The conditions of a query as earlier drafts had them: a name, and properties beside it."""
    properties = query.get("properties")
    named = {"matchType": "name", "v": query.get("query")}
    others = properties if isinstance(properties, list) else []
    facts = [
        {**one, "matchType": "property", "matchQuantifier": one.get("match_quantifier")}
        for one in others
        if isinstance(one, Mapping)
    ]
    return [*([named] if query.get("query") else []), *facts]


def _condition(fields: object) -> Condition | None:
    if not isinstance(fields, Mapping) or fields.get("matchType") not in {"name", "property", "id"}:
        return None
    if fields["matchType"] == "id":
        fields = {**fields, "matchType": "property", "pid": "id", "required": True}
    value = fields.get("v", fields.get("propertyValue"))
    values = tuple(filter(None, map(_text, value if isinstance(value, list) else [value])))
    pid = fields.get("pid", fields.get("propertyId"))
    named = fields["matchType"] == "name"
    if not values or not (named or isinstance(pid, str)):
        return None
    quantifier = str(fields.get("matchQuantifier") or "any")
    property_ = "" if named else named_property(str(pid))
    return Condition(property_, values, fields.get("required") is True, quantifier)


def _text(value: object) -> str:
    """A value as text; that of an object is its id."""
    text = value.get("id") if isinstance(value, Mapping) else value
    return "" if text is None or isinstance(text, list | dict) else str(text).strip()


def _fits(conditions: Iterable[Condition]) -> Callable[[Provider], bool]:
    """Whether a provider meets the conditions that it must meet."""
    musts = [
        one for one in conditions if one.property and (one.required or one.quantifier == "none")
    ]
    return lambda provider: all(_meets(provider, condition) for condition in musts)


def _meets(provider: Provider, condition: Condition) -> bool:
    own = {_plain(text) for text in _own_values(provider, condition.property)}
    met = [
        bool(own & {_plain(value), *map(_plain, ids_in(condition.property, value))})
        for value in condition.values
    ]
    if condition.quantifier == "none":
        return not any(met)
    return all(met) if condition.quantifier == "all" else any(met)


def _own_values(provider: Provider, pid: str) -> list[str]:
    """The values of a property of a provider; its numbers for a property that is a number."""
    known = PROPERTIES.get(pid)
    cells = list(known.cells(provider)) if known else []
    numbers = [provider.id, *provider.ids] if pid in NUMBERS else []
    return [*(str(value) for cell in cells for value in cell.values()), *numbers]


def _plain(text: str) -> str:
    return "".join(text.casefold().split())
