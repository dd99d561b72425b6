"""The raters' pages in a real browser: by mouse, on a phone, without JavaScript, read by axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from api.judging.session import JudgingSession
from tests.api.judging.test_app import POOL, served
from tests.journey import CHROMIUM, chromium

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not installed"
)

_PHONE = {"width": 320, "height": 600}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, JudgingSession]]:
    with served(tmp_path) as (port, session):
        yield f"http://127.0.0.1:{port}", session


def opened(chrome: Browser, url: str, **options: Any) -> Page:
    """A rater's first page, on which what a script or the policy complains of is a failure."""
    page = chrome.new_context(base_url=url, **options).new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", _no_complaint)
    page.goto("/")
    return page


def _no_complaint(message: Any) -> None:
    if message.type in {"error", "warning"} and "status of 4" not in message.text:
        pytest.fail(message.text)


def begin(page: Page, name: str) -> None:
    page.get_by_label("A short name").fill(name)
    page.get_by_role("button", name="Begin or continue").click()


def answer(page: Page, words: str) -> None:
    page.get_by_role("button", name=re.compile(words)).click()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_rater_judges_everything_by_mouse_on_a_phone(
    chrome: Browser, site: tuple[str, JudgingSession], javascript: bool
) -> None:
    url, session = site
    page = opened(chrome, url, viewport=_PHONE, java_script_enabled=javascript)
    begin(page, "Siân")
    for done, words in enumerate(("^3 Well", "^0 Not", "^x Cannot", "^1 On the edge")):
        expect(page.get_by_text(f"Siân: {done} of {len(POOL)} judged")).to_be_visible()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        answer(page, words)
    expect(page.get_by_role("heading", name="That was all, Siân")).to_be_visible()
    page.get_by_role("link", name="Back to the previous one").click()
    chosen = page.locator("[aria-pressed=true]")
    expect(chosen).to_contain_text("On the edge")
    answer(page, "^2 Suited")
    expect(page.get_by_role("heading", name="That was all, Siân")).to_be_visible()
    assert [one.grade for one in session.judgements.all] == [3, 0, None, 1, 2]
    page.context.close()


def test_a_name_that_cannot_be_used_is_asked_again_and_not_lost(
    chrome: Browser, site: tuple[str, JudgingSession]
) -> None:
    page = opened(chrome, site[0])
    begin(page, "Pat Example")
    expect(page.get_by_role("alert")).to_contain_text("without a space")
    expect(page.get_by_label("A short name")).to_have_value("Pat Example")
    begin(page, "pat")
    expect(page.get_by_text(f"pat: 0 of {len(POOL)} judged")).to_be_visible()
    page.context.close()


def test_a_double_click_judges_one_item(chrome: Browser, site: tuple[str, JudgingSession]) -> None:
    url, session = site
    page = opened(chrome, url)
    begin(page, "ann")
    page.get_by_role("button", name=re.compile("^2 Suited")).dblclick()
    expect(page.get_by_text(f"ann: 1 of {len(POOL)} judged")).to_be_visible()
    answer(page, "^0 Not")
    expect(page.get_by_text(f"ann: 2 of {len(POOL)} judged")).to_be_visible()
    assert [one.grade for one in session.judgements.all] == [2, 0]
    page.context.close()


def test_an_answer_whose_page_was_stopped_can_be_given_again(
    chrome: Browser, site: tuple[str, JudgingSession]
) -> None:
    url, session = site
    page = opened(chrome, url)
    begin(page, "ann")
    expect(page.get_by_text(f"ann: 0 of {len(POOL)} judged")).to_be_visible()
    page.route("**/judge", lambda route: route.abort("aborted"), times=1)
    with page.expect_event("requestfailed"):
        answer(page, "^2 Suited")
    page.keyboard.press("0")
    expect(page.get_by_text(f"ann: 1 of {len(POOL)} judged")).to_be_visible()
    assert [one.grade for one in session.judgements.all] == [0]
    page.context.close()


@pytest.mark.parametrize("to", ["</form>", "</main>", "<script"])
def test_the_buttons_of_a_page_that_was_cut_off_work(
    chrome: Browser, site: tuple[str, JudgingSession], to: str
) -> None:
    url, session = site
    page = opened(chrome, url)

    def cut(route: Any) -> None:
        whole = route.fetch(max_redirects=3)
        route.fulfill(response=whole, body=whole.text().partition(to)[0])

    page.route("**/judge?rater=ann&item=*", cut, times=1)
    begin(page, "ann")
    answer(page, "^2 Suited")
    expect(page.get_by_text(f"ann: 1 of {len(POOL)} judged")).to_be_visible()
    assert [one.grade for one in session.judgements.all] == [2]
    page.context.close()


def test_the_browsers_back_leads_to_the_item_that_was_judged(
    chrome: Browser, site: tuple[str, JudgingSession]
) -> None:
    url, session = site
    page = opened(chrome, url)
    begin(page, "ann")
    for done, words in enumerate(("^2 Suited", "^0 Not")):
        expect(page.get_by_text(f"ann: {done} of {len(POOL)} judged")).to_be_visible()
        answer(page, words)
    expect(page.get_by_text(f"ann: 2 of {len(POOL)} judged")).to_be_visible()
    page.go_back()
    expect(page.locator("[aria-pressed=true]")).to_contain_text("Not suited")
    answer(page, "^1 On the edge")
    expect(page.get_by_text(f"ann: 2 of {len(POOL)} judged")).to_be_visible()
    first, second, again = session.judgements.all
    assert (first.grade, second.grade, again.grade) == (2, 0, 1)
    assert again.key == second.key != first.key
    page.context.close()


def test_every_page_is_accessible(chrome: Browser, site: tuple[str, JudgingSession]) -> None:
    page = chrome.new_page(base_url=site[0])
    for address in ("/", "/judge?rater=a b", "/judge?rater=ann", "/judge?rater=ann&item=9", "/no"):
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate("axe.run()")["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address
    page.close()
