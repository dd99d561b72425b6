"""Train a bundle from past awards."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = ["TrainingSettings", "train_files"]

if TYPE_CHECKING:
    from training.learning.files import train_files
    from training.learning.settings import TrainingSettings
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "training.learning.settings": ["TrainingSettings"],
            "training.learning.files": ["train_files"],
        },
    )
