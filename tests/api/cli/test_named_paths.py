"""Files that options name: one that cannot be used is refused at once, whatever the command."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import get_args

import pytest
import typer
from typer.models import ArgumentInfo, OptionInfo

from api.cli import main, named_paths
from api.cli.main import Commands
from matcher.core.errors import BadInput
from tests.api.conftest import Run

CHECKS = {
    named_paths.to_read,
    named_paths.tables_to_read,
    named_paths.providers_to_read,
    named_paths.spending_to_read,
    named_paths.file_to_read,
    named_paths.file_to_write,
    named_paths.file_to_add_to,
    named_paths.folder_to_fill,
}
CHECKED_WHEN_OPENED = {"register", "encoders", "restore file", "status store_path"}
"""A register and a backup have refusals of their own; encoders may be there or be made; and the
status of a store that is not there is that nothing was downloaded."""
REGISTER = ("--register", "register")


def paths() -> Iterator[tuple[str, str, OptionInfo | ArgumentInfo]]:
    """Each parameter of each command that is a path or a list of them."""
    for entry in Commands.entries:
        module, _, name = entry.source.partition(":")
        found = getattr(import_module(module), name)
        each = (
            [one.callback for one in found.registered_commands]
            if isinstance(found, typer.Typer)
            else [found]
        )
        for function in each:
            for parameter in signature(function, eval_str=True).parameters.values():
                kind, *about = get_args(parameter.annotation)
                if kind is Path or Path in get_args(kind):
                    yield function.__name__, parameter.name, about[0]


def test_every_option_that_names_a_file_is_checked_before_the_work() -> None:
    unchecked = {
        f"{command} {name}"
        for command, name, about in paths()
        if about.callback not in CHECKS and not {name, f"{command} {name}"} & CHECKED_WHEN_OPENED
    }
    assert unchecked == set()
    assert sum(1 for _ in paths()) > 50


WRITES = [
    ("--html", ("place", "Walsall", *REGISTER, "--html")),
    ("--run", ("rank", *REGISTER, "--lots", "here.csv", "--run")),
    ("--html", ("evaluate", "here.csv", "--qrels", "here.csv", "--html")),
    ("--html", ("compare", "here.csv", "here.csv", "--html")),
    (
        "--html",
        (
            *("replay-awards", "--awards", "here.csv"),
            *("--window", "2026-01-01", "2026-02-01", "--html"),
        ),
    ),
    ("--keys", ("keys", "add", "Alex", "--keys")),
    ("--pool", ("judge", "pool", "here.csv", "--pool")),
    ("QRELS", ("judge", "export", "--judgements", "here.csv")),
    ("FILE", ("records", "backup", *REGISTER)),
    ("--anchor", ("records", "verify", *REGISTER, "--anchor")),
]
READS = [
    ("--keys", ("serve", *REGISTER, "--keys")),
    ("--sign-in", ("serve", *REGISTER, "--sign-in")),
    ("--procedures", ("serve", *REGISTER, "--procedures")),
    ("--chain-key", ("serve", *REGISTER, "--chain-key")),
    ("--keys", ("keys", "list", "--keys")),
    ("--keys", ("keys", "remove", "Alex", "--keys")),
    ("--since", ("place", "Walsall", *REGISTER, "--since")),
    ("--lots", ("rank", *REGISTER, "--run", "run", "--lots")),
    ("--qrels", ("evaluate", "here.csv", "--qrels")),
    ("--file", ("fetch", "mutuals", "--file")),
    ("--sources", ("fetch", "mutuals", "--sources")),
    ("--pool", ("judge", "serve", "--pool")),
    *(
        (option, ("build", *REGISTER, "--providers", "here.csv", option))
        for option in (
            *("--awards", "--charities", "--companies", "--open-referral", "--ofsted", "--spend"),
            *("--sizes", "--sic", "--towns", "--spend-columns", "--keep-apart", "--join"),
            "--borders",
        )
    ),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.csv").write_text("name\n")
    return tmp_path


@pytest.mark.parametrize(("option", "words"), WRITES)
def test_a_file_in_a_folder_that_is_missing_is_refused(
    run: Run, here: Path, option: str, words: tuple[str, ...]
) -> None:
    refusal = run(*words, "gone/file").refusal
    assert f"{option} gone/file: cannot be written: there is no folder gone" in refusal
    assert sorted(path.name for path in here.iterdir()) == ["here.csv"]


@pytest.mark.parametrize(("option", "words"), WRITES)
def test_a_folder_in_place_of_a_file_to_write_is_refused(
    run: Run, here: Path, option: str, words: tuple[str, ...]
) -> None:
    (here / "folder").mkdir()
    refusal = run(*words, "folder").refusal
    assert f"{option} folder: cannot be written: it is a folder; name a file in it" in refusal


@pytest.mark.parametrize(("option", "words"), WRITES)
def test_a_file_below_a_file_is_refused(
    run: Run, here: Path, option: str, words: tuple[str, ...]
) -> None:
    refusal = run(*words, "here.csv/file").refusal
    assert f"{option} here.csv/file: cannot be written: here.csv is a file" in refusal


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may write everywhere")
@pytest.mark.parametrize(("option", "words"), WRITES)
def test_a_folder_that_may_not_be_written_to_is_refused(
    run: Run, here: Path, option: str, words: tuple[str, ...]
) -> None:
    (here / "kept").mkdir(mode=0o500)
    refusal = run(*words, "kept/file").refusal
    assert f"{option} kept/file: cannot be written: you have no permission" in refusal


@pytest.fixture
def closed_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything may be written to, as by somebody who is no administrator, but no folder."""
    may = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: may(path, mode) and not (mode & os.W_OK and path.is_dir())
    )


