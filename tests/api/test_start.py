"""What is done when the service starts, so that no request waits for it later."""

from __future__ import annotations

import gc
from pathlib import Path

from tests.services import served


def test_a_collection_of_garbage_does_not_look_again_at_what_was_made_at_the_start(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        assert client.get("/healthz").status_code == 200
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
