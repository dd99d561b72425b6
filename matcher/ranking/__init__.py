"""Turns a lot into a shortlist of providers, with a reason for each."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Explanation",
    "Filters",
    "Match",
    "Matcher",
    "PastContract",
    "Reason",
    "Refusal",
    "Request",
    "Shortlist",
    "Suggestion",
    "shortlists",
]

if TYPE_CHECKING:
    from matcher.ranking.batch import Refusal, shortlists
    from matcher.ranking.filters import Filters
    from matcher.ranking.matcher import Matcher
    from matcher.ranking.request import Request
    from matcher.ranking.shortlist import Match, PastContract, Reason, Shortlist, Suggestion
    from matcher.ranking.why import Explanation
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.ranking.batch": ["Refusal", "shortlists"],
            "matcher.ranking.filters": ["Filters"],
            "matcher.ranking.matcher": ["Matcher"],
            "matcher.ranking.request": ["Request"],
            "matcher.ranking.shortlist": [
                "Match",
                "PastContract",
                "Reason",
                "Shortlist",
                "Suggestion",
            ],
            "matcher.ranking.why": ["Explanation"],
        },
    )
