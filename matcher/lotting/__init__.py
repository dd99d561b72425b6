"""Divides a need into lots, compares the ways to do it, and finds providers to work together."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Advice",
    "ComparedSplits",
    "Consortia",
    "MeasuredSplit",
    "Split",
    "advise",
    "compare",
]

if TYPE_CHECKING:
    from matcher.lotting.comparison import compare
    from matcher.lotting.consortium import Consortia
    from matcher.lotting.recommendation import Advice, advise
    from matcher.lotting.types import ComparedSplits, MeasuredSplit, Split
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.lotting.comparison": ["compare"],
            "matcher.lotting.consortium": ["Consortia"],
            "matcher.lotting.recommendation": ["Advice", "advise"],
            "matcher.lotting.types": ["ComparedSplits", "MeasuredSplit", "Split"],
        },
    )
