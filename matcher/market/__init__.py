"""Counts how many providers could do a lot, and how concentrated its market is."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.market.assessment import LotAssessment as LotAssessment
    from matcher.market.assessment import assess as assess
    from matcher.market.batch import assess_lots as assess_lots
    from matcher.market.criteria import MarketCriteria as MarketCriteria
    from matcher.market.market import CombinedMarket as CombinedMarket
    from matcher.market.market import Market as Market
    from matcher.market.market import combined_market as combined_market
    from matcher.market.market import markets as markets
    from matcher.market.value_curve import ValueCurve as ValueCurve
else:
    __getattr__, __dir__ = lazy(__name__)
