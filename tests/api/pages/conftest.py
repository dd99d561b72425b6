from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.pages import specification
from matcher.sources.documents.reader import read_text
from tests.officer import Officer
from tests.services import served


@pytest.fixture(scope="package", autouse=True)
def _pasted_text_is_read_here() -> Iterator[None]:
    """Read what is pasted in this process: to start another one for each paste takes long.

    The sandbox is tested by itself, by uploads, and by the tests in a browser.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specification, "read_text_in_sandbox", read_text)
        yield


@pytest.fixture(scope="package")
def officer(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[Officer]:
    """An officer at a service over a handful of fictional providers."""
    with served(tmp_path_factory.mktemp("pages"), places_table) as client:
        yield Officer(client)
