"""What somebody who is new to the command line meets first."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.console import Console

from api.cli.demo import example_folder
from api.cli.output.shortlists import shortlists
from matcher.ranking.matcher import Matcher
from matcher.sources.notices.lots import parse_lots
from tests import documents as make
from tests.api.conftest import Run
from tests.registers import registered
from tests.servers import answers_when_it_says_so, free_port
from tests.services import PEOPLE

ROOT = Path(__file__).resolve().parents[3]
TWO_LOTS = """Support at home

Lot 1: Home care in Walsall
Visits to older people at home, morning and evening. Value: £24,000.

Lot 2: Engine repairs
Engines are rebuilt. Value: £10,000.
"""


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Path:
    folder = tmp_path_factory.mktemp("newcomer")
    registered(folder / "reg", places_table, *PEOPLE, trust_ids=True)
    return folder / "reg"


# --- documents ---


@pytest.mark.parametrize("form", [".docx", ".pdf", ".txt", "-"])
def test_every_lot_of_a_specification_gets_a_list(
    run: Run, register: Path, tmp_path: Path, form: str
) -> None:
    content = {
        ".docx": lambda: make.word(*TWO_LOTS.splitlines()),
        ".pdf": lambda: make.pdf(TWO_LOTS.splitlines()),
    }.get(form, TWO_LOTS.encode)()
    words: list[str | Path] = ["--register", register, "--bundle", "hand", "--format", "json"]
    if form == "-":
        ran = run("shortlist", "-", *words, stdin=content)
    else:
        (tmp_path / f"spec{form}").write_bytes(content)
        ran = run("shortlist", tmp_path / f"spec{form}", *words)
    assert ran.code == 0, ran
    lots = [each["lot"] for each in json.loads(ran.out)["shortlists"]]
    assert [lot["title"] for lot in lots] == ["Home care in Walsall", "Engine repairs"]
    assert [lot["value"] for lot in lots] == [24_000, 10_000]


@pytest.mark.usefixtures("sandboxed")
def test_a_word_file_is_ranked(run: Run, register: Path, tmp_path: Path) -> None:
    (tmp_path / "spec.docx").write_bytes(make.word(*TWO_LOTS.splitlines()))
    words: list[str | Path] = ["--register", register, "--bundle", "hand", "--quiet", "--everyone"]
    out = tmp_path / "run.txt"
    ran = run("rank", "--lots", tmp_path / "spec.docx", "--run", out, *words)
    assert ran.code == 0, ran
    assert {line.split()[0] for line in out.read_text().splitlines()} == {"spec#1", "spec#2"}


TABLE = "Title;Post code;Value\nHome care;WS1 1TP;£9,000\nMeals;Narnia;5\nEngines;;lots\n"


def test_a_table_of_lots_is_answered_and_its_wrong_rows_are_named(
    run: Run, register: Path, tmp_path: Path
) -> None:
    (tmp_path / "lots.csv").write_text(TABLE)
    words = ["shortlist", tmp_path / "lots.csv", "--register", register, "--bundle", "hand"]
    answer = json.loads(run(*words, "--format", "json").out)
    assert [each["lot"]["title"] for each in answer["shortlists"]] == ["Home care"]
    wrong = {each["lot"]: each["message"] for each in answer["refused"]}
    assert list(wrong) == ["lots.csv row 3", "lots.csv row 4"]
    assert "postcode: 'Narnia' is not" in wrong["lots.csv row 3"]
    assert "value: 'lots' is not a number" in wrong["lots.csv row 4"]
    shown = " ".join(run(*words).out.split())
    assert (shown.count("lots.csv row 3"), shown.count("lots.csv row 4")) == (1, 1)


def test_a_table_of_lots_is_ranked(run: Run, register: Path, tmp_path: Path) -> None:
    (tmp_path / "lots.csv").write_text(TABLE)
    words: list[str | Path] = ["--register", register, "--bundle", "hand", "--quiet", "--everyone"]
    out = tmp_path / "run.txt"
    ran = run("rank", "--lots", tmp_path / "lots.csv", "--run", out, *words)
    told = " ".join(ran.err.split())
    assert {line.split()[0] for line in out.read_text().splitlines()} == {"lots.csv_row_2"}
    assert "1 lot ranked, 2 refused" in told
    assert "refused lots.csv row 4: lot cannot be used: value: 'lots' is not" in told


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("lot.txt", b"\x00\x01\x02", "is not text"),
        ("lot.txt", b"PK\x03\x04 zip", "is named .txt but is a zip or Word file"),
        ("lot.txt", b"%PDF-1.7", "is named .txt but is a PDF"),
        ("lot.docx", b"plain", "is named .docx but is something else"),
        ("lot.txt", b" \n", "is empty"),
        ("none.docx", None, "cannot be read"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    run: Run, register: Path, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = run("shortlist", tmp_path / name, "--register", register, "--bundle", "hand")
    assert words in ran.refusal
    assert name in ran.refusal


# --- conveniences ---


def test_the_register_can_be_named_once(
    run: Run, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHER_REGISTER", str(register))
    assert "Engine Works" in run("provider", "GB-COH-01234567").out


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version").out == f"matcher {version('local-by-default')}\n"


def test_a_shell_completes_commands() -> None:
    env = {"_MATCHER_COMPLETE": "complete_bash", "COMP_WORDS": "matcher sho", "COMP_CWORD": "1"}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv[0] = 'matcher'\nfrom api.cli.main import main; main()",
        ],
        env={**os.environ, **env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["shortlist"], done


@pytest.mark.parametrize("name", ["Engine Works", "engine wrks"])
def test_a_provider_is_found_by_its_name(run: Run, register: Path, name: str) -> None:
    ran = run("provider", name, "--register", register)
    assert (ran.code, "GB-COH-01234567" in ran.out) == (0, True)


def test_providers_with_similar_names_are_listed(run: Run, register: Path) -> None:
    ran = run("provider", "Brightside", "--register", register)
    assert ran.code == 3
    assert all(f"GB-CHC-{1_000_000 + number}" in ran.out for number in range(1, 6))
    assert "no provider 'Zzyzx'" in run("provider", "Zzyzx", "--register", register).refusal


@pytest.mark.parametrize(("columns", "width"), [("70", 70), ("200", 200), ("x", 120), ("3", 120)])
def test_what_is_piped_is_as_wide_as_the_environment_says(
    run: Run, register: Path, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = run("merges", "--register", register).out + run("rules").out
    assert width - 30 < max(map(len, out.splitlines())) <= width


# --- what the terminal shows ---


def test_no_merges_are_said_in_words(run: Run, register: Path) -> None:
    assert "Nothing to look at" in run("merges", "--register", register, "--doubtful").out
    assert "No records were merged" in run("merges", "--register", register).out
    assert json.loads(run("merges", "--register", register, "--format", "json").out) == []


def test_a_very_long_title_is_shortened_on_the_terminal_alone(
    run: Run, register: Path, tmp_path: Path
) -> None:
    title = "Home care visits " * 6_000
    (tmp_path / "lot.json").write_text(json.dumps({"title": title, "postcode": "WS1 1TP"}))
    words = ("shortlist", tmp_path / "lot.json", "--register", register, "--bundle", "hand")
    shown = run(*words).out
    assert (len(shown) < 20_000, "…" in shown) == (True, True)
    assert title.strip() in run(*words, "--format", "json").out


# --- serving ---


def test_a_port_in_use_is_refused_before_anything_else(run: Run, register: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = run("serve", "--register", register, "--bundle", "hand", "--port", str(port))
    assert f"--port {port}: is in use by another program" in ran.refusal


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serving_is_said_once_it_answers(register: Path, tmp_path: Path, workers: str) -> None:
    words = ["serve", "--register", register, "--bundle", "hand", "--port", free_port()]
    words += ["--workers", workers, "--records", tmp_path / "r.sqlite"]
    command = [sys.executable, "-m", "api.cli.main", *words]
    answers_when_it_says_so(command, tmp_path / "log", os.environ | {"PYTHONPATH": str(ROOT)})


def test_the_demo_is_the_example_of_the_repository() -> None:
    names = sorted(path.name for path in (ROOT / "examples").iterdir())
    assert sorted(path.name for path in example_folder().iterdir()) == names


# --- what cannot be used ---


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("lots.xlsx", "not a table", "lots.xlsx: has no column title or description"),
        ("lots.txt.gz", "not a table", "give lots as JSON or in a table"),
        ("lot.json", "42", "42 is not a lot; give its fields"),
        ("lot.json", '"meals"', "'meals' is not a lot; give its fields"),
        ("lot.json", "[[1, 2]]", "a list is not a lot; give its fields"),
        ("lot.json", '{"Lots": [{"title": "Meals"}]}', "only 'Lots' (did you mean lots?)"),
        ("lot.json", '{"title": "Meals", "value": true}', "value: true is not a number of pounds"),
        ("lot.json", '{"title": "Meals", "value": NaN}', "value: NaN is not a number of pounds"),
    ],
)
def test_a_file_without_a_lot_is_refused_with_what_would_be_right(
    run: Run, register: Path, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content)
    refusal = run("shortlist", tmp_path / name, "--register", register, "--bundle", "hand").refusal
    assert said in refusal


def test_a_field_of_a_lot_that_is_not_known_is_named_beside_the_list(
    run: Run, register: Path, tmp_path: Path
) -> None:
    lot = {"title": "Home care", "post_code": "WS1 1TP", "value_if_whole": None}
    (tmp_path / "lot.json").write_text(json.dumps(lot))
    words = ("--register", register, "--bundle", "hand")
    ran = run("shortlist", tmp_path / "lot.json", *words)
    assert ran.code == 0
    shown = " ".join(ran.out.split())
    assert "post_code: there is no such field; did you mean postcode?" in shown
    assert "value_if_whole" not in shown


def test_a_misspelt_title_is_named_where_there_is_no_other(
    run: Run, register: Path, tmp_path: Path
) -> None:
    (tmp_path / "lot.json").write_text('{"titel": "Meals", "colour": "red"}')
    words = ("--register", register, "--bundle", "hand")
    refusal = run("shortlist", tmp_path / "lot.json", *words).refusal
    assert "title: is missing" in refusal
    assert "titel: there is no such field; did you mean title?" in refusal
    assert "colour" not in refusal


def test_one_provider_has_too_little_in_common_and_two_have(register: Path) -> None:
    lots, _ = parse_lots('{"title": "Home care", "postcode": "WS1 1TP"}', "lot.json")
    answer = Matcher.open(register, "hand").shortlist(lots[0])
    for number, said in ((1, "1 of them has too little"), (2, "2 of them have too little")):
        console = Console(file=io.StringIO(), width=400)
        console.print(*shortlists([replace(answer, unlike=number, ranked=number + 1)]))
        assert said in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_file_in_place_of_a_register_is_named_as_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "reg").write_text("x")
    refusal = run("provider", "GB-CHC-1", "--register", tmp_path / "reg").refusal
    assert "is a file, and a register is a folder" in refusal


def test_an_unknown_provider_is_refused_with_an_id_that_the_register_has(
    run: Run, register: Path
) -> None:
    refusal = run("provider", "GB-CHC-0000000", "--register", register).refusal
    example = re.search(r"an ID such as (\S+)$", refusal)
    assert example
    assert run("provider", example[1], "--register", register).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-k", "ten"), "not a whole number"),
        (("--whole-value", "lots"), "not a number"),
        (("--before", "yesterday"), "'yesterday' is not a date that exists; give one such as"),
        (("--purpose", "invited"), "'invited' is not one of 'engagement', 'invite', 'reserved'"),
    ],
)
def test_a_value_that_an_option_cannot_take_is_refused_in_plain_words(
    run: Run, register: Path, words: tuple[str, str], said: str
) -> None:
    ran = run("shortlist", "lot.json", "--register", register, *words)
    assert ran.code == 2
    shown = " ".join(ran.err.replace("│", " ").split())
    assert said in shown
    assert words[0] in shown
    assert not [word for word in ("Input should", "Value error", "%Y") if word in shown]


@pytest.mark.parametrize(("port", "said"), [("99999", "largest is 65535"), ("-1", "smallest is 0")])
def test_a_number_out_of_range_is_refused_with_the_limit(
    run: Run, register: Path, port: str, said: str
) -> None:
    ran = run("serve", "--register", register, "--port", port)
    assert ran.code == 2
    assert said in " ".join(ran.err.replace("│", " ").split())
