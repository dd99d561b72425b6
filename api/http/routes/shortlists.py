"""Shortlists: asked for, kept, replayed, explained, decided on and exported."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse
from msgspec import Raw

from api.http import telemetry
from api.http.examples import ASKS, DECISIONS, OUTCOMES
from api.http.media_types import LINES, wants_lines
from api.http.openapi import (
    ShortlistPage,
    answers,
    files,
)
from api.http.problems import refusal_problem
from api.http.routes.dependencies import AnswerId, AppServices, ProviderId, as_json, charge
from api.http.schemas.shortlists import Ask, Decide, RecordOutcome
from api.http.strict_route import ONCE, WRITTEN, StrictRoute
from api.service import exports, views
from api.service.asking import Batch
from api.service.entries import encode
from matcher.core.errors import BadInput
from matcher.ranking.batch import Refusal

router = APIRouter(prefix="/v1/shortlists", tags=["shortlists"], route_class=StrictRoute)


@router.post(
    "",
    dependencies=ONCE,
    responses=answers(
        "Shortlists | ShortShortlists | SelectedShortlists",
        409,
        lines='A line of JSON for each lot: {"key", "shortlist"} or {"key", "problem"}.',
    ),
)
def ask_shortlists(
    asked: Annotated[Ask, Body(openapi_examples=ASKS)],
    services: AppServices,
    request: Request,
    *,
    view: Annotated[
        Literal["full", "short"],
        Query(description="short: each list in a few lines, under 6 KB for ten providers."),
    ] = "full",
    fields: Annotated[
        str,
        Query(
            max_length=1000,
            description="Only these fields of each suggestion, such as `id,name,past`.",
        ),
    ] = "",
) -> Response:
    """A shortlist for each lot, under its key; a bad lot does not affect the others.

    The whole list is kept, whatever the view.  With `Accept: application/x-ndjson`, each lot is
    a line, sent as soon as it is kept: `{"key", "shortlist"}` or `{"key", "problem"}`.
    """
    most = request.app.state.settings.most_lots
    if len(asked.lots) > most:
        raise BadInput(f"lots: {len(asked.lots):,} are more than {most:,}; ask in several requests")
    lots, matcher_request = asked.lots, asked.request()
    shown = _view(view, fields)
    batch = Batch(
        procedure=asked.procedure,
        as_one=asked.as_one,
        most_lots=most,
        most_lists=asked.max_lots_per_provider,
    )
    if wants_lines(request.headers):
        results = services.shortlists.ask_each(lots, matcher_request, batch)
        first = list(islice(results, 1))
        lines = _lines(chain(first, results), asked, request, shown)
        return StreamingResponse(lines, media_type=LINES)
    answered = services.shortlists.ask_encoded(lots, matcher_request, batch)
    charge(request, asked.limit * (len(answered.shortlists) + len(answered.errors)))
    telemetry.count_lots(asked.purpose.value, len(answered.shortlists), len(answered.errors))
    problems = {
        key: refusal_problem(refused, key, lots) for key, refused in answered.errors.items()
    }
    shortlists = {key: shown(kept) for key, kept in answered.shortlists.items()}
    return as_json({"shortlists": shortlists, "errors": problems})


def _view(view: str, fields: str) -> views.View:
    if fields:
        return views.selected(fields)
    return views.short if view == "short" else _whole


def _whole(kept: Raw) -> Raw:
    return kept


def _lines(
    results: Iterator[tuple[str, Raw | Refusal]], asked: Ask, request: Request, shown: views.View
) -> Iterator[bytes]:
    for key, result in results:
        refused = isinstance(result, Refusal)
        telemetry.count_lots(asked.purpose.value, not refused, refused)
        charge(request, asked.limit)
        if isinstance(result, Refusal):
            told = refusal_problem(result, key, asked.lots)
            yield encode({"key": key, "problem": told}) + b"\n"
        else:
            yield encode({"key": key, "shortlist": shown(result)}) + b"\n"


@router.get("", responses=answers("ShortlistPage"))
def list_shortlists(
    services: AppServices,
    limit: Annotated[int, Query(ge=1, le=200, description="Shortlists of a page.")] = 50,
    before: Annotated[
        int | None, Query(ge=1, lt=2**53, description="`next` of the page before.")
    ] = None,
    containing: Annotated[
        str, Query(max_length=200, description="Only lots with this in their title, in any case.")
    ] = "",
) -> Response:
    """The kept shortlists, newest first; `containing` searches the titles of lots."""
    page = list(services.shortlists.recent(limit, before=before, containing=containing))
    return as_json(ShortlistPage(page, page[-1].seq if len(page) == limit else None))


@router.get("/{id}", responses=answers("KeptShortlist", 404))
def get_shortlist(id_: AnswerId, services: AppServices) -> Response:
    """A kept shortlist with the decisions on it."""
    return as_json(services.shortlists.get(id_))


@router.post("/{id}/replay", responses=answers("ReplayResult", 404))
def replay_shortlist(id_: AnswerId, services: AppServices, request: Request) -> Response:
    """Ask the same again, and say whether the answer has the same bytes; if not, what changed."""
    charge(request, services.shortlists.get(id_).answer.limit)
    return as_json(services.shortlists.replay(id_))


@router.get("/{id}/providers/{provider:path}", responses=answers("Explanation", 404))
def explain_provider(id_: AnswerId, provider: ProviderId, services: AppServices) -> Response:
    """Why a provider is on the list or not: its rank, its gap to the list, and the facts used."""
    return as_json(services.shortlists.why(id_, provider))


@router.post("/{id}/decision", dependencies=ONCE, responses=answers("KeptShortlist", 404, 409))
def decide_shortlist(
    id_: AnswerId,
    decided: Annotated[Decide, Body(openapi_examples=DECISIONS)],
    services: AppServices,
    request: Request,
) -> Response:
    """Keep the decision of a named person.  It cannot be changed; later decisions can be added.

    Send an `Idempotency-Key`, so that a request that is sent again adds no second decision.
    """
    if request.scope.get(WRITTEN):
        return as_json(services.shortlists.get(id_))
    return as_json(services.shortlists.decide(id_, decided.decision()))


@router.post("/{id}/outcome", dependencies=ONCE, responses=answers("KeptShortlist", 404, 409))
def record_outcome(
    id_: AnswerId,
    recorded: Annotated[RecordOutcome, Body(openapi_examples=OUTCOMES)],
    services: AppServices,
    request: Request,
) -> Response:
    """Keep what became of the providers.  It cannot be changed; the last outcome stands.

    Send an `Idempotency-Key`, so that a request that is sent again adds no second outcome.
    """
    if request.scope.get(WRITTEN):
        return as_json(services.shortlists.get(id_))
    return as_json(services.shortlists.record_outcome(id_, recorded.outcome()))


@router.get(
    "/{id}/export.csv", response_class=Response, responses=files(exports.MEDIA_TYPES["csv"])
)
def export_shortlist_csv(id_: AnswerId, services: AppServices) -> Response:
    """The list as CSV.  A list of providers to invite needs a decision first."""
    return _file(services, id_, "csv")


@router.get(
    "/{id}/export.xlsx", response_class=Response, responses=files(exports.MEDIA_TYPES["xlsx"])
)
def export_shortlist_xlsx(id_: AnswerId, services: AppServices) -> Response:
    """The list as a workbook with its record.  A list to invite from needs a decision first."""
    return _file(services, id_, "xlsx")


def _file(services: AppServices, id_: str, form: str) -> Response:
    file = services.shortlists.export(id_, form)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)
