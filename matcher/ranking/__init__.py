"""Turns a lot into a shortlist of providers, with a reason for each."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.ranking.batch import Refusal as Refusal
    from matcher.ranking.batch import shortlists as shortlists
    from matcher.ranking.filters import Filters as Filters
    from matcher.ranking.matcher import Matcher as Matcher
    from matcher.ranking.request import Request as Request
    from matcher.ranking.shortlist import Match as Match
    from matcher.ranking.shortlist import PastContract as PastContract
    from matcher.ranking.shortlist import Reason as Reason
    from matcher.ranking.shortlist import Shortlist as Shortlist
    from matcher.ranking.shortlist import Suggestion as Suggestion
    from matcher.ranking.why import Explanation as Explanation
else:
    __getattr__, __dir__ = lazy(__name__)
