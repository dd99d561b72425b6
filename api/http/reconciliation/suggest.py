"""The suggest services: organisations, types and properties whose names begin as typed."""

from __future__ import annotations

from collections.abc import Iterable

from api.http.reconciliation.properties import (
    PROPERTIES,
    default_types,
    property_of,
    type_of,
)
from api.http.reconciliation.queries import description, provider_of
from api.service.services import Services
from matcher.core.types import Json
from matcher.register.linkage.name_similarity import normalise
from matcher.register.search import NameHit

_SUGGESTED = 10
_MOST_SUGGESTED = 100


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
    return {"result": _in_prefix_order(default_types(), prefix)[cursor:]}


def suggest_properties(prefix: str, cursor: int = 0) -> dict[str, Json]:
    """Properties that begin with `prefix`, in order; they narrow a query or fill a column."""
    return {"result": _in_prefix_order(map(property_of, PROPERTIES), prefix)[cursor:]}


def _in_prefix_order(named: Iterable[dict[str, Json]], prefix: str) -> list[Json]:
    """Those whose name or id begins with `prefix`, in the order of their names."""
    begun = " ".join(prefix.lower().replace("_", " ").split())
    matching = [
        one
        for one in named
        if any(str(one[part]).lower().replace("_", " ").startswith(begun) for part in one)
    ]
    return [*sorted(matching, key=lambda one: str(one["name"]).lower())]


def _outline(services: Services, hit: NameHit) -> Json:
    provider = provider_of(services, hit)
    notable: list[Json] = [type_of(provider.kind.value)]
    return {
        "id": hit.id,
        "name": provider.name,
        "description": description(provider),
        "notable": notable,
    }
