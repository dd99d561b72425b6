"""Splits of one need: compared, proposed, kept and replayed; and consortia for a wide lot."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from api.http import telemetry
from api.http.openapi import answers
from api.http.routes.dependencies import AppServices, as_json
from api.http.schemas.shortlists import StrictRoute
from api.http.schemas.splits import (
    COMPARISONS,
    CONSORTIA,
    SUGGESTIONS,
    AskConsortia,
    AskSplits,
)
from api.service.lots import check_lot_count
from matcher.core.errors import BadLot
from matcher.sources.notices.lots import given_lots

SplitsId = Annotated[str, Path(alias="id", description="As it came with the answer.")]

router = APIRouter(prefix="/v1", tags=["splits"], route_class=StrictRoute)


@router.post("/splits", responses=answers("Compiled"))
def compare(
    asked: Annotated[AskSplits, Body(openapi_examples=COMPARISONS)],
    services: AppServices,
    request: Request,
) -> Response:
    """Splits of one need side by side, and no split: whom each reaches, gained and lost.

    With the whole value against the threshold, and a draft of the reasons for each way, each
    figure with a JSON pointer to the number.  The same lot in several splits is read once.
    """
    return _answer(asked, services, request, suggest=False)


@router.post("/splits/suggest", responses=answers("Compiled"))
def suggest(
    asked: Annotated[AskSplits, Body(openapi_examples=SUGGESTIONS)],
    services: AppServices,
    request: Request,
) -> Response:
    """Ways to split a need by place, by service and by value, ranked; no split is one of them.

    Ranked by the small local providers they reach without a lot under `fewest` credible ones.
    """
    return _answer(asked, services, request, suggest=True)


def _answer(
    asked: AskSplits, services: AppServices, request: Request, *, suggest: bool
) -> Response:
    most = request.app.state.settings.most_lots
    given = [each for way in asked.splits.values() for each in way]
    check_lot_count("splits", len(given), most)
    check_lot_count("need and splits", sum(map(_lots_in, [asked.need, *given])), most)
    wanted = asked.request(), asked.terms()
    answer = services.splits.ask(asked.need, asked.splits, *wanted, suggest=suggest)
    telemetry.count_lots("split", len(answer.compared.markets), len(answer.compared.refused))
    return as_json(answer)


def _lots_in(given: object) -> int:
    """How many lots something given holds; none where it is refused by name further on."""
    try:
        return len(given_lots(given, "need")[0])
    except BadLot:
        return 0


@router.get("/splits/{id}", responses=answers("Compiled", 404))
def saved(id_: SplitsId, services: AppServices) -> Response:
    """A kept comparison, with what was asked."""
    return as_json(services.splits.get(id_))


@router.post("/splits/{id}/replay", responses=answers("Replay", 404))
def replay(id_: SplitsId, services: AppServices) -> Response:
    """Ask again what was asked: whether the same bytes come out, and if not, what changed."""
    return as_json(services.splits.replay(id_))


@router.post("/consortia", responses=answers("Consortia"))
def consortia(
    asked: Annotated[AskConsortia, Body(openapi_examples=CONSORTIA)],
    services: AppServices,
    request: Request,
) -> Response:
    """Sets of two to five small providers that together cover a lot, none of them redundant.

    Each within its size, each claim with evidence.  Nobody named was asked or has agreed.
    """
    check_lot_count("lot", _lots_in(asked.lot), request.app.state.settings.most_lots)
    found = services.splits.consortia(asked.lot, asked.needs, asked.request(), asked.terms())
    return as_json(found)
