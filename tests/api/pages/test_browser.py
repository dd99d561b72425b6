"""The pages in a real browser, on a real server: the officer's whole way, with and without
JavaScript, at three widths, checked for accessibility and plain words.

Skipped, saying so, where Debian's chromium is not installed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Error, Locator, Page, expect

from api.http.api_keys import Keys
from tests.journey import (
    CHROMIUM,
    ask,
    choose,
    chromium,
    decide,
    every_page,
    make_file,
    outcome,
    shortlist,
    splits,
    upload,
)
from tests.reading import own_words, reading_age
from tests.servers import serving
from tests.services import people_register

DESKTOP, TABLET, PHONE = (1280, 900), (768, 1024), (390, 844)
NARROW = (320, 256)
"""A desktop of 1280 by 1024 at 400% zoom."""
OLDEST_READER = 14
"""The reading age that no page may exceed."""
CARDS_FIT_IN, PHONE_SPLITS = 2_500, 4_000
"""The most that ten cards on a desktop, and the ways to split on a phone, may be high."""
_MOST_TABS = 400

expect.set_options(timeout=30_000)

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not installed"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, example_register: Path) -> Iterator[str]:
    """The address of `matcher serve` on the example's register."""
    register = tmp_path_factory.mktemp("site") / "register"
    with serving(shutil.copytree(example_register, register)) as server:
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
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", _no_complaint)
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the text ran: {dialog.message}"))
    return page


def _no_complaint(message: Any) -> None:
    if message.type in {"error", "warning"} and "status of 4" not in message.text:
        pytest.fail(message.text)


def heading(page: Page) -> str:
    """The page's heading, once it is there."""
    page.wait_for_load_state()
    return page.get_by_role("heading", level=1).inner_text()


def goes_back_and_forward(page: Page) -> None:
    """Back, forward and reload, as the browser does them, lead to a page and to this one again.

    Chromium refuses to go back to a page that was drawn from a form.  What comes of going back does
    not depend on the size of the window, so it is tried on a phone alone.
    """
    assert page.viewport_size is not None
    if page.viewport_size["width"] != PHONE[0]:
        return
    here, shown = page.url, heading(page)
    page.go_back()
    assert heading(page)
    page.go_forward()
    assert (page.url, heading(page)) == (here, shown)
    page.reload()
    assert (page.url, heading(page)) == (here, shown)


@pytest.mark.parametrize(
    ("size", "javascript"),
    [(PHONE, True), (PHONE, False), (TABLET, True), (DESKTOP, True), (DESKTOP, False)],
    ids=["phone", "phone, no javascript", "tablet", "desktop", "desktop, no javascript"],
)
def test_the_officers_whole_way_with_back_at_every_step(
    browser: Browser, site: str, size: tuple[int, int], javascript: bool
) -> None:
    page = opened(browser, site, size, java_script_enabled=javascript)
    title = f"Transport to day centres, {size[0]} {javascript}"
    _describe(page, title)
    _list(page, title)
    _compare_and_ask_why(page)
    _decide(page)
    _record_what_came_of_it(page)
    _look_back(page, title)
    page.context.close()


def _describe(page: Page, title: str) -> None:
    """Paste, then upload, then correct."""
    page.goto("/")
    page.get_by_label("Paste your specification").fill("Lot 1: Meals\nHot, WS1 1TP\nLot 2: Care")
    page.get_by_role("button", name="Find the lots").click()
    assert heading(page) == "Check the 2 lots"
    goes_back_and_forward(page)
    page.get_by_role("link", name="Describe what you need again").click()
    expect(page.get_by_label("Paste your specification")).to_have_value(re.compile("^Lot 1: Meals"))
    page.set_input_files("#file", files=[make_file("spec.docx")])
    page.get_by_role("button", name="Find the lots").click()
    assert heading(page) == "Check the 2 lots"
    page.get_by_role("button", name="Add a lot").click()
    assert heading(page) == "Check the 3 lots"
    goes_back_and_forward(page)
    page.locator("#lot-2").evaluate("lot => lot.open = true")
    page.get_by_role("button", name="Remove lot 3").click()
    assert heading(page) == "Check the 2 lots"
    page.locator("#lot-0-title").fill(title)
    page.locator("#lot-0-place").fill("Nowhere at all")
    page.get_by_role("button", name=re.compile("^Get the shortlist")).click()
    expect(page.get_by_role("link", name=re.compile("“Nowhere at all” is not a"))).to_be_visible()
    goes_back_and_forward(page)
    expect(page.locator("#lot-0-title")).to_have_value(title)
    page.locator("#lot-0-place").fill("WS3 1HF")


