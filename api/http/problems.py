"""Refusals as problem details (RFC 9457): one table turns a type of error into a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.errors import Conflict, Missing, RecordsError, Undecided
from matcher.core.errors import (
    BadInput,
    BadLot,
    MatcherError,
    NotLawful,
    RegisterError,
)
from matcher.ranking.batch import Refusal
from models.errors import BundleError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A sort of problem: its status, the end of its type's URI, and its title."""

    status: int
    slug: str
    title: str


SORTS: dict[type[Exception], ProblemType] = {
    BadLot: ProblemType(422, "bad-lot", "The lot cannot be asked about"),
    NotLawful: ProblemType(422, "not-lawful", "The rulebook does not allow what was asked"),
    Undecided: ProblemType(409, "undecided", "A named person has not decided yet"),
    Conflict: ProblemType(409, "conflict", "Another entry is kept under the same id"),
    Missing: ProblemType(404, "missing", "There is no such thing here"),
    BadInput: ProblemType(422, "bad-input", "Something given cannot be used"),
    RegisterError: ProblemType(503, "register", "The register cannot be used"),
    RecordsError: ProblemType(503, "records", "The records cannot be used"),
    BundleError: ProblemType(503, "bundle", "The bundle cannot be used"),
    MatcherError: ProblemType(422, "refused", "Refused"),
}
"""By type; an error is of the first that it is an instance of."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request: where (a JSON pointer or a name), and what."""

    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem detail, as RFC 9457 has it; `rule`, `offer` and `errors` are our own members."""

    type: str
    title: str
    status: int
    detail: str
    rule: str = ""
    offer: str = ""
    errors: tuple[FieldError, ...] = field(default=())


def problem(sort: ProblemType, detail: str, **rest: Any) -> Problem:  # noqa: ANN401
    """A problem of a sort."""
    return Problem(f"/problems/{sort.slug}", sort.title, sort.status, detail, **rest)


def of_error(wrong: Exception) -> Problem:
    """The problem that an error stands for."""
    sort = next(sort for kind, sort in SORTS.items() if isinstance(wrong, kind))
    if isinstance(wrong, NotLawful):
        return problem(sort, str(wrong), rule=wrong.rule, offer=wrong.offer)
    return problem(sort, str(wrong))


def of_refusal(refused: Refusal) -> Problem:
    """The problem that the refusal of one lot stands for."""
    sort = SORTS[NotLawful if refused.rule else BadLot]
    return problem(sort, refused.message, rule=refused.rule, offer=refused.offer)


def response(one: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a response."""
    return Response(
        msgspec.json.encode(one), one.status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def install(app: FastAPI) -> None:
    """Answer every refusal of the app with a problem detail."""
    for kind in (MatcherError, BundleError):
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(_: Request, wrong: Exception) -> Response:
    return response(of_error(wrong))


async def _invalid(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)  # noqa: S101 - as it is installed
    found = tuple(map(_wrong, wrong.errors()))
    sort = ProblemType(422, "invalid", "The request is not what the API takes")
    detail = "; ".join(f"{one.where}: {one.detail}" for one in found[:5])
    return response(problem(sort, detail, errors=found))


async def _http(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)  # noqa: S101 - as it is installed
    title = HTTPStatus(wrong.status_code).phrase
    one = Problem("about:blank", title, wrong.status_code, str(wrong.detail))
    return response(one, wrong.headers)


def _wrong(error: Mapping[str, Any]) -> FieldError:
    if error["type"] == "json_invalid":
        return FieldError("body", f"is not JSON: {error['ctx']['error']}")
    return FieldError(_where(error["loc"]), str(error["msg"]).removeprefix("Value error, "))


def _where(loc: Sequence[str | int]) -> str:
    """Where in the request: a JSON pointer into the body, or the name of a parameter."""
    first, *rest = loc
    return "/" + "/".join(map(str, rest)) if first == "body" else str(rest[-1] if rest else first)
