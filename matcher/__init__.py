"""Finds and ranks local providers for a lot. Scores with trained models, never trains them."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Award",
    "BadInput",
    "Filters",
    "Lot",
    "Match",
    "Matcher",
    "MatcherError",
    "NotLawful",
    "Provider",
    "Purpose",
    "Register",
    "Request",
    "Shortlist",
]

if TYPE_CHECKING:
    from matcher.core.errors import BadInput, MatcherError, NotLawful
    from matcher.core.types import Award, Lot, Provider
    from matcher.law.types import Purpose
    from matcher.ranking.filters import Filters
    from matcher.ranking.matcher import Matcher
    from matcher.ranking.request import Request
    from matcher.ranking.shortlist import Match, Shortlist
    from matcher.register.register import Register
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.core.errors": ["BadInput", "MatcherError", "NotLawful"],
            "matcher.core.types": ["Award", "Lot", "Provider"],
            "matcher.law.types": ["Purpose"],
            "matcher.ranking.filters": ["Filters"],
            "matcher.ranking.matcher": ["Matcher"],
            "matcher.ranking.request": ["Request"],
            "matcher.ranking.shortlist": ["Match", "Shortlist"],
            "matcher.register.register": ["Register"],
        },
    )
