"""Errors as problem details (RFC 9457): one table maps error classes to HTTP statuses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain, islice
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.errors import (
    Conflict,
    Missing,
    NotAdmitted,
    ProviderDown,
    RecordsError,
    SignInFailed,
    TakenOver,
    Undecided,
)
from api.http.field_errors import words
from matcher.core.errors import (
    BadInput,
    BadLot,
    BadLots,
    MatcherError,
    NotLawful,
    RegisterError,
)
from matcher.ranking.batch import Refusal
from models.errors import BundleError

MEDIA_TYPE = "application/problem+json"
SPLITS = "sent_splits"
"""In the scope of a request: the keys of the lots of each split that it has."""
_MOST_ERRORS, _TOLD = 100, 5
"""Errors in the fields of one request that are listed, and that are told in its `detail`."""
_FIELD = re.compile(r"[a-z][a-z_]{0,40}")
_FIRST = re.compile(r"(?P<field>[a-z][a-z_]{0,40}) (?P<detail>.+)", re.DOTALL)
"""A message that begins with a field of the request: "area 'Atlantis' is not …", 'fair needs …'."""
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NAMED = re.compile(
    r"(?P<field>[a-z][a-z_]{0,40})(?:/(?P<key>[^\n]{1,200}?), number (?P<number>\d{1,6}))?: "
    r"(?P<detail>.+)",
    re.DOTALL,
)
"""A message that begins with a field of the request: 'splits/by place, number 2: …'."""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A type of problem: its HTTP status, the end of its URI, and its title."""

    status: int
    slug: str
    title: str


PROBLEM_TYPES: dict[type[Exception], ProblemType] = {
    BadLot: ProblemType(422, "bad-lot", "The lot cannot be read"),
    NotLawful: ProblemType(422, "not-lawful", "The rulebook does not allow what was asked"),
    Undecided: ProblemType(409, "undecided", "A named person has not decided yet"),
    Conflict: ProblemType(409, "conflict", "Another entry is kept under the same id"),
    TakenOver: ProblemType(409, "in-work", "The same request is being worked on"),
    Missing: ProblemType(404, "missing", "Not found"),
    NotAdmitted: ProblemType(403, "not-admitted", "You cannot use this service"),
    SignInFailed: ProblemType(400, "sign-in-failed", "You are not signed in"),
    ProviderDown: ProblemType(503, "provider-down", "Signing in does not work at the moment"),
    BadInput: ProblemType(422, "bad-input", "A value cannot be used"),
    RegisterError: ProblemType(503, "register", "The register cannot be used"),
    RecordsError: ProblemType(503, "records", "The records cannot be used"),
    BundleError: ProblemType(503, "bundle", "The bundle cannot be used"),
    MatcherError: ProblemType(422, "refused", "The request cannot be answered"),
}
"""Error class → problem type; the first class that an error is an instance of counts."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error in a request: where (a JSON pointer or a parameter's name), and what.

    The pointer to the whole body is ''.
    """

    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem detail (RFC 9457); `rule`, `offer` and `errors` are this API's own members."""

    type: str
    """what tells this type of problem from others"""
    title: str
    """the type in words"""
    status: int
    """the HTTP status"""
    detail: str
    """what is wrong and what would be right"""
    rule: str = ""
    """the rule that does not allow it"""
    offer: str = ""
    """what may be asked instead"""
    errors: tuple[FieldError, ...] = field(default=())
    """the fields that are wrong"""


