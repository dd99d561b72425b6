"""`matcher evaluate` and `matcher compare` as they are typed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from matcher.register.build.build import BuildOptions, build
from tests.api.conftest import Run
from tests.factory import award, lot, provider
from tests.registers import feed

LOTS = [f"L{n:02}" for n in range(12)]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Judgements and three runs: one good, one bad, one empty."""
    (tmp_path / "qrels.txt").write_text("".join(f"{one} 0 A 1\n" for one in LOTS))
    for name, order in (("good", "AB"), ("bad", "BA")):
        (tmp_path / f"{name}.run").write_text(
            "".join(
                f"{one} Q0 {who} {rank} {3 - rank}.0 {name}\n"
                for one in LOTS
                for rank, who in enumerate(order, 1)
            )
        )
    (tmp_path / "empty.run").write_text("")
    return tmp_path


def as_json(run: Run, *words: str | Path) -> dict[str, Any]:
    done = run(*words, "--format", "json", "--metrics", "Success@1")
    assert done.code == 0, done
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_runs_are_scored_and_compared(run: Run, files: Path) -> None:
    given = [files / "good.run", files / "bad.run", "--qrels", files / "qrels.txt"]
    found = as_json(run, "evaluate", *given)
    assert found["runs"][0]["measures"]["Success@1"]["mean"] == 1.0
    assert found["comparisons"][0]["claim"] == "good is better than bad"
    assert found["by lot"]["bad"]["Success@1"] == dict.fromkeys(LOTS, 0.0)
    digest = hashlib.sha256((files / "good.run").read_bytes()).hexdigest()
    assert found["methods"]["about"]["good.run"] == f"good.run, SHA-256 {digest}"
    done = run("evaluate", *given)
    assert done.code == 0
    assert "Success@10" in done.out
    assert "Paired differences" in done.out
    assert "The lots that differ most" in done.out
    assert "Success@10: good / bad" in done.out


def test_a_page_is_written_beside(run: Run, files: Path) -> None:
    page = files / "report.html"
    run("compare", files / "good.run", files / "bad.run", "--html", page)
    assert page.read_text().startswith("<!doctype html>")
    nowhere = files / "no" / "folder.html"
    refusal = run("compare", files / "good.run", files / "bad.run", "--html", nowhere).refusal
    assert "--html" in refusal


def test_a_run_that_never_ran_is_said_and_if_none_ran_the_code_is_3(run: Run, files: Path) -> None:
    done = run("evaluate", files / "good.run", files / "empty.run", "--qrels", files / "qrels.txt")
    assert done.code == 0
    assert "empty was not run: this report says nothing about it" in done.out
    assert run("evaluate", files / "empty.run", "--qrels", files / "qrels.txt").code == 3


def test_without_judgements_only_compare_has_something_to_say(run: Run, files: Path) -> None:
    assert "--qrels: is missing" in run("evaluate", files / "good.run").refusal
    found = as_json(run, "compare", files / "good.run", files / "bad.run")
    assert found["comparisons"] == []
    assert found["overlap"][0]["overlap"] == 1.0


def test_a_lot_that_nobody_judged_is_refused_or_left_out_and_counted(run: Run, files: Path) -> None:
    odd = files / "odd.run"
    odd.write_text("L00 Q0 A 1 1.0 t\nL99 Q0 A 1 1.0 t\n")
    words = ("evaluate", odd, "--qrels", files / "qrels.txt")
    assert "odd.run, line 2: lot L99 is not in qrels.txt" in run(*words).refusal
    found = as_json(run, *words, "--judged-only")
    assert found["runs"][0]["lots left out, not judged"] == 1
    assert len(found["runs"][0]["missing"]) == 11
    assert "1 lot without judgements was left out" in run(*words, "--judged-only").out


def test_judgements_with_other_ids_are_said(run: Run, files: Path) -> None:
    page, theirs = files / "report.html", files / "theirs.txt"
    theirs.write_text("".join(f"{one} 0 A-{one} 1\n" for one in LOTS))
    done = run("evaluate", files / "good.run", "--qrels", theirs, "--html", page)
    said = " ".join(done.out.split())
    assert "12 of 12 relevant providers are on no list: A-L00, A-L01" in said
    assert "and 7 more A list that has them under other ids scores nothing for them" in said
    assert "12 of 12 relevant providers are on no list" in page.read_text()
    assert (
        "on no list" not in run("evaluate", files / "good.run", "--qrels", files / "qrels.txt").out
    )


def test_slices_and_groups_are_read_and_refused_by_line(run: Run, files: Path) -> None:
    (files / "slices.csv").write_text("lot,by,slice\nL00,region,Wales\n")
    (files / "groups.csv").write_text("provider,by,group\nA,size,small\nB,size,large\n")
    (files / "target.csv").write_text("by,group,share\nsize,small,0.5\nsize,large,0.5\n")
    (files / "other.csv").write_text("by,group,share\narea,north,1\n")
    words = ("evaluate", files / "good.run", "--qrels", files / "qrels.txt")
    sliced = (*words, "--slices", files / "slices.csv", "--groups", files / "groups.csv")
    found = as_json(run, *sliced, "--target", "equal")
    assert found["slices"][0]["slice"] == "Wales"
    (row,) = as_json(run, *sliced, "--target", files / "target.csv")["exposure"]
    assert row["AWRF"] == found["exposure"][0]["AWRF"]
    assert (
        "providers are not grouped by area" in run(*sliced, "--target", files / "other.csv").refusal
    )
    assert "--target 'best'" in run(*sliced, "--target", "best").refusal
    (files / "slices.csv").write_text("lot,by,slice\nL77,region,Wales\n")
    assert "slices.csv, line 2: lot L77" in run(*sliced).refusal
    unjudged = ("compare", files / "good.run", files / "bad.run", "--slices", files / "slices.csv")
    assert "--slices: means over slices need --qrels" in run(*unjudged).refusal


