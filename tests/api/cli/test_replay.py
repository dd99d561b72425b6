"""`matcher replay-awards` and `matcher ablate` as they are typed."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, TextIO

import pytest

from matcher.ranking.features.registry import FEATURES
from matcher.register.build.snapshot import COPY
from models.bundle import Bundle
from tests.api.cli.test_train import QUICK, release
from tests.api.conftest import Run
from tests.history import everyone, items
from tests.training.conftest import Trained
from training.evaluation import runs

ROOT = Path(__file__).resolve().parents[3]
WINDOW = ("--window", "2025-09-01", "2025-09-30")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented history as notices, and its suppliers as a table."""
    return history(tmp_path_factory.mktemp("files"), every=1)


def history(folder: Path, *, every: int) -> Path:
    """The history in a folder, with one in `every` of its awards."""
    people = everyone()
    awards = items()[sum(map(len, people.values())) :: every]
    notices = [release(one) for one in awards]  # type: ignore[arg-type]
    (folder / "awards.jsonl").write_text("".join(json.dumps(one) + "\n" for one in notices))
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "profile": one.profile,
            "postcode": [site.postcode for site in one.sites],
        }
        for some in people.values()
        for one in some
    ]
    (folder / "providers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def given(files: Path, command: str = "replay-awards") -> tuple[str | Path, ...]:
    return (
        *(command, "--awards", files / "awards.jsonl", "--providers", files / "providers.jsonl"),
        *("--register", files / "register", "--metrics", "Success@10"),
    )


def as_json(run: Run, *words: str | Path) -> dict[str, Any]:
    done = run(*words, "--format", "json")
    assert done.code == 0, done
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_past_lots_are_asked_again_and_what_came_of_it_is_written(run: Run, files: Path) -> None:
    out, page = files / "out", files / "replay.html"
    words = (*given(files), *WINDOW, "--bundle", "hand", "--sample", "20")
    found = as_json(run, *words, "--out", out, "--html", page)
    (told,) = found["runs"]
    assert told["run"] == "hand"
    assert told["measures"]["Success@10"]["mean"] > 0.3
    assert found["methods"]["about"]["window"] == "2025-09-01 to 2025-09-30"
    assert {row["by"] for row in found["slices"]} >= {"service", "region", "winner"}
    assert {row["by"] for row in found["exposure"]} == {"size", "region", "record", "profile"}
    assert "Award replay, 2025-09-01 to 2025-09-30" in page.read_text()
    written = ("hand.run", "qrels.txt", "slices.csv", "groups.csv", "lots.jsonl")
    assert sorted(path.name for path in out.iterdir()) == sorted(written)


def test_what_was_written_scores_the_same_again(run: Run, files: Path) -> None:
    out = files / "again"
    words = (*given(files), *WINDOW, "--bundle", "hand", "--sample", "20", "--out", out)
    first = as_json(run, *words)
    scored = ("evaluate", out / "hand.run", "--qrels", out / "qrels.txt")
    beside = ("--slices", out / "slices.csv", "--groups", out / "groups.csv")
    second = as_json(run, *scored, *beside, "--metrics", "Success@10")
    assert second["runs"][0]["measures"] == first["runs"][0]["measures"]
    assert second["slices"] == first["slices"]
    assert second["exposure"] == [row for row in first["exposure"] if row["groups"]]
    asked = ("evaluate", "bundle:hand", "--register", files / "register", "--before", "2025-09-01")
    third = as_json(
        run,
        *(*asked, "--lots", out / "lots.jsonl", "--qrels", out / "qrels.txt"),
        *("--metrics", "Success@10"),
    )
    assert third["runs"][0]["measures"] == first["runs"][0]["measures"]


def test_a_run_that_the_disk_has_no_room_for_leaves_the_one_before(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = files / "kept"
    words = (*given(files), *WINDOW, "--bundle", "hand", "--sample", "20", "--out", out)
    as_json(run, *words)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    write = runs.write

    def cut_short(written: runs.Run, out: TextIO) -> None:
        whole = io.StringIO()
        write(written, whole)
        out.write(whole.getvalue()[: len(whole.getvalue()) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(runs, "write", cut_short)
    done = run(*words)
    assert done.code == 2
    assert "the disk is full; free some space" in " ".join(done.err.split())
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_several_bundles_and_runs_of_others_stand_side_by_side(
    run: Run, files: Path, trained: Trained
) -> None:
    words = (*given(files), *WINDOW, "--sample", "20")
    as_json(run, *words, "--bundle", "hand", "--out", files / "one")
    both = as_json(
        run,
        *(*words, "--bundle", "hand", trained.folder, "--as-it-is"),
        *("--beside", files / "one" / "hand.run"),
    )
    names = [told["run"] for told in both["runs"]]
    assert names == ["hand (1)", "invented, knowing the window", "hand (2)"]
    same = next(row for row in both["comparisons"] if row["second"] == "hand (2)")
    assert (same["difference"], same["claim"]) == (0.0, "no difference was shown")
    reasons = both["side by side"][0]["lists"]
    assert all(any(one["reasons"] for one in listed) for listed in reasons.values())


def test_a_bundle_that_reads_sentences_lists_as_over_a_register_of_its_own(
    run: Run, tmp_path: Path
) -> None:
    files = history(tmp_path, every=5)  # to encode the texts of all takes half a minute
    out, own = files / "sentences", files / "register-of-default"
    sources = (*("--awards", files / "awards.jsonl"), *("--providers", files / "providers.jsonl"))
    assert not run("build", "--register", own, "--bundle", "default", "--trust-ids", *sources).code
    before = {path: path.stat().st_mtime_ns for path in own.rglob("*")}
    words = (*given(files), *WINDOW, "--bundle", "default", "--as-it-is", "--sample", "20")
    (replayed,) = as_json(run, *words, "--out", out)["runs"]
    assert replayed["status"] == "ran"
    assert replayed["lots"] > 0
    for register in (own, files / "register"):
        asked = ("evaluate", "bundle:default", "--register", register, "--before", "2025-09-01")
        (evaluated,) = as_json(
            run,
            *(*asked, "--lots", out / "lots.jsonl", "--qrels", out / "qrels.txt"),
            *("--metrics", "Success@10"),
        )["runs"]
        assert evaluated["measures"] == replayed["measures"]
        assert evaluated["lots"] == replayed["lots"]
    assert {path: path.stat().st_mtime_ns for path in own.rglob("*")} == before


def test_a_bundle_that_knows_the_window_is_refused_unless_told(
    run: Run, files: Path, trained: Trained
) -> None:
    words = (*given(files), *WINDOW, "--bundle", trained.folder)
    told = run(*words).refusal
    assert "learned from awards before 2025-10-01, so from the window itself" in told
    assert "--retrain" in told
    assert "--as-it-is" in told


@pytest.mark.parametrize(
    ("window", "why"),
    [
        (("2025-09-30", "2025-09-01"), "ends before it begins"),
        (("2030-01-01", "2030-12-31"), "no lot of local government awarded in these days"),
    ],
)
def test_a_window_without_lots_is_refused(
    run: Run, files: Path, window: tuple[str, str], why: str
) -> None:
    assert why in run(*given(files), "--window", *window, "--bundle", "hand").refusal


def test_a_reserved_list_cannot_be_replayed(run: Run, files: Path) -> None:
    words = (*given(files), *WINDOW, "--bundle", "hand", "--purpose", "reserved")
    assert "--purpose reserved: a replay asks about all providers" in run(*words).refusal


def test_a_list_of_whom_to_invite_can(run: Run, files: Path) -> None:
    words = (*given(files), *WINDOW, "--bundle", "hand", "--purpose", "invite", "--sample", "20")
    (told,) = as_json(run, *words)["runs"]
    assert told["lots"] > 0


def test_another_bundle_is_trained_on_what_was_before_the_window(
    run: Run, files: Path, trained: Trained
) -> None:
    config = files / "quick.toml"
    config.write_text(QUICK)
    words = (*given(files), *WINDOW, "--bundle", trained.folder, "--sample", "20")
    found = as_json(run, *words, "--retrain", "--config", config)
    assert found["runs"][0]["run"] == "invented, before 2025-09-01"
    (made,) = (files / "register").glob("bundle-before-2025-09-01-*")
    assert Bundle.open(made, FEATURES).card["knows awards before"] == "2025-09-01"


def test_signals_are_taken_away_one_by_one(run: Run, files: Path) -> None:
    words = (*given(files, "ablate"), *WINDOW, "--bundle", "hand", "--sample", "20")
    found = as_json(run, *words)
    told = {row["group"]: row["worth"][0]["worth"] for row in found["groups"]}
    assert {"What it says it does", "Where it is"} <= set(told)
    assert max(told.values()) > 0
    assert "What hand loses without each signal" in run(*words).out.replace("\n", " ")


def test_two_replays_at_once_keep_one_register_that_both_can_use(
    run: Run, files: Path, tmp_path: Path
) -> None:
    """One may be told to wait; neither spoils what the other wrote."""
    register = tmp_path / "register"
    sources = ("--awards", files / "awards.jsonl", "--providers", files / "providers.jsonl")
    words = ("replay-awards", *sources, "--register", register, "--metrics", "Success@10")
    asked = (*words, *WINDOW, "--bundle", "lite", "--as-it-is", "--sample", "20")
    command = [sys.executable, "-m", "api.cli", *map(str, asked), "--format", "json", "--quiet"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    both = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    told = [(*one.communicate(timeout=300), one.returncode) for one in both]
    assert 0 in [code for _, _, code in told], told
    for _, err, code in told:
        assert code in (0, 5)
        assert code == 0 or ("Refused: --register" in err and "wait until" in err)
    alone = as_json(run, *asked)
    for out, _, code in told:
        assert code or json.loads(out)["runs"] == alone["runs"]
    assert len(list(register.glob("snapshot-*"))) == 1
    assert len(list(register.glob(f"{COPY}*/CURRENT"))) == 1
