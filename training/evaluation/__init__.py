"""Score rankings against judgements and compare them."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from training.evaluation.comparison import ComparisonRequest as ComparisonRequest
    from training.evaluation.comparison import report as report
    from training.evaluation.qrels import Qrels as Qrels
    from training.evaluation.runs import Run as Run
    from training.evaluation.runs import run_from_lists as run_from_lists
    from training.evaluation.scoring import Scorer as Scorer
    from training.evaluation.scoring import parse_measures as parse_measures
else:
    __getattr__, __dir__ = lazy(__name__)
