"""Markets of planned lots: ask, look up and replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import StreamingResponse

from api.http import telemetry
from api.http.media_types import LINES, wants_lines
from api.http.openapi import answers
from api.http.problems import refusal_problem
from api.http.routes.dependencies import AnswerId, AppServices, as_json, charge
from api.http.schemas.markets import (
    EXAMPLES,
    AskMarkets,
    MarketLine,
    Markets,
)
from api.http.strict_route import ONCE, StrictRoute
from api.service.asking import check_lot_count
from api.service.entries import encode
from api.service.markets import LotMarket, MarketBatch
from matcher.ranking.batch import Refusal

_PURPOSE = "market"
_LIKE_SUGGESTIONS = 10
"""suggestions that take as long as one market"""


router = APIRouter(prefix="/v1/markets", tags=["markets"], route_class=StrictRoute)


@router.post(
    "",
    dependencies=ONCE,
    responses=answers(
        "Markets",
        409,
        lines='A line of JSON for each lot, {"at", "key", "market"} or {"at", "key", "problem"}; '
        'then {"together"}.',
    ),
)
def ask_markets(
    asked: Annotated[AskMarkets, Body(openapi_examples=EXAMPLES)],
    services: AppServices,
    request: Request,
) -> Response:
    """The market of each planned lot, in the order sent; a bad lot does not affect the others.

    A market says how many providers are credible, with an interval, and of which kinds; which of
    them the lot's size fits; and how concentrated past awards are.  It is for market engagement,
    before a notice is published.  With `Accept: application/x-ndjson`, each lot is a line, sent
    as soon as it is kept: `{"at", "key", "market"}` or `{"at", "key", "problem"}`; the last line is
    `{"together"}`.
    """
    most = request.app.state.settings.most_lots
    check_lot_count("lots", len(asked.lots), most)
    batch = services.markets.batch(asked.lots, asked.market_request(), most)
    charge(request, _LIKE_SUGGESTIONS * len(asked.lots))
    if wants_lines(request.headers):
        lines = _ndjson(_started(iter(batch)), batch, list(asked.lots))
        return StreamingResponse(lines, media_type=LINES)
    keys = list(asked.lots)
    found = [_line(lot_market, keys) for lot_market in batch.all()]
    return as_json(Markets(found, batch.together))


def _started(markets: Iterator[LotMarket]) -> Iterator[LotMarket]:
    """The same markets, read up to the first one.

    An error that concerns the whole request is so raised before the response begins.
    """
    first = list[LotMarket]()
    for lot_market in markets:
        first.append(lot_market)
        if not isinstance(lot_market[1], Refusal):
            break
    return chain(first, markets)


def _line(lot_market: LotMarket, keys: Sequence[str]) -> MarketLine:
    number, result = lot_market
    refused = isinstance(result, Refusal)
    telemetry.count_lots(_PURPOSE, not refused, refused)
    if isinstance(result, Refusal):
        told = refusal_problem(result, keys[number], keys)
        return MarketLine(number, keys[number], problem=told)
    return MarketLine(number, keys[number], market=result)


def _ndjson(
    markets: Iterator[LotMarket], batch: MarketBatch, keys: Sequence[str]
) -> Iterator[bytes]:
    for lot_market in markets:
        line = _line(lot_market, keys)
        rest: dict[str, Any] = {"market": line.market} if line.market else {"problem": line.problem}
        yield encode({"at": line.at, "key": line.key, **rest}) + b"\n"
    yield encode({"together": batch.together}) + b"\n"


@router.get("/{id}", responses=answers("KeptMarket", 404))
def get_market(id_: AnswerId, services: AppServices) -> Response:
    """A kept market, with the lot and the criteria that were sent."""
    return as_json(services.markets.get(id_))


@router.post("/{id}/replay", responses=answers("ReplayResult", 404))
def replay_market(id_: AnswerId, services: AppServices, request: Request) -> Response:
    """Ask the same again, and say whether the answer has the same bytes; if not, what changed."""
    charge(request, _LIKE_SUGGESTIONS)
    return as_json(services.markets.replay(id_))
