from __future__ import annotations

from pathlib import Path

import pytest

from matcher.ranking.matcher import Matcher
from tests.markets import market_of


@pytest.fixture(scope="session")
def three_councils(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Matcher:
    """The small market of `tests.markets`, ranked by hand-set weights that are calibrated."""
    folder = tmp_path_factory.mktemp("three-councils")
    return market_of(folder / "reg", places_table, calibrated_bundle)
