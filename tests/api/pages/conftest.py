from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.officer import Officer
from tests.services import served


@pytest.fixture(scope="package")
def officer(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[Officer]:
    """An officer at a service over a handful of fictional providers."""
    with served(tmp_path_factory.mktemp("pages"), places_table) as client:
        yield Officer(client)
