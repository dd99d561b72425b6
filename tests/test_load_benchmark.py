"""The load benchmark runs, bounded, and every kind of request is answered; no word of its speed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import load
from tests.registers import registered
from tests.services import PEOPLE


@pytest.mark.slow
def test_the_service_is_asked_as_often_as_told(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    words = ["--register", str(tmp_path / "reg"), "--bundle", "hand", "--requests", "44"]
    load.main([*words, "--seconds", "1", "--json", str(tmp_path / "out.json")])
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["requests"] == 44
    assert found["uploads"] > 0
    assert found["batches"] > 0
    assert found["health_checks"] > 0
    assert found["other_5xx"] == 0
    assert 0 < found["health_p50_ms"] <= found["health_p99_ms"] <= found["health_worst_ms"]
    assert min(found["memory_mb_after_500"], found["memory_mb_at_the_end"]) > 10
