"""Ways to split a contract, side by side: a table, plots, and a draft of the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.drafts import NEED
from api.pages.lot_form import LotForm
from api.pages.search_form import SearchForm
from api.pages.split_charts import curve_plot, depth_plot
from api.pages.templating import page
from api.service.services import Services
from api.service.splits import AS_GIVEN, ComparisonSummary, KeptComparison
from matcher.core.formatting import count, pounds
from matcher.core.types import FICTIONAL
from matcher.geo.councils import Councils
from matcher.lotting.types import NO_SPLIT
from matcher.market.criteria import MarketCriteria
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request as MatcherRequest

router = APIRouter()

WAYS_PER_TABLE = 5
PAGE_SIZE = 50
"""How many comparisons one page lists."""


def compare_ways(services: Services, lots: Sequence[LotForm], search: SearchForm) -> str:
    """Compare the lots of a form with one contract and with other ways; gives the address.

    Raises BadInput, BadLot or NotLawful if they cannot be compared.
    """
    fields = [lot.as_input(search.get("buyer")) for lot in lots]
    request = MatcherRequest(wish=Filters(area=search.get("area") or None))
    only = fields[0] if len(fields) == 1 else None
    splits = {} if only else {AS_GIVEN: fields}
    result = services.splits.ask(only, splits, request, MarketCriteria(), suggest=True)
    return f"/splits/{result.id}"


@router.get("/splits")
def history(
    request: Request,
    services: AppServices,
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """The saved comparisons, newest first."""
    rows = services.splits.recent(PAGE_SIZE + 1, before)
    more = rows[PAGE_SIZE - 1].seq if len(rows) > PAGE_SIZE else None
    councils = services.matcher.register.councils
    shown = [(row, _asked(row, councils)) for row in rows[:PAGE_SIZE]]
    return page(request, "splits_history.html", rows=shown, more=more)


_MOST_VALUES = 4
"""The most lots whose values tell one comparison from another."""


def _asked(row: ComparisonSummary, councils: Councils) -> list[str]:
    """What tells a comparison from others of the same need."""
    areas = (councils.areas.get(part) for part in row.place.split(", "))
    place = ", ".join(area.name for area in areas if area) or row.place
    value = "" if row.value is None else pounds(row.value)
    area = f"Only in {row.area}" if row.area else ""
    given = " or ".join(map(_lots, row.lots))
    return [words for words in (place, value, area, given) if words]


def _lots(values: Sequence[float | None]) -> str:
    """How many lots, and their values where they have any."""
    told = count(len(values), "lot")
    if not any(value is not None for value in values):
        return told
    shown = ["no value" if value is None else pounds(value) for value in values[:_MOST_VALUES]]
    more = "…" if len(values) > _MOST_VALUES else ""
    return f"{told} ({', '.join(shown)}{more})"


@router.get("/splits/{id}")
def show(
    request: Request,
    id: str,  # noqa: A002 - as the address has it
    services: AppServices,
    draft: str = "",
) -> Response:
    """One comparison."""
    answer = services.splits.get(id)
    comparison, names = answer.compared, ordered_names(answer)
    options = answer.suggested.options if answer.suggested else ()
    starts = range(0, len(names), WAYS_PER_TABLE)
    return page(
        request,
        "splits.html",
        draft=draft if NEED.get(services, draft) else "",
        answer=answer,
        comparison=comparison,
        tables=[names[start : start + WAYS_PER_TABLE] for start in starts],
        names=names,
        ranks={option.name: option for option in options},
        plots={name: depth_plot(comparison, name) for name in names},
        curve=curve_plot(comparison.curve, comparison.need.value),
        no_split=NO_SPLIT,
        fictional=FICTIONAL in comparison.need.buyer,
        anchors={name: f"way-{at}" for at, name in enumerate(names)},
        api_path=f"/v1/splits/{quote(answer.id)}",
    )


def ordered_names(answer: KeptComparison) -> list[str]:
    """The names of the ways as ranked; without a ranking, no split first, then by name."""
    if answer.suggested:
        return [option.name for option in answer.suggested.options]
    return [NO_SPLIT, *sorted(name for name in answer.compared.splits if name != NO_SPLIT)]
