"""Train a bundle from past awards."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from training.learning.files import train_files as train_files
    from training.learning.settings import TrainingSettings as TrainingSettings
else:
    __getattr__, __dir__ = lazy(__name__)
