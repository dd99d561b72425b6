"""docs/service.md does not lie: its commands, its paths and its question are the service's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.main import get_command

from api.cli.main import app as command_line
from api.settings import Settings
from tests.services import served

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "service.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^matcher ([^#\n]+)|`matcher ([^`]+)`", TEXT, re.MULTILINE)))


@pytest.mark.parametrize("said", [a or b for a, b in COMMANDS])
def test_every_command_and_option_exists(said: str) -> None:
    command = get_command(command_line)
    for word in said.split():
        if word in getattr(command, "commands", {}):
            command = command.commands[word]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert not hasattr(command, "commands")
    assert set(re.findall(r"(?<!\S)--[a-z-]+", said)) <= known


def test_every_path_exists_and_the_question_is_answered(tmp_path: Path, places_table: Path) -> None:
    (question,) = re.findall(r"-d '(\{.*?\})'", TEXT, re.DOTALL)
    with served(tmp_path, places_table) as client:
        paths = set(client.get("/openapi.json").json()["paths"])
        answer = client.post("/v1/shortlists", json=json.loads(question)).json()
        assert_answered(client, answer)
    for path in re.findall(r"`(?:GET |POST )?(/(?:v1|reconcile|healthz|readyz)[^`?]*)", TEXT):
        assert path in paths, path


def assert_answered(client: TestClient, answer: dict[str, dict[str, dict[str, str]]]) -> None:
    assert set(answer["shortlists"]) == {"meals", "buses"}
    assert answer["errors"] == {}
    assert client.get(f"/v1/shortlists/{answer['shortlists']['meals']['id']}").status_code == 200


def test_the_limits_are_those_of_the_settings() -> None:
    usual = Settings(Path("register"))
    assert f"{usual.per_minute:,} requests a minute" in TEXT
    assert f"at most {usual.most_bytes // 10**6} MB and {usual.most_lots} lots" in TEXT
