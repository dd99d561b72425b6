"""docs/service.md does not lie: its paths and its question are the service's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi.testclient import TestClient

from api.settings import Settings
from tests.services import served

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "service.md").read_text(encoding="utf-8")


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
