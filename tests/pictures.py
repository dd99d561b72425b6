"""Pictures of the officer's pages over the example register, taken in Chromium.

python -m tests.pictures                  renews the picture in the README
python -m tests.pictures build/pictures   writes every page at three widths into a folder
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize

from tests import readme
from tests.journey import ask, chromium, every_page, upload
from tests.servers import serving

WIDTHS = (390, 768, 1280)
SHORTLIST = readme.ROOT / "docs" / "images" / "shortlist.png"


def every_picture(browser: Browser, url: str, folder: Path) -> None:
    """Write every page, in each of its states and in full length, at each width."""
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page = browser.new_page(base_url=url, viewport={"width": width, "height": 900})
        for number, name in enumerate(every_page(page), 1):
            slug = re.sub(r"\W+", "-", name)
            page.screenshot(path=folder / f"{width}-{number:02}-{slug}.png", full_page=True)
        page.close()


def shortlist_picture(browser: Browser, url: str, path: Path) -> None:
    """Write the top of the first list of the example notice, at 70% of its size."""
    size = ViewportSize(width=1020, height=1260)
    page = browser.new_page(base_url=url, viewport=size, device_scale_factor=0.7)
    upload(page, "notice.json", readme.NOTICE.read_bytes())
    ask(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.close()


def main() -> None:
    """Take the pictures that the arguments name."""
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "register"
        readme.build(register)
        with serving(register) as server, chromium() as browser:
            if len(sys.argv) > 1:
                every_picture(browser, server.url, Path(sys.argv[1]))
            else:
                shortlist_picture(browser, server.url, SHORTLIST)


if __name__ == "__main__":
    main()
