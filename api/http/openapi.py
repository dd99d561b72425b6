"""The API's own description: OpenAPI, with the answers' shapes read from their dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.problems import MEDIA_TYPE, Problem
from api.http.schemas.markets import Markets
from api.records.records import Exposed
from api.service.markets import Surveyed
from api.service.results import (
    Answer,
    Brief,
    Decided,
    Replay,
    Saved,
)
from api.service.shortlists import Profile
from api.service.splits import Compiled
from matcher.lotting.consortia import Consortia
from matcher.ranking.why import Why
from matcher.register.place_search import Place
from matcher.register.search import Hit

_REF = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Shortlists:
    """The answers to a keyed batch: each lot's shortlist or, under its key, the problem with it."""

    shortlists: dict[str, Answer]
    errors: dict[str, Problem]


@dataclass(frozen=True, slots=True)
class Past:
    """Kept shortlists, newest first; `next` is the number to give as `before` to go on."""

    shortlists: list[Brief]
    next: int | None


_ANSWERS = (
    Shortlists,
    Saved,
    Past,
    Replay,
    Why,
    Markets,
    Surveyed,
    Compiled,
    Consortia,
    Decided,
    Profile,
    list[Hit],
    list[Place],
    list[Exposed],
)

Responses = dict[int | str, dict[str, Any]]


def answers(name: str = "", *problems: int, many: bool = False) -> Responses:
    """What an endpoint answers with: the schema called `name`, or these problems."""
    schema: dict[str, Any] = {"$ref": _REF.format(name=name)} if name else {}
    if many:
        schema = {"type": "array", "items": schema}
    good: Responses = {200: {"content": {"application/json": {"schema": schema}}}}
    return good | dict.fromkeys((*problems, *_ANYWHERE), _PROBLEM)


def files(media_type: str) -> Responses:
    """What an endpoint that gives a file answers with."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    good: Responses = {200: {"content": {media_type.partition(";")[0]: binary}}}
    return good | dict.fromkeys((404, 409, *_ANYWHERE), _PROBLEM)


def text(media_type: str) -> Responses:
    """What an endpoint that gives a text answers with."""
    good: Responses = {200: {"content": {media_type: {"schema": {"type": "string"}}}}}
    return good | dict.fromkeys(_ANYWHERE, _PROBLEM)


_PROBLEM = {
    "description": "A problem detail (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
}
_ANYWHERE = (400, 401, 413, 422, 429, 503)


def describe(app: FastAPI) -> None:
    """Let the app describe itself with the shapes of its answers."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                routes=app.routes,
            )
            _, shapes = msgspec.json.schema_components((*_ANSWERS, Problem), ref_template=_REF)
            known = made.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                known.pop(name, None)
            known.update({name: _cleaned(shape) for name, shape in shapes.items()})
            made["components"]["securitySchemes"] = {
                "key": {"type": "http", "scheme": "bearer", "description": "Where keys are asked."}
            }
            made["security"] = [{}, {"key": []}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _cleaned(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A shape whose members are all there, as the encoder always writes each."""
    cleaned = {key: value for key, value in shape.items() if key != "required"}
    if "properties" in shape:
        cleaned["required"] = list(shape["properties"])
    return cleaned
