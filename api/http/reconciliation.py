"""The Reconciliation API 0.2 over the register, so that OpenRefine can match a supplier list.

Scores are from 0 to 100; the features that they are made of come with each candidate, for whoever
wants to weigh them in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.core.types import Json, Kind, Provider
from matcher.register.search import NameHit, NameQuery

BATCH = 50
"""Queries that OpenRefine sends at once."""
MOST = 500
_MOST_CANDIDATES = 50

_ANY_TYPE = "organisation"
_NUMBERS = {"id": "", "charity_number": "GB-CHC-", "company_number": "GB-COH-"}
_Cell: TypeAlias = "dict[str, Json]"

FEATURES = {
    "name_similarity": "How alike the names are, 0 to 100, however they are spelt.",
    "same_number": "Whether a charity or company number given is one of its own.",
    "same_place": "100 the same postcode, 50 its district, -50 elsewhere, -100 far; 0 not known.",
}


@dataclass(frozen=True, slots=True)
class Property:
    """A fact that a column can be filled with."""

    name: str
    cells: Callable[[Provider], Iterable[_Cell]]


def _text(*values: str) -> list[_Cell]:
    return [{"str": value} for value in values if value]


PROPERTIES = {
    "id": Property("Org-id", lambda p: _text(p.id)),
    "ids": Property("Further numbers", lambda p: _text(*p.ids)),
    "name": Property("Name", lambda p: _text(p.name)),
    "other_names": Property("Other names", lambda p: _text(*p.aliases)),
    "kind": Property("Kind", lambda p: _text(p.kind.value)),
    "status": Property("Status", lambda p: _text(p.status.value)),
    "postcode": Property("Postcodes", lambda p: _text(*(s.postcode for s in p.sites))),
    "size": Property("Size", lambda p: _text(p.size.value)),
    "income": Property(
        "Income, pounds a year", lambda p: [] if p.income is None else [{"float": p.income}]
    ),
    "profile": Property("What it says it does", lambda p: _text(p.profile)),
    "tags": Property("Labels", lambda p: _text(*p.tags)),
    "website": Property("Website", lambda p: _text(p.website)),
}


class ReconciliationQuery(msgspec.Struct):
    """One query, as the specification has it."""

    query: str
    type: str | list[str] | None = None
    limit: int | None = None
    properties: list[Constraint] = []


class Constraint(msgspec.Struct):
    """What else is known of the one sought: a property and its value or values."""

    pid: str
    v: Any = None


class Extend(msgspec.Struct):
    """Which facts to give of which providers."""

    ids: list[str]
    properties: list[RequestedProperty]


class RequestedProperty(msgspec.Struct):
    """A property asked for."""

    id: str


def manifest(base: str) -> dict[str, Json]:
    """What this service is, for a client that knows it at the address `base`."""

    def at(path: str) -> dict[str, Json]:
        return {"service_url": base, "service_path": path}

    types: list[Json] = [_type(_ANY_TYPE), *(_type(kind.value) for kind in Kind)]
    return {
        "versions": ["0.1", "0.2"],
        "name": "Local by Default: providers",
        "identifierSpace": "https://org-id.guide/",
        "schemaSpace": f"{base}/reconcile/properties",
        "defaultTypes": types,
        "view": {"url": f"{base}/v1/providers/{{{{id}}}}"},
        "batchSize": BATCH,
        "suggest": {
            "entity": at("/reconcile/suggest/entity"),
            "property": at("/reconcile/suggest/property"),
            "type": at("/reconcile/suggest/type"),
        },
        "extend": {
            "propose_properties": at("/reconcile/properties"),
            "property_settings": [],
        },
    }


def answer(services: Services, queries: str) -> dict[str, Json]:
    """The candidates for each query of a batch, under its key.

    Raises BadInput naming the query that is not one.
    """
    asked = _decoded("queries", queries, dict[str, ReconciliationQuery])
    if len(asked) > MOST:
        raise BadInput(f"queries: {len(asked)} are more than {MOST}; ask in batches of {BATCH}")
    return {key: {"result": _candidates(services, query)} for key, query in asked.items()}


def extend(services: Services, wanted: str) -> dict[str, Json]:
    """The facts asked for of each provider; none for one that is not known."""
    asked = _decoded("extend", wanted, Extend)
    if len(asked.ids) > MOST:
        raise BadInput(f"extend: {len(asked.ids)} ids are more than {MOST}; ask in batches")
    names = [one.id for one in asked.properties]
    unknown = next((name for name in names if name not in PROPERTIES), None)
    if unknown is not None:
        raise BadInput(f"extend: {unknown!r} is no property; there are {', '.join(PROPERTIES)}")
    register = services.matcher.register
    rows: dict[str, Json] = {}
    for id_ in asked.ids:
        row = register.row(id_)
        known = None if row is None else register.organisations[row].provider
        rows[id_] = {name: list(PROPERTIES[name].cells(known)) if known else [] for name in names}
    return {"meta": [_property(name) for name in names], "rows": rows}


def suggest_entities(services: Services, prefix: str) -> dict[str, Json]:
    """Providers whose names begin as what was typed."""
    found = services.register.search(prefix, 10) if prefix.strip() else []
    return {"result": [_outline(services, hit) for hit in found]}


def suggest_types(prefix: str) -> dict[str, Json]:
    """Types whose names begin as what was typed."""
    names = [_ANY_TYPE, *(kind.value for kind in Kind)]
    return {"result": [_type(name) for name in names if name.startswith(prefix.lower())]}


def suggest_properties(prefix: str) -> dict[str, Json]:
    """Properties that can narrow a query or fill a column."""
    begun = prefix.lower()
    names = [*PROPERTIES, *(name for name in _NUMBERS if name not in PROPERTIES)]
    return {"result": [_property(name) for name in names if name.startswith(begun)]}


def propose_properties(type_: str, limit: int) -> dict[str, Json]:
    """The properties that a column can be filled with."""
    names = list(PROPERTIES)[:limit]
    return {"type": type_, "limit": limit, "properties": [_property(name) for name in names]}


def _decoded(field: str, said: str, kind: Any) -> Any:  # noqa: ANN401 - what `kind` says
    try:
        return msgspec.json.decode(said, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as wrong:
        raise BadInput(f"{field}: is not what the Reconciliation API takes: {wrong}") from wrong


def _candidates(services: Services, query: ReconciliationQuery) -> list[Json]:
    limit = min(max(query.limit or 10, 1), _MOST_CANDIDATES)
    types = [query.type] if isinstance(query.type, str) else query.type or []
    sought = NameQuery(
        query.query,
        tuple(
            said if said.upper().startswith(prefix) else prefix + said
            for pid, prefix in _NUMBERS.items()
            for said in _said(query.properties, pid)
        ),
        next(iter(_said(query.properties, "postcode")), ""),
    )
    hits = services.register.match(sought, _MOST_CANDIDATES)
    kept = [(hit, _provider(services, hit)) for hit in hits]
    fitting = [(hit, one) for hit, one in kept if _is_of(one, types)]
    return [_candidate(hit, one) for hit, one in fitting[:limit]]


def _said(constraints: Iterable[Constraint], pid: str) -> list[str]:
    """The values given for a property, each as text."""
    found: list[str] = []
    for one in constraints:
        if one.pid == pid:
            values = one.v if isinstance(one.v, list) else [one.v]
            found += [str(v.get("id", "")) if isinstance(v, Mapping) else str(v) for v in values]
    return [value.strip() for value in found if value.strip()]


def _is_of(one: Provider, types: Iterable[str]) -> bool:
    """Whether it is of one of these types; a kind that is not known may be any."""
    wanted = set(types)
    return not wanted or bool(wanted & {_ANY_TYPE, one.kind.value}) or one.kind is Kind.UNKNOWN


def _provider(services: Services, hit: NameHit) -> Provider:
    register = services.matcher.register
    row = register.row(hit.id)
    if row is None:
        raise BadInput(f"provider {hit.id} is no longer in the register; ask again")
    return register.organisations[row].provider


def _candidate(hit: NameHit, one: Provider) -> Json:
    return {
        "id": hit.id,
        "name": one.name,
        "description": _description(one),
        "type": [_type(one.kind.value)],
        "score": round(100 * hit.score, 2),
        "match": hit.sure,
        "features": [
            {"id": "name_similarity", "value": round(100 * hit.name, 2)},
            {"id": "same_number", "value": hit.number},
            {"id": "same_place", "value": 100 * hit.place},
        ],
    }


def _outline(services: Services, hit: NameHit) -> Json:
    one = _provider(services, hit)
    notable: list[Json] = [_type(one.kind.value)]
    return {
        "id": hit.id,
        "name": one.name,
        "description": _description(one),
        "notable": notable,
    }


def _description(one: Provider) -> str:
    said = [one.kind.value, *(site.postcode for site in one.sites[:1])]
    gone = [] if one.status.may_rank else [f"{one.status.value}: no longer active"]
    return " · ".join([*said, *gone])


def _type(name: str) -> Json:
    return {"id": name, "name": name.capitalize()}


def _property(name: str) -> Json:
    known = PROPERTIES.get(name)
    return {"id": name, "name": known.name if known else name.replace("_", " ").capitalize()}
