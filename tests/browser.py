"""A real browser for tests: Chromium, told what to do through its own pipe, no library needed."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

_PATIENCE = 30.0
_KEYS = {"Enter": ("\r", 13), "Tab": ("", 9)}
_GOING = ("Inspected target navigated or closed", "Execution context was destroyed.")


class GoingError(Exception):
    """The browser was going from one page to the next, so nobody could answer."""


class Browser:
    """One page of a browser."""

    def __init__(self, to: int, from_: int) -> None:
        self._to, self._from = os.fdopen(to, "wb"), os.fdopen(from_, "rb")
        self._number, self._rest, self._session = 0, b"", ""
        page = self._ask("Target.createTarget", url="about:blank")
        self._session = self._ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)[
            "sessionId"
        ]

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        self._to.write(json.dumps(asked).encode() + b"\0")
        self._to.flush()
        while True:
            while b"\0" not in self._rest:
                read = os.read(self._from.fileno(), 65536)
                assert read, "the browser ended"
                self._rest += read
            said, _, self._rest = self._rest.partition(b"\0")
            answer = json.loads(said)
            if answer.get("id") == self._number:
                if answer.get("error", {}).get("message") in _GOING:
                    raise GoingError(answer)
                assert "error" not in answer, answer
                found: dict[str, Any] = answer["result"]
                return found

    def open(self, url: str) -> None:
        """Go to a page."""
        self._ask("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def says(self, expression: str) -> Any:
        """What an expression of JavaScript is on the page."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)[
            "result"
        ].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with suppress(GoingError):
                if self.says(f"Boolean({expression})"):
                    return
            time.sleep(0.05)
        raise AssertionError(f"never came true: {expression}; {self.text}")

    def press(self, key: str) -> None:
        """Press and let go of a key, as a person would once the page is there."""
        self.until("document.readyState === 'complete'")
        text, code = _KEYS.get(key, (key, ord(key.upper()[0])))
        event = {"key": key, "text": text, "windowsVirtualKeyCode": code}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **event)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, words: str) -> None:
        """Type words where the focus is."""
        for letter in words:
            self.press(letter)

    def close(self) -> None:
        """Let go of the pipes."""
        self._to.close()
        self._from.close()

    @property
    def text(self) -> str:
        """The words of the page."""
        return str(self.says("document.body ? document.body.innerText : ''"))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser that forgets all at the end; its profile lies in `folder`."""
    assert CHROMIUM
    read, to = os.pipe()
    from_, write = os.pipe()
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, 20) for one in (read, write)]

    def wire() -> None:
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    words = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
    process = subprocess.Popen(
        [*words, "--no-first-run", f"--user-data-dir={folder}"],
        pass_fds=(3, 4, *high),
        preexec_fn=wire,  # noqa: PLW1509 - no thread of ours runs in the child
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for one in (read, write, *high):
        os.close(one)
    page = Browser(to, from_)
    try:
        yield page
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        page.close()