def problem(type_: ProblemType, detail: str, **rest: Any) -> Problem:  # noqa: ANN401
    """A problem of a type."""
    return Problem(f"/problems/{type_.slug}", type_.title, type_.status, detail, **rest)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request had, by which the field of an error is found.

    `parameters` are those in its address, `fields` are of its body, and `splits` are the keys of
    the lots of each split.
    """

    parameters: Collection[str] = ()
    fields: Collection[str] = ()
    splits: Mapping[str, Sequence[str]] = field(default_factory=dict)


_UNKNOWN = Sent()


class FieldsRefused(RequestValidationError):
    """The first errors in the fields of a request, and how many there are in all."""

    def __init__(self, errors: Sequence[Any]) -> None:
        super().__init__(errors[:_MOST_ERRORS])
        self.total = len(errors)


def error_problem(error: Exception, sent: Sent = _UNKNOWN) -> Problem:
    """The problem detail for an error."""
    type_ = next(type_ for kind, type_ in PROBLEM_TYPES.items() if isinstance(error, kind))
    if isinstance(error, NotLawful):
        return problem(type_, str(error), rule=error.rule, offer=error.offer)
    told = error.each if isinstance(error, BadLots) else (str(error),)
    found = chain.from_iterable(_of_field(each, sent) for each in told)
    errors = tuple(islice(found, _MOST_ERRORS)) if isinstance(error, BadInput) else ()
    return problem(type_, str(error), errors=errors)


def _of_field(message: str, sent: Sent) -> tuple[FieldError, ...]:
    """The field that a message begins with, and what is wrong with it; () where there is none."""
    first = _FIRST.fullmatch(message)
    if first is not None and first["field"] in {*sent.fields, *sent.parameters}:
        return (FieldError(_field_where(first["field"], sent), first["detail"]),)
    named = _NAMED.fullmatch(message)
    if named is None:
        return ()
    where = _field_where(named["field"], sent)
    if named["field"] in sent.parameters:
        return (FieldError(where, named["detail"]),)
    if named["key"]:
        at = int(named["number"]) - 1
        keys = sent.splits.get(named["key"], ())
        where += f"/{_pointed(named['key'])}/{_pointed(keys[at]) if at < len(keys) else at}"
    is_lot = named["field"] in {"lot", "need"} or bool(named["key"])
    inner = _NAMED.fullmatch(named["detail"]) if is_lot else None
    if inner is None or inner["key"]:
        return (FieldError(where, named["detail"]),)
    return (FieldError(f"{where}/{inner['field']}", inner["detail"]),)


def _field_where(name: str, sent: Sent) -> str:
    return name if name in sent.parameters else f"/{name}"


def _pointed(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def refusal_problem(refused: Refusal, key: str, sent: Collection[str]) -> Problem:
    """The problem detail for the refusal of one lot, which has a key in the answer.

    `sent` are the keys of the request: a lot of a tender that was sent has a longer key.
    """
    if refused.rule:
        type_ = PROBLEM_TYPES[NotLawful]
        return problem(type_, refused.message, rule=refused.rule, offer=refused.offer)
    outer = max((one for one in sent if f"{key}/".startswith(f"{one}/")), key=len, default=key)
    error = _lot_error(refused.message, outer)
    return problem(PROBLEM_TYPES[BadLot], refused.message, offer=refused.offer, errors=(error,))


def _lot_error(message: str, key: str) -> FieldError:
    """What is wrong with the lot that was sent under a key, and in which of its fields."""
    where = f"/lots/{_pointed(key)}"
    about_lot = message.removeprefix("lots/").removeprefix(f"{key}: ")
    if message.endswith(f"{key}: {about_lot}"):
        return FieldError(where, about_lot)
    name, _, detail = message.partition(": ")
    return (
        FieldError(f"{where}/{name}", detail)
        if _FIELD.fullmatch(name)
        else FieldError(where, message)
    )


def response(detail: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a response."""
    return Response(
        msgspec.json.encode(detail),
        detail.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def install(app: FastAPI) -> None:
    """Let the app answer every error with a problem detail."""
    for kind in (MatcherError, BundleError):
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(request: Request, error: Exception) -> Response:
    body = getattr(request.scope.get("route"), "body_field", None)
    fields = getattr(body.field_info.annotation, "model_fields", ()) if body else ()
    sent = Sent(request.query_params.keys(), fields, request.scope.get(SPLITS, {}))
    return response(error_problem(error, sent))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it is installed
    body = getattr(request.scope.get("route"), "body_field", None)
    kind = body.field_info.annotation if body else None
    found = error.errors()
    errors = tuple(_field_error(each, kind) for each in found[:_MOST_ERRORS])
    type_ = ProblemType(422, "invalid", "The request has invalid fields")
    detail = "; ".join(f"{each.where or 'the body'}: {each.detail}" for each in errors[:_TOLD])
    total = error.total if isinstance(error, FieldsRefused) else len(found)
    if total > _TOLD:
        detail += f"; and {total - _TOLD:,} more"
    return response(problem(type_, detail, errors=errors))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is installed
    title, headers = HTTPStatus(error.status_code).phrase, dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request)
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    said = _http_words(request, error, headers)
    return response(Problem("about:blank", title, error.status_code, said), headers)


def _allowed(request: Request) -> str:
    """The methods that are possible at the address of a request."""
    routes = request.app.routes
    possible = [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]
    return ", ".join([*possible, *(["HEAD"] if "GET" in possible else []), "OPTIONS"])


def _http_words(request: Request, error: HTTPException, headers: Mapping[str, str]) -> str:
    """What is wrong with an address or a method, where the framework only names the status."""
    if error.detail != HTTPStatus(error.status_code).phrase:
        return str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "there is nothing at this address; check how it is written"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not possible here; use {headers['Allow']}"
    return str(error.detail)


def _field_error(error: Mapping[str, Any], body: object) -> FieldError:
    if error["type"] == "json_invalid":
        return FieldError("", error["ctx"]["error"])
    return FieldError(_where(error["loc"]), words(error, body))


def _where(loc: Sequence[str | int]) -> str:
    """Where in the request: a JSON pointer into the body, or the name of a parameter."""
    first, *rest = loc
    if first == "body":
        return "".join(f"/{_pointed(str(part))}" for part in rest)
    return str(rest[-1] if rest else first)
