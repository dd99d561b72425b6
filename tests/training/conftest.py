from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.bundle import Bundle
from tests.api.conftest import run
from tests.history import SETTINGS, items
from tests.registers import feed
from training.learning.files import Given, train_files

__all__ = ["run"]


@dataclass(frozen=True)
class Trained:
    """A bundle that was trained on the invented history, its folder and its report."""

    bundle: Bundle
    folder: Path
    report: dict[str, Any]


def silent(stage: str, done: int, total: int | None) -> None:
    """Ignore progress."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Trained:
    """A bundle trained once on the whole invented history."""
    folder = tmp_path_factory.mktemp("trained") / "invented"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LBD_CACHE", str(cache))
        bundle, report = train_files(
            [feed(*items())], folder, SETTINGS, silent, Given(trust_ids=True)
        )
    return Trained(bundle, folder, report)
