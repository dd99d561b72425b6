"""The changes from one snapshot to the next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from matcher.core.types import Provider
from matcher.register.build.build import build
from matcher.register.build.changes import ChangeKind, RegisterChange, read_changes
from matcher.register.build.snapshot import current_snapshot
from tests.factory import provider
from tests.registers import feed, snapshots

A = provider("GB-CHC-1100001", "WS1 1TP", name="Acorn Trust")
B = provider("GB-CHC-1100002", "WS1 1TP", name="Beacon Care")
C = provider("GB-CHC-1100003", "B1 1BB", name="Copper Wheels")


def built(
    path: Path, places: Path, *items: Provider
) -> tuple[dict[str, int], list[RegisterChange]]:
    report = build(path, [feed(*items)], places_table=places)
    folder = current_snapshot(path)
    assert folder is not None
    return report.changes, read_changes(folder, 100)


def test_a_first_snapshot_has_no_changes(tmp_path: Path, places_table: Path) -> None:
    assert built(tmp_path / "r", places_table, A, B) == ({}, [])


def test_new_gone_renamed_and_moved_providers_are_reported(
    tmp_path: Path, places_table: Path
) -> None:
    built(tmp_path / "r", places_table, A, B)
    moved = replace(B, name="Beacon Home Care", sites=C.sites)
    counts, changes = built(tmp_path / "r", places_table, moved, C)
    assert counts == {"new": 1, "gone": 1, "renamed": 1, "moved": 1}
    assert set(changes) == {
        RegisterChange(ChangeKind.NEW, C.id, "Copper Wheels"),
        RegisterChange(ChangeKind.GONE, A.id, "Acorn Trust"),
        RegisterChange(
            ChangeKind.RENAMED, B.id, "Beacon Home Care", "Beacon Care", "Beacon Home Care"
        ),
        RegisterChange(ChangeKind.MOVED, B.id, "Beacon Home Care", "WS1 1TP", "B1 1BB"),
    }


def test_the_same_sources_make_no_changes(tmp_path: Path, places_table: Path) -> None:
    built(tmp_path / "r", places_table, A, B, C)
    counts, changes = built(tmp_path / "r", places_table, C, B, A)
    assert counts == {"new": 0, "gone": 0, "renamed": 0, "moved": 0}
    assert changes == []


def test_a_provider_with_another_first_id_is_the_same(tmp_path: Path, places_table: Path) -> None:
    company = provider("GB-COH-09000001", "WS1 1TP", name="Acorn Trust")
    built(tmp_path / "r", places_table, company)
    both = replace(A, ids=("GB-COH-09000001",))
    counts, _ = built(tmp_path / "r", places_table, both)
    assert counts == {"new": 0, "gone": 0, "renamed": 0, "moved": 0}


def test_changes_do_not_affect_the_version(tmp_path: Path, places_table: Path) -> None:
    def version(path: Path, *items: Provider) -> str:
        return build(path, [feed(*items)], places_table=places_table).version

    once = version(tmp_path / "once", A, B)
    version(tmp_path / "twice", A)
    assert version(tmp_path / "twice", A, B) == once


def test_a_snapshot_that_cannot_be_compared_does_not_stop_a_build(
    tmp_path: Path, places_table: Path
) -> None:
    path = tmp_path / "r"
    for harm in (_other_format, _damaged, _not_json):
        built(path, places_table, A)
        harm(snapshots(path)[0])
        counts, _ = built(path, places_table, A, B)
        assert counts == {}


def _other_format(folder: Path) -> None:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 0}))


def _damaged(folder: Path) -> None:
    (folder / "organisations.jsonl").write_text("short")


def _not_json(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")
