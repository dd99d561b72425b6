"""The Reconciliation API 0.2 over the register, so that OpenRefine can match a supplier list.

Scores are from 0 to 100.  Each candidate comes with the features that make its score, so that a
client can weigh them in another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from api.http.strict_json import decoded
from api.service.services import Services
from matcher.core import org_ids
from matcher.core.errors import BadInput
from matcher.core.types import Json, Kind, Provider
from matcher.register.linkage.name_similarity import normalise
from matcher.register.search import NameHit, NameQuery
from matcher.sources.formats.encodings import MARK

PREVIEW_SIZE = (420, 240)
"""Width and height of the frame that shows an organisation, in pixels."""
BATCH = 50
"""Queries that OpenRefine sends at once."""
MOST = 500
_CANDIDATES, _MOST_CANDIDATES = 10, 50
"""Candidates for a query that does not say how many, and the most that it may ask for."""

_ANY_TYPE = "organisation"
_NUMBERS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "id": lambda value: (value, *org_ids.forms(value)),
    "ids": lambda value: (value, *org_ids.forms(value)),
    "charity_number": lambda value: org_ids.several(org_ids.charity, value),
    "company_number": lambda value: org_ids.several(org_ids.company, value),
}
"""The properties that are numbers of an organisation, and the org-ids that a value stands for."""
_Cell: TypeAlias = "dict[str, Json]"

_LONE_HALF = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Half a character, such as of an emoji that a column was too narrow for; else whole ones."""
_SUGGESTED = 10
_MOST_SUGGESTED = 100
SETTING: dict[str, Json] = {
    "name": "limit",
    "label": "Most values",
    "type": "number",
    "default": 0,
    "help_text": "How many values to return for each organisation. 0 returns all.",
}
"""What a client can set for each property that it asks for."""

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
    """One query, as version 0.2 of the specification has it."""

    query: str | int | float | None = ""
    type: Any = None
    limit: Any = None
    properties: list[Constraint] | None = None


class Constraint(msgspec.Struct):
    """A property of the organisation to match, and its value or values."""

    pid: str
    v: Any = None


@dataclass(frozen=True, slots=True)
class Extend:
    """The ids of organisations, and the facts to return: property → most values, 0 for all."""

    ids: list[str]
    most: dict[str, int]


def manifest(base: str) -> dict[str, Json]:
    """The service manifest, for a client that reaches it at the address `base`."""

    def at(path: str) -> dict[str, Json]:
        return {"service_url": base, "service_path": path}

    types = default_types()
    return {
        "versions": ["0.2"],
        "name": "Local by Default: providers",
        "identifierSpace": "https://org-id.guide/",
        "schemaSpace": f"{base}/reconcile/properties",
        "defaultTypes": types,
        "view": {"url": f"{base}/providers/{{{{id}}}}"},
        "preview": {
            "url": f"{base}/reconcile/preview?id={{{{id}}}}",
            "width": PREVIEW_SIZE[0],
            "height": PREVIEW_SIZE[1],
        },
        "batchSize": BATCH,
        "suggest": {
            "entity": {
                **at("/reconcile/suggest/entity"),
                "flyout_service_url": base,
                "flyout_service_path": "/reconcile/flyout/entity?id=${id}",
            },
            "property": at("/reconcile/suggest/property"),
            "type": at("/reconcile/suggest/type"),
        },
        "extend": {
            "propose_properties": at("/reconcile/properties"),
            "property_settings": [SETTING],
        },
    }


def default_types() -> list[Json]:
    """The types that a client offers."""
    return [_type(_ANY_TYPE), *(_type(kind.value) for kind in Kind)]


def answer(services: Services, queries: str) -> dict[str, Json]:
    """The candidates for each query of a batch, under the query's key.

    A query that cannot be read has none, and leaves the others alone.  Raises BadInput where the
    batch cannot be read or is too large.
    """
    batch = _object("queries", queries)
    check_number("queries", len(batch))
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
    asked = read_extend(_object("extend", extend_query))
    rows: dict[str, Json] = {
        id_: {name: list(cells) for name, cells in facts.items()}
        for id_, facts in facts_of(services, asked)
    }
    return {"meta": [_property(name) for name in asked.most], "rows": rows}


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


def facts_of(services: Services, asked: Extend) -> Iterator[tuple[str, dict[str, list[_Cell]]]]:
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


def suggest_entities(services: Services, prefix: str, cursor: int = 0) -> dict[str, Json]:
    """Providers whose names begin with `prefix`, in the order of their names; then similar ones.

    The first `cursor` are left out.
    """
    begun = normalise(prefix)
    hits = services.register.search(prefix, _MOST_SUGGESTED) if begun else []
    names = [normalise(hit.name) for hit in hits]
    starts = [at for at, name in enumerate(names) if name.startswith(begun)]
    others = [at for at, name in enumerate(names) if not name.startswith(begun)]
    order = [*sorted(starts, key=lambda at: (names[at], hits[at].id)), *others]
    shown = order[cursor : cursor + _SUGGESTED]
    return {"result": [_outline(services, hits[at]) for at in shown]}


