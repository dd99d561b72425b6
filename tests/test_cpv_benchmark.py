"""The benchmark of CPV suggestions: what it asks, and that it runs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from benchmarks import cpv
from matcher.register.register import Register
from tests.factory import award, lot, provider
from tests.registers import registered

FIRM = provider("GB-CHC-1", "WS1 1TP", profile="Laundry and mowing.")


def _register(folder: Path, table: Path) -> Register:
    rows = [("1", "Laundry", "98310000", 3), ("2", "Mowing of verges", "77314000", 4)]
    rows += [("3", "Laundry of linen", "98310000", 8), ("4", "Laundry of linen", "98310000", 9)]
    awards = [
        award(id_, FIRM, lot=lot(id=id_, title=title, cpv=(code,)), day=date(2022, month, 2))
        for id_, title, code, month in rows
    ]
    return registered(folder, table, FIRM, *awards)


def test_only_awards_of_the_window_are_asked_and_each_title_once(
    tmp_path: Path, places_table: Path
) -> None:
    register = _register(tmp_path, places_table)
    first, last = date(2022, 7, 1), date(2022, 9, 30)
    asked = cpv.window(register, first, last, 10, 0)
    assert [award.lot.title for award in asked] == ["Laundry of linen"]
    assert cpv.nearest_award(register, first)(asked[0].lot)[0] == "98310000"


def test_it_reports_each_level_for_both_systems(tmp_path: Path, places_table: Path) -> None:
    _register(tmp_path, places_table)
    out = tmp_path / "cpv.json"
    cpv.main(["--register", str(tmp_path), "--bundle", "hand", "--json", str(out)])
    report = json.loads(out.read_text())
    assert report["window"]["lots"] == 1
    assert {(row["system"], row["level"]) for row in report["codes"]} == {
        (system, level) for system in ("ours", "nearest award") for level in cpv.LEVELS
    }
    assert [row["bound"] for row in report["light touch"]] == [0.5, 0.9]