@pytest.mark.usefixtures("closed_folders")
@pytest.mark.parametrize(
    "words", [("records", "verify", "--anchor"), ("judge", "serve", "--judgements")]
)
def test_a_file_that_lines_are_added_to_may_be_in_a_closed_folder(
    run: Run, here: Path, words: tuple[str, ...]
) -> None:
    assert "here.csv: cannot be written" not in run(*words, "here.csv").refusal
    assert "new.csv: cannot be written: you have no permission" in run(*words, "new.csv").refusal


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="this system has no devices by name")
@pytest.mark.usefixtures("closed_folders")
def test_a_device_may_be_written_to_though_its_folder_may_not(run: Run, here: Path) -> None:
    (here / "judgements.jsonl").write_text("")
    assert "no item has 1 grades" in run("judge", "export", "/dev/null").refusal
    with named_paths.written("--html", Path("/dev/null")) as out:
        out.write("report")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("option", "words"), READS)
def test_a_file_to_read_that_is_missing_is_refused(
    run: Run, here: Path, option: str, words: tuple[str, ...]
) -> None:
    assert f"{option} gone.file: no such file" in run(*words, "gone.file").refusal
    assert sorted(path.name for path in here.iterdir()) == ["here.csv"]


def test_one_missing_file_of_several_is_named(run: Run, here: Path) -> None:
    assert (
        "--sic gone.csv: no such file"
        in run(
            "build", *REGISTER, "--providers", "here.csv", "--sic", "here.csv", "gone.csv"
        ).refusal
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to try")
def test_a_disk_that_is_full_is_a_refusal() -> None:
    with (
        pytest.raises(BadInput, match="--html /dev/full: cannot be written: the disk is full;"),
        named_paths.written("--html", Path("/dev/full")) as out,
    ):
        out.write("report")


def test_what_is_written_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")

    def fails() -> None:
        with named_paths.written("--html", path) as out:
            out.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [
        ("report.html", "before")
    ]
    with named_paths.written("--html", path) as out:
        out.write("after")
    assert path.read_text() == "after"


@pytest.mark.parametrize("words", [("build", "--providers", "here.csv"), ("demo", "--no-browser")])
def test_a_register_below_a_file_is_refused(run: Run, here: Path, words: tuple[str, ...]) -> None:
    refusal = run(*words, "--register", "here.csv/reg").refusal
    assert "--register here.csv/reg: cannot be written" in refusal
    assert "here.csv is a file, so no folder can be made there" in refusal


PROVIDER = "name,postcode,profile\nHot Pot,WS1 1TP,hot meals\n"


def test_a_readme_in_a_folder_of_tables_is_left_out_and_named(run: Run, here: Path) -> None:
    (here / "tables").mkdir()
    (here / "tables/providers.csv").write_text(PROVIDER)
    (here / "tables/README.md").write_text("# What this is\n")
    ran = run("build", "--quiet", "--bundle", "hand", *REGISTER, "--providers", "tables")
    assert (ran.code, "1 provider from 1 record" in ran.out) == (0, True)
    assert "--providers tables: left out, as no data file: README.md" in ran.err


def test_a_folder_without_tables_is_refused(run: Run, here: Path) -> None:
    (here / "tables").mkdir()
    (here / "tables/README.md").write_text("# What this is\n")
    refusal = run("build", *REGISTER, "--providers", "tables").refusal
    assert "--providers tables: has no file that can be read, only README.md" in refusal
    assert not (here / "register").exists()


def test_a_folder_that_is_no_register_is_refused_before_anything_is_read(
    run: Run, here: Path
) -> None:
    (here / "register").mkdir()
    (here / "register/thesis.txt").write_text("mine")
    refusal = run("build", *REGISTER, "--providers", "here.csv").refusal
    assert "--register register: is a folder with other things in it (such as thesis" in refusal
    assert [path.name for path in (here / "register").iterdir()] == ["thesis.txt"]


def test_a_file_of_another_kind_is_refused_in_words(run: Run, here: Path) -> None:
    (here / "providers.jsonl").write_text('{"name": "Hot Pot"}\n{"name": "Rye Loaf"}\n')
    refusal = run("build", *REGISTER, "--awards", "providers.jsonl").refusal
    assert "providers.jsonl (no OCDS notice: it has no ocid, tender or award: 2)" in refusal
    assert "Is each file named with the option for its kind?" in refusal
    assert "{" not in refusal


def _of_sqlite() -> sqlite3.Error:
    """As of a temporary database, which the merging of notices keeps in $TMPDIR."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full;"),
        (_of_sqlite(), "the disk is full;"),
        (OSError(errno.ENOSPC, "No space left on device", "a/weights.npz"), "the disk is full;"),
        (
            OSError("47137 requested and 4080 written"),
            "a file could be written only in part, perhaps because the disk is full;",
        ),
    ],
)
def test_a_full_disk_is_called_so_whoever_notices_it(
    run: Run, error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(main, "app", fail)
    assert run("train").refusal.startswith(f"Refused: {said} free some space")
