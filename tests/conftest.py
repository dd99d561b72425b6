from __future__ import annotations

from pathlib import Path

import pytest

from matcher.geo.postcodes import PostcodeTable
from tests.registers import calibrated


@pytest.fixture(scope="session")
def places_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a compiled table of the postcodes that begin with B or W."""
    folder = tmp_path_factory.mktemp("places") / "table"
    PostcodeTable.compile(folder, "BW")
    return folder


@pytest.fixture(scope="session")
def calibrated_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of hand-set weights whose scores mean probabilities; opened, never changed."""
    return calibrated(tmp_path_factory.mktemp("bundle") / "calibrated")
