"""A session that ends while a person types, in a real browser: what was typed is not lost."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.api.signin.test_sign_in import PAT, PEOPLE, service
from tests.identity import identity_provider
from tests.journey import CHROMIUM, chromium

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not installed"
)


def confirm(page: Page) -> None:
    """Say at the identity provider who one is."""
    page.locator("input[name=sub]").first.fill(PAT)
    page.get_by_role("button").first.click()


@pytest.mark.parametrize("ends", ["its cookie is gone", "its time is up"])
def test_what_was_typed_is_sent_again_after_a_new_sign_in(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    hours = [0]
    clock = SimpleNamespace(time=lambda: time.time() + 3600 * hours[0])
    for module in ("middleware", "routes"):
        monkeypatch.setattr(f"api.signin.{module}.time", clock)
    with (
        identity_provider(*PEOPLE) as provider,
        service(tmp_path, places_table, provider) as url,
        chromium() as browser,
    ):
        context = browser.new_context(base_url=url)
        page = context.new_page()
        page.goto("/")
        confirm(page)
        expect(page.get_by_text("Signed in as Pat Example")).to_be_visible()
        page.get_by_label("Paste your specification").fill("Care at home\nVisits, WS1 1TP")
        if ends == "its cookie is gone":
            context.clear_cookies(name="lbd-session")
        else:
            hours[0] = 9
        page.get_by_role("button", name="Find the lots").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
        with context.expect_page() as opened:
            page.get_by_role("link", name="Sign in (opens in a new tab)").click()
        confirm(opened.value)
        expect(opened.value.get_by_text("Signed in as Pat Example")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check the lot")
        expect(page.get_by_label("Title")).to_have_value("Care at home")
        context.close()
