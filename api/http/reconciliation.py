"""The Reconciliation API 0.2 over the register, so that OpenRefine can match a supplier list.

Scores are from 0 to 100.  Each candidate comes with the features that make its score, so that a
client can weigh them in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from api.http.strict_json import decoded
from api.service.services import Services
from matcher.core import org_ids
from matcher.core.errors import BadInput
from matcher.core.types import Json, Kind, Provider
from matcher.register.search import NameHit, NameQuery

BATCH = 50
"""Queries that OpenRefine sends at once."""
MOST = 500
_MOST_CANDIDATES = 50

_ANY_TYPE = "organisation"
_NUMBERS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "id": lambda value: (value, *org_ids.forms(value)),
    "charity_number": lambda value: (org_ids.charity(value),),
    "company_number": lambda value: (org_ids.company(value),),
}
"""The properties that are numbers of an organisation, and the org-ids that a value stands for."""
_Cell: TypeAlias = "dict[str, Json]"

FEATURES = {
    "name_similarity": "How similar the names are, 0 to 100, whatever the spelling.",
    "same_number": "Whether the query has one of its charity or company numbers.",
    "same_place": "100 same postcode, 50 same district, -50 elsewhere, -100 far away; 0 not known.",
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

    query: str | int | float | None = ""
    type: Any = None
    limit: int | None = None
    properties: list[Constraint] | None = None


class Constraint(msgspec.Struct):
    """A property of the organisation to match, and its value or values."""

    pid: str
    v: Any = None


class Extend(msgspec.Struct):
    """The facts to return for a list of providers."""

    ids: list[str]
    properties: list[RequestedProperty]


class RequestedProperty(msgspec.Struct):
    """The id of a property to return."""

    id: str


def manifest(base: str) -> dict[str, Json]:
    """The service manifest, for a client that reaches it at the address `base`."""

    def at(path: str) -> dict[str, Json]:
        return {"service_url": base, "service_path": path}

    types: list[Json] = [_type(_ANY_TYPE), *(_type(kind.value) for kind in Kind)]
    return {
        "versions": ["0.2"],
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
    """The candidates for each query of a batch, under the query's key.

    A query that cannot be read has none, and leaves the others alone.  Raises BadInput where the
    batch cannot be read or is too large.
    """
    batch = _decoded("queries", queries, dict[str, Any])
    if len(batch) > MOST:
        raise BadInput(f"queries: {len(batch)} are more than {MOST}; ask in batches of {BATCH}")
    read = {key: _query(fields) for key, fields in batch.items()}
    return {
        key: {"result": _candidates(services, query) if query else []}
        for key, query in read.items()
    }


def _query(fields: object) -> ReconciliationQuery | None:
    """One query of a batch; None where it cannot be read or asks for nothing."""
    try:
        query = msgspec.convert(fields, ReconciliationQuery, strict=False)
    except msgspec.ValidationError:
        return None
    asks = bool(str(query.query).strip() or query.properties)
    return query if asks and query.query is not None else None


def extend(services: Services, extend_query: str) -> dict[str, Json]:
    """The requested facts of each provider; none where the register lacks the provider."""
    decoded = _decoded("extend", extend_query, Extend)
    if len(decoded.ids) > MOST:
        raise BadInput(f"extend: {len(decoded.ids)} ids are more than {MOST}; ask in batches")
    names = [each.id for each in decoded.properties]
    unknown = next((name for name in names if name not in PROPERTIES), None)
    if unknown is not None:
        raise BadInput(
            f"extend: {unknown!r} is not a property; give one of {', '.join(PROPERTIES)}"
        )
    register = services.matcher.register
    rows: dict[str, Json] = {}
    for id_ in decoded.ids:
        row = register.row(id_)
        known = None if row is None else register.organisations[row].provider
        rows[id_] = {name: list(PROPERTIES[name].cells(known)) if known else [] for name in names}
    return {"meta": [_property(name) for name in names], "rows": rows}


def suggest_entities(services: Services, prefix: str) -> dict[str, Json]:
    """Providers whose names begin with `prefix`."""
    hits = services.register.search(prefix, 10) if prefix.strip() else []
    return {"result": [_outline(services, hit) for hit in hits]}


def suggest_types(prefix: str) -> dict[str, Json]:
    """Types whose names begin with `prefix`."""
    names = [_ANY_TYPE, *(kind.value for kind in Kind)]
    return {"result": [_type(name) for name in names if name.startswith(prefix.lower())]}


def suggest_properties(prefix: str) -> dict[str, Json]:
    """Properties whose names begin with `prefix`; they can narrow a query or fill a column."""
    begun = prefix.lower()
    names = [*PROPERTIES, *(name for name in _NUMBERS if name not in PROPERTIES)]
    return {"result": [_property(name) for name in names if name.startswith(begun)]}


def propose_properties(type_: str, limit: int) -> dict[str, Json]:
    """The properties that can fill a column."""
    names = list(PROPERTIES)[:limit]
    return {"type": type_, "limit": limit, "properties": [_property(name) for name in names]}


def _decoded(field: str, text: str, kind: Any) -> Any:  # noqa: ANN401 - what `kind` says
    try:
        return decoded(text, kind)
    except ValueError as error:
        raise BadInput(f"{field}: does not follow the Reconciliation API: {error}") from error


def _candidates(services: Services, query: ReconciliationQuery) -> list[Json]:
    limit = min(max(query.limit or 10, 1), _MOST_CANDIDATES)
    types = [_id_of(one) for one in _list_of(query.type)]
    name_query = NameQuery(
        str(query.query),
        tuple(
            org_id
            for pid, org_ids_of in _NUMBERS.items()
            for value in _values(query.properties or [], pid)
            for org_id in org_ids_of(value)
            if org_id
        ),
        next(iter(_values(query.properties or [], "postcode")), ""),
    )
    hits = services.register.match(name_query, _MOST_CANDIDATES)
    kept = [(hit, _provider(services, hit)) for hit in hits]
    fitting = [(hit, provider) for hit, provider in kept if _has_type(provider, types)]
    return [_candidate(hit, provider) for hit, provider in fitting[:limit]]


def _list_of(value: Any) -> list[Any]:  # noqa: ANN401 - a client may send anything
    return value if isinstance(value, list) else [] if value is None else [value]


def _id_of(value: Any) -> str:  # noqa: ANN401 - a client may send anything
    """A value as text; that of an object is its id."""
    return str(value.get("id", "") if isinstance(value, Mapping) else value)


def _values(constraints: Iterable[Constraint], pid: str) -> list[str]:
    """The values of a property in a query, each as text."""
    texts: list[str] = []
    for constraint in constraints:
        if constraint.pid == pid:
            values = constraint.v if isinstance(constraint.v, list) else [constraint.v]
            texts += [_id_of(value) for value in values]
    return [text.strip() for text in texts if text.strip()]


def _has_type(provider: Provider, types: Iterable[str]) -> bool:
    """Whether a provider has provider of these types; a provider of unknown kind has them all."""
    allowed = set(types)
    return (
        not allowed
        or bool(allowed & {_ANY_TYPE, provider.kind.value})
        or provider.kind is Kind.UNKNOWN
    )


def _provider(services: Services, hit: NameHit) -> Provider:
    register = services.matcher.register
    row = register.row(hit.id)
    if row is None:
        raise BadInput(f"provider {hit.id} is no longer in the register; ask again")
    return register.organisations[row].provider


def _candidate(hit: NameHit, provider: Provider) -> Json:
    return {
        "id": hit.id,
        "name": provider.name,
        "description": _description(provider),
        "type": [_type(provider.kind.value)],
        "score": round(100 * hit.score, 2),
        "match": hit.sure,
        "features": [
            {"id": "name_similarity", "value": round(100 * hit.similarity, 2)},
            {"id": "same_number", "value": hit.number},
            {"id": "same_place", "value": 100 * hit.place},
        ],
    }


def _outline(services: Services, hit: NameHit) -> Json:
    provider = _provider(services, hit)
    notable: list[Json] = [_type(provider.kind.value)]
    return {
        "id": hit.id,
        "name": provider.name,
        "description": _description(provider),
        "notable": notable,
    }


def _description(provider: Provider) -> str:
    parts = [provider.kind.value, *(site.postcode for site in provider.sites[:1])]
    gone = [] if provider.status.may_rank else [f"{provider.status.value}: no longer active"]
    return " · ".join([*parts, *gone])


def _type(name: str) -> Json:
    return {"id": name, "name": name.capitalize()}


def _property(name: str) -> Json:
    known = PROPERTIES.get(name)
    return {"id": name, "name": known.name if known else name.replace("_", " ").capitalize()}
