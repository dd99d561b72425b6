"""Names, titles, profiles, labels and addresses that are markup or code stay text on every page."""

from __future__ import annotations

import logging
from pathlib import Path

import lxml.html
import pytest

from matcher.core.types import Kind, Source, Status
from tests.factory import award, lot, provider
from tests.officer import Officer
from tests.registers import registered
from tests.services import DAY, served

EVIL = "<img src=x onerror=alert(7)>\"'><script>alert(8)</script>{{7*7}}"
CODE = "javascript:alert(9)"
NEED = f"Home care for older people {EVIL}\nVisits at home around WS1 1TP. CPV 85312100-0"
PAGES = ("/", "/past", "/exposure", "/outcomes", "/same-or-not", "/splits", "/place", "/docs")


def people() -> list[object]:
    """Providers and awards whose every text is hostile."""
    source = Source(f"table {EVIL}", DAY, CODE)
    made = [
        provider(
            f"GB-CHC-{n}",
            "WS1 1TP",
            name=f"Home Care {EVIL} {n}",
            aliases=(EVIL, CODE),
            kind=Kind.CHARITY,
            profile=f"Home care and visits for older people {EVIL} {CODE} {n}",
            tags=(f"care {EVIL}", CODE),
            areas=(EVIL,),
            website=(CODE, f" {CODE}", "data:text/html,<b>", EVIL)[n % 4],
            source=source,
            status=Status.ACTIVE,
        )
        for n in range(1, 6)
    ]
    won = award(
        CODE,
        made[0],
        lot=lot(id=CODE, title=f"Home care {EVIL}", buyer=f"Council {EVIL}"),
        day=DAY.replace(year=2025),
    )
    return [*made, won]


def assert_harmless(text: str) -> None:
    tree = lxml.html.fromstring(text)
    assert not tree.xpath("//img[@src='x'] | //*[@onerror] | //*[@onload] | //*[@onclick]")
    for script in tree.xpath("//script"):
        assert "alert(" not in (script.text or "")
    for name in ("href", "src", "action", "formaction", "xlink:href"):
        for found in tree.xpath(f"//*[@*[name()='{name}']]"):
            assert not found.get(name, "").strip().lower().startswith(("javascript:", "data:text"))
    assert "<script>alert" not in text


@pytest.mark.slow
def test_hostile_texts_stay_text_on_every_page(
    tmp_path: Path, places_table: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    registered(tmp_path / "reg", places_table, *people(), trust_ids=True)  # type: ignore[arg-type]
    with served(tmp_path, places_table) as client:
        officer = Officer(client)
        listed = officer.ask(NEED)
        assert "alert(8)" in listed.text
        assert listed.tree.find_class("lbd-card")
        seen = set[str]()
        waiting = [str(listed.response.url.path), *PAGES]
        while waiting and len(seen) < 60:
            address = waiting.pop(0)
            if address in seen:
                continue
            seen.add(address)
            response = client.get(address)
            assert response.status_code < 500, address
            if "text/html" not in response.headers["content-type"]:
                continue
            assert "script-src" in response.headers["content-security-policy"]
            assert_harmless(response.text)
            links = lxml.html.fromstring(response.text).xpath("//a/@href")
            waiting.extend(link.partition("#")[0] for link in links if link.startswith("/"))
        assert any(address.startswith("/providers/") for address in seen)
        assert len(seen) > 15
        for address in (f"/providers/{EVIL}", f"/lists/{EVIL}", f"/place/{EVIL}", f"/{EVIL}"):
            response = client.get(address)
            assert response.status_code in {404, 422}
            assert "html" not in response.headers["content-type"]
            page = client.get(address, headers={"Accept": "text/html"})
            assert page.status_code == response.status_code
            assert_harmless(page.text)
    own = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert own
    assert not any("alert(" in str(vars(record)) for record in own)
