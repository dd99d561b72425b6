"""Builds a register of a third of the example and asks it everything; prints what it answers.

python -m tests.answers FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
_NOTICE, _LOT, _NEED, _SPLITS = (
    str(EXAMPLES / name) for name in ("notice.json", "lot.json", "need.json", "splits.json")
)
_AREA = ("--area", "E08000030", "--with-neighbours")
COMMANDS = {
    "engagement": ("shortlist", _NOTICE, "--purpose", "engagement"),
    "invite": ("shortlist", _NOTICE, "--purpose", "invite", "--contract", "light touch"),
    "reserved": ("shortlist", _LOT, "--purpose", "reserved", *_AREA),
    "market": ("market", _NOTICE),
    "splits": ("split", _SPLITS),
    "suggested splits": ("split", _NEED, "--suggest"),
}


def build(register: Path) -> None:
    """Build the register of every third provider and award in folder `register`."""
    providers, awards = (
        _third(EXAMPLES / name, register.parent)
        for name in ("providers.jsonl", "awards.ocds.jsonl")
    )
    _ask("build", "--register", register, "--providers", providers, "--awards", awards, "--quiet")


def _third(path: Path, folder: Path) -> Path:
    """A file in `folder` with every third line of another: to encode all takes minutes."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    part = folder / path.name
    part.write_text("".join(lines[::3]), encoding="utf-8")
    return part


def answers(register: Path) -> dict[str, str]:
    """What is asked → the answer as printed; `posted…` are what the service answers, with ids."""
    found = {
        name: _ask(*words, "--register", register, "--format", "json")
        for name, words in COMMANDS.items()
    }
    settings = Settings(
        register=register, records=f"sqlite:///{register.parent / 'records.sqlite'}"
    )
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        lot = json.loads(Path(_LOT).read_text(encoding="utf-8"))
        for name, asked in {"posted": lot, "posted without codes": lot | {"cpv": []}}.items():
            posted = client.post("/v1/shortlists", json={"lots": {"a": asked}})
            posted.raise_for_status()
            found[name] = posted.text
    return found


def _ask(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    if result.exit_code:
        raise RuntimeError(result.output)
    return result.stdout


if __name__ == "__main__":
    at = Path(sys.argv[1])
    build(at / "example.register")
    sys.stdout.write(json.dumps(answers(at / "example.register")) + "\n")