def _list(page: Page, title: str) -> None:
    ask(page)
    assert heading(page) == title
    goes_back_and_forward(page)
    page.get_by_role("link", name="Change the lots").click()
    expect(page.locator("#lot-0-title")).to_have_value(title)
    ask(page)
    expect(page.locator(".lbd-card h3").first).to_contain_text("Hesslow Wheels")
    expect(page.get_by_role("img", name=re.compile("^Map of"))).to_be_visible()
    page.get_by_role("button", name="Remove this filter: Not large").click()
    expect(page.get_by_role("button", name="Remove this filter: Not large")).to_have_count(0)
    goes_back_and_forward(page)
    page.locator(".lbd-card h3 a").first.click()
    page.locator("summary", has_text="Evidence").first.click()
    expect(page.get_by_text("How the score adds up").first).to_be_visible()
    goes_back_and_forward(page)
    page.get_by_role("link", name="Back to the list").click()


def _compare_and_ask_why(page: Page) -> None:
    for rank in (1, 2, 3):
        page.locator(f"#tick-{rank}").check()
    page.get_by_role("button", name=re.compile("^Compare them")).click()
    expect(page.locator("thead").first.locator("th")).to_have_count(4)
    goes_back_and_forward(page)
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#tick-3")).to_be_checked()
    page.get_by_label("Name or ID of a provider").fill("Pendlow Dial a Ride")
    page.get_by_role("button", name="Find out why").click()
    if page.get_by_text("Which of these do you mean?").is_visible():
        page.get_by_role("link", name=re.compile("Pendlow")).click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("gone")
    goes_back_and_forward(page)
    page.get_by_role("link", name="Back to the list").click()


def _decide(page: Page) -> None:
    choose(page)
    assert heading(page) == "Record your decision"
    page.get_by_role("button", name="Save this decision").click()
    expect(page.get_by_role("link", name="Enter why you made this choice")).to_be_visible()
    goes_back_and_forward(page)
    page.context.clear_cookies()
    decide(page)
    expect(page.get_by_text("The decision is saved with the list.")).to_be_visible()
    expect(page.locator(".lbd-decision")).to_have_count(1)
    expect(page.locator(".lbd-decision")).to_contain_text("Its minibuses are booked")
    goes_back_and_forward(page)


def _record_what_came_of_it(page: Page) -> None:
    page.get_by_role("link", name="Record who answered").click()
    page.get_by_role("button", name="Save what came of it").click()
    expect(page.get_by_role("link", name=re.compile("^Select what became"))).to_be_visible()
    goes_back_and_forward(page)
    outcome(page)
    expect(page.get_by_text("What came of it is saved with the list.")).to_be_visible()
    goes_back_and_forward(page)


