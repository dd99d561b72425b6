"""docs/lot-splitting.md does not lie: its commands run, and print what it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.http.schemas.splits import AskSplits
from matcher.lotting.types import MeasuredSplit, SplitReach
from tests import readme
from tests.notebook import ROOT, run

GUIDE = (ROOT / "docs" / "lot-splitting.md").read_text(encoding="utf-8")

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="curl or bash is not installed"
)


@needs_curl
def test_its_commands_print_what_it_shows(example_register: Path, tmp_path: Path) -> None:
    """After a change of the bundle or the example: `python -m tests.notebook GUIDE` renews it."""
    folder = tmp_path / "reader"
    folder.mkdir()
    register = shutil.copytree(example_register, tmp_path / "register")
    again = run(GUIDE, folder, register)
    assert again.splitlines() == GUIDE.splitlines()


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_it_serves_the_register_that_it_builds_from_the_files_of_its_outputs() -> None:
    setup = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)[0]
    assert "make shortlist " in setup
    assert "export PATH=$PWD/.venv/bin:$PATH" in setup
    (served,) = re.findall(r"^matcher serve --register (\S+)$", setup, re.MULTILINE)
    planned = subprocess.run(
        ["make", "--dry-run", "--always-make", "shortlist"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"matcher build --register {served} {' '.join(readme.FILES)}\n" in planned


def test_it_leads_from_curl_to_a_decision() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert blocks[1].startswith("curl ")
    assert any("to discuss first" in block for block in blocks)
    assert len(blocks) >= 9


def test_the_terms_and_figures_that_it_names_are_the_products_own() -> None:
    fields = set(AskSplits.model_fields)
    assert {"floor", "value_to_income", "fewest", "area", "within"} <= fields
    assert {"credible", "small_local", "open"} <= set(SplitReach.__dataclass_fields__)
    assert {"none_small_local", "thin", "assumed"} <= set(MeasuredSplit.__dataclass_fields__)
