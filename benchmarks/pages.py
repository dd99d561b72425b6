"""How long an officer waits for each page, over HTTP on this machine.

    python -m benchmarks.pages --register REG [--rounds 50] [--specification FILE] [--json OUT]

Starts `matcher serve` with one worker and its own records, visits an officer's pages once, and
then requests each page `rounds` times, one after the other.  Reports the time of the first answer
after the start, and for each page the median and the 95th percentile of all later ones and its
size in bytes.  Forms are sent a tenth as often: each reads the document again, or makes the
shortlists of all its lots.  Where Chromium is installed, reports when a browser first draws the
first page with an empty cache.  There is one client, on this machine.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from lxml import html
from rich.console import Console
from rich.table import Table

CHROMIUM = Path("/usr/bin/chromium")
_NOTICE = Path(__file__).parents[1] / "examples" / "notice.json"
_BOUNDARY = "lbd-benchmark"


@dataclass(frozen=True)
class Waited:
    """Milliseconds until a page was complete, and its size in bytes."""

    page: str
    times: int
    median: float
    p95: float
    size: int


@dataclass(frozen=True)
class Report:
    """The results; `drawn` is when a browser first drew, None without a browser."""

    first: float
    pages: tuple[Waited, ...]
    drawn: float | None


@contextmanager
def served(register: Path) -> Iterator[str]:
    """The address of a new server over `register`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "OMP_NUM_THREADS": "1", "LBD_PER_MINUTE": "1000000"}
        command = [sys.executable, "-m", "api.cli.main", "serve", "--register", str(register)]
        command += ["--port", str(port), "--records", str(Path(folder) / "records.sqlite")]
        server = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _until_open(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise SystemExit("the server did not start; run `matcher serve` to see why")
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not start within a minute")


class Officer:
    """Loads pages and sends forms, with cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        jar = HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener: OpenerDirector = build_opener(jar)

    def load(self, path: str) -> bytes:
        """A page."""
        return self._ask(Request(self.address + path))[1]

    def send(self, path: str, fields: Mapping[str, str]) -> tuple[str, bytes]:
        """Send a form: the address it leads to, and the page there."""
        return self._ask(Request(self.address + path, urlencode(fields).encode()))

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes) -> bytes:
        """Send a form with a file."""
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        disposition = f'form-data; name="file"; filename="{name}"'
        parts.append(f"--{_BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n")
        body = "".join(parts).encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        asked = Request(self.address + path, body, {"Content-Type": kind})
        return self._ask(asked)[1]

    def _ask(self, asked: Request) -> tuple[str, bytes]:
        with self._opener.open(asked, timeout=120) as answer:
            return answer.url.removeprefix(self.address), answer.read()


def form(page: bytes, action: str) -> dict[str, str]:
    """The fields of the form with this `action`, with their values."""
    found = next(f for f in html.fromstring(page).forms if f.get("action") == action)
    return {name: value for name, value in found.form_values() if name}


def waits(name: str, times: int, ask: Callable[[], bytes]) -> Waited:
    """Milliseconds that `ask` takes, for so many calls."""
    took, size = [], 0
    for _ in range(max(2, times)):
        start = time.perf_counter()
        size = len(ask())
        took.append((time.perf_counter() - start) * 1000)
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1]
    return Waited(name, len(took), round(statistics.median(took), 1), round(p95, 1), size)


def measure(register: Path, specification: Path, rounds: int) -> Report:
    """Visit the officer's pages, and measure them."""
    with served(register) as address:
        officer = Officer(address)
        start = time.perf_counter()
        first = officer.load("/")
        took = round((time.perf_counter() - start) * 1000, 1)
        token = {"lbd-form": form(first, "/need")["lbd-form"]}
        name, content = specification.name, specification.read_bytes()
        found = officer.upload("/need", {**token, "text": ""}, name, content)
        asked = {**form(found, "/lots"), "do": "ask"}
        led, shown = officer.send("/lots", asked)
        path = led.partition("?")[0]
        ids = re.findall(rb'name="provider" value="([^"]+)"', shown)[:4]
        compared = urlencode([("provider", each.decode()) for each in ids])
        few = max(2, rounds // 10)
        pages = [
            waits("describe the need", rounds, lambda: officer.load("/")),
            waits(
                "the lots found in a file, read apart",
                few,
                lambda: officer.upload("/need", {**token, "text": ""}, name, content),
            ),
            waits(
                "ask for all lots, to the first list", few, lambda: officer.send("/lots", asked)[1]
            ),
            waits("a shortlist with its map", rounds, lambda: officer.load(led)),
            waits("compare four", rounds, lambda: officer.load(f"{path}/compare?{compared}")),
            waits("the record", rounds, lambda: officer.load(f"{path}/kept")),
            waits("replay", few, lambda: officer.send(f"{path}/replay", token)[1]),
            waits("past shortlists", rounds, lambda: officer.load("/past")),
            waits("exposure", rounds, lambda: officer.load("/exposure")),
        ]
        return Report(took, tuple(pages), _drawn(address) if CHROMIUM.exists() else None)


def _drawn(address: str) -> float | None:
    """Median milliseconds from a request for the first page until a browser draws it."""
    from playwright.sync_api import sync_playwright

    asked = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
    took = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for _ in range(5):
            page = browser.new_context().new_page()
            page.goto(f"{address}/")
            page.wait_for_timeout(300)
            found = page.evaluate(asked)
            took += [float(found)] if found is not None else []
        browser.close()
    return round(statistics.median(took), 1) if took else None


def show(report: Report) -> None:
    """Print what was measured."""
    table = Table(title="Milliseconds until the page is there")
    for column in ("page", "times", "median", "95th percentile", "kB"):
        table.add_column(column, justify="left" if column == "page" else "right")
    for one in report.pages:
        cells = (one.times, one.median, one.p95, round(one.size / 1000))
        table.add_row(one.page, *map(str, cells))
    console = Console()
    console.print(table)
    console.print(f"The first answer after the start: {report.first} ms")
    if report.drawn is not None:
        console.print(f"A browser first draws the first page after {report.drawn} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long an officer waits for each page.")
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--specification", type=Path, default=_NOTICE)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    report = measure(given.register, given.specification, given.rounds)
    show(report)
    if given.json:
        given.json.write_text(json.dumps(asdict(report), indent=1) + "\n")


if __name__ == "__main__":
    main()
