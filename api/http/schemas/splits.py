"""The JSON bodies of splits and consortia, with worked examples, all fictional."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.http.examples import TENDER
from api.http.schemas.as_written import SentBody
from api.http.schemas.markets import (
    Before,
    Fewest,
    Floor,
    Neighbours,
    Seed,
    SentLot,
    ValueToIncome,
    Within,
)
from api.http.schemas.shortlists import SentLots
from matcher.lotting.types import MOST_SPLITS
from matcher.lotting.work_parts import MOST_PARTS
from matcher.market.criteria import MarketCriteria
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request

_DEFAULT = MarketCriteria()
_BUYER = {"buyer": "Wallbrook Borough Council (fictional)", "buyer_kind": "council"}
_WHEN = {"day": "2026-09-21", "years": 2}
ADVICE: dict[str, Any] = {
    "title": "Advice on debt and benefits",
    "description": "Casework on debts, benefit checks and help at tribunals, for residents.",
    "cpv": ["85312310"],
    "value": 300000,
    "area": "Walsall, Sandwell, Wolverhampton",
    **_BUYER,
    **_WHEN,
}


def _lot_of(area: str, value: float) -> dict[str, Any]:
    return {**ADVICE, "title": f"{ADVICE['title']}: {area}", "area": area, "value": value}


NORTH = {
    "walsall": _lot_of("Walsall", 90000),
    "wolverhampton": _lot_of("Wolverhampton", 100000),
}
SPLITS: dict[str, Any] = {
    "need": ADVICE,
    "splits": {
        "by council": {**NORTH, "sandwell": _lot_of("Sandwell", 110000)},
        "two": {
            "west": _lot_of("Walsall, Wolverhampton", 190000),
            "east": _lot_of("Sandwell", 110000),
        },
    },
}
NOTICE: dict[str, Any] = {"need": TENDER}
WITH_CRITERIA: dict[str, Any] = {**SPLITS, "floor": 0.05, "value_to_income": 0.25, "fewest": 2}
COMPARISONS = {
    "splits": {"summary": "Two splits of one need, next to one contract", "value": SPLITS},
    "notice": {"summary": "The lots of a notice, next to one contract", "value": NOTICE},
    "terms": {"summary": "With your own criteria", "value": WITH_CRITERIA},
}
SUGGESTIONS = {
    "need": {"summary": "Ways to split one need", "value": {"need": ADVICE}},
    "beside": {"summary": "Ways to split one need, next to a split of your own", "value": SPLITS},
}
TOGETHER: dict[str, Any] = {
    "lot": {
        "title": "Days out and transport for older people",
        "area": "Walsall",
        "value": 240000,
        **_BUYER,
        **_WHEN,
    },
    "needs": [
        "Minibuses with a tail lift to day centres and lunch clubs",
        "Day club for older people with a cooked midday meal",
    ],
}
CONSORTIA = {"needs": {"summary": "For a lot that needs two kinds of work", "value": TOGETHER}}


class Criteria(SentBody):
    """Who is local, and the criteria by which providers are counted."""

    floor: Floor = _DEFAULT.floor
    value_to_income: ValueToIncome = _DEFAULT.value_to_income
    fewest: Fewest = _DEFAULT.fewest
    area: str | None = Field(
        None,
        description="Providers based in this council or county are local to every lot. Default: "
        "each lot's own council.",
    )
    with_neighbours: Neighbours = False
    within: Within = None
    before: Before = None
    seed: Seed = 0
    whole_value: float | None = Field(
        None, ge=0, lt=1e15, description="The value of all lots together, in pounds with VAT."
    )

    def request(self) -> Request:
        """The request as the matcher takes it."""
        wish = Filters(self.within, self.area, self.with_neighbours)
        return Request(wish=wish, seed=self.seed, before=self.before, whole_value=self.whole_value)

    def terms(self) -> MarketCriteria:
        """The criteria as the matcher takes them."""
        return MarketCriteria(self.floor, self.value_to_income, self.fewest)


class AskSplits(Criteria, json_schema_extra={"examples": [SPLITS]}):
    """One need and ways to split it, by name; each way is a set of lots."""

    need: SentLot = Field(
        None,
        description="The whole need as one lot. A notice with lots is a need and a split of it. "
        "Can be left out where there is one split.",
    )
    splits: dict[str, SentLots] = Field(default_factory=dict, max_length=MOST_SPLITS)


class AskConsortia(Criteria, json_schema_extra={"examples": [TOGETHER]}):
    """A lot, and the parts of its work."""

    lot: SentLot
    needs: list[Annotated[str, Field(min_length=1, max_length=2000)]] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="The parts of the work, each in a few words. Default: the parts that the lot's "
        "text and codes name.",
    )
