"""What guards the pages: who may send a form, what a page may load, refusals as pages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from api.http.api_keys import Keys
from api.pages.templating import TOKEN
from tests.officer import ACCEPTS_HTML, Officer
from tests.services import served

FORM = {"text": "Home care, WS1 1TP"}


def test_a_form_without_the_secret_of_its_page_is_refused(officer: Officer) -> None:
    officer.open("/")
    sent = officer.client.post("/need", data=FORM, headers=ACCEPTS_HTML)
    assert sent.status_code == 403
    assert "was not sent from a page of this service" in sent.text


def test_a_form_with_a_secret_made_up_is_refused(officer: Officer) -> None:
    officer.open("/")
    sent = officer.client.post("/need", data={**FORM, TOKEN: "é"}, headers=ACCEPTS_HTML)
    assert sent.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_sent_from_elsewhere_is_refused_even_with_the_secret(
    officer: Officer, headers: dict[str, str]
) -> None:
    token = officer.open("/").form("/need")[TOKEN]
    data = {**FORM, TOKEN: token}
    sent = officer.client.post("/need", data=data, headers={**ACCEPTS_HTML, **headers})
    assert sent.status_code == 403


def test_a_form_sent_from_our_own_page_is_let_in(officer: Officer) -> None:
    token = officer.open("/").form("/need")[TOKEN]
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    data = {**FORM, TOKEN: token}
    sent = officer.client.post("/need", data=data, headers={**ACCEPTS_HTML, **own})
    assert sent.status_code == 200


def test_the_secret_is_kept_where_no_script_and_no_other_site_reads_it(officer: Officer) -> None:
    officer.client.cookies.clear()
    cookie = officer.open("/").response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize("address", ["/", "/past", "/exposure", "/docs", "/lists/nothing"])
def test_every_page_forbids_what_is_not_its_own(officer: Officer, address: str) -> None:
    answer = officer.open(address).response
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/", "/past", "/exposure", "/docs"])
def test_no_page_has_script_or_style_of_its_own_or_loads_from_elsewhere(
    officer: Officer, address: str
) -> None:
    page = officer.open(address)
    assert not page.tree.xpath("//script[not(@src)] | //style | //@style | //@onclick")
    loaded = page.tree.xpath("//script/@src | //link/@href | //img/@src")
    assert loaded
    assert all(one.startswith("/static/") for one in loaded)


def test_every_file_that_a_page_loads_is_served_under_the_type_it_has(officer: Officer) -> None:
    for address in officer.open("/").tree.xpath("//script/@src | //link/@href"):
        answer = officer.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in answer.headers["cache-control"]


def test_the_font_and_the_crest_of_gov_uk_are_not_used(officer: Officer) -> None:
    for address in officer.open("/").tree.xpath("//link[@rel='stylesheet']/@href"):
        css = officer.client.get(address).text
        assert not re.search(r"@font-face|url\(", css)
        assert "GDS Transport" not in css.partition("*/")[2]


@pytest.mark.parametrize("name", ["../view.py", "..%2fview.py", "nothing.css", "%00"])
def test_no_other_file_is_served(officer: Officer, name: str) -> None:
    assert officer.client.get(f"/static/{name}").status_code == 404


def test_a_refusal_is_a_page_for_a_browser_and_a_problem_for_a_program(officer: Officer) -> None:
    as_page = officer.client.get("/nowhere", headers=ACCEPTS_HTML)
    assert as_page.status_code == 404
    assert as_page.headers["content-type"].startswith("text/html")
    as_problem = officer.client.get("/v1/shortlists/nothing")
    assert as_problem.headers["content-type"] == "application/problem+json"


def test_the_pages_are_no_part_of_the_description_of_the_api(officer: Officer) -> None:
    paths = officer.client.get("/openapi.json").json()["paths"]
    assert paths
    assert all(path.startswith(("/v1", "/reconcile", "/health", "/ready", "/metrics"))
               for path in paths)  # fmt: skip


def test_with_keys_a_browser_is_asked_for_one_and_let_in_with_it(
    tmp_path: Path, places_table: Path
) -> None:
    key = Keys.open(tmp_path / "keys").add("officers", date(2026, 5, 4))
    with served(tmp_path, places_table, keys=tmp_path / "keys") as client:
        asked = client.get("/", headers=ACCEPTS_HTML)
        assert asked.status_code == 401
        assert "Basic" in asked.headers["www-authenticate"]
        assert asked.headers["content-type"].startswith("text/html")
        client.auth = ("officer", key)
        page = Officer(client).ask("Home care, WS1 1TP")
        assert page.path.startswith("/lists/")
