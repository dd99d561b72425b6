"""The table of real tenders is one command, tried on two invented ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import tenders
from tests.markets import NEED, market_of
from tests.registers import calibrated

LOT = {"title": NEED.title, "cpv": list(NEED.cpv), "area": "Walsall"}


def test_each_tender_with_lots_gets_a_table_and_a_verdict(
    tmp_path: Path, places_table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = calibrated(tmp_path / "calibrated")
    market_of(tmp_path / "reg", places_table, bundle)
    lots = [{**LOT, "value": 1000}, {**LOT, "area": "Sandwell", "value": 9e5}]
    given = [{"id": "n-1", "title": "Care", "lots": lots}, {"id": "n-2", "lots": lots[:1]}]
    path = tmp_path / "tenders.jsonl"
    path.write_text("\n".join(map(json.dumps, given)))
    words = ["--register", str(tmp_path / "reg"), "--tenders", str(path), "--bundle", str(bundle)]
    tenders.main([*words, "--full"])
    out = capsys.readouterr().out
    assert "Care" in out
    assert "as given" in out
    assert "no split" in out
    assert "1 of 1: " in out
