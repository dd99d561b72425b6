"""The JSON bodies of markets, with worked examples, all fictional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StrictBool, WithJsonSchema

from api.http.examples import MEALS, TENDER, TEXT
from api.http.problems import Problem
from api.http.schemas.as_written import Day, Number, SentBody
from api.http.schemas.sent_lots import LOT
from api.http.schemas.shortlists import SentLots
from api.service.markets import KeptMarket, MarketRequest
from matcher.market.criteria import LEAST_FLOOR, MarketCriteria
from matcher.market.market import CombinedMarket
from matcher.market.value_curve import MOST_VALUES
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request

SentLot = Annotated[Any, WithJsonSchema(LOT)]
Floor = Annotated[
    float,
    Field(
        ge=LEAST_FLOOR,
        lt=1,
        description="The lowest probability at which a provider counts as credible.",
    ),
]
ValueToIncome = Annotated[
    float,
    Field(
        gt=0,
        le=10,
        description="A lot fits a provider if its yearly value is at most this share of the "
        "provider's yearly income.",
    ),
]
Fewest = Annotated[
    int, Field(ge=1, le=1000, description="A lot with fewer credible providers is thin.")
]
Neighbours = Annotated[StrictBool, Field(description="Include the councils that border the area.")]
Within = Annotated[
    str | None, Field(description="A provider is local within this distance: '30km' or '20 miles'.")
]
Before = Annotated[Day | None, Field(description="Use only awards from before this day.")]
Seed = Annotated[
    int,
    Field(
        ge=0, lt=2**53, description="Breaks ties between equal providers; recorded with the answer."
    ),
]


_DEFAULT = MarketCriteria()

ASK: dict[str, Any] = {"lots": {"meals": MEALS, "tender": TENDER, "buses": TEXT}}
CURVE: dict[str, Any] = {
    "lots": {"meals": MEALS},
    "area": "Walsall",
    "with_neighbours": True,
    "floor": 0.05,
    "value_to_income": 0.25,
    "values": [5000, 20000, 80000],
}
EXAMPLES = {
    "markets": {"summary": "The market of each lot, for lots sent in three ways", "value": ASK},
    "curve": {"summary": "With your own criteria and a value curve", "value": CURVE},
}


class AskMarkets(SentBody, json_schema_extra={"examples": [ASK]}):
    """Planned lots, who is local to them, and the criteria."""

    lots: SentLots
    floor: Floor = _DEFAULT.floor
    value_to_income: ValueToIncome = _DEFAULT.value_to_income
    fewest: Fewest = _DEFAULT.fewest
    values: list[Annotated[Number, Field(gt=0, lt=1e12)]] | None = Field(
        None,
        max_length=MOST_VALUES,
        description="Draw a value curve through these lot values, in pounds; [] for defaults.",
    )
    area: str | None = Field(
        None, description="Providers based in this council or county are local; a code or a name."
    )
    with_neighbours: Neighbours = False
    within: Within = None
    before: Before = None
    seed: Seed = 0
    as_one: StrictBool = Field(
        False,
        description="Whether all lots belong to one procurement; their values are then added up.",
    )

    def market_request(self) -> MarketRequest:
        """The request as the service takes it."""
        return MarketRequest(
            Request(
                wish=Filters(self.within, self.area, self.with_neighbours),
                seed=self.seed,
                before=self.before,
            ),
            MarketCriteria(self.floor, self.value_to_income, self.fewest),
            None if self.values is None else tuple(self.values),
            self.as_one,
        )


@dataclass(frozen=True, slots=True)
class MarketLine:
    """One lot's market, or the problem with it; `at` counts what was sent from 0.

    A notice with several lots has several lines, all with its key.
    """

    at: int
    key: str
    market: KeptMarket | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Markets:
    """The markets in the order of the lots, and of all lots together."""

    markets: list[MarketLine]
    together: CombinedMarket
