"""Shortlists: asked for, kept, replayed, explained, decided on and exported."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.http import telemetry
from api.http.examples import ASKS, DECISIONS
from api.http.openapi import (
    ShortlistPage,
    Shortlists,
    answers,
    files,
)
from api.http.problems import refusal_problem
from api.http.routes.dependencies import AppServices, ShortlistId, as_json
from api.http.schemas.shortlists import Ask, Decide, StrictRoute
from api.service import exports
from api.service.entries import encode
from api.service.results import Answer
from matcher.core.errors import BadInput
from matcher.ranking.batch import Refusal

_NDJSON = "application/x-ndjson"

router = APIRouter(prefix="/v1/shortlists", tags=["shortlists"], route_class=StrictRoute)


@router.post("", responses=answers("Shortlists"))
def ask(
    asked: Annotated[Ask, Body(openapi_examples=ASKS)],
    services: AppServices,
    request: Request,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """A shortlist for each lot, under its key; one bad lot does not spoil the others.

    With `Accept: application/x-ndjson`, one line a lot as soon as it is answered and kept:
    `{"key", "shortlist"}` or `{"key", "problem"}`.
    """
    most = request.app.state.settings.most_lots
    if len(asked.lots) > most:
        raise BadInput(f"lots: {len(asked.lots):,} are more than {most:,}; ask in several requests")
    lots, wanted = asked.lots, asked.request()
    if _NDJSON in accept:
        each = services.shortlists.ask_each(
            lots, wanted, procedure=asked.procedure, as_one=asked.as_one
        )
        first = list(islice(each, 1))
        lines = _lines(chain(first, each), asked.purpose.value)
        return StreamingResponse(lines, media_type=_NDJSON)
    answered = services.shortlists.ask(lots, wanted, procedure=asked.procedure, as_one=asked.as_one)
    telemetry.count_lots(asked.purpose.value, len(answered.shortlists), len(answered.errors))
    problems = {key: refusal_problem(refused) for key, refused in answered.errors.items()}
    return as_json(Shortlists(answered.shortlists, problems))


def _lines(each: Iterator[tuple[str, Answer | Refusal]], purpose: str) -> Iterator[bytes]:
    for key, one in each:
        refused = isinstance(one, Refusal)
        telemetry.count_lots(purpose, not refused, refused)
        if isinstance(one, Refusal):
            yield encode({"key": key, "problem": refusal_problem(one)}) + b"\n"
        else:
            yield encode({"key": key, "shortlist": one}) + b"\n"


@router.get("", responses=answers("Past"))
def past(
    services: AppServices,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    containing: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The shortlists kept last, newest first; `containing` goes by the lot's title."""
    found = list(services.shortlists.recent(limit, before=before, containing=containing))
    return as_json(ShortlistPage(found, found[-1].seq if len(found) == limit else None))


@router.get("/{id}", responses=answers("Saved", 404))
def saved(id_: ShortlistId, services: AppServices) -> Response:
    """A kept shortlist with the decisions on it."""
    return as_json(services.shortlists.get(id_))


@router.post("/{id}/replay", responses=answers("Replay", 404))
def replay(id_: ShortlistId, services: AppServices) -> Response:
    """Ask again what was asked: whether the same bytes come out, and if not, what changed."""
    return as_json(services.shortlists.replay(id_))


@router.get("/{id}/providers/{provider}", responses=answers("Why", 404))
def why(id_: ShortlistId, provider: str, services: AppServices) -> Response:
    """Why a provider is on the list, or why not: its rank, its gap to the list, facts used."""
    return as_json(services.shortlists.why(id_, provider))


@router.post("/{id}/decision", responses=answers("Saved", 404))
def decide(
    id_: ShortlistId,
    decided: Annotated[Decide, Body(openapi_examples=DECISIONS)],
    services: AppServices,
) -> Response:
    """Keep what a named person decided; it is appended and never changed."""
    return as_json(services.shortlists.decide(id_, decided.decision()))


@router.get("/{id}/export.csv", responses=files(exports.MEDIA_TYPES["csv"]))
def as_csv(id_: ShortlistId, services: AppServices) -> Response:
    """The list as CSV; a list of whom to invite needs a decision first."""
    return _file(services, id_, "csv")


@router.get("/{id}/export.xlsx", responses=files(exports.MEDIA_TYPES["xlsx"]))
def as_xlsx(id_: ShortlistId, services: AppServices) -> Response:
    """The list as a workbook with its record; a list of whom to invite needs a decision first."""
    return _file(services, id_, "xlsx")


def _file(services: AppServices, id_: str, form: str) -> Response:
    made = services.shortlists.export(id_, form)
    named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=named)
