"""Reconciliation queries: the candidates for names of a table.

Scores are from 0 to 100.  Each candidate comes with the features that make its score, so that a
client can weigh them in another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from api.http.reconciliation.client_json import check_number, object_in
from api.http.reconciliation.properties import (
    NUMBERS,
    has_type,
    ids_in,
    named_property,
    named_types,
    type_of,
)
from api.service.services import Services
from matcher.core import org_ids
from matcher.core.errors import BadInput
from matcher.core.types import Json, Provider
from matcher.register.search import NameHit, NameQuery
from matcher.sources.formats.markup import without_markup

_BESIDE = re.compile(r"([^()\[\]]{1,300})[(\[]([^()\[\]]{5,40})[)\]]")
_APART = re.compile(
    r"(?P<name>[^|]{1,300}?)(?: ?[,;:|]| -| –) ?(?P<number>(?:GB-)?[A-Z\d-]{5,15})"
    r"|(?P<first>(?:GB-[A-Z]{2,4}-)?[A-Z]{0,3}\d{6,8})[,;:|–-]? (?P<after>.{1,300})",
    re.IGNORECASE,
)
"""A name with a number after a comma, a hyphen or a bar, or before it."""
_CANDIDATES, _MOST_CANDIDATES = 10, 50
"""Candidates for a query that does not say how many, and the most that it may ask for."""


class ReconciliationQuery(msgspec.Struct):
    """One query, as version 0.2 of the specification has it."""

    query: str | int | float | None = ""
    type: Any = None
    limit: Any = None
    properties: Any = None
    """The constraints: each is a property of the organisation, `pid`, with its values, `v`."""


def answer(services: Services, queries: str) -> dict[str, Json]:
    """The candidates for each query of a batch, under the query's key.

    A query that cannot be read has none, and leaves the others alone.  Raises BadInput where the
    batch cannot be read or is too large.
    """
    batch = object_in("queries", queries)
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
    asks = bool(str(query.query).strip() or _constraints(query))
    return query if asks and query.query is not None else None


def _candidates(services: Services, query: ReconciliationQuery) -> list[Json]:
    limit = most_candidates(query.limit)
    types = named_types(map(_id_of, _list_of(query.type)))
    written = str(query.query) if str(query.query or "").strip() else ""
    asked = written or next(iter(_values(query, "name")), "")
    name, beside = _name_and_numbers(without_markup(asked))
    given = (
        org_id for pid in NUMBERS for value in _values(query, pid) for org_id in ids_in(pid, value)
    )
    name_query = NameQuery(
        name,
        (*given, *beside),
        next(iter(_values(query, "postcode")), ""),
    )
    return candidates(services, name_query, types, limit)


def _name_and_numbers(query: str) -> tuple[str, tuple[str, ...]]:
    """A name, and the org-ids of the number beside it: 'Kestrel Food Bank (1150079)'."""
    text = query.strip()
    if found := _BESIDE.fullmatch(text):
        name, number = found[1].strip(), found[2]
    elif found := _APART.fullmatch(text):
        name, number = found["name"] or found["after"], found["number"] or found["first"]
    else:
        return query, ()
    numbers = org_ids.forms(number) if any(map(str.isdigit, number)) else ()
    return (name, numbers) if numbers else (query, ())


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
    kept = [(hit, provider_of(services, hit)) for hit in hits]
    fitting = [pair for pair in kept if has_type(pair[1], types) and fits(pair[1])]
    return [_candidate(hit, provider) for hit, provider in fitting[:limit]]


def _list_of(value: Any) -> list[Any]:  # noqa: ANN401 - a client may send anything
    return value if isinstance(value, list) else [] if value is None else [value]


def _id_of(value: Any) -> str:  # noqa: ANN401 - a client may send anything
    """A value as text; that of an object is its id, and null is nothing."""
    if value is None:
        return ""
    return str(value.get("id", "") if isinstance(value, Mapping) else value)


def _constraints(query: ReconciliationQuery) -> list[tuple[str, list[Any]]]:
    """The properties of a query that can be read, each with its values.

    Early clients call a property `p`.
    """
    objects = [one for one in _list_of(query.properties) if isinstance(one, Mapping)]
    pairs = [(one.get("pid") or one.get("p"), _list_of(one.get("v"))) for one in objects]
    return [(named_property(pid), values) for pid, values in pairs if isinstance(pid, str)]


def _values(query: ReconciliationQuery, pid: str) -> list[str]:
    """The values of a property in a query, each as text."""
    found = (
        _id_of(value) for name, values in _constraints(query) for value in values if name == pid
    )
    return [text.strip() for text in found if text.strip()]


def provider_of(services: Services, hit: NameHit) -> Provider:
    """The provider that was found.  Raises BadInput where it was removed since."""
    register = services.matcher.register
    row = register.row(hit.id)
    if row is None:
        raise BadInput(f"provider {hit.id} is no longer in the register; ask again")
    return register.organisations[row].provider


def _candidate(hit: NameHit, provider: Provider) -> Json:
    return {
        "id": hit.id,
        "name": provider.name,
        "description": description(provider),
        "type": [type_of(provider.kind.value)],
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


def description(provider: Provider) -> str:
    """What tells it from others of its name: its kind, its place, and whether it is gone."""
    parts = [provider.kind.value, *(site.postcode for site in provider.sites[:1])]
    gone = [] if provider.status.may_rank else [f"{provider.status.value}: no longer active"]
    return " · ".join([*parts, *gone])
