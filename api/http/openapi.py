"""The OpenAPI description; the schemas of answers are read from their dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.problems import MEDIA_TYPE, Problem
from api.http.schemas.markets import Markets
from api.records.exposure import Exposure
from api.service.markets import KeptMarket
from api.service.register import Profile
from api.service.results import (
    Answer,
    KeptDecision,
    KeptShortlist,
    ReplayResult,
    ShortlistSummary,
)
from api.service.splits import KeptComparison
from matcher.lotting.consortium import Consortia
from matcher.ranking.why import Explanation
from matcher.register.place_search import Place
from matcher.register.search import NameHit

_REF = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Shortlists:
    """The answers to a keyed batch: each lot's shortlist, or the problem with it, under its key."""

    shortlists: dict[str, Answer]
    errors: dict[str, Problem]


@dataclass(frozen=True, slots=True)
class ShortlistPage:
    """Kept shortlists, newest first; give `next` as `before` to get the next page."""

    shortlists: list[ShortlistSummary]
    next: int | None


_ANSWERS = (
    Shortlists,
    KeptShortlist,
    ShortlistPage,
    ReplayResult,
    Explanation,
    Markets,
    KeptMarket,
    KeptComparison,
    Consortia,
    KeptDecision,
    Profile,
    list[NameHit],
    list[Place],
    list[Exposure],
)

Responses = dict[int | str, dict[str, Any]]


def answers(name: str = "", *problems: int, many: bool = False) -> Responses:
    """The responses of an endpoint: the schema called `name`, or one of these problems."""
    schema: dict[str, Any] = {"$ref": _REF.format(name=name)} if name else {}
    if many:
        schema = {"type": "array", "items": schema}
    good: Responses = {200: {"content": {"application/json": {"schema": schema}}}}
    return good | dict.fromkeys((*problems, *_COMMON_STATUSES), _PROBLEM)


def files(media_type: str) -> Responses:
    """The responses of an endpoint that returns a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    good: Responses = {200: {"content": {media_type.partition(";")[0]: binary}}}
    return good | dict.fromkeys((404, 409, *_COMMON_STATUSES), _PROBLEM)


def text(media_type: str) -> Responses:
    """The responses of an endpoint that returns text."""
    good: Responses = {200: {"content": {media_type: {"schema": {"type": "string"}}}}}
    return good | dict.fromkeys(_COMMON_STATUSES, _PROBLEM)


_PROBLEM = {
    "description": "A problem detail (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
}
_COMMON_STATUSES = (400, 401, 408, 413, 422, 429, 431, 503)


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI description include the schemas of its answers."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                routes=app.routes,
            )
            _, shapes = msgspec.json.schema_components((*_ANSWERS, Problem), ref_template=_REF)
            known = document.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                known.pop(name, None)
            known.update({name: _cleaned(shape) for name, shape in shapes.items()})
            document["components"]["securitySchemes"] = {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Needed where the service has API keys.",
                }
            }
            document["security"] = [{}, {"key": []}]
            app.openapi_schema = _as_published(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


_PUBLISHED = {
    "CombinedMarket": "Together",
    "ComparedSplits": "Compared",
    "ConsortiumCover": "Covering",
    "CoverageNeed": "Wanted",
    "Difference": "Change",
    "Explanation": "Why",
    "Exposure": "Exposed",
    "FieldError": "Wrong",
    "Filters": "Wish",
    "KeptComparison": "Compiled",
    "KeptDecision": "Decided",
    "KeptMarket": "Surveyed",
    "KeptShortlist": "Saved",
    "ShortlistPage": "Past",
    "MarketCriteria": "Terms",
    "MarketLine": "Line",
    "MeasuredSplit": "Measured",
    "NameHit": "Hit",
    "OrganisationRef": "Body",
    "ProcedureCheck": "Checked",
    "ProcedureFinding": "Check",
    "ProviderDecision": "Chosen",
    "ReplayResult": "Replay",
    "ShortlistSummary": "Brief",
    "SplitComparison": "Against",
    "SplitReach": "Reach",
    "SplitRequest": "Asked",
    "WholeContract": "Whole",
    "WinCount": "Count",
}
"""Class name → the schema name that clients know, where the two differ."""


def _as_published(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each schema under the name that clients know."""

    def renamed(part: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(part, dict):
            return {key: renamed(value) for key, value in part.items()}
        if isinstance(part, list):
            return [renamed(one) for one in part]
        head, _, name = part.rpartition("/") if isinstance(part, str) else ("", "", "")
        known = head == _REF.rpartition("/")[0] and name in _PUBLISHED
        return f"{head}/{_PUBLISHED[name]}" if known else part

    document = renamed(document)
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {
        _PUBLISHED.get(name, name): shape
        | {"title": _PUBLISHED.get(shape["title"], shape["title"])}
        if "title" in shape
        else shape
        for name, shape in schemas.items()
    }
    return document


def _cleaned(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose members are all required, because the encoder always writes each."""
    cleaned = {key: value for key, value in shape.items() if key != "required"}
    if "properties" in shape:
        cleaned["required"] = list(shape["properties"])
    return cleaned
