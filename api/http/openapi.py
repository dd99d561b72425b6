"""The OpenAPI description; the schemas of answers are read from their dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.http.media_types import LINES
from api.http.problems import MEDIA_TYPE, Problem
from api.http.schemas import known
from api.http.schemas.field_docs import described
from api.http.schemas.markets import Markets
from api.http.schemas.sent_lots import LOT
from api.service.funnel import Funnel
from api.service.markets import KeptMarket
from api.service.metadata import Models, RegisterInForce
from api.service.places import KeptPicture
from api.service.register import ExposurePage, Profile
from api.service.results import Answer, KeptDecision, KeptShortlist, ReplayResult, ShortlistSummary
from api.service.rules import RulesInForce
from api.service.splits import KeptComparison
from api.service.views import SelectedAnswer, ShortAnswer
from matcher.lotting.consortium import Consortia
from matcher.place.picture import Picture
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
class ShortShortlists:
    """As Shortlists, each in a few lines: the answer with `view=short`."""

    shortlists: dict[str, ShortAnswer]
    errors: dict[str, Problem]


@dataclass(frozen=True, slots=True)
class SelectedShortlists:
    """As Shortlists, with some fields of each suggestion: the answer with `fields=…`."""

    shortlists: dict[str, SelectedAnswer]
    errors: dict[str, Problem]


@dataclass(frozen=True, slots=True)
class ShortlistPage:
    """Kept shortlists, newest first; give `next` as `before` to get the next page."""

    shortlists: list[ShortlistSummary]
    next: int | None


_ANSWERS = (
    Shortlists,
    ShortShortlists,
    SelectedShortlists,
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
    Picture,
    KeptPicture,
    list[NameHit],
    list[Place],
    ExposurePage,
    Funnel,
    RegisterInForce,
    Models,
    RulesInForce,
    *known.ANSWERS,
    Problem,
)

Responses = dict[int | str, dict[str, Any]]


def answers(name: str, *problems: int, lines: str = "") -> Responses:
    """The responses of an endpoint: the schema called `name`, or one of these problems.

    `name[]` is a list of them, and `{name}` an object whose members are; several, separated by
    '|', are alternatives.  `lines` describes the lines in which the answer can be had as well.
    """
    schemas = [_schema(one.strip()) for one in name.split("|")]
    schema: dict[str, Any] = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    content = {"application/json": {"schema": schema}}
    if lines:
        content[LINES] = {"schema": {"type": "string", "description": lines}}
    good: Responses = {200: {"content": content}}
    return good | dict.fromkeys((*problems, *_COMMON_STATUSES), _PROBLEM)


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"$ref": _REF.format(name=name.strip("[]{}"))}
    if name.endswith("[]"):
        return {"type": "array", "items": schema}
    return {"type": "object", "additionalProperties": schema} if name[0] == "{" else schema


def files(media_type: str) -> Responses:
    """The responses of an endpoint that returns a file."""
    schema = {"type": "string"}
    if not media_type.startswith("text/"):
        schema["format"] = "binary"
    good: Responses = {200: {"content": {media_type.partition(";")[0]: {"schema": schema}}}}
    return good | dict.fromkeys((404, 409, *_COMMON_STATUSES), _PROBLEM)


def text(media_type: str) -> Responses:
    """The responses of an endpoint that returns text."""
    good: Responses = {200: {"content": {media_type: {"schema": {"type": "string"}}}}}
    return good | dict.fromkeys(_COMMON_STATUSES, _PROBLEM)


_PROBLEM = {
    "description": "A problem detail (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
}
_COMMON_STATUSES = (400, 401, 403, 408, 413, 415, 422, 429, 431, 503)


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
            _, shapes = msgspec.json.schema_components(_ANSWERS, ref_template=_REF)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            _add(schemas, described({n: _cleaned(x) for n, x in shapes.items()}, _ANSWERS))
            _select(schemas)
            document = _with_named_lots(_with_named_bodies(document))
            _summarise(document)
            document["components"]["securitySchemes"] = {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Needed where the service has API keys.",
                }
            }
            document["security"] = [{}, {"key": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    encoded = cache(lambda: msgspec.json.encode(app.openapi()))

    @app.get("/openapi.json", include_in_schema=False)
    def get_description() -> Response:  # in a thread: it takes long the first time
        return Response(encoded(), media_type="application/json")


def operation_id(route: APIRoute) -> str:
    """The name of an operation in a generated client: that of the function that answers."""
    return route.name


def _summarise(document: dict[str, Any]) -> None:
    """Give each operation the first sentence of its description as its summary."""
    for methods in document["paths"].values():
        for operation in methods.values():
            first = operation["description"].partition("\n\n")[0].replace("\n", " ")
            operation["summary"] = first.partition(". ")[0].removesuffix(".")


def _add(known: dict[str, Any], shapes: Mapping[str, Any]) -> None:
    """Add the schemas of answers to those of requests.

    Raises ValueError where an answer and a request give one name to two schemas.
    """
    for name, shape in shapes.items():
        if name in known and set(known[name].get("enum", ())) != set(shape.get("enum", name)):
            raise ValueError(f"two schemas have the name {name}; rename one of their classes")
    known.update(shapes)


def _select(schemas: dict[str, Any]) -> None:
    """Let a suggestion of which some fields were asked for have any of a suggestion's."""
    whole, selected = schemas["Suggestion"], "SelectedSuggestion"
    some = {key: value for key, value in whole.items() if key != "required"}
    text = "The fields of a suggestion that were asked for."
    schemas[selected] = {**some, "title": selected, "description": text}
    fields = schemas["SelectedAnswer"]["properties"]
    fields["suggestions"]["items"] = {"$ref": _REF.format(name=selected)}


