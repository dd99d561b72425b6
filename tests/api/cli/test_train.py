"""`matcher train` as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.core.types import Award, Provider
from matcher.ranking.features.registry import FEATURES
from models.blend import BlendedRanker
from models.bundle import Bundle
from tests.api.conftest import Run
from tests.history import TRADES, everyone, items

QUICK = """
windows = 2
months = 2
lots = 20
others = 10
fewest_lots = 5
councils_only = false
[embedder]
size = 4
epochs = 1
least = 5
[trees]
trees = 2
leaves = 4
least_in_leaf = 2
"""


def release(one: Award) -> dict[str, Any]:
    """The award as a notice."""
    lot = one.lot
    who = [{"id": s.id, "name": s.name} for s in one.suppliers]
    return {
        "ocid": f"ocds-invent-{one.id}",
        "id": one.id,
        "date": f"{one.day}T09:00:00Z",
        "tag": ["award"],
        "buyer": {"id": lot.buyer, "name": lot.buyer},
        "parties": [
            {"id": lot.buyer, "name": lot.buyer, "roles": ["buyer"]},
            *({**each, "roles": ["supplier"]} for each in who),
        ],
        "tender": {
            "id": lot.id,
            "title": lot.title,
            "description": lot.description,
            "classification": {"scheme": "CPV", "id": lot.cpv[0]},
        },
        "awards": [{"id": "1", "date": f"{one.day}T00:00:00Z", "suppliers": who}],
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented history as files, and a configuration."""
    folder = tmp_path_factory.mktemp("files")
    awards = [i for i in items() if isinstance(i, Award)]
    people = [i for i in items() if isinstance(i, Provider)]
    (folder / "awards.jsonl").write_text("".join(json.dumps(release(a)) + "\n" for a in awards))
    (folder / "few.jsonl").write_text("".join(json.dumps(release(a)) + "\n" for a in awards[:9]))
    rows = [
        {"id": p.id, "name": p.name, "profile": p.profile, "postcode": p.sites[0].postcode}
        for p in people
    ]
    (folder / "providers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "empty.jsonl").write_text("")
    (folder / "train.toml").write_text(QUICK)
    return folder


def test_files_become_a_bundle_that_ranks(run: Run, files: Path, tmp_path: Path) -> None:
    bundle, register = tmp_path / "mine", tmp_path / "reg"
    sources = [
        *("--awards", files / "awards.jsonl", "--providers", files / "providers.jsonl"),
        "--trust-ids",
    ]
    ran = run("train", *sources, "--bundle", bundle, "--config", files / "train.toml")
    assert ran.code == 0, ran.err
    assert Bundle.open(bundle, FEATURES).name == "mine"
    assert (bundle / "report.html").exists()
    assert run("bundle", "show", bundle).code == 0
    ran = run("build", "--register", register, *sources, "--bundle", bundle)
    assert ran.code == 0, ran.err
    wanted = json.dumps({"id": "new", "title": "Slates and gutters for a roof"}).encode()
    asked = ("shortlist", "-", "--register", register, "--bundle", bundle, "--everyone")
    ran = run(*asked, "--format", "json", stdin=wanted)
    assert ran.code == 0, ran.err
    assert "XX-INVENTED-" in ran.out


@pytest.mark.parametrize("name", ["few.jsonl", "empty.jsonl"])
def test_too_little_is_refused_in_one_line(
    name: str, run: Run, files: Path, tmp_path: Path
) -> None:
    ran = run(
        *("train", "--awards", files / name, "--bundle", tmp_path / "mine"),
        *("--config", files / "train.toml"),
    )
    assert "Refused: " in ran.refusal
    assert not list(tmp_path.iterdir())


def test_providers_without_awards_are_refused_naming_the_option(
    run: Run, files: Path, tmp_path: Path
) -> None:
    ran = run(
        *("train", "--awards", files / "empty.jsonl", "--providers", files / "providers.jsonl"),
        *("--bundle", tmp_path / "mine"),
    )
    assert "--awards: no award is known, so there is nothing to learn from" in ran.refusal
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lotts = 7", "lotts"),
        ("lots = 'many'", "lots"),
        ("[trees]\nleafs = 7", "leafs"),
        ("lots =", "Invalid value"),
    ],
)
def test_a_wrong_setting_is_named(
    text: str, words: str, run: Run, files: Path, tmp_path: Path
) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    ran = run(
        *("train", "--awards", files / "awards.jsonl", "--bundle", tmp_path / "mine"),
        *("--config", tmp_path / "wrong.toml"),
    )
    assert "--config wrong.toml" in ran.refusal
    assert words in ran.refusal
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("folder", "contains something other than a bundle; name another"),
        ("file", "it is a file, so no folder can be made there; name a folder"),
    ],
)
def test_something_else_is_not_overwritten(
    taken: str, said: str, run: Run, files: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine"
    letter = path / "letter.txt" if taken == "folder" else path
    letter.parent.mkdir(exist_ok=True)
    letter.write_text("dear all")
    ran = run("train", "--awards", files / "awards.jsonl", "--bundle", path)
    assert said in ran.refusal
    assert letter.read_text() == "dear all"


def test_a_file_that_is_not_there_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    ran = run("train", "--awards", tmp_path / "gone.jsonl", "--bundle", tmp_path / "mine")
    assert "gone.jsonl" in ran.refusal
    assert not list(tmp_path.iterdir())


GRADED = 36


@pytest.fixture(scope="module")
def graded(files: Path) -> Path:
    """Lots in one town and grades: providers of its trade do the work, others do not."""
    folder = files / "graded"
    folder.mkdir()
    trades = list(TRADES)
    draw = np.random.default_rng(6)
    lots, grades = [], []
    for number in range(GRADED):
        trade = trades[number % len(trades)]
        wanted = " and ".join(draw.choice(TRADES[trade].wanted, 3, replace=False))
        lots.append({"id": f"need-{number}", "title": wanted, "postcode": "WS1 1TP"})
        grades += [
            f"need-{number} 0 {one.id} {3 if own == trade else 0}\n"
            for own, some in everyone().items()
            for one in some
        ]
    (folder / "lots.jsonl").write_text("".join(json.dumps(lot) + "\n" for lot in lots))
    (folder / "grades.qrels").write_text("".join(grades))
    (folder / "names.csv").write_text("name,work\nMind,mental health support\n")
    return folder


def test_grades_teach_who_is_listed(run: Run, files: Path, graded: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "mine"
    sources = ("--awards", files / "awards.jsonl", "--providers", files / "providers.jsonl")
    ran = run(
        *("train", *sources, "--trust-ids", "--bundle", bundle),
        *("--config", files / "train.toml", "--judgements", graded / "grades.qrels"),
        *("--judged-lots", graded / "lots.jsonl"),
    )
    assert ran.code == 0, ran.err
    for ranker in Bundle.open(bundle, FEATURES).rankers.values():
        assert ranker.relevance is not None
        assert max(ranker.relevance.log_odds.weights) > 0
    report = json.loads((bundle / "report.json").read_text())
    assert report["relevance"]["lots"] == GRADED
    assert report["relevance"]["area under the curve, in a lot"][0] > 0.9
    again = tmp_path / "again"
    ran = run(
        *("train", *sources, "--trust-ids", "--bundle", again, "--relevance", bundle),
        *("--config", files / "train.toml"),
    )
    assert ran.code == 0, ran.err
    first, second = (Bundle.open(b, FEATURES).ranker_for("all").relevance for b in (bundle, again))
    assert first is not None
    assert second is not None
    assert second.log_odds == first.log_odds
    for folder in (bundle, again):
        # The trees that relevance reads are those of the bundle's own ranker for invite lists.
        taught = Bundle.open(folder, FEATURES).ranker_for("relevance")
        assert isinstance(taught.ranker, BlendedRanker)
        assert taught.relevance is not None
        assert taught.relevance.work is not None
        assert taught.relevance.work.text == taught.ranker.trees.text


def test_a_training_killed_while_it_saves_leaves_no_bundle_and_the_next_cleans_up(
    run: Run, files: Path, graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, scratch = tmp_path / "mine", tmp_path / "scratch"
    scratch.mkdir()
    words = (
        *("train", "--awards", files / "awards.jsonl", "--providers", files / "providers.jsonl"),
        *("--trust-ids", "--bundle", bundle, "--config", files / "train.toml", "--quiet"),
        *("--judgements", graded / "grades.qrels", "--judged-lots", graded / "lots.jsonl"),
    )
    command = [sys.executable, "-m", "api.cli", *map(str, words)]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(scratch)}) as training:
        while training.poll() is None and not list(tmp_path.glob(".mine.*/*")):
            time.sleep(0.001)
        training.kill()
    assert training.returncode == -signal.SIGKILL
    assert not bundle.exists()
    assert list(scratch.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert run(*words).code == 0
    assert sorted(tmp_path.iterdir()) == [bundle, scratch]
    assert not list(scratch.iterdir())
    opened = Bundle.open(bundle, FEATURES)
    assert all(ranker.relevance is not None for ranker in opened.rankers.values())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_training_that_is_told_to_end_leaves_nothing_behind(
    files: Path, graded: Path, tmp_path: Path, number: signal.Signals
) -> None:
    bundle, scratch = tmp_path / "mine", tmp_path / "scratch"
    scratch.mkdir()
    words = (
        *("train", "--awards", files / "awards.jsonl", "--providers", files / "providers.jsonl"),
        *("--trust-ids", "--bundle", bundle, "--config", files / "train.toml", "--quiet"),
        *("--judgements", graded / "grades.qrels", "--judged-lots", graded / "lots.jsonl"),
    )
    command = [sys.executable, "-m", "api.cli", *map(str, words)]
    around = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen(
        command,
        env=around,
        stderr=subprocess.DEVNULL,
        preexec_fn=_heed_signals,  # noqa: PLW1509 - one thread, one call
    ) as training:
        while training.poll() is None and not list(scratch.glob("*-training-*/register/CURRENT")):
            time.sleep(0.001)
        training.send_signal(number)
    assert training.returncode in (-number, 130)  # Ctrl-C ends with 130
    assert sorted(tmp_path.rglob("*")) == [scratch]


def _heed_signals() -> None:
    """Heed what a job in the background, or one that outlives its terminal, is told to ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--judgements", "grades.qrels"), "--judgements: give --judged-lots"),
        (("--tune-on", "grades.qrels"), "--tune-on: give --judged-lots"),
        (("--names-told", "names.csv"), "--names-told: encoders learn names while they are tuned"),
        (
            ("--tune-on", "grades.qrels", "--judged-lots", "lots.jsonl"),
            "--tune-on: there is no encoder to tune; give --encoders",
        ),
        (
            (
                *("--tune-on", "grades.qrels", "--judged-lots", "lots.jsonl"),
                *("--judgements", "grades.qrels"),
            ),
            "--tune-on and --judgements: both grade lot need-0 (36 in all)",
        ),
    ],
)
def test_options_on_grades_that_do_not_go_together_are_refused(
    options: tuple[str, ...], said: str, run: Run, files: Path, graded: Path, tmp_path: Path
) -> None:
    given = [graded / one if "." in one else one for one in options]
    ran = run(
        *("train", "--awards", files / "awards.jsonl", "--bundle", tmp_path / "mine"),
        *("--config", files / "train.toml", *given),
    )
    assert said in ran.refusal
    assert not list(tmp_path.iterdir())
