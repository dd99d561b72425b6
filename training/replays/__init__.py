"""Ask past lots again, to evaluate bundles on their awards."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = ["Asker", "EvaluationOptions", "ReplayOptions", "compare_bundles", "evaluate_runs"]

if TYPE_CHECKING:
    from training.replays.named_runs import EvaluationOptions, evaluate_runs
    from training.replays.runner import Asker
    from training.replays.session import ReplayOptions, compare_bundles
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "training.replays.named_runs": ["EvaluationOptions", "evaluate_runs"],
            "training.replays.runner": ["Asker"],
            "training.replays.session": ["ReplayOptions", "compare_bundles"],
        },
    )
