"""Divides a need into lots, compares the ways to do it, and finds providers to work together."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.lotting.comparison import compare as compare
    from matcher.lotting.consortium import Consortia as Consortia
    from matcher.lotting.recommendation import Advice as Advice
    from matcher.lotting.recommendation import advise as advise
    from matcher.lotting.types import ComparedSplits as ComparedSplits
    from matcher.lotting.types import MeasuredSplit as MeasuredSplit
    from matcher.lotting.types import Split as Split
else:
    __getattr__, __dir__ = lazy(__name__)
