from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from api.cli import main
from api.cli.command_table import CommandEntry
from api.cli.output import files
from matcher.register.register import Register
from tests.api.conftest import Ran, Run
from tests.registers import snapshots

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
NOTICE, LOT = (EXAMPLES / n for n in ("notice.json", "lot.json"))
PROVIDERS, AWARDS = EXAMPLES / "providers.jsonl", EXAMPLES / "awards.ocds.jsonl"
COMMANDS = sorted(typer.main.get_command(main.app).commands)  # type: ignore[attr-defined]


def built(run: Run, register: Path, *words: str | Path) -> Ran:
    """Build a register; by hand-set weights, for which no text is encoded."""
    ran = run("build", "--register", register, "--quiet", "--bundle", "hand", *words)
    assert ran.code == 0, ran
    return ran


@pytest.fixture(scope="module")
def example(example_register: Path) -> Path:
    """The register of the examples, built by the command itself, in a process of its own."""
    return example_register


@pytest.fixture(scope="module")
def example_providers(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A register of the providers alone."""
    path = tmp_path_factory.mktemp("providers") / "reg"
    words: list[str | Path] = ["--register", path, "--providers", PROVIDERS, "--bundle", "hand"]
    ran = process("build", *words, env={"LBD_CACHE": str(cache)})
    assert ran.code == 0, ran.err
    return path


def process(*words: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Ran:
    ran = subprocess.run(
        [sys.executable, "-m", "api.cli.main", *map(str, words)],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **(env or {})},
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def asked(run: Run, register: Path, lot: str | Path, *words: str, stdin: bytes = b"") -> Any:
    ran = run("shortlist", lot, "--register", register, "--format", "json", *words, stdin=stdin)
    assert ran.code == 0, ran
    return json.loads(ran.out)


# --- help ---


def test_the_commands_are_those_that_are_documented() -> None:
    assert {"build", "shortlist", "rank", "provider", "merges", "rules"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert "Usage" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("command", ["rank", "merges", "serve", "judge pool"])
def test_help_fills_the_lines_of_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = run(*command.split(), "--help").out.partition("╭")[0]
    lines = [line.strip() for line in told.splitlines()]
    broken = [
        (line, after)
        for line, after in pairwise(lines)
        if line and after and not line.startswith(("Usage", "Example"))
        if len(line) + 1 + len(after.split()[0]) < 76
    ]
    assert broken == []


def test_no_command_shows_the_help(run: Run) -> None:
    ran = run()
    assert all(command in ran.out + ran.err for command in COMMANDS)


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    ran = run("rules", "--nope")
    assert ran.code == click.UsageError.exit_code
    assert "--nope" in ran.err


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            ["build", "--awards", "a", "b", "c"],
            ["build", *["--awards", "a"], *["--awards", "b"], *["--awards", "c"]],
        ),
        (["build", "--awards=a", "--quiet"], ["build", "--awards=a", "--quiet"]),
        (
            ["x", "--providers", "a", "--register", "r", "b"],
            ["x", "--providers", "a", "--register", "r", "b"],
        ),
        (["shortlist", "-", "--register", "r"], ["shortlist", "-", "--register", "r"]),
    ],
)
def test_several_files_may_follow_one_option(said: list[str], meant: list[str]) -> None:
    assert main.repeat_options(said) == meant


@pytest.mark.parametrize(
    ("command", "threads"),
    [("shortlist", "1"), ("market", "1"), ("serve", "1"), ("build", None), ("train", None)],
)
def test_a_lot_is_asked_about_in_one_thread(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, threads: str | None
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    run(command, "--help")
    assert os.environ["OMP_NUM_THREADS"] == "4"
    monkeypatch.delenv("OMP_NUM_THREADS")
    run(command, "--help")
    assert os.environ.get("OMP_NUM_THREADS") == threads


# --- shortlist ---


def test_each_lot_of_the_example_notice_gets_a_list(run: Run, example: Path) -> None:
    found = asked(run, example, NOTICE, "-k", "3")
    assert len(found["shortlists"]) == 5
    assert found["refused"] == []
    for each in found["shortlists"]:
        assert 1 <= len(each["suggestions"]) <= 3
        assert each["register"] == Register.open(example).version


def test_a_process_of_its_own_writes_the_same_bytes(run: Run, example: Path) -> None:
    words: list[str | Path] = ["shortlist", LOT, "--register", example, "--format", "json"]
    apart = [process(*words, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2")]
    assert apart[0].out == apart[1].out == run(*words).out
    assert apart[0].code == 0
    assert apart[0].err == ""


def test_standard_input_is_read_where_the_lot_is_a_dash(run: Run, example: Path) -> None:
    by_file = asked(run, example, LOT)["shortlists"]
    by_pipe = asked(run, example, "-", stdin=LOT.read_bytes())["shortlists"]
    assert by_pipe == by_file


def test_bytes_that_are_not_utf_8_are_read_as_far_as_they_can_be(run: Run, example: Path) -> None:
    found = asked(run, example, "-", stdin=b"Cleaning of caf\xe9s and schools")["shortlists"]
    assert found[0]["lot"]["title"].startswith("Cleaning of caf")


def test_a_table_names_each_provider_and_what_it_rests_on(run: Run, example: Path) -> None:
    ran = run("shortlist", LOT, "--register", example, "-k", "2", "--seed", "9")
    found = asked(run, example, LOT, "-k", "2", "--seed", "9")["shortlists"][0]
    assert ran.code == 0
    assert all(s["id"] in ran.out for s in found["suggestions"])
    assert "seed 9" in ran.out
    assert found["register"] in ran.out


def test_a_csv_has_a_row_for_each_suggestion(run: Run, example: Path) -> None:
    ran = run("shortlist", NOTICE, "--register", example, "-k", "2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert len(rows) == 10
    assert {row["rank"] for row in rows} == {"1", "2"}


def test_options_reach_the_answer(run: Run, example: Path) -> None:
    found = asked(run, example, LOT, "--area", "Walsall", "--with-neighbours", "--size", "any")
    assert "Walsall" in found["shortlists"][0]["scope"]
    early = asked(run, example, LOT, "--before", "2023-01-01", "--everyone")["shortlists"][0]
    assert not any(s["past"] for s in early["suggestions"])


# --- exit codes and refusals ---


def lot_file(folder: Path, **fields: Any) -> Path:
    lot = {"title": "Cleaning of schools", "postcode": "WS1 1TP", "buyer_kind": "council"}
    path = folder / "lot.json"
    path.write_text(json.dumps({**lot, "day": "2026-05-01", **fields}))
    return path


def test_a_lot_refused_by_law_is_exit_code_3_and_names_the_rule(
    run: Run, example: Path, tmp_path: Path
) -> None:
    path = lot_file(tmp_path, value=9_000_000)
    words = ["shortlist", path, "--register", example, "--purpose", "invite"]
    for form in ("json", "csv", "table"):
        ran = run(*words, "--format", form)
        assert ran.code == 3
        assert "PA2023-thresholds" in ran.out
        assert "Traceback" not in ran.err
    assert json.loads(run(*words, "--format", "json").out)["shortlists"] == []


def test_one_lot_refused_among_others_is_exit_code_0(
    run: Run, example: Path, tmp_path: Path
) -> None:
    path = tmp_path / "lots.jsonl"
    base = {"title": "Cleaning", "day": "2026-05-01", "postcode": "WS1 1TP"}
    lots = [{**base, "id": "a"}, {**base, "id": "b", "value": 9e6}]
    path.write_text("".join(json.dumps(each) + "\n" for each in lots))
    found = asked(run, example, path, "--purpose", "invite")
    assert [s["lot"]["id"] for s in found["shortlists"]] == ["a"]
    assert [r["lot"] for r in found["refused"]] == ["b"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"title": "Cleaning"', "is not JSON"),
        (b'[{"title": 1', "no usable lot"),
        (b"", "is empty"),
        (b"{}", "title"),
        (b'{"title": "x", "value": NaN}', "value: nan"),
        (b'{"title": "x", "value": 1e9999}', "value: a number that is too large"),
        (b'{"title": "x", "value": -1}', "value: -1"),
        (b'{"title": "x", "postcode": "nowhere"}', "postcode: 'nowhere'"),
        (b'{"title": "x", "cpv": ["12"]}', "cpv: '12'"),
        (b'{"title": "x", "day": "soon"}', "day: 'soon'"),
        (b'{"title": "x", "description": "' + b"a" * 1_000_001 + b'"}', "1,000,001 characters"),
        (b"a" * 1_000_001, "characters"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_lot_that_cannot_be_used_is_refused_in_one_sentence(
    run: Run, example: Path, content: bytes, says: str
) -> None:
    ran = run("shortlist", "-", "--register", example, stdin=content)
    assert says in ran.refusal or says in ran.refusal.lower(), ran.refusal[:400]
    assert "standard input" in ran.refusal
    assert len(ran.refusal) < 600
    assert ran.out == ""


def test_a_place_that_does_not_exist_is_refused(run: Run, example: Path, tmp_path: Path) -> None:
    ran = run("shortlist", lot_file(tmp_path, postcode="ZE9 9ZZ"), "--register", example)
    assert "postcode: 'ZE9 9ZZ' is not a postcode that exists" in ran.refusal
    ran = run("shortlist", lot_file(tmp_path, postcode="", area="Walsal"), "--register", example)
    assert "area: 'Walsal' is not a council" in ran.refusal
    assert "did you mean 'Walsall'" in ran.refusal


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--within", "soon"], "--within 'soon' is not a distance"),
        (["--within", "5km", "--area", "Walsall"], "--within cannot be given with area"),
        (["--area", "Atlantis"], "--area 'Atlantis' is not a council"),
        (["--size", "huge"], "--size 'huge' is not known"),
        (["--kind", "circus"], "kind 'circus'"),
        (["-k", "0"], "limit (-k) 0"),
        (["--everyone", "--within", "5km"], "everyone"),
        (["--bundle", "nope"], "--bundle nope"),
        (["--with-neighbours"], "--with-neighbours needs area"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_an_option_that_cannot_be_is_refused_by_its_name(
    run: Run, example: Path, words: list[str], says: str
) -> None:
    assert says in run("shortlist", LOT, "--register", example, *words).refusal


@pytest.mark.parametrize("command", [["shortlist", LOT], ["merges"], ["provider", "X"]])
def test_a_folder_without_a_register_is_refused_with_the_command_that_makes_one(
    run: Run, tmp_path: Path, command: list[str | Path]
) -> None:
    assert "matcher build" in run(*command, "--register", tmp_path).refusal
    assert list(tmp_path.iterdir()) == []


# --- build ---


def test_a_build_says_what_it_read(run: Run, tmp_path: Path) -> None:
    ran = built(run, tmp_path / "reg", "--providers", PROVIDERS, "--awards", AWARDS)
    assert "134 awards" in ran.out


def test_what_a_build_could_not_read_is_said_by_it_and_by_status(run: Run, tmp_path: Path) -> None:
    table, register = tmp_path / "members.csv", tmp_path / "reg"
    table.write_text("Name,Postcode,Status\nOak,WS1 1TP,Active\nElm,Dudley,Gold member\n")
    build = built(run, register, "--providers", table)
    status = run("status", "--register", register, "--store", tmp_path / "store")
    for said in (build.out, status.out):
        words = " ".join(said.replace("│", " ").split())
        assert "cell for a postcode" in words
        assert "status that is not" in words
        assert "members.csv row 3" in words


def test_nothing_to_build_from_is_refused(run: Run, tmp_path: Path) -> None:
    refusal = run("build", "--register", tmp_path / "reg").refusal
    assert "--providers" in refusal
    assert "--open-referral" in refusal
    assert not (tmp_path / "reg").exists()


def truncated(folder: Path) -> Path:
    path = folder / "awards.jsonl.gz"
    packed = gzip.compress(AWARDS.read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    return path


def wrong_zip(folder: Path) -> Path:
    path = folder / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here\n")
    return path


def broken_zip(folder: Path) -> Path:
    path = folder / "broken.zip"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 50)
    return path


def sheet(folder: Path) -> Path:
    path = folder / "rows.csv"
    path.write_text("title,value\nx,1\n")
    return path


@pytest.mark.parametrize(
    ("option", "make"),
    [
        ("--charities", wrong_zip),
        ("--charities", broken_zip),
        ("--companies", wrong_zip),
        ("--companies", truncated),
        ("--providers", sheet),
        ("--providers", broken_zip),
        ("--providers", truncated),
        ("--awards", lambda folder: folder / "gone.jsonl"),
        ("--open-referral", lambda folder: folder / "gone.json"),
        ("--keep-apart", sheet),
        ("--keep-apart", lambda folder: folder / "gone.csv"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused_and_the_register_stands(
    run: Run, example_providers: Path, tmp_path: Path, option: str, make: Any
) -> None:
    register = shutil.copytree(example_providers, tmp_path / "reg")
    version = Register.open(register).version
    path = make(tmp_path)
    ran = run("build", "--register", register, "--providers", PROVIDERS, option, path)
    assert path.name in ran.refusal
    assert Register.open(register).version == version
    assert len(snapshots(register)) == 1


def test_truncated_awards_are_kept_as_far_as_they_go_with_a_note(run: Run, tmp_path: Path) -> None:
    ran = built(run, tmp_path / "reg", "--awards", truncated(tmp_path))
    assert "truncated" in ran.out
    assert 0 < len(Register.open(tmp_path / "reg").awards) < 134


# --- rank ---


def ranked(run: Run, example: Path, lots: Path, path: Path, *words: str) -> Ran:
    return run("rank", "--register", example, "--lots", lots, "--run", path, "--quiet", *words)


def test_a_run_has_falling_scores_and_one_line_a_lot_and_provider(
    run: Run, example: Path, tmp_path: Path
) -> None:
    ran = ranked(run, example, NOTICE, tmp_path / "run", "-k", "20", "--everyone")
    assert ran.code == 0
    assert "5 lots ranked, 0 refused" in ran.err
    lines = [line.split() for line in (tmp_path / "run").read_text().splitlines()]
    assert all(len(line) == 6 for line in lines)
    lots = dict.fromkeys(line[0] for line in lines)
    assert len(lots) == 5
    assert all("#" in lot for lot in lots)
    for lot in lots:
        mine = [line for line in lines if line[0] == lot]
        assert [int(line[3]) for line in mine] == list(range(1, len(mine) + 1))
        scores = [float(line[4]) for line in mine]
        assert all(a > b for a, b in pairwise(scores))
        assert len({line[2] for line in mine}) == len(mine) <= 20
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_run_of_no_lot_says_why_and_ends_with_code_3(
    run: Run, example: Path, tmp_path: Path
) -> None:
    (tmp_path / "lots.json").write_text('{"uri": "https://x.example", "releases": []}')
    ran = ranked(run, example, tmp_path / "lots.json", tmp_path / "run")
    assert ran.code == 3
    assert "1 package without releases" in ran.err


def test_a_run_lists_providers_as_the_shortlist_does(
    run: Run, example: Path, tmp_path: Path
) -> None:
    ranked(run, example, NOTICE, tmp_path / "run", "-k", "5", "--seed", "4")
    found = asked(run, example, NOTICE, "-k", "5", "--seed", "4")["shortlists"]
    listed = [(each["lot"]["id"], s["id"]) for each in found for s in each["suggestions"]]
    lines = [line.split() for line in (tmp_path / "run").read_text().splitlines()]
    assert [(line[0], line[2]) for line in lines] == listed


def test_refused_lots_are_named(run: Run, example: Path, tmp_path: Path) -> None:
    lots = lot_file(tmp_path, id="big", value=9e6)
    ran = ranked(run, example, lots, tmp_path / "run", "--purpose", "invite", "--everyone")
    assert ran.code == 3
    assert "0 lots ranked, 1 refused" in ran.err
    assert "refused big:" in ran.err


def test_entries_that_are_not_lots_are_counted(run: Run, example: Path, tmp_path: Path) -> None:
    (tmp_path / "lots.jsonl").write_text('{"title": "Cleaning"}\n{"title": \n')
    ran = ranked(run, example, tmp_path / "lots.jsonl", tmp_path / "run")
    assert "1 lot ranked" in ran.err
    assert "set aside: 1 is not JSON (lots.jsonl line 2: it ends too early)" in ran.err


def test_a_failed_run_leaves_the_old_file_and_no_partial_one(
    run: Run, example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").write_text("old\n")
    assert "gone.json" in ranked(run, example, Path("gone.json"), tmp_path / "run").refusal

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "trec", broken)
    ranked(run, example, NOTICE, tmp_path / "run")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("run", "old\n")]


# --- provider, merges, rules ---


def test_a_provider_is_shown_with_each_fact_its_source_and_its_day(run: Run, example: Path) -> None:
    ran = run("provider", "XX-EXAMPLE-0001", "--register", example)
    assert ran.code == 0
    for said in ("Hesslow Wheels Community Interest Company", "WS3 1RW", "2026-08-31", "£186,400"):
        assert said in ran.out
    assert "Transport to day centres" in ran.out


ODD = "=Willowmere Befriending"


def test_merges_are_listed_and_undone_by_their_own_file(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "id,name,postcode\n"
        f"GB-CHC-1150079,{ODD} Society,WS1 1TP\n"
        f"=own-2,{ODD} Society Ltd,WS1 1TP\n"
    )
    built(run, tmp_path / "one", "--providers", rows)
    as_csv = run("merges", "--register", tmp_path / "one", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(as_csv.out))
    assert {row["kept_name"], row["merged_name"]} == {f"'{ODD} Society", f"'{ODD} Society Ltd"}
    (same,) = json.loads(run("merges", "--register", tmp_path / "one", "--format", "json").out)
    assert {same["kept_name"], same["merged_name"]} == {f"{ODD} Society", f"{ODD} Society Ltd"}
    assert "postcode" in run("merges", "--register", tmp_path / "one").out
    (tmp_path / "apart.csv").write_text(as_csv.out)
    built(run, tmp_path / "two", "--providers", rows, "--keep-apart", tmp_path / "apart.csv")
    assert len(Register.open(tmp_path / "two")) == 2


def test_ids_are_trusted_where_asked(run: Run, tmp_path: Path) -> None:
    built(run, tmp_path / "reg", "--providers", PROVIDERS, "--trust-ids")
    register = Register.open(tmp_path / "reg")
    assert len(register) == len(PROVIDERS.read_text().splitlines())
    assert len(register.merges) == 0


def test_the_rulebook_of_a_day_is_shown(run: Run) -> None:
    amounts = {}
    for day in ("2025-12-31", "2026-01-01"):
        book = json.loads(run("rules", "--on", day, "--format", "json").out)
        assert book["on"] == day
        amounts[day] = {row["amount"] for row in book["thresholds"]}
    assert 214_904 in amounts["2025-12-31"] - amounts["2026-01-01"]
    assert 207_720 in amounts["2026-01-01"] - amounts["2025-12-31"]
    assert "£207,720" in run("rules", "--on", "2026-01-01").out


# --- what sources say does not speak to the terminal ---


def test_escape_sequences_in_names_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    name = "Red\x1b[31m Mop\x07\x9b2J[/bold]"
    record = {"id": "T-1", "name": name, "profile": "Office cleaning", "postcode": "WS1 1TP"}
    (tmp_path / "x.jsonl").write_text(json.dumps(record) + "\n")
    register = ("--register", tmp_path / "reg")
    ask = ("shortlist", "-", *register, "--bundle", "hand")
    shown = [
        built(run, tmp_path / "reg", "--providers", tmp_path / "x.jsonl").out,
        run("provider", "T-1", *register).out,
        run(*ask, stdin=b"Office cleaning\x1b[5m").out,
        run("provider", "\x1b[31mX", *register).err,
        run(*ask, "--format", "csv", stdin=b"Office cleaning").out,
    ]
    assert sum("Mop" in text for text in shown) == 3
    for text in shown:
        assert not set(text) & {"\x1b", "\x07", "\x9b"}


def test_a_fair_share_is_said_and_changes_only_the_order(run: Run, example: Path) -> None:
    asked = ("shortlist", NOTICE, "--register", example, "--format", "json", "-k", "60")
    plain = json.loads(run(*asked).out)["shortlists"]
    fair = json.loads(run(*asked, "--fair-share").out)["shortlists"]
    for before, after in zip(plain, fair, strict=True):
        assert any("their share of places" in note for note in after["notes"])
        assert not any("their share of places" in note for note in before["notes"])
        scores = {s["id"]: s["score"] for s in before["suggestions"]}
        assert {s["id"]: s["score"] for s in after["suggestions"]} == scores


def test_a_fair_share_is_refused_where_a_record_may_not_count(run: Run, example: Path) -> None:
    asked = ("shortlist", NOTICE, "--register", example, "--fair-share")
    assert "may not count for purpose invite" in run(*asked, "--purpose", "invite").refusal


def test_a_fair_share_needs_a_bundle_that_learned_one(run: Run, example: Path) -> None:
    asked = ("shortlist", NOTICE, "--register", example, "--fair-share", "--bundle", "hand")
    assert "bundle hand has no fair share" in run(*asked).refusal


def test_every_suggestion_says_how_likely_it_is_credible(run: Run, example: Path) -> None:
    asked = ("shortlist", NOTICE, "--register", example, "--format", "json")
    (first, *_) = json.loads(run(*asked).out)["shortlists"]
    told = [s["probability"] for s in first["suggestions"]]
    assert told == sorted(told, reverse=True)
    assert all(0 <= p <= 1 for p in told)


def test_training_without_its_libraries_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "training.learning.files", None)
    ran = run("train", "--awards", AWARDS, "--bundle", tmp_path / "ours")
    assert "pip install --editable '.[train]'" in ran.refusal


@pytest.mark.parametrize("entry", main.Commands.entries, ids=lambda entry: entry.name)
def test_the_table_says_of_each_command_what_its_own_help_says(entry: CommandEntry) -> None:
    first, *_ = entry.load().help.split("\n\n")
    assert " ".join(first.split()) == entry.summary


def test_rank_refuses_a_place_that_does_not_exist_by_its_field(
    run: Run, example: Path, tmp_path: Path
) -> None:
    lots = tmp_path / "lots.jsonl"
    titles = {"a": "Brownhills", "b": "Brownhils", "c": "Atlantis", "d": "Ashford"}
    lots.write_text(
        "".join(
            json.dumps({"id": id_, "title": "Home care", "area": area}) + "\n"
            for id_, area in titles.items()
        )
    )
    ran = ranked(run, example, lots, tmp_path / "run")
    told = " ".join(ran.err.split())
    assert ran.code == 0
    assert "1 lot ranked, 3 refused" in told
    assert "refused b: area: 'Brownhils' is not" in told
    assert "did you mean 'Brownhills'?" in told
    assert "refused c: area: 'Atlantis' is not" in told
    assert "refused d: area: 'Ashford' may be Ashford (Kent) or Ashford (Spelthorne)" in told
    assert "set aside" not in told


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ("import api.cli.main as m; m.app(['--help'], standalone_mode=False)", set[str]()),
        ("import api.cli.output.console", {"numpy"}),
    ],
    ids=["help", "what a command prints with"],
)
def test_no_library_that_ranks_or_keeps_is_imported_before_it_is_needed(
    script: str, needed: set[str]
) -> None:
    script += "; import sys; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.splitlines()[-1].split())
    heavy = {"numpy", "sqlalchemy", "fastapi", "lightgbm", "api.cli.shortlist"}
    assert loaded & heavy == needed


def test_the_package_runs_as_a_module() -> None:
    words = [sys.executable, "-m", "api.cli", "rank", "--help"]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--lots" in ran.stdout