def _look_back(page: Page, title: str) -> None:
    for form in ("CSV", "XLSX"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=f"Spreadsheet ({form})").click()
        assert taken.value.suggested_filename.endswith(form.lower())
        assert taken.value.path().stat().st_size > 500
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("The list is exactly the same")).to_be_visible()
    goes_back_and_forward(page)
    page.get_by_role("link", name="Print view").click()
    expect(page.get_by_role("heading", name="Proof")).to_be_visible()
    page.goto("/past")
    expect(page.get_by_role("heading", name=re.compile(f"^{title}")).first).to_be_visible()
    page.get_by_role("button", name="Run these again and compare").click()
    expect(page.locator(".govuk-tag", has_text="Same").first).to_be_visible()
    goes_back_and_forward(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_what_is_ticked_stays_so_when_the_list_is_filtered_or_a_provider_added(
    browser: Browser, site: str, javascript: bool
) -> None:
    page = opened(browser, site, DESKTOP, java_script_enabled=javascript)
    shortlist(page)
    page.locator("#tick-2").check()
    second = page.locator("#tick-2").get_attribute("value")
    ticked = page.locator("input[name=provider]:checked")
    page.get_by_role("button", name="Remove this filter: Not large").click()
    expect(page.get_by_role("button", name="Remove this filter: Not large")).to_have_count(0)
    expect(ticked).to_have_count(1)
    page.get_by_label("Distance from the lot").fill("far")
    page.get_by_label("Distance from the lot").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(ticked).to_have_count(1)
    page.get_by_label("Name or ID of a provider").fill("XX-EXAMPLE-0078")
    page.get_by_label("Distance from the lot").fill("15 km")
    page.get_by_label("Distance from the lot").press("Enter")
    expect(page.get_by_role("button", name="Remove this filter: Within 15 km")).to_be_visible()
    page.get_by_label("Name or ID of a provider").fill("XX-EXAMPLE-0078")
    page.get_by_label("Name or ID of a provider").press("Enter")
    page.get_by_role("link", name="Consider this provider anyway").click()
    expect(page.locator("#choose")).to_be_in_viewport()
    expect(ticked).to_have_count(2)
    page.get_by_role("button", name="Choose the ticked providers").click()
    chosen = page.locator("input[name=provider]").evaluate_all("all => all.map(o => o.value)")
    assert sorted(chosen) == sorted([str(second), "XX-EXAMPLE-0078"])
    page.context.close()


def test_what_is_ticked_stays_so_when_a_provider_is_read(browser: Browser, site: str) -> None:
    page = opened(browser, site, DESKTOP)
    shortlist(page)
    page.locator("#tick-2").check()
    page.locator(".lbd-card__name a").first.click()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#tick-2")).to_be_checked()
    page.locator(".lbd-card__name a").first.click()
    page.get_by_role("link", name="Skip to main content").press("Enter")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#tick-2")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_double_click_saves_one_decision(browser: Browser, site: str, javascript: bool) -> None:
    page = opened(browser, site, DESKTOP, java_script_enabled=javascript)
    page.goto("/")
    page.get_by_label("Paste your specification").fill(f"Clicks {javascript}\nMinibuses, WS3 1HF")
    page.get_by_role("button", name="Find the lots").dblclick()
    page.get_by_role("button", name=re.compile("^Get the shortlist")).dblclick()
    expect(page).to_have_url(re.compile("/lists/"))
    page.locator("#tick-1").check()
    page.get_by_role("button", name="Choose the ticked providers").dblclick()
    page.get_by_label("Why did you make this choice?").fill("They are near.")
    page.get_by_label("No. I have checked and know of none").check()
    page.get_by_label("Name of the person who decides").fill("Pat Example")
    page.get_by_label("Role").fill("Commissioning officer")
    page.get_by_role("button", name="Save this decision").dblclick()
    expect(page).to_have_url(re.compile("/kept"))
    page.reload()
    expect(page.locator(".lbd-decision")).to_have_count(1)
    page.context.close()


def test_a_browser_asks_for_the_key(browser: Browser, tmp_path: Path, places_table: Path) -> None:
    key = Keys.open(tmp_path / "keys.jsonl").add("officers", date(2026, 5, 4))
    register = people_register(tmp_path, places_table)
    with serving(register, "--bundle", "hand", "--keys", tmp_path / "keys.jsonl") as server:
        nobody = opened(browser, server.url, DESKTOP)
        with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):  # nobody is there to type
            nobody.goto("/")
        given = {"username": "any", "password": key}
        officer = opened(browser, server.url, DESKTOP, http_credentials=given)
        officer.goto("/")
        assert heading(officer) == "Find small local providers for each lot"
        for page in (nobody, officer):
            page.context.close()


def test_words_without_end_make_no_page_wider(browser: Browser, site: str) -> None:
    page = opened(browser, site, NARROW)
    word = "Unterbringungsvermittlung" * 12
    upload(page, "spec.txt", f"Lot 1: Minibuses {word}\nTo day centres, WS3 1HF {word}".encode())
    wide = "document.documentElement.scrollWidth > innerWidth"
    ask(page)
    assert not page.evaluate(wide)
    page.locator("#tick-1").check()
    page.get_by_role("button", name="Choose the ticked providers").click()
    page.get_by_label("Why did you make this choice?").fill(word)
    page.get_by_label("No. I have checked and know of none").check()
    page.get_by_label("Name of the person who decides").fill(word[:100])
    page.get_by_label("Role").fill(word[:100])
    page.get_by_role("button", name="Save this decision").click()
    expect(page).to_have_url(re.compile("/kept"))
    assert not page.evaluate(wide)
    page.get_by_role("link", name="Print view").click()
    assert heading(page)
    assert not page.evaluate(wide)
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


