"""`matcher status --check`: is every file of a register as it was written?"""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.register.manifest import Manifest
from tests.api.conftest import Run
from tests.factory import provider
from tests.registers import registered, without_digests


def test_every_file_is_checked(run: Run, tmp_path: Path, places_table: Path) -> None:
    path = tmp_path / "reg"
    folder = registered(path, places_table, provider("GB-CHC-1", "WS1 1TP")).folder
    ran = run("status", "--register", path, "--check")
    assert ran.code == 0
    assert f"{len(Manifest.read(folder).files)} files are as written." in ran.out
    file = folder / "columns" / "draw.npy"
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    ran = run("status", "--register", path, "--check")
    assert ran.code == 4
    assert "Not as it was written: columns/draw.npy" in ran.out
    assert "is damaged; build it again" in run("provider", "GB-CHC-1", "--register", path).refusal


def test_a_register_without_digests_and_none_at_all(
    run: Run, tmp_path: Path, places_table: Path
) -> None:
    registered(tmp_path, places_table, provider("GB-CHC-1", "WS1 1TP"))
    without_digests(tmp_path)
    ran = run("status", "--register", tmp_path, "--check")
    assert ran.code == 0
    assert "An earlier version built this register" in ran.out
    assert "name the register" in run("status", "--check").refusal


@pytest.mark.parametrize("options", [(), ("--check",)])
@pytest.mark.parametrize("name", ["manifest.json", "changes.jsonl"])
def test_a_manifest_and_changes_that_are_damaged_are_refused_in_words(
    name: str, options: tuple[str, ...], run: Run, tmp_path: Path, places_table: Path
) -> None:
    for n in (1, 2):
        items = [provider(f"GB-CHC-{i}", "WS1 1TP") for i in range(n)]
        folder = registered(tmp_path, places_table, *items).folder
    (folder / name).write_text("{")
    ran = run("status", "--register", tmp_path, *options)
    if options and name == "changes.jsonl":  # it may change, so it has no digest
        assert ran.code == 0
    else:
        assert "is damaged; build it again" in ran.refusal
