from __future__ import annotations

import pytest

from matcher.geo.postcodes import PostcodeTable
from tests.gazetteer import small_table


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> PostcodeTable:
    """A table of a few postcodes."""
    return small_table(tmp_path_factory.mktemp("small"))
