"""Score rankings against judgements and compare them."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "ComparisonRequest",
    "Qrels",
    "Run",
    "Scorer",
    "parse_measures",
    "report",
    "run_from_lists",
]

if TYPE_CHECKING:
    from training.evaluation.comparison import ComparisonRequest, report
    from training.evaluation.qrels import Qrels
    from training.evaluation.runs import Run, run_from_lists
    from training.evaluation.scoring import Scorer, parse_measures
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "training.evaluation.comparison": ["ComparisonRequest", "report"],
            "training.evaluation.qrels": ["Qrels"],
            "training.evaluation.runs": ["Run", "run_from_lists"],
            "training.evaluation.scoring": ["Scorer", "parse_measures"],
        },
    )
