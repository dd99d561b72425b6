"""The benchmark of builds runs, and its invented companies are like the published ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import build, company_rows
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.providers import companies
from tests.gazetteer import small_table

POSTCODES = ["WS1 1TP", "IP1 2BX", "N7 7JW"]


def test_the_companies_are_the_same_each_time_and_few_change_in_a_month(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    company_rows.write_rows(files[0], 2000, POSTCODES)
    company_rows.write_rows(files[1], 2000, POSTCODES)
    kept = company_rows.write_rows(files[2], 2000, POSTCODES, month=1)
    assert files[0].read_bytes() == files[1].read_bytes()
    first, later = (set(file.read_text().splitlines()) for file in (files[0], files[2]))
    assert kept == len(later) - 1
    assert 0.97 < len(first & later) / 2001 < 1
    assert later - first


def test_every_company_is_read(tmp_path: Path) -> None:
    path = tmp_path / company_rows.NAME.format(1)
    company_rows.write_rows(path, 500, POSTCODES)
    ((tally, rows),) = companies.read([path])
    found = list(rows)
    assert (tally.read, tally.kept, tally.set_aside) == (500, 500, {})
    assert len({provider.id for provider in found}) == 500
    assert {site.postcode for provider in found for site in provider.sites} == set(POSTCODES)
    assert any(provider.aliases for provider in found)


@pytest.mark.slow
def test_each_step_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    table = small_table(tmp_path / "places")
    monkeypatch.setattr(PostcodeTable, "cached", lambda: tmp_path / "places")
    assert len(table) > 0
    monkeypatch.setattr(
        build, "run", lambda command: (2.0, 1.5, build.Memory(2 << 20, 1 << 20), "0.5")
    )
    found = list(build.measure(tmp_path, 50, "Walsall", ["peer", "open"]))
    assert [(one.step, one.seconds, one.peak_mb, one.own_mb) for one in found] == [
        ("peer", 2.0, 2, 1),
        ("open", 0.5, 2, 1),
    ]


def test_a_step_that_fails_loses_nothing_that_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "measure", lambda *_: _measured_until_one_fails(["peer", "build"]))
    out = tmp_path / "out.json"
    with pytest.raises(SystemExit):
        build.main(["--keep", str(tmp_path), "--json", str(out)])
    assert [row["step"] for row in json.loads(out.read_text())["rows"]] == ["peer", "build"]


def _measured_until_one_fails(steps: list[str]) -> Iterator[build.Measured]:
    yield from (build.Measured(50, step, 2.0, 1.5, 2, 1) for step in steps)
    raise SystemExit("the next step failed")


_HOLDS = """
import mmap, sys, time
own = b"x" * {own}
with open(sys.argv[1], "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    read = [pages[at] for at in range(0, len(pages), 4096)]
time.sleep(1)
print("x")
"""


def test_a_command_is_timed_with_its_memory(tmp_path: Path) -> None:
    pages, held = tmp_path / "pages", 40 << 20
    pages.write_bytes(b"y" * held)
    seconds, _, memory, said = build.run(
        [sys.executable, "-c", _HOLDS.format(own=held), str(pages)]
    )
    assert seconds > 1
    assert memory.own > held
    assert memory.all >= memory.own + held
    assert said == "x\n"
