"""The replay with rankers that learned from the other months, on an invented history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import replay
from benchmarks.replay_bundles import Asked, opened_for_each
from matcher.core.types import Award, Provider
from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.features.registry import FEATURES
from models.bundle import Bundle
from tests.factory import award, lot
from tests.history import items

FAST = """
windows = 2
months = 1
lots = 20
others = 10
fewest_lots = 5
[embedder]
size = 4
epochs = 1
least = 5
[trees]
trees = 2
leaves = 4
least_in_leaf = 2
"""


def _notice(one: Award) -> dict[str, Any]:
    asked = one.lot
    suppliers = [{"id": s.id, "name": s.name} for s in one.suppliers]
    return {
        "ocid": f"ocds-{one.id}",
        "id": one.id,
        "date": f"{one.day}T00:00:00Z",
        "tag": ["award"],
        "buyer": {"name": asked.buyer},
        "tender": {
            "title": asked.title,
            "description": asked.description,
            "classification": {"scheme": "CPV", "id": asked.cpv[0]},
        },
        "awards": [{"id": "1", "date": f"{one.day}T00:00:00Z", "suppliers": suppliers}],
    }


@pytest.fixture
def written(tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the history as files, and settings."""
    monkeypatch.setattr(PostcodeTable, "cached", lambda: places_table)
    given = items()
    rows = [
        {"id": p.id, "name": p.name, "profile": p.profile, "postcode": p.sites[0].postcode}
        for p in given
        if isinstance(p, Provider)
    ]
    notices = [_notice(one) for one in given if isinstance(one, Award)]
    for name, lines in (("providers", rows), ("awards", notices)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    (tmp_path / "fast.toml").write_text(FAST)
    return tmp_path


def _arguments(folder: Path, first: str) -> list[str]:
    return [
        *("--awards", str(folder / "awards.jsonl")),
        *("--providers", str(folder / "providers.jsonl")),
        *("--from", first, "--to", "2025-09-30", "--bundle", "hand", "--cross-fit"),
        *("--config", str(folder / "fast.toml"), "--register", str(folder / "register")),
    ]


def test_each_month_is_asked_by_rankers_of_the_other_and_a_second_run_gives_the_same(
    written: Path,
) -> None:
    printed: list[Any] = []
    for name in ("once", "again"):
        out = written / f"{name}.json"
        replay.main([*_arguments(written, "2025-08-01"), "--json", str(out)])
        printed.append(json.loads(out.read_text()))
    once, again = printed
    (folder,) = (written / "register").glob("bundles-*")
    assert sorted(one.name for one in folder.iterdir()) == ["2025-08-01", "2025-09-01"]
    own = {r["slice"]: r for r in once["rows"] if r["system"].endswith("engagement")}
    assert own["all"]["lots"] == once["window"]["lots"] > 50
    assert own["all"]["Success@10"][0] > 0.3
    assert once == again


def test_windows_that_begin_on_another_day_are_refused(written: Path) -> None:
    with pytest.raises(SystemExit, match=r"--from: is 2025-08-15, .* begin on 2025-08-01"):
        replay.main(_arguments(written, "2025-08-15"))
    assert not (written / "register").exists()


def test_rankers_made_for_another_bundle_are_not_asked(written: Path) -> None:
    asked = Asked(written / "awards.jsonl", written / "providers.jsonl", "hand", date(2025, 8, 1))
    settings, folder = written / "fast.toml", written / "register"
    other = Bundle.open("hand", FEATURES)
    replace(other, card={"changed": True}).save(written / "other")
    for bundle in ("hand", str(written / "other")):
        one = replace(asked, bundle=bundle, config=settings)
        opened_for_each(one, date(2025, 9, 30), folder, Console(quiet=True))
    assert len(list(folder.glob("bundles-*"))) == 2


def test_encoders_beside_those_of_the_bundle_are_refused(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        replay.main([*_arguments(written, "2025-08-01"), "--encoders", str(written)])
    assert "--encoders: --cross-fit asks the encoder of --bundle" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("day", "asked"),
    [(date(2025, 8, 1), "August"), (date(2025, 8, 31), "August"), (date(2025, 9, 1), "September")],
)
def test_a_lot_is_asked_of_the_system_of_its_month(day: date, asked: str) -> None:
    def says(name: str) -> Any:
        def answer(_: Award) -> Sequence[str]:
            return [name]

        return answer

    system = replay.by_month(
        {date(2025, 9, 1): says("September"), date(2025, 8, 1): says("August")}
    )
    assert list(system(award("a", lot=lot(), day=day))) == [asked]
