"""Exposure is read page by page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.services import LOT, served


def ask(client: TestClient, title: str, limit: int) -> None:
    body = {"lots": {"a": {**LOT, "title": title}}, "limit": limit}
    assert client.post("/v1/shortlists", json=body).status_code == 200


def page(client: TestClient, **given: Any) -> Any:
    response = client.get("/v1/exposure", params=given)
    assert response.status_code == 200, response.text
    return response.json()


def test_pages_have_every_provider_once_though_lists_are_made_meanwhile(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        for limit in (1, 2, 3):
            ask(client, f"Home care {limit}", limit)
        whole = page(client)
        assert whole["next"] is None
        assert [one["suggested"] for one in whole["exposure"]] == [3, 2, 1]
        read, next_page = [], ""
        while next_page is not None:
            found = page(client, limit=1, page=next_page)
            read += found["exposure"]
            next_page = found["next"]
            ask(client, f"Asked meanwhile {len(read)}", 5)
        assert read == whole["exposure"]
        assert len(page(client)["exposure"]) > len(read)


@pytest.mark.parametrize("wrong", ["x", "-1.0", "1", "1.x", "1.1.1", "9" * 30 + ".1"])
def test_a_page_that_no_answer_named_is_refused(
    tmp_path: Path, places_table: Path, wrong: str
) -> None:
    with served(tmp_path, places_table) as client:
        refused = client.get("/v1/exposure", params={"page": wrong})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == "page"
