"""The pages in a real browser, on a real server: the officer's whole way, with and without
JavaScript, at two widths, checked for accessibility.

Skipped, saying so, where Debian's chromium is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import documents as make
from tests.journey import CHROMIUM, ask, choose, chromium, decide, every_page, splits, upload
from tests.notebook import built
from tests.servers import serving

DESKTOP, PHONE, NARROW = (1280, 900), (375, 800), (320, 640)

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not installed"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `matcher serve` on the example's register."""
    with serving(built(tmp_path_factory.mktemp("site") / "register")) as server:
        yield server.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, site: str, size: tuple[int, int], **options: Any) -> Page:
    """A new officer's page, on which every error of a script or of the policy is a failure."""
    width, height = size
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, **options
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", _no_complaint)
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the text ran: {dialog.message}"))
    return page


def _no_complaint(message: Any) -> None:
    if message.type in {"error", "warning"} and "status of 4" not in message.text:
        pytest.fail(message.text)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_the_officers_whole_way(browser: Browser, site: str, javascript: bool) -> None:
    page = opened(browser, site, DESKTOP, java_script_enabled=javascript)
    upload(page, "spec.docx", make.word(*make.SPECIFICATION.splitlines()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the 2 lots")
    title = page.locator("#lot-0-title")
    expect(title).to_have_value("Accessible transport to day centres")
    title.fill("Transport to day centres, with lifts")
    ask(page)

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Transport to day centres, with lifts"
    )
    expect(page.locator(".lbd-card h3").first).to_contain_text("Hesslow Wheels")
    expect(page.get_by_role("img", name=re.compile("^Map of"))).to_be_visible()
    page.locator(".lbd-card h3 a").first.click()
    page.locator("summary", has_text="Evidence").first.click()
    expect(page.get_by_text("How the score adds up").first).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()

    for rank in (1, 2, 3):
        page.locator(f"#tick-{rank}").check()
    page.get_by_role("button", name=re.compile("^Compare them")).click()
    expect(page.locator("thead th")).to_have_count(4)
    page.get_by_role("link", name="Back to the list").click()

    page.get_by_label("Name or ID of a provider").fill("Pendlow Dial a Ride")
    page.get_by_role("button", name="Find out why").click()
    if page.get_by_text("Which of these do you mean?").is_visible():
        page.get_by_role("link", name=re.compile("Pendlow")).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("gone")
    page.get_by_role("link", name="Back to the list").click()

    for rank in (1, 2, 3):
        page.locator(f"#tick-{rank}").uncheck()
    choose(page)
    decide(page)
    expect(page.get_by_text("The decision is saved with the list.")).to_be_visible()
    expect(page.locator(".lbd-decision").last).to_contain_text("Its minibuses are booked")

    for form in ("CSV", "XLSX"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=f"Spreadsheet ({form})").click()
        assert taken.value.suggested_filename.endswith(form.lower())
        assert taken.value.path().stat().st_size > 500
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("The list is exactly the same")).to_be_visible()
    page.get_by_role("link", name="Print view").click()
    expect(page.get_by_role("heading", name="Proof")).to_be_visible()
    page.get_by_role("link", name="Past shortlists").click()
    kept = page.get_by_role("link", name="Transport to day centres, with lifts", exact=True)
    expect(kept).to_be_visible()
    page.context.close()


def test_the_api_is_described_and_tried_from_this_service_alone(
    browser: Browser, site: str
) -> None:
    page = opened(browser, site, DESKTOP)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/docs")
    operation = page.locator("#operations-known-search_providers")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("q").fill("Hesslow Wheels")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text("XX-EXAMPLE-0001")
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
    page.context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_wrong(browser: Browser, site: str, size: tuple[int, int]) -> None:
    page = opened(browser, site, size)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = [
        f"{name}: {one['impact']} {one['id']} at {one['nodes'][0]['target']}"
        for name in every_page(page)
        for one in Axe().run(page, options=rules).response["violations"]
    ]
    assert found == []
    page.context.close()


def test_nothing_is_wider_than_the_narrowest_screen(browser: Browser, site: str) -> None:
    page = opened(browser, site, NARROW)
    wide = []
    for name in every_page(page):
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROW[0]:
            wide.append(f"{name}: {width}")
    assert wide == []
    page.context.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_ways_to_split_are_read_and_printed(
    browser: Browser, site: str, javascript: bool, tmp_path: Path
) -> None:
    page = opened(browser, site, DESKTOP, java_script_enabled=javascript)
    splits(page)
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    page.get_by_role("link", name="No split").first.click()
    expect(page.get_by_role("heading", name="No split").last).to_be_in_viewport()
    expect(page.get_by_role("img", name=re.compile("^Providers for each lot"))).not_to_have_count(0)
    expect(page.get_by_role("img", name=re.compile("^Small local providers"))).to_have_count(1)
    page.locator("summary", has_text="Draft of the reasons for “no split”").click()
    expect(page.get_by_text("intend to buy this as one contract")).to_be_visible()
    printed = tmp_path / "splits.pdf"
    page.pdf(path=printed)
    assert printed.stat().st_size > 10_000
    page.context.close()


def test_a_split_reads_without_colour(browser: Browser, site: str) -> None:
    """Hollow and full bars differ in lightness, and each carries its numbers in words."""
    page = opened(browser, site, DESKTOP)
    splits(page)
    shades = page.evaluate(
        """() => ['all', 'some'].map(kind => getComputedStyle(
            document.querySelector('.lbd-plot__' + kind)).fill.match(/[0-9]+/g)
            .slice(0, 3).reduce((sum, one) => sum + Number(one), 0) / 765)"""
    )
    assert abs(shades[0] - shades[1]) > 0.5
    assert page.locator(".lbd-plot__number").count() > 0
    page.context.close()


def test_the_keyboard_goes_first_to_the_main_content(browser: Browser, site: str) -> None:
    page = opened(browser, site, DESKTOP)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/#main-content")
    page.context.close()


def test_an_error_is_shown_first_and_links_to_its_field(browser: Browser, site: str) -> None:
    page = opened(browser, site, DESKTOP)
    page.goto("/")
    page.get_by_role("button", name="Find the lots").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Paste what you need, or choose a file").click()
    expect(page.locator("#text")).to_be_focused()
    page.context.close()


def test_a_script_in_an_uploaded_text_never_runs(browser: Browser, site: str) -> None:
    page = opened(browser, site, DESKTOP)
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    upload(page, "<img src=x onerror=alert(3)>.txt", f"Meals {evil}\nHot, WS1 1TP {evil}".encode())
    ask(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")
    page.get_by_role("link", name=re.compile("^Record of the list")).click()
    page.get_by_role("link", name="Print view").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x")
    page.context.close()


def test_a_file_of_200_megabytes_is_answered_with_a_page(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    big = tmp_path / "spec.pdf"
    with big.open("wb") as file:
        file.truncate(200_000_000)
    page = opened(browser, site, DESKTOP, java_script_enabled=False)
    page.goto("/")
    page.set_input_files("#file", big)
    page.get_by_role("button", name="Find the lots").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The file is too large")
    expect(page.get_by_text("The largest allowed is 16 MB")).to_be_visible()
    page.context.close()