def test_a_measure_that_is_none_is_refused(run: Run, files: Path) -> None:
    words = ("evaluate", files / "good.run", "--qrels", files / "qrels.txt", "--metrics", "best")
    assert "--metrics: 'best' is not a measure" in run(*words).refusal


@pytest.fixture
def asked(files: Path, places_table: Path) -> Path:
    """A register of three providers, and lots to ask of it."""
    kitchen = provider("A", "WS1 1TP", name="Hot Meals Kitchen", profile="hot meals for all")
    lunch = provider("B", "WS2 8RR", name="Lunch Club", profile="lunch for older people")
    taxi = provider("C", "WS1 1TP", name="Taxis", profile="taxis and minibuses")
    past = [award(f"p-{n}", kitchen, lot=lot(id=f"p-{n}", title="Hot meals")) for n in range(2)]
    places = places_table
    build(
        files / "reg",
        [feed(kitchen, lunch, taxi, *past)],
        places_table=places,
        options=BuildOptions(trust_ids=True),
    )
    rows = [{"id": one, "title": "Hot meals and lunch", "postcode": "WS1 1TP"} for one in LOTS]
    (files / "lots.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return files


def test_a_bundle_is_asked_on_the_spot_and_gives_its_reasons(run: Run, asked: Path) -> None:
    words = ("compare", "bundle:hand", asked / "bad.run", "--qrels", asked / "qrels.txt")
    given = ("--register", asked / "reg", "--lots", asked / "lots.jsonl")
    found = as_json(run, *words, *given)
    assert found["runs"][0]["lots"] == len(LOTS)
    listed = found["side by side"][0]["lists"]["hand"]
    assert listed[0]["provider"] == "A"
    assert listed[0]["name"] == "Hot Meals Kitchen"
    assert listed[0]["reasons"]
    assert found["side by side"][0]["lists"]["bad"][0]["name"] == "Lunch Club"
    told = {row["by"]: row["verdict"] for row in found["exposure"]}
    assert set(told) == {"size", "region", "record", "profile"}
    assert told["size"] == "no claim: no provider listed is in a group"


def test_what_a_run_is_called_is_never_markup(run: Run, files: Path) -> None:
    odd = files / "[red]odd:hand:.run"
    odd.write_text((files / "good.run").read_text())
    done = run("evaluate", odd, "--qrels", files / "qrels.txt")
    assert "[red]odd:hand:" in done.out.replace("\n", "")


def test_a_bundle_needs_a_register_and_lots(run: Run, asked: Path) -> None:
    words = ("compare", "bundle:hand", asked / "bad.run")
    assert "bundle:hand: needs --register" in run(*words).refusal
    assert "bundle:hand: needs --lots" in run(*words, "--register", asked / "reg").refusal
    told = run("compare", "bundle:nobody", asked / "bad.run", "--register", asked / "reg").refusal
    assert "nobody" in told


def test_another_embedder_is_asked_without_changing_the_register(run: Run, asked: Path) -> None:
    before = (asked / "reg" / "CURRENT").read_bytes()
    words = ("compare", "bundle:lite", "bundle:hand", "--qrels", asked / "qrels.txt")
    given = ("--register", asked / "reg", "--lots", asked / "lots.jsonl")
    found = as_json(run, *words, *given)
    assert [one["run"] for one in found["runs"]] == ["lite", "hand"]
    assert all(one["status"] == "ran" for one in found["runs"])
    assert (asked / "reg" / "CURRENT").read_bytes() == before


def test_a_copy_of_the_register_is_made_only_where_it_was_said(
    run: Run, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = asked / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    words = ("compare", "bundle:lite", "bundle:hand", "--qrels", asked / "qrels.txt")
    given = ("--register", asked / "reg", "--lots", asked / "lots.jsonl")
    told = run(*words, *given)
    assert (told.code, list(scratch.iterdir())) == (0, [])
    assert f"{asked / 'reg'} is not prepared for the model lite" in told.err
    assert f"made in {scratch}" in told.err
    assert "GB. The register is not changed." in told.err
    assert told.err.count("is not prepared") == 1  # hand reads no vectors
    assert run(*words, *given, "--quiet").err == ""
    assert run("compare", "bundle:hand", asked / "bad.run", *given).err == ""


def test_a_copy_that_does_not_fit_is_refused_before_it_is_made(
    run: Run, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = asked / "scratch"
    scratch.mkdir()
    assert run("build", "--register", asked / "reg", "--bundle", "lite").code == 0
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    usage = shutil.disk_usage(scratch)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    words = ("compare", "bundle:default", asked / "bad.run")
    given = ("--register", asked / "reg", "--lots", asked / "lots.jsonl")
    refusal = run(*words, *given).refusal
    assert f"--register {asked / 'reg'}: a copy of the register, in {scratch}" in refusal
    assert "nothing was written. Free some space, or name a folder on another disk in $TMPDIR" in (
        refusal
    )
    assert list(scratch.iterdir()) == []
