"""`matcher build --spend` and `matcher place`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Run

DIRECTORY = """name,id,postcode,profile,size
Hot Pot Kitchens Ltd,GB-COH-00000001,WS2 8RR,hot meals,small
Rye Loaf Bakers Ltd,GB-COH-00000002,WS1 1TP,bread,
"""
SPEND = """Vendor Name,Net,Payment Date,Directorate,Merchant Category
HOT POT KITCHENS LIMITED,100.00,01/05/2026,Adults,Hot meals
Plain Fare Meals plc,50.00,02/05/2026,Adults,Hot meals
"""
SIZES = """EmployerName,CompanyNumber,PostCode,EmployerSize
RYE LOAF BAKERS LTD,2,WS1 1TP,250 to 499
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    written = {}
    for name, content in (("directory", DIRECTORY), ("spend", SPEND), ("sizes", SIZES)):
        written[name] = tmp_path / f"{name}-2026.csv"
        written[name].write_text(content, encoding="utf-8")
    return written


@pytest.fixture
def asked(run: Run, files: dict[str, Path], tmp_path: Path) -> Any:
    """Build a register of the files, and ask for the picture of Walsall."""
    ran = run(
        *("build", "--quiet", "--bundle", "hand", "--register", tmp_path / "reg"),
        *("--providers", files["directory"], "--spend", files["spend"]),
        *("--body", "Walsall Council", "--sizes", files["sizes"]),
    )
    assert ran.code == 0, ran
    said = " ".join(ran.out.split())
    assert "Vendor Name → supplier; Net → amount net of VAT; Payment Date → date paid" in said
    assert "£100 (67%) went to 1 of 2 payees" in said
    options = ("--register", tmp_path / "reg", "--bundle", "hand", "--on", "2026-09-01")

    def ask(*words: str | Path) -> Any:
        return run("place", "Walsall", *options, *words)

    return ask


def test_a_picture_as_a_table_json_csv_and_a_report(asked: Any, tmp_path: Path) -> None:
    report = tmp_path / "walsall.html"
    table = asked("--html", report)
    assert "£150 by Walsall Council, May 2026 to May 2026." in table.out
    html = report.read_text(encoding="utf-8")
    assert "Where the money goes" in html
    assert "http" not in html.partition("</style>")[2].replace("http://www.w3.org", "")
    found = json.loads(asked("--format", "json").out)
    assert found["money"]["total"]["by"]["local"]["small"] == 10_000
    rows = list(csv.DictReader(io.StringIO(asked("--format", "csv").out)))
    assert sum(int(row["pence"]) for row in rows if row["by"] == "all") == 15_000


def test_a_later_picture_is_compared_with_a_kept_one(asked: Any, tmp_path: Path) -> None:
    kept = tmp_path / "september.json"
    kept.write_text(asked("--format", "json").out, encoding="utf-8")
    assert "Nothing: the register is the same" in asked("--since", kept).out
    kept.write_text("{}", encoding="utf-8")
    refused = asked("--since", kept)
    assert refused.code == 2
    assert "is not a picture (" in refused.err
    assert " is missing)" in refused.err
    assert "required field" not in refused.err


def test_a_place_that_is_not_known_is_refused(run: Run, asked: Any, tmp_path: Path) -> None:
    refused = run("place", "Walsal", "--register", tmp_path / "reg", "--bundle", "hand")
    assert refused.code == 2
    assert "did you mean 'Walsall'" in refused.err


def test_the_payments_of_a_neighbour_stay_its_own_beside_a_named_body(
    run: Run, files: dict[str, Path], tmp_path: Path
) -> None:
    neighbour = tmp_path / "neighbour.csv"
    neighbour.write_text(
        "Body Name,Vendor Name,Net,Payment Date\n"
        "Sandwell Council,Plain Fare Meals plc,25.00,03/05/2026\n",
        encoding="utf-8",
    )
    ran = run(
        *("build", "--quiet", "--bundle", "hand", "--register", tmp_path / "reg"),
        *("--providers", files["directory"], "--spend", files["spend"], neighbour),
        *("--body", "Walsall Council"),
    )
    said = " ".join(ran.out.split())
    assert "spend-2026.csv: Vendor Name → supplier" in said
    assert "who paid: Walsall Council" in said
    assert "who paid, where a row does not say it: Walsall Council" in said
    assert "Payments: 2 public bodies (Sandwell Council and Walsall Council) paid £175" in said


def test_spending_files_need_providers_and_a_body(
    run: Run, files: dict[str, Path], tmp_path: Path
) -> None:
    store = ("--store", tmp_path / "store", "--register", tmp_path / "reg")
    alone = run("build", *store, "--spend", files["spend"], "--body", "Walsall Council")
    assert alone.code == 2
    assert "--providers" in alone.err
    named = run("build", *store, "--providers", files["directory"], "--spend", files["spend"])
    assert named.code == 2
    assert "give the name of the council with --body" in named.err
    without = run("build", *store, "--providers", files["directory"], "--body", "Walsall Council")
    assert "--body: needs spending files" in without.err
