"""The table of names and what their bearers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BundleError
from training.learning.names_told import Told, read


def test_a_table_is_read_by_its_header_and_half_rows_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "told.csv"
    rows = "work,kind,name\nmental health support,charity,Mind\n,charity,Emmaus\nroofing,,\n"
    path.write_text("\ufeff" + rows, encoding="utf-8")
    assert read(path) == Told([("Mind", "mental health support")], [3, 4])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,what\nMind,help\n", "has no column work"),
        (b"", "has no column name"),
        (b"name,work\n\xff\xfe,x\n", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "told.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match=f"--names-told .*{said}"):
        read(path)