def suggest_types(prefix: str, cursor: int = 0) -> dict[str, Json]:
    """Types with a name that begins with `prefix`, in the order of their names."""
    types = [_type(name) for name in (_ANY_TYPE, *(kind.value for kind in Kind))]
    return {"result": _in_prefix_order(types, prefix)[cursor:]}


def suggest_properties(prefix: str, cursor: int = 0) -> dict[str, Json]:
    """Properties that begin with `prefix`, in order; they narrow a query or fill a column."""
    names = [*PROPERTIES, *(name for name in _NUMBERS if name not in PROPERTIES)]
    return {"result": _in_prefix_order(map(_property, names), prefix)[cursor:]}


def _in_prefix_order(named: Iterable[dict[str, Json]], prefix: str) -> list[Json]:
    """Those whose name or id begins with `prefix`, in the order of their names."""
    begun = " ".join(prefix.lower().replace("_", " ").split())
    matching = [
        one
        for one in named
        if any(str(one[part]).lower().replace("_", " ").startswith(begun) for part in one)
    ]
    return [*sorted(matching, key=lambda one: str(one["name"]).lower())]


def flyout(preview: str, id_: str) -> dict[str, Json]:
    """The HTML that a client shows beside a suggestion."""
    return {"id": id_, "html": preview}


def propose_properties(type_: str, limit: int) -> dict[str, Json]:
    """The properties that can fill a column."""
    names = list(PROPERTIES)[:limit]
    return {"type": type_, "limit": limit, "properties": [_property(name) for name in names]}


def _object(field: str, text: str) -> dict[str, Any]:
    """The JSON object in a text.  Raises BadInput."""
    try:
        value = decoded(_LONE_HALF.sub(lambda found: found[1] or "\\ufffd", text.lstrip(MARK)))
    except ValueError as error:
        raise BadInput(f"{field}: {error}") from error
    if not isinstance(value, dict):
        raise BadInput(f'{field}: does not follow the Reconciliation API: give an object, {{"…"}}')
    return value


def check_number(field: str, number: int) -> None:
    """Raise BadInput for more queries or ids than are answered at once."""
    if number > MOST:
        raise BadInput(f"{field}: {number} are more than {MOST}; ask in batches of {BATCH}")


def _candidates(services: Services, query: ReconciliationQuery) -> list[Json]:
    limit = most_candidates(query.limit)
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
    return candidates(services, name_query, types, limit)


def most_candidates(limit: object) -> int:
    """How many candidates a query may have, by the limit that it gives, if that is a number."""
    try:
        wanted = int(float(str(limit)))
    except (ValueError, OverflowError):
        return _CANDIDATES
    return min(wanted, _MOST_CANDIDATES) if wanted >= 1 else _CANDIDATES


def candidates(
    services: Services,
    name_query: NameQuery,
    types: Iterable[str],
    limit: int,
    fits: Callable[[Provider], bool] = lambda _: True,
) -> list[Json]:
    """The candidates for a name, of these types and that fit, best first."""
    hits = services.register.match(name_query, _MOST_CANDIDATES)
    kept = [(hit, _provider(services, hit)) for hit in hits]
    fitting = [pair for pair in kept if _has_type(pair[1], types) and fits(pair[1])]
    return [_candidate(hit, provider) for hit, provider in fitting[:limit]]


def ids_in(pid: str, value: str) -> tuple[str, ...]:
    """The org-ids that a value of a property stands for; none where it is not a number."""
    return tuple(filter(None, _NUMBERS[pid](value))) if pid in _NUMBERS else ()


def _list_of(value: Any) -> list[Any]:  # noqa: ANN401 - a client may send anything
    return value if isinstance(value, list) else [] if value is None else [value]


def _id_of(value: Any) -> str:  # noqa: ANN401 - a client may send anything
    """A value as text; that of an object is its id, and null is nothing."""
    if value is None:
        return ""
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
            _feature("name_similarity", round(100 * hit.similarity, 2)),
            _feature("same_number", hit.number),
            _feature("same_place", 100 * hit.place),
        ],
    }


def _feature(name: str, value: float | bool) -> Json:
    return {"id": name, "name": name.replace("_", " ").capitalize(), "value": value}


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


def _type(name: str) -> dict[str, Json]:
    return {"id": name, "name": name.capitalize()}


def _property(name: str) -> dict[str, Json]:
    known = PROPERTIES.get(name)
    return {"id": name, "name": known.name if known else name.replace("_", " ").capitalize()}
