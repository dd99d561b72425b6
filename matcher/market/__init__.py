"""Counts how many providers could do a lot, and how concentrated its market is."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "CombinedMarket",
    "LotAssessment",
    "Market",
    "MarketCriteria",
    "ValueCurve",
    "assess",
    "assess_lots",
    "combined_market",
    "markets",
]

if TYPE_CHECKING:
    from matcher.market.assessment import LotAssessment, assess
    from matcher.market.batch import assess_lots
    from matcher.market.criteria import MarketCriteria
    from matcher.market.market import CombinedMarket, Market, combined_market, markets
    from matcher.market.value_curve import ValueCurve
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.market.assessment": ["LotAssessment", "assess"],
            "matcher.market.batch": ["assess_lots"],
            "matcher.market.criteria": ["MarketCriteria"],
            "matcher.market.market": ["CombinedMarket", "Market", "combined_market", "markets"],
            "matcher.market.value_curve": ["ValueCurve"],
        },
    )