def test_the_whole_way_by_keyboard_alone(browser: Browser, site: str) -> None:
    """Tab, Space, Enter and letters reach and work every control on the way to a decision."""
    page = opened(browser, site, DESKTOP)
    page.goto("/")
    tab_to(page, page.get_by_label("Paste your specification"))
    page.keyboard.type("Keys and minibuses\nMinibuses to day centres, WS3 1HF")
    press(page, page.get_by_role("button", name="Find the lots"))
    press(page, page.get_by_role("button", name=re.compile("^Get the shortlist")))
    expect(page).to_have_url(re.compile("/lists/"))
    tab_to(page, page.locator("#tick-1"))
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Choose the ticked providers"))
    tab_to(page, page.get_by_label("Why did you make this choice?"))
    page.keyboard.type("They are near.")
    tab_to(page, page.get_by_label("No. I have checked and know of none"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Name of the person who decides"))
    page.keyboard.type("Pat Example")
    tab_to(page, page.get_by_label("Role"))
    page.keyboard.type("Commissioning officer")
    press(page, page.get_by_role("button", name="Save this decision"))
    expect(page.get_by_text("The decision is saved with the list.")).to_be_visible()
    page.context.close()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and check that the focus can be seen."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("it => it === document.activeElement"):
            shown = "it => { const s = getComputedStyle(it); return s.outlineStyle + s.boxShadow }"
            drawn = target.evaluate(shown) + target.evaluate(
                "it => getComputedStyle(it.nextElementSibling || it, '::before').boxShadow"
            )
            assert drawn != "nonenonenone"
            return
    pytest.fail(f"Tab never reached {target}")


def press(page: Page, button: Locator) -> None:
    """Press a button with the keyboard."""
    tab_to(page, button)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def test_every_page_is_accessible_plain_and_no_wider_than_the_narrowest_screen(
    browser: Browser, site: str
) -> None:
    """Each page is reached on the narrowest screen, and then looked at on a phone and a desktop."""
    page = opened(browser, site, NARROW)
    found = []
    for name in every_page(page):
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{name}: {width} wide"] if width > NARROW[0] else []
        age = reading_age(own_words(page.content()))
        found += [f"{name}: a reading age of {age:.1f}"] if age > OLDEST_READER else []
        for size in (PHONE, DESKTOP):
            resize(page, size)
            found += [f"{name}, {size[0]} wide: {violation}" for violation in violations(page)]
        resize(page, NARROW)
    assert found == []
    page.context.close()


def resize(page: Page, size: tuple[int, int]) -> None:
    """Give the window another size, and wait until the page is drawn for it."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    drawn = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(f"() => {drawn}")


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page."""
    rules = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "resultTypes": ["violations"],  # to describe what is right takes longest
    }
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    return [f"{one['impact']} {one['id']} at {one['nodes'][0]['target']}" for one in found]


@pytest.mark.parametrize(
    ("page_name", "most"), [("shortlist", CARDS_FIT_IN), ("splits", PHONE_SPLITS)]
)
def test_a_page_is_no_longer_than_it_says(
    browser: Browser, site: str, page_name: str, most: int
) -> None:
    """Ten cards on a desktop, and the ways to split on a phone."""
    page = opened(browser, site, DESKTOP if page_name == "shortlist" else PHONE)
    if page_name == "shortlist":
        shortlist(page)
        cards = page.locator(".lbd-cards").first
        assert cards.locator(".lbd-card").count() == 10
        box = cards.bounding_box()
        assert box is not None
        assert box["height"] <= most
    else:
        splits(page)
        assert page.evaluate("document.documentElement.scrollHeight") <= most
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
    page.locator("summary.lbd-lot__summary", has_text="No split").click()
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
