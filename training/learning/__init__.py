"""Train a bundle from past awards."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = ["TrainingSettings", "train_files"]

if TYPE_CHECKING:
    from training.learning.settings import TrainingSettings
    from training.learning.train import train_files
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "training.learning.settings": ["TrainingSettings"],
            "training.learning.train": ["train_files"],
        },
    )
