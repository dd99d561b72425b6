"""The README and the docs match the product: output, figures, options and code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from api.cli.main import app
from tests import readme

ROOT = Path(__file__).resolve().parents[1]
DOCS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text(encoding="utf-8")
ACCURACY = DOCS[ROOT / "docs" / "accuracy.md"]
ENCODER = (ROOT / "docs" / "notes" / "2026-11-28-encoder.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    {
        " ".join(filter(None, shown)).split("#")[0].strip()
        for text in (README, *DOCS.values())
        for shown in re.findall(r"^matcher (\S.*)$|`matcher ([^`]+)`", text, re.MULTILINE)
    }
)
FIGURES = [
    line
    for text in (README, ACCURACY, ENCODER.partition("## The replay with a smaller encoder")[2])
    for line in text.splitlines()
    if re.match(r"\| .* \| (all|warm|cold) \|", line)
]
_GRADED, _, _GIVEN = ACCURACY.partition("## Recipients of grants")
JUDGED = {
    result: [
        line for line in part.splitlines() if re.match(r"\| (ours|bm25|minilm|rrf) .*\]", line)
    ]
    for result, part in zip(
        ("judged", "judged-own", "judged-fresh"),
        re.split("### (?:Seventy|Fifty) needs", _GRADED),
        strict=True,
    )
}
GRANTS = [line for line in _GIVEN.partition("## ")[0].splitlines() if re.match(r"\| .*\]", line)]
CARDS = [line for line in ACCURACY.splitlines() if re.match(r"\| \w+, \w+ \| \w+ lots \|", line)]
MEASURES = ("nDCG@10", "first row suited", "rows suited", "rows unrelated", "Judged@10")


def test_the_output_shown_is_printed(example_register: Path) -> None:
    """After a change of the example, the bundle or the wording: `python -m tests.readme`."""
    block = readme.BLOCK.search(README)
    assert block
    assert block[1] == readme.output(example_register)
    assert 5 <= len(block[1].splitlines()) <= 20


def test_the_python_shown_runs_and_lists_providers(example_register: Path, tmp_path: Path) -> None:
    (tmp_path / "example.register").symlink_to(example_register)
    code = re.search(r"```python\n(.*?)\n```", README, re.DOTALL)
    assert code
    assert len(code[1].splitlines()) <= 10
    lines = readme.command("-c", code[1], cwd=tmp_path).splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]


def test_the_readme_is_short_and_its_links_exist() -> None:
    assert len(README.splitlines()) <= 130
    notes = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs/notes").glob("*.md")}
    for path, text in ((ROOT / "README.md", README), *DOCS.items(), *notes.items()):
        for link in re.findall(r"\]\(([^)#]+)", text):
            if not link.startswith("http"):
                assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_every_guide_with_commands_says_how_they_are_found() -> None:
    told = ("export PATH=$PWD/.venv/bin:$PATH", "#before-you-type-a-command", "pipx install git+")
    for path, text in DOCS.items():
        if re.search(r"^matcher [a-z]", text, re.MULTILINE):
            assert any(words in text for words in told), path.name
    assert "## Before you type a command" in DOCS[ROOT / "docs" / "README.md"]


def test_every_guide_is_in_the_index() -> None:
    index = DOCS[ROOT / "docs" / "README.md"]
    for path in DOCS:
        assert path.name == "README.md" or f"({path.name})" in index


@pytest.mark.parametrize("shown", COMMANDS)
def test_every_command_and_option_shown_exists(shown: str) -> None:
    found: Any = typer.main.get_command(app)
    words = shown.split()
    while words and re.fullmatch("[a-z][a-z-]*", words[0]) and hasattr(found, "commands"):
        found = found.get_command(click.Context(found), words.pop(0))
        assert found is not None, shown
    known = {name for each in found.params for name in (*each.opts, *each.secondary_opts)}
    assert {*re.findall(r"(?<!\S)--[a-z-]+", shown)} <= known


def test_every_option_named_exists() -> None:
    def options(command: Any) -> Iterator[str]:
        for each in command.params:
            yield from (*each.opts, *each.secondary_opts)
        for name in getattr(command, "commands", ()):
            yield from options(command.get_command(click.Context(command), name))

    known = {*options(typer.main.get_command(app))}
    for path, text in ((ROOT / "README.md", README), *DOCS.items()):
        assert {*re.findall(r"`(--[a-z-]+)", text)} <= known, path.name


def test_the_speeds_are_those_of_the_frozen_result() -> None:
    frozen = json.loads((ROOT / "benchmarks/results/speed.json").read_text(encoding="utf-8"))
    for size in frozen["sizes"]:
        which = size["providers"], size["bundle"]
        rows = [row for row in frozen["rows"] if (row["providers"], row["bundle"]) == which]
        times = " | ".join(f"{row['median ms']:.1f}, {row['p95 ms']:.1f} ms" for row in rows)
        line = (
            f"| {size['providers']:,} | {size['bundle']} | {times} "
            f"| {size['open ms']:.0f} ms | {size['build peak MB']:,} MB |"
        )
        assert line in ACCURACY


@pytest.mark.parametrize("line", FIGURES)
def test_a_figure_is_that_of_the_frozen_result(line: str) -> None:
    system, part, *cells = (cell.strip() for cell in line.strip("|").split("|"))
    kept = {"with an encoder": "replay-encoder", "trained on the others": "replay-default"}
    name = next((name for words, name in kept.items() if words in system), "replay")
    frozen = json.loads((ROOT / f"benchmarks/results/{name}.json").read_text(encoding="utf-8"))
    (row,) = [r for r in frozen["rows"] if r["system"] == system and r["slice"] == part]
    for measure, cell in zip(("Success@10", "RR@100"), cells, strict=True):
        mean, low, high = row[measure]
        assert cell == f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def _judged(system: str, result: str = "judged") -> dict[str, Any]:
    frozen = json.loads((ROOT / f"benchmarks/results/{result}.json").read_text(encoding="utf-8"))
    (row,) = [row for row in frozen["rows"] if row["system"] == system]
    return dict(row)


def _bundle(name: str) -> dict[str, Any]:
    text = (ROOT / "models" / "bundles" / name / "bundle.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize(
    ("result", "line"),
    [(result, one) for result, lines in JUDGED.items() for one in lines if one not in FIGURES],
)
def test_a_figure_of_graded_needs_is_that_of_the_frozen_result(result: str, line: str) -> None:
    system, *cells = (cell.strip() for cell in line.strip("|").split("|"))
    row = _judged(system, result)
    for measure, cell in zip(MEASURES, cells, strict=True):
        mean, low, high = row[measure]
        assert cell == f"{mean:.2f} [{low:.2f}, {high:.2f}]"


@pytest.mark.parametrize("line", GRANTS)
def test_a_figure_of_grants_is_that_of_the_frozen_result(line: str) -> None:
    system, *cells = (cell.strip() for cell in line.strip("|").split("|"))
    name = "grants-lite" if "lite" in system else "grants"
    frozen = json.loads((ROOT / f"benchmarks/results/{name}.json").read_text(encoding="utf-8"))
    (row,) = [row for row in frozen if row["system"] == system]
    for measure, cell in zip(("R@10", "RR@100"), cells, strict=True):
        mean, low, high = row[measure]
        assert cell == f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def test_the_readme_says_how_many_rows_are_unrelated() -> None:
    fresh = _judged("ours (default)", "judged-fresh")
    mean, low, high = fresh["rows unrelated"]
    assert f"over lists: {mean:.2f} [{low:.2f}, {high:.2f}]" in README
    assert f"{fresh['empty lists']} get a list without a row" in README


@pytest.mark.parametrize("line", CARDS)
def test_a_figure_of_a_bundle_is_that_of_its_card(line: str) -> None:
    which, lots, *cells = (cell.strip() for cell in line.strip("|").split("|"))
    bundle, purpose = which.split(", ")
    ranker = {"engagement": "all", "invite": "relevance"}[purpose]
    measured = _bundle(bundle)["card"]["held back, not learned from"][ranker][lots.split()[0]]
    for measure, cell in zip(("Success@10", "RR@100"), cells, strict=True):
        mean, low, high = measured[measure]
        assert cell == f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def test_the_weights_of_relevance_are_those_of_the_bundle() -> None:
    training = DOCS[ROOT / "docs" / "training.md"]
    table = training.partition("| what | adds |")[2].partition("\n\n")[0].replace("−", "-")
    shown = sorted(float(cell) for cell in re.findall(r"\| (-?[\d.]+) \|$", table, re.MULTILINE))
    learned = _bundle("default")["rankers"]["all"]["relevance"]
    weights = [*learned["weights"].values(), learned["base"], learned["work_weight"]]
    assert shown == sorted(round(weight, 3) for weight in weights)


def test_there_are_figures() -> None:
    assert len(FIGURES) >= 10
    assert min(map(len, JUDGED.values())) >= 2
    assert len(GRANTS) >= 5
    assert len(CARDS) >= 12
