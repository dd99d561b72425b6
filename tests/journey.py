"""The officer's pages in a real browser: a server over the example, and the way through every page.

Chromium is Debian's, driven by Playwright.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from tests import documents as make

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ONE, TWO, THREE = "XX-EXAMPLE-0001", "XX-EXAMPLE-0003", "XX-EXAMPLE-0011"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


def make_file(name: str, content: bytes = b"") -> FilePayload:
    """A file to upload, by default the specification of the tests."""
    content = content or make.word(*make.SPECIFICATION.splitlines())
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def upload(page: Page, name: str, content: bytes) -> None:
    page.goto("/")
    page.set_input_files("#file", files=[make_file(name, content)])
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
    """Tick the first provider of the list, and go on to the decision."""
    page.locator(f"input[name=provider][value={ONE}]").check()
    page.get_by_role("button", name="Choose the ticked providers").click()


def decide(page: Page) -> None:
    left_out = page.locator(f"#reason-{TWO}")
    if not left_out.is_visible():
        page.locator("summary", has_text="Leave providers out").click()
    left_out.fill("Its minibuses are booked until May.")
    page.get_by_label("Why did you make this choice?").fill(
        "Known to the day centres, and near them."
    )
    page.get_by_label("No. I have checked and know of none").check()
    page.get_by_label("Name of the person who decides").fill("Pat Example")
    page.get_by_label("Role").fill("Commissioning officer")
    page.get_by_role("button", name="Save this decision").click()


def outcome(page: Page) -> None:
    """Record that the first provider won, and who says so."""
    page.get_by_label("Hesslow Wheels Community").select_option("Won")
    page.get_by_label("Name of the person who records this").fill("Pat Example")
    page.get_by_label("Role").fill("Commissioning officer")
    page.get_by_role("button", name="Save what came of it").click()


def every_page(page: Page) -> Iterator[str]:
    """Open every page in turn, in each of its states, and yield its name once it is loaded."""
    for name in _steps(page):
        page.wait_for_load_state()
        yield name


def _steps(page: Page) -> Iterator[str]:
    page.goto("/")
    yield "specification"
    page.get_by_role("button", name="Find the lots").click()
    yield "specification, errors"
    upload(page, "spec.docx", make.word(*make.SPECIFICATION.splitlines()))
    yield "lots"
    page.locator("#lot-0-place").fill("Nowhere at all")
    page.get_by_label("Choose who to invite to a reserved competition").check()
    page.get_by_role("button", name=re.compile("^Get the shortlist")).click()
    yield "lots, errors"
    splits(page)
    page.locator("summary.lbd-lot__summary").first.click()
    yield "splits"
    page.goto("/splits")
    yield "splits, history"
    shortlist(page)
    yield "shortlist"
    here = page.url
    page.get_by_label("Distance from the lot").fill("far")
    page.get_by_role("button", name="Apply filters").click()
    yield "shortlist, errors"
    page.goto(here)
    page.locator(".lbd-card h3 a").first.click()
    page.locator("summary", has_text="Evidence").first.click()
    yield "provider"
    page.goto(here)
    page.locator("#tick-1").check()
    page.locator("#tick-2").check()
    page.get_by_role("button", name=re.compile("^Compare them")).click()
    yield "compare"
    page.goto(here)
    page.get_by_label("Name or ID of a provider").fill(THREE)
    page.get_by_role("button", name="Find out why").click()
    yield "explanation"
    page.goto(here)
    choose(page)
    yield "decision"
    page.get_by_role("button", name="Save this decision").click()
    yield "decision, errors"
    decide(page)
    yield "record"
    page.get_by_role("link", name="Record who answered").click()
    yield "outcome"
    page.get_by_role("button", name="Save what came of it").click()
    yield "outcome, errors"
    outcome(page)
    yield "record, outcome"
    page.get_by_role("link", name="Print view").click()
    yield "print"
    page.goto("/outcomes")
    yield "outcomes"
    page.goto("/past")
    page.get_by_role("button", name="Run these again and compare").click()
    yield "history"
    page.goto("/place?q=Nowhere at all")
    yield "place, errors"
    page.goto("/place/E08000030")
    yield "place"
    page.goto("/exposure")
    yield "exposure"
    page.goto("/lists/0123456789")
    yield "missing"