def _with_named_bodies(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each object that has a title in a body referred to by its title."""
    schemas = document["components"]["schemas"]

    def referring(part: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(part, list):
            return [referring(one) for one in part]
        if not isinstance(part, dict):
            return part
        whole = {key: referring(value) for key, value in part.items()}
        if "title" not in part or "properties" not in part:
            return whole
        schemas[part["title"]] = whole
        return {"$ref": _REF.format(name=part["title"])}

    return {**document, "paths": referring(document["paths"])}


def _with_named_lots(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the schema of a lot that is sent written once, and referred to."""
    sent = {"$ref": _REF.format(name="SentLot")}

    def referring(part: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(part, list):
            return [referring(one) for one in part]
        if not isinstance(part, dict):
            return part
        if part.get("anyOf") != LOT["anyOf"]:
            return {key: referring(value) for key, value in part.items()}
        own = {key: value for key, value in part.items() if key not in LOT}
        described = part.get("description") != LOT["description"]
        return {**own, "description": part["description"], "anyOf": [sent]} if described else sent

    document = referring(document)
    fields, notice, text = LOT["anyOf"]
    refs = [{"$ref": _REF.format(name=one["title"])} for one in (fields, notice)]
    document["components"]["schemas"] |= {
        "LotFields": fields,
        "OcdsNotice": notice,
        "SentLot": {**LOT, "title": "SentLot", "anyOf": [*refs, text]},
    }
    return document


def _cleaned(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose members are all required, because the encoder always writes each."""
    cleaned: dict[str, Any] = {
        key: _without_fixed_lists(value) for key, value in shape.items() if key != "required"
    }
    if "properties" in shape:
        cleaned["required"] = list(shape["properties"])
    return cleaned


def _without_fixed_lists(part: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same schema, in which a list of a fixed length says which kinds its items have.

    Generators of clients do not read `"items": false`.
    """
    if isinstance(part, list):
        return [_without_fixed_lists(one) for one in part]
    if not isinstance(part, dict):
        return part
    whole = {key: _without_fixed_lists(value) for key, value in part.items()}
    if whole.get("items") is not False or "prefixItems" not in whole:
        return whole
    kinds = whole.pop("prefixItems")
    distinct = [kind for at, kind in enumerate(kinds) if kind not in kinds[:at]]
    return {**whole, "items": distinct[0] if len(distinct) == 1 else {"anyOf": distinct}}
