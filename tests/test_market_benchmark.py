"""The benchmark of markets: what it compares, and that it runs."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import market, replay_bundles
from benchmarks.market import LOTS, PAST, REGISTERED, TOGETHER, WINNERS, Came, Pair
from matcher.geo.postcodes import PostcodeTable
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from tests.factory import award, lot, provider
from tests.registers import WALSALL, calibrated, registered
from training.learning.examples import TrainingWindow

A, B, C = (provider(f"GB-CHC-{n}", "WS1 1TP", profile="Home care") for n in (1, 2, 3))
AUGUST = TrainingWindow(date(2022, 8, 1), date(2022, 9, 1))


def won(number: int, *suppliers: Any, month: int = 8, **fields: Any) -> Any:
    given = {"cpv": ("85312100",), "title": f"Home care {number}", **fields}
    id_ = f"a-{month}-{number}"
    return award(id_, *suppliers, lot=lot(id=id_, **given), day=date(2022, month, number))


def test_pairs_are_services_in_areas_with_enough_awards(tmp_path: Path, places_table: Path) -> None:
    register = registered(
        tmp_path,
        places_table,
        *(A, B, C),
        *(won(n, A, month=6) for n in (1, 2)),
        won(3, B, month=6, postcode="B70 8DB"),
        *(won(n, B) for n in (1, 2)),
        won(3, A, C),
        *(won(n, C, cpv=("77310000",)) for n in (4, 5)),
        *(won(n, C, postcode="B70 8DB") for n in (6, 7)),
        trust_ids=True,
    )
    (pair,), past = market.pairs(register, AUGUST, 3, 2)
    assert (pair.service, pair.council, len(pair.awards)) == ("8531", WALSALL, 3)
    assert len(pair.asked) == 2
    assert pair.winners == {register.row(one.id) for one in (A, B, C)}
    assert past["8531", WALSALL] == 1


def test_a_framework_of_many_makes_no_pair(tmp_path: Path, places_table: Path) -> None:
    many = [provider(f"GB-CHC-{n}", "WS1 1TP") for n in range(1, 23)]
    register = registered(tmp_path, places_table, *many, won(1, *many), trust_ids=True)
    assert market.pairs(register, AUGUST, 1, 9) == ([], {})


def test_predictions_stand_at_the_first_day(tmp_path: Path, places_table: Path) -> None:
    register = tmp_path / "reg"
    people = (A, B, C, provider("GB-CHC-9", "B70 8DB", profile="Home care"))
    registered(register, places_table, *people, won(1, B), trust_ids=True)
    opened = Matcher.open(register, calibrated(tmp_path / "bundle"))
    pair = Pair("8531", WALSALL, (0,), (0,), frozenset({1, 2}))
    past = {("8531", WALSALL): 7}
    told = market.predictions(opened, [pair], past, AUGUST.first, MarketCriteria())
    assert (told["won"], told[PAST], told[REGISTERED], told[LOTS]) == ([2], [7], [3], [1])
    assert told[WINNERS] == [1.0]
    later = market.predictions(opened, [pair], past, date(2022, 12, 1), MarketCriteria())
    # A notice never sees its own award, so that later it is told the same.
    assert later[TOGETHER] == told[TOGETHER]


def test_who_is_in_the_right_order_correlates_wholly_and_the_reverse_not_at_all() -> None:
    came = list(range(1, 31))
    told: dict[str, list[float]] = {
        "won": came,
        TOGETHER: [n**2 for n in came],
        WINNERS: came[::-1],
        PAST: [5.0] * 30,
    }
    rows = {str(row["prediction"]): row for row in market.correlations(told)}
    assert rows[TOGETHER]["Spearman"] == [1.0, 1.0, 1.0]
    assert rows[WINNERS]["Spearman"] == [-1.0, -1.0, -1.0]
    assert rows[PAST]["Spearman"] == [0.0, 0.0, 0.0]
    assert rows[WINNERS][f"{TOGETHER}, less this"] == [2.0, 2.0, 2.0]
    assert rows[TOGETHER][f"{TOGETHER}, less this"] is None


def test_months_are_whole_but_for_the_ends() -> None:
    found = market.months(date(2022, 11, 10), date(2023, 1, 20))
    assert [(one.first, one.end) for one in found] == [
        (date(2022, 11, 10), date(2022, 12, 1)),
        (date(2022, 12, 1), date(2023, 1, 1)),
        (date(2023, 1, 1), date(2023, 1, 21)),
    ]


def test_what_was_told_is_laid_beside_what_came_band_by_band() -> None:
    lots = [
        Came(np.array([0.03, 0.03, 0.5]), np.array([True, False, True])),
        Came(np.array([0.03, 0.03, 1.0]), np.array([False, False, True])),
        Came(np.array([0.03]), np.array([True]), council=False),
    ]
    low, high, other = market.reliability(lots)
    band = {"lots of": "local government", "told": "0.02 to 0.05", "mean told": 0.03}
    assert low == {**band, "providers": 4, "came true": 0.25}
    assert (high["told"], high["mean told"], high["came true"]) == ("0.4 to 1", 0.75, 1.0)
    assert other == {**band, "lots of": "other buyers", "providers": 1, "came true": 1.0}


def test_worth_is_counted_as_by_hand() -> None:
    lots = [
        Came(np.array([1.0, 0.01]), np.array([True, True])),
        Came(np.array([0.02, 0.02, 0.02]), np.array([True, True, True])),
    ]
    (found,) = market.worth(lots, MarketCriteria())
    # squares: 0, .99², three of .98²
    assert found["Brier"] == round((0.99**2 + 3 * 0.98**2) / 5, 5)
    assert found["winners above the floor"] == 0.8
    assert found["of those above, won"] == 1.0
    assert found["thin lots"] == 0.5
    # the certain one of the first won, as it had to; of the second nobody foresaw three
    assert found["lots within the interval"] == 0.5


def test_both_parts_run_and_stand_beside_each_other(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostcodeTable, "cached", lambda: places_table)
    awards, profiles = tmp_path / "awards.jsonl", tmp_path / "profiles.jsonl"
    rows = [_release(n) for n in range(1, 29)]
    awards.write_text("".join(json.dumps(row) + "\n" for row in rows))
    row = {
        "id": "GB-CHC-1",
        "name": "Home Care Trust",
        "profile": "Home care",
        "postcode": "WS1 1TP",
    }
    profiles.write_text(json.dumps(row) + "\n")
    out = tmp_path / "market.json"
    bundle = str(calibrated(tmp_path / "bundle"))
    given = ["--awards", str(awards), "--providers", str(profiles), "--json", str(out)]
    given += ["--bundle", bundle, "--from", "2022-08-11", "--to", "2022-08-31"]
    market.main(["truth", *given, "--sample", "9"])
    market.main(["speed", *given, "--size", "20", "--lots", "5"])
    frozen = json.loads(out.read_text())
    assert {"window", "depth", "reliability", "worth", "speed"} == set(frozen)
    assert {PAST, REGISTERED, TOGETHER, WINNERS} <= {row["prediction"] for row in frozen["depth"]}
    assert all(row["pairs"] == 2 for row in frozen["depth"])
    assert [row["target s"] for row in frozen["speed"]] == [1, 15, 1]


def test_a_bundle_that_knows_the_window_is_replaced_by_one_that_does_not(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostcodeTable, "cached", lambda: places_table)
    awards, providers = tmp_path / "awards.jsonl", tmp_path / "providers.jsonl"
    awards.write_text("".join(json.dumps(_release(n)) + "\n" for n in range(1, 29)))
    providers.write_text(json.dumps({"id": "GB-CHC-1", "name": "Care", "postcode": "WS1 1TP"}))
    bundle = calibrated(tmp_path / "bundle")
    trained: list[date] = []

    def train(_: Path, out: Path, before: date, *_others: object, **_more: object) -> None:
        trained.append(before)
        shutil.copytree(bundle, out)

    monkeypatch.setattr(replay_bundles, "train_before", train)
    monkeypatch.setattr(replay_bundles, "learned_into_window", lambda *_: True)
    given = ["--awards", str(awards), "--providers", str(providers), "--bundle", str(bundle)]
    window = ["--from", "2022-08-11", "--to", "2022-08-31"]
    out = tmp_path / "market.json"
    market.main(["truth", *given, *window, "--sample", "9", "--json", str(out)])
    assert trained == [date(2022, 8, 11)]
    assert "trained on awards before 2022-08-11" in json.loads(out.read_text())["window"]["bundle"]


def _release(number: int) -> dict[str, object]:
    """An award of August 2022 in Walsall or Sandwell (fictional)."""
    supplier = {
        "id": f"GB-COH-0000000{number % 5}",
        "name": f"Carers {number % 5} Ltd",
        "roles": ["supplier"],
        "address": {"postalCode": "WS1 2AA"},
    }
    return {
        "ocid": f"ocds-b5fd17-{number}",
        "id": f"{number}-1",
        "date": f"2022-08-{number:02}T00:00:00Z",
        "tag": ["award"],
        "parties": [supplier, {"id": "B", "name": "Walsall Council", "roles": ["buyer"]}],
        "buyer": {"id": "B", "name": "Walsall Council"},
        "tender": {
            "id": f"t{number}",
            "title": f"Home care {number}",
            "items": [
                {
                    "id": "1",
                    "classification": {"scheme": "CPV", "id": "85312100"},
                    "deliveryAddresses": [{"postalCode": ("WS1 1TP", "B70 8DB")[number % 2]}],
                }
            ],
        },
        "awards": [
            {
                "id": f"a{number}",
                "date": f"2022-08-{number:02}T00:00:00Z",
                "suppliers": [{"id": supplier["id"], "name": supplier["name"]}],
            }
        ],
    }
