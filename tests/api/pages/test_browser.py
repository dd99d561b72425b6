"""The pages in a real browser, on a real server: the officer's whole way, with and without
JavaScript, at two widths, checked for accessibility.

Skipped, saying so, where Debian's chromium is not installed.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import documents as make

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
DESKTOP, PHONE, NARROW = (1280, 900), (375, 800), (320, 640)
ONE, TWO, THREE = "XX-EXAMPLE-0001", "XX-EXAMPLE-0003", "XX-EXAMPLE-0011"

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not installed"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[str]:
    """The address of `matcher serve` on the example's register."""
    folder = tmp_path_factory.mktemp("site")
    env = {**os.environ, "LBD_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    matcher = [sys.executable, "-m", "api.cli.main"]
    files = ["--providers", "examples/providers.jsonl", "--awards", "examples/awards.ocds.jsonl"]
    built = [*matcher, "build", "--quiet", "--register", folder / "reg", *files]
    subprocess.run(built, cwd=ROOT, env=env, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [*matcher, "serve", "--register", folder / "reg", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(serve, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _until_ready(address, server, folder / "log")
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(f"{address}/readyz") as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


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


def upload(page: Page, name: str, content: bytes) -> None:
    page.goto("/")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("#file", files=[file])  # type: ignore[list-item]
    page.get_by_role("button", name="Find the lots").click()


def ask(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Get the shortlist")).click()
    expect(page).to_have_url(re.compile("/lists/"))


def shortlist(page: Page) -> None:
    upload(page, "spec.docx", make.word(*make.SPECIFICATION.splitlines()))
    ask(page)


def splits(page: Page) -> None:
    upload(page, "spec.docx", make.word(*make.SPECIFICATION.splitlines()))
    page.get_by_role("button", name="Compare ways to split").click()
    expect(page).to_have_url(re.compile("/splits/"))


def choose(page: Page) -> None:
    page.locator(f"#choice-{ONE}-1").check()
    page.locator(f"#choice-{TWO}-2").check()
    page.get_by_role("button", name="Decide on these choices").click()


def decide(page: Page) -> None:
    page.locator(f"#reason-{TWO}").fill("Its minibuses are booked until May.")
    page.get_by_role("button", name="Decide on these choices").click()
    page.get_by_label("Why this choice?").fill("Known to the day centres, and near them.")
    page.get_by_label("None known, and I have checked").check()
    page.get_by_label("Name of the person who decides").fill("Pat Example")
    page.get_by_label("Role").fill("Commissioning officer")
    page.get_by_role("button", name="Keep this decision").click()


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
    page.locator("summary", has_text="Evidence").first.click()
    expect(page.get_by_text("How the score adds up").first).to_be_visible()

    for rank in (1, 2, 3):
        page.locator(f"#compare-{rank}").check()
    page.get_by_role("button", name=re.compile("^Compare those ticked")).click()
    expect(page.locator("thead th")).to_have_count(4)
    page.get_by_role("link", name="Back to the list").click()

    page.get_by_label("Name or id of a provider").fill("Pendlow Dial a Ride")
    page.get_by_role("button", name="Ask").click()
    if page.get_by_text("Which of these?").is_visible():
        page.get_by_role("link", name=re.compile("Pendlow")).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("gone")
    page.get_by_role("link", name="Back to the list").click()

    choose(page)
    expect(page.get_by_role("alert")).to_contain_text("Give a reason for leaving out")
    decide(page)
    expect(page.get_by_text("The decision is kept with the list.")).to_be_visible()
    expect(page.locator(".lbd-decision").last).to_contain_text("Its minibuses are booked")

    for form in ("CSV", "XLSX"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=f"Spreadsheet ({form})").click()
        assert taken.value.suggested_filename.endswith(form.lower())
        assert taken.value.path().stat().st_size > 500
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("the same list, byte for byte")).to_be_visible()
    page.get_by_role("link", name="Print view").click()
    expect(page.get_by_role("heading", name="Proof")).to_be_visible()
    page.get_by_role("link", name="Past shortlists").click()
    kept = page.get_by_role("link", name="Transport to day centres, with lifts", exact=True)
    expect(kept).to_be_visible()
    page.context.close()


def every_page(page: Page) -> Iterator[str]:
    """Every page of the way in turn, in each of its states."""
    page.goto("/")
    yield "need"
    page.get_by_role("button", name="Find the lots").click()
    yield "need, refused"
    upload(page, "spec.docx", make.word(*make.SPECIFICATION.splitlines()))
    yield "lots"
    page.locator("#lot-0-place").fill("Nowhere at all")
    page.get_by_label("Choose whom to invite to a reserved competition").check()
    page.get_by_role("button", name=re.compile("^Get the shortlist")).click()
    yield "lots, refused"
    splits(page)
    page.locator("summary", has_text="Draft of the reasons").first.click()
    yield "splits"
    page.get_by_role("link", name="Ways to split").first.click()
    yield "splits, past"
    shortlist(page)
    page.locator("summary", has_text="Evidence").first.click()
    yield "list"
    here = page.url
    page.locator("#compare-1").check()
    page.locator("#compare-2").check()
    page.get_by_role("button", name=re.compile("^Compare those ticked")).click()
    yield "compare"
    page.goto(here)
    page.get_by_label("Name or id of a provider").fill(THREE)
    page.get_by_role("button", name="Ask").click()
    yield "why"
    page.goto(here)
    choose(page)
    yield "list, refused"
    page.locator(f"#reason-{TWO}").fill("Its minibuses are booked until May.")
    page.get_by_role("button", name="Decide on these choices").click()
    page.get_by_role("button", name="Keep this decision").click()
    yield "decide, refused"
    page.goto(here)
    page.locator(f"#choice-{ONE}-1").check()
    decide_again = page.get_by_role("button", name="Decide on these choices")
    page.locator(f"#choice-{TWO}-2").check()
    page.locator(f"#reason-{TWO}").fill("Its minibuses are booked until May.")
    decide_again.click()
    yield "decide"
    page.get_by_label("Why this choice?").fill("Near to them.")
    page.get_by_label("None known, and I have checked").check()
    page.get_by_label("Name of the person who decides").fill("Pat Example")
    page.get_by_label("Role").fill("Commissioning officer")
    page.get_by_role("button", name="Keep this decision").click()
    yield "kept"
    page.get_by_role("link", name="Print view").click()
    yield "print"
    page.goto("/past")
    page.get_by_role("button", name="Replay those shown").click()
    yield "past"
    page.goto("/exposure")
    yield "exposure"
    page.goto("/lists/0123456789")
    yield "missing"


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
    page.locator("summary", has_text="Draft of the reasons for no split").click()
    expect(page.get_by_text("mean to buy this as one contract")).to_be_visible()
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
    assert page.url.endswith("#main-content")
    page.context.close()


def test_an_error_is_told_first_and_leads_to_its_field(browser: Browser, site: str) -> None:
    page = opened(browser, site, DESKTOP)
    page.goto("/")
    page.get_by_role("button", name="Find the lots").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Paste what you need, or choose a file").click()
    expect(page.locator("#said")).to_be_focused()
    page.context.close()


def test_a_script_in_an_uploaded_text_never_runs(browser: Browser, site: str) -> None:
    page = opened(browser, site, DESKTOP)
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    upload(page, "<img src=x onerror=alert(3)>.txt", f"Meals {evil}\nHot, WS1 1TP {evil}".encode())
    ask(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")
    page.get_by_role("link", name=re.compile("^The record")).click()
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
    expect(page.get_by_text("it may have 16 MB")).to_be_visible()
    page.context.close()
