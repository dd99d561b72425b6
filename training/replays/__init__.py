"""Ask past lots again, to evaluate bundles on their awards."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from training.replays.named_runs import EvaluationOptions as EvaluationOptions
    from training.replays.named_runs import evaluate_runs as evaluate_runs
    from training.replays.runner import Asker as Asker
    from training.replays.session import ReplayOptions as ReplayOptions
    from training.replays.session import compare_bundles as compare_bundles
else:
    __getattr__, __dir__ = lazy(__name__)
