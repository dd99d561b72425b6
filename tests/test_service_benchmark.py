"""The load test runs, bounded, and reports each way of asking; without a word about its speed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import service
from tests.registers import registered
from tests.services import PEOPLE


def test_each_way_is_asked_as_often_as_told_and_every_answer_is_a_list(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(tmp_path / "reg", places_table, *PEOPLE, trust_ids=True)
    lot = tmp_path / "lot.json"
    lot.write_text(json.dumps({"title": "Home care", "postcode": "WS1 1TP"}), encoding="utf-8")
    options = {
        "--register": tmp_path / "reg",
        "--lots": lot,
        "--bundle": "hand",
        "--requests": 4,
        "--clients": 2,
        "--rounds": 1,
        "--json": tmp_path / "out.json",
    }
    words = [str(word) for pair in options.items() for word in pair]
    monkeypatch.setattr(sys, "argv", ["service", *words])
    service.main()
    told = json.loads((tmp_path / "out.json").read_text())
    ways = [row["way"] for row in told["rows"]]
    assert ways[:2] == ["in process", "service, encoded and kept"]
    assert [way.split(", ", 1)[1] for way in ways[2:]] == [
        "1 worker, 1 at once",
        "1 worker, 2 at once",
        "2 workers, 1 at once",
        "2 workers, 2 at once",
    ]
    assert {row["requests"] for row in told["rows"]} == {4}
    assert all(0 < row["p50"] <= row["p99"] for row in told["rows"])


@pytest.mark.parametrize(("option", "value"), [("--requests", "5001"), ("--clients", "33")])
def test_it_asks_no_more_than_its_bounds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["service", option, value])
    with pytest.raises(SystemExit):
        service.main()
    assert "at most" in capsys.readouterr().err
