"""The guide to fetching: its commands run in order, and its table matches the catalogue."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from matcher.sources.catalogue import load_catalogue
from tests.api.conftest import Run
from tests.published import directory, service, societies
from tests.replay import Replay, sources_toml

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "fetching.md").read_text(encoding="utf-8")
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line]


def test_the_commands_produce_a_shortlist(
    run: Run, replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LBD_STORE", str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    sources_toml(tmp_path / "store", replay)
    (lot,) = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "lot.json").write_text(lot)
    (tmp_path / "SocietyList.csv").write_bytes(societies())
    council = directory(replay, "/council/api", service(1))
    pays = tmp_path / "payments"
    pays.mkdir()
    shutil.copy(EXAMPLES / "spend.csv", pays / "spend-april-2026.csv")
    printed = {}
    for line in COMMANDS:
        line = line.replace("https://council.example/api", council)  # noqa: PLW2901
        program, *words = shlex.split(
            line.replace("https://council.example/payments-over-500", str(pays))
        )
        assert program == "matcher"
        ran = run(*words)
        assert ran.code == 0, (line, ran.err)
        printed[line] = " ".join(ran.out.split())
    (asked,) = [out for line, out in printed.items() if line.startswith("matcher shortlist")]
    assert "Ferndale Accessible Travel" in asked
    assert "Since the build before" in printed[COMMANDS[-2]]


def test_the_table_matches_the_catalogue() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `([a-z-]+)` \|", GUIDE, re.MULTILINE)
    assert set(rows) == {(entry.title, entry.group) for entry in load_catalogue().values()}


def test_the_example_sources_toml_is_valid(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "sources.toml"
    path.write_text(shown)
    assert load_catalogue([path])["mutuals"].address == "https://new.example/SocietyList.csv"
