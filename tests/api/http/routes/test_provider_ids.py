"""A provider has whatever id its source gives it, with any sign in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.registers import registered
from tests.services import LOT, carer, served


@pytest.mark.parametrize("id_", ["REF/00 1", "12/34/", "a?b&c=#d%", 'Ü "7"'])
def test_a_provider_is_shown_by_its_id_with_any_sign_in_it(
    tmp_path: Path, places_table: Path, id_: str
) -> None:
    odd = replace(carer(1, "WS1 1TP"), id=id_)
    registered(tmp_path / "reg", places_table, odd, carer(2, "WS2 8RR"), trust_ids=True)
    sent = quote(id_, safe="")
    with served(tmp_path, places_table) as client:
        asked = client.post("/v1/shortlists", json={"lots": {"a": LOT}}).json()
        list_ = asked["shortlists"]["a"]["id"]
        shown = client.get(f"/v1/providers/{sent}")
        assert shown.json()["organisation"]["provider"]["id"] == id_
        why = client.get(f"/v1/shortlists/{list_}/providers/{sent}")
        assert (why.json()["provider"], why.json()["stage"]) == (id_, "listed")
        page = client.get(f"/providers/{sent}", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "Brightside 1 Care" in page.text


def test_a_slash_at_the_end_of_the_search_changes_nothing(
    tmp_path: Path, places_table: Path
) -> None:
    with served(tmp_path, places_table) as client:
        found = [client.get(f"/v1/providers{end}?q=Engine").json() for end in ("", "/")]
    assert found[0] == found[1] != []
