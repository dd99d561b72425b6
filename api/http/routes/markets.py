"""Markets of planned lots: asked for, kept, and replayed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Request, Response
from fastapi.responses import StreamingResponse

from api.http import telemetry
from api.http.openapi import answers
from api.http.problems import of_refusal
from api.http.routes.dependencies import TheDesk, as_json
from api.http.schemas.markets import (
    EXAMPLES,
    AskMarkets,
    MarketLine,
    Markets,
)
from api.http.schemas.shortlists import StrictRoute
from api.service.entries import encode
from api.service.markets import MarketService, One, check_number
from matcher.ranking.batch import Refusal

_NDJSON = "application/x-ndjson"
_PURPOSE = "market"

MarketId = Annotated[str, Path(alias="id", description="As it came with the answer.")]

router = APIRouter(prefix="/v1/markets", tags=["markets"], route_class=StrictRoute)


@router.post("", responses=answers("Markets"))
def ask(
    asked: Annotated[AskMarkets, Body(openapi_examples=EXAMPLES)],
    desk: TheDesk,
    request: Request,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The market of each planned lot, in the order given; one bad lot spoils no other.

    How many providers are credible, with an interval, and of which sort; whom the lot's size
    fits; how concentrated past awards are.  For market engagement, before anything is
    published.  With `Accept: application/x-ndjson`, one line a lot as soon as it is read and
    kept, `{"at", "market"}` or `{"at", "problem"}`, and a last line `{"together"}`.
    """
    most = request.app.state.settings.most_lots
    check_number("lots", len(asked.lots), most)
    surveyor, survey = MarketService(desk, most), asked.survey()
    if _NDJSON in accept:
        each = _begun(surveyor.each(asked.lots, survey))
        return StreamingResponse(_lines(each, surveyor), media_type=_NDJSON)
    lines = [_line(one) for one in surveyor.all(asked.lots, survey)]
    return as_json(Markets(lines, surveyor.together))


def _begun(each: Iterator[One]) -> Iterator[One]:
    """The same, read up to the first market: what spoils every lot is raised until then."""
    first = list[One]()
    for one in each:
        first.append(one)
        if not isinstance(one[1], Refusal):
            break
    return chain(first, each)


def _line(one: One) -> MarketLine:
    at, found = one
    refused = isinstance(found, Refusal)
    telemetry.count_lots(_PURPOSE, not refused, refused)
    if isinstance(found, Refusal):
        return MarketLine(at, problem=of_refusal(found))
    return MarketLine(at, market=found)


def _lines(each: Iterator[One], surveyor: MarketService) -> Iterator[bytes]:
    for one in each:
        line = _line(one)
        told: dict[str, Any] = {"market": line.market} if line.market else {"problem": line.problem}
        yield encode({"at": line.at, **told}) + b"\n"
    yield encode({"together": surveyor.together}) + b"\n"


@router.get("/{id}", responses=answers("Surveyed", 404))
def saved(id_: MarketId, desk: TheDesk) -> Response:
    """A kept market, with the lot and the terms that it was read for."""
    return as_json(MarketService(desk).saved(id_))


@router.post("/{id}/replay", responses=answers("Replay", 404))
def replay(id_: MarketId, desk: TheDesk) -> Response:
    """Ask again what was asked: whether the same bytes come out, and if not, what changed."""
    return as_json(MarketService(desk).replay(id_))
