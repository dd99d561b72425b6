"""Lets a command put its temporary files away when the system tells it to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP")
"""What `kill`, a service manager and a terminal that is closed send."""


@contextmanager
def tidy_ending() -> Iterator[None]:
    """Within the block, a signal to end raises SystemExit, so that blocks are left as on an error.

    Afterwards the process ends by the signal, as it would have without.  A signal that is ignored,
    as under nohup, still is.
    """
    told: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        if not told:  # a second one must not cut off the tidying
            told.append(number)
            raise SystemExit(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        known = (getattr(signal, name) for name in _NAMES if hasattr(signal, name))
        usual = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
        before = {number: signal.signal(number, end) for number in usual}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if told:
            signal.raise_signal(told[0])
