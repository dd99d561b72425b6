"""Splits of one need: compare, propose, look up and replay; and consortia for a wide lot."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.http import telemetry
from api.http.openapi import answers
from api.http.problems import SPLITS
from api.http.routes.dependencies import AnswerId, AppServices, as_json, charge
from api.http.schemas.splits import (
    COMPARISONS,
    CONSORTIA,
    SUGGESTIONS,
    AskConsortia,
    AskSplits,
)
from api.http.strict_route import ONCE, StrictRoute
from api.service.asking import check_lot_count
from matcher.core.errors import BadLot
from matcher.sources.notices.lots import lots_from_input

_LIKE_SUGGESTIONS = 10
"""suggestions that take as long as one lot"""


router = APIRouter(prefix="/v1", tags=["splits"], route_class=StrictRoute)


@router.post("/splits", dependencies=ONCE, responses=answers("KeptComparison", 409))
def compare_splits(
    asked: Annotated[AskSplits, Body(openapi_examples=COMPARISONS)],
    services: AppServices,
    request: Request,
) -> Response:
    """Splits of one need side by side, next to no split: which providers each one reaches.

    The answer compares the whole value with the threshold, and has a draft of the reasons for
    each way; each figure in it has a JSON pointer to the number.
    """
    return _answer(asked, services, request, suggest=False)


@router.post("/splits/suggest", dependencies=ONCE, responses=answers("KeptComparison", 409))
def suggest_splits(
    asked: Annotated[AskSplits, Body(openapi_examples=SUGGESTIONS)],
    services: AppServices,
    request: Request,
) -> Response:
    """Ways to split a need by place, by service and by value, ranked; no split is one of them.

    The rank depends on how many small local providers a way reaches without a lot that has fewer
    than `fewest` credible providers.
    """
    return _answer(asked, services, request, suggest=True)


def _answer(
    asked: AskSplits, services: AppServices, request: Request, *, suggest: bool
) -> Response:
    most = request.app.state.settings.most_lots
    splits = {name: list(lots.values()) for name, lots in asked.splits.items()}
    request.scope[SPLITS] = {name: list(lots) for name, lots in asked.splits.items()}
    sent = [lot for lots in splits.values() for lot in lots]
    check_lot_count("splits", len(sent), most)
    check_lot_count("need and splits", sum(map(_lots_in, [asked.need, *sent])), most)
    wanted = asked.request(), asked.terms()
    charge(request, _LIKE_SUGGESTIONS * (len(sent) + 1))
    answer = services.splits.ask(asked.need, splits, *wanted, suggest=suggest)
    telemetry.count_lots("split", len(answer.compared.markets), len(answer.compared.refused))
    return as_json(answer)


def _lots_in(content: object) -> int:
    """How many lots the content has; 0 where it cannot be read, which is reported later."""
    try:
        return len(lots_from_input(content, "need")[0])
    except BadLot:
        return 0


@router.get("/splits/{id}", responses=answers("KeptComparison", 404))
def get_splits(id_: AnswerId, services: AppServices) -> Response:
    """A kept comparison, with the request."""
    return as_json(services.splits.get(id_))


@router.post("/splits/{id}/replay", responses=answers("ReplayResult", 404))
def replay_splits(id_: AnswerId, services: AppServices, request: Request) -> Response:
    """Ask the same again, and say whether the answer has the same bytes; if not, what changed."""
    asked = services.splits.get(id_).asked
    lots = sum(len(split.lots) for split in asked.splits.values())
    charge(request, _LIKE_SUGGESTIONS * (lots + 1))
    return as_json(services.splits.replay(id_))


@router.post("/consortia", dependencies=ONCE, responses=answers("Consortia", 409))
def ask_consortia(
    asked: Annotated[AskConsortia, Body(openapi_examples=CONSORTIA)],
    services: AppServices,
    request: Request,
) -> Response:
    """Sets of two to five small providers that together cover a lot; each member is needed.

    No provider gets more than its size allows, and each claim has evidence.  No provider was
    asked, and none has agreed.
    """
    check_lot_count("lot", _lots_in(asked.lot), request.app.state.settings.most_lots)
    charge(request, _LIKE_SUGGESTIONS * (len(asked.needs) + 1))
    found = services.splits.consortia(asked.lot, asked.needs, asked.request(), asked.terms())
    return as_json(found)
