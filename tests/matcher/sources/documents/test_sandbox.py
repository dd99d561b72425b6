"""Documents read in a separate process with limits."""

from __future__ import annotations

import io
import multiprocessing
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from matcher.core.errors import BadInput, BadLot, BadSource
from matcher.sources.documents import sandbox
from matcher.sources.documents.reader import read_document, read_text
from matcher.sources.documents.sandbox import read_in_sandbox, read_text_in_sandbox
from tests import documents as make


def test_the_sandbox_returns_what_read_document_returns() -> None:
    content = make.word(*make.SPECIFICATION.splitlines())
    assert read_in_sandbox(content, "spec.docx") == read_document(content, "spec.docx")


@pytest.mark.parametrize("name", ["lots.csv", "--lots.csv", "../lots.csv"])
def test_a_table_is_read_in_the_sandbox(name: str) -> None:
    content = b"Title,Value\nMeals,5000\nTaxis,lots\n"
    assert read_in_sandbox(content, name) == read_document(content, name)


def test_a_table_too_large_to_wait_in_memory_is_read_in_the_sandbox() -> None:
    rows = [f'Lot {n},"{"x" * 90_000}"' for n in range(25)]
    found = read_in_sandbox("\n".join(["Title,Description", *rows]).encode(), "lots.csv", 300)
    assert len(found) == 25


def test_a_workbook_that_unpacks_to_much_harms_nothing_else() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    with pytest.raises(BadInput, match=r"lots\.xlsx: "):
        read_in_sandbox(out.getvalue(), "lots.xlsx")


def test_pasted_text_is_read_in_the_sandbox() -> None:
    assert read_text_in_sandbox(make.SPECIFICATION, "pasted") == read_text(
        make.SPECIFICATION, "pasted"
    )
    with pytest.raises(BadLot, match="give at most 1,000,000"):
        read_text_in_sandbox("Day care. " * 110_000, "pasted")


def test_text_with_many_spaces_is_read_within_the_limits() -> None:
    """Where the time grew with the square of a line, one such line would take minutes."""
    blanks = ("\t", " ", ". ", " \t", "…", "\xa0")
    text = "\n".join(f"Day care{blank * (120_000 // len(blank))}x" for blank in blanks)
    found = read_text_in_sandbox(text, "pasted", seconds=300)  # the processor may be shared
    assert found[0].lot.title.startswith("Day")


def test_the_sandbox_passes_on_refusals() -> None:
    with pytest.raises(BadSource, match=r"spec\.pdf: is locked with a password"):
        read_in_sandbox(make.locked_pdf(), "spec.pdf")
    with pytest.raises(BadLot, match=r"spec\.txt: .*give at most 100 at a time"):
        read_in_sandbox("\n".join(f"Lot {n}: Care" for n in range(200)).encode(), "spec.txt")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot copy a process")
def test_a_table_that_a_killed_service_was_reading_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fork = multiprocessing.get_context("fork")
    mine, its = fork.Pipe()

    def held(*given: Any) -> None:
        its.send(given[-1])
        its.recv()

    def serve() -> None:
        monkeypatch.setattr(sandbox, "_run", held)
        read_in_sandbox(b"Title\nHome care for one person\n", "lots.csv")

    service = fork.Process(target=serve)
    service.start()
    table: Path = mine.recv()
    service.kill()
    service.join()
    assert b"one person" in table.read_bytes()
    assert read_in_sandbox(b"Title\nTaxis\n", "lots.csv")
    assert not list(tmp_path.iterdir())
    for end in (mine, its):
        end.close()


def test_a_file_that_is_too_large_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.subprocess, "run", lambda *_, **__: pytest.fail("was started"))
    with pytest.raises(BadSource, match="a file may have 16 MB"):
        read_in_sandbox(b"x" * 17_000_000, "spec.txt")


def test_a_file_name_that_looks_like_an_option_is_read() -> None:
    (found,) = read_in_sandbox(b"Home care", "--help.txt")
    assert found.lot.title == "Home care"


def test_a_file_that_takes_too_long_is_refused() -> None:
    with pytest.raises(BadSource, match=r"not read within 0\.01 seconds.*try again"):
        read_in_sandbox(b"Home care", "spec.txt", seconds=0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("import os; os.abort()", "cannot be read; it may be damaged or harmful"),
        ("bytes(4_000_000_000)", "cannot be read; it may be damaged or harmful"),
        ("open('stolen', 'w').write('x')", "cannot be read; it may be damaged or harmful"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "takes longer than 20 seconds"),
    ],
    ids=["breaks the process", "takes all memory", "writes a file", "is out of time"],
)
def test_a_harmful_document_harms_only_the_sandbox(
    harm: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`harm` is what a library does that the document has taken over."""
    (tmp_path / "sitecustomize.py").write_text(
        "import matcher.sources.documents.reader as documents\n"
        f"def harm(*_):\n    {harm}\n"
        "documents.read_document = harm\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSource, match=told):
        read_in_sandbox(b"Home care", "spec.txt")
    assert not (tmp_path / "stolen").exists() or not (tmp_path / "stolen").read_text()
