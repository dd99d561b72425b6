"""What is done when the service starts, so that no request waits for it later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COUNTS = """
import gc, sys
from pathlib import Path
from tests.services import served

with served(*map(Path, sys.argv[1:])) as client:
    print(client.get("/healthz").status_code, gc.get_freeze_count() > 0)
print(gc.get_freeze_count())
"""


def test_a_collection_of_garbage_does_not_look_again_at_what_was_made_at_the_start(
    tmp_path: Path, places_table: Path
) -> None:
    """In a process of its own: a service of another test that ends now would thaw everything."""
    told = subprocess.run(
        [sys.executable, "-c", COUNTS, str(tmp_path), str(places_table)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["200", "True", "0"]
