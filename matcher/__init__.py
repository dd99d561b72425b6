"""Finds and ranks local providers for a lot. Scores with trained models, never trains them."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.core.errors import BadInput as BadInput
    from matcher.core.errors import MatcherError as MatcherError
    from matcher.core.errors import NotLawful as NotLawful
    from matcher.core.types import Award as Award
    from matcher.core.types import Lot as Lot
    from matcher.core.types import Provider as Provider
    from matcher.law.types import Purpose as Purpose
    from matcher.ranking.filters import Filters as Filters
    from matcher.ranking.matcher import Matcher as Matcher
    from matcher.ranking.request import Request as Request
    from matcher.ranking.shortlist import Match as Match
    from matcher.ranking.shortlist import Shortlist as Shortlist
    from matcher.register.register import Register as Register
else:
    __getattr__, __dir__ = lazy(__name__)
