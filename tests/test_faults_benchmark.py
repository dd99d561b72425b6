"""The faults benchmark, bounded: nothing acknowledged is lost, and no fault is another 5xx."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import faults
from tests.registers import registered
from tests.services import PEOPLE


@pytest.mark.slow
@pytest.mark.parametrize("database", faults.DATABASES)
def test_nothing_acknowledged_is_lost_whatever_fails(
    tmp_path: Path, places_table: Path, database: str
) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    words = ["--register", str(tmp_path / "reg"), "--bundle", "hand", "--database", database]
    faults.main([*words, "--once", "--json", str(tmp_path / "out.json")])
    (row,) = json.loads((tmp_path / "out.json").read_text())["rows"]
    assert row["questions"] + row["decisions"] > 0
    assert row["workers_killed"] > 0
    assert row["all_killed"] > 0
    assert row["disk_full"] > 0 or not row["disk"]
    assert row["restarts"] > 0 or database == "SQLite"
    assert (row["missing"], row["other_5xx"], row["whole"]) == (0, 0, True)


def test_a_missing_answer_is_counted_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = faults.Row("SQLite")
    kept = faults.Kept(questions={"never kept"}, decisions={"Officer 1.1"})
    faults._check(row, kept, f"sqlite:///{tmp_path}/records.sqlite")
    assert (row.missing, row.whole) == (2, True)
    monkeypatch.setattr(faults, "_tried", lambda *_: row)
    with pytest.raises(SystemExit):
        faults.main(["--database", "SQLite"])
