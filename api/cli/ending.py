"""Lets a command put its temporary files away when the system tells it to end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP")
"""What `kill`, a service manager and a terminal that is closed send."""
_AGAIN = 0.05
"""Seconds after which a signal that met code which may not raise is heeded again."""


@contextmanager
def tidy_ending() -> Iterator[None]:
    """Within the block, a signal to end raises SystemExit, so that blocks are left as on an error.

    Afterwards the process ends by the signal, as it would have without.  A signal that is ignored,
    as under nohup, still is.  Python drops what is raised where an object is deleted or a library
    calls back; such a signal, and Ctrl-C, is heeded again a moment later.
    """
    told: list[int] = []
    report = sys.unraisablehook

    def end(number: int, _: FrameType | None) -> None:
        if not told:  # a second one must not cut off the tidying
            told.append(number)
            raise SystemExit(128 + number)

    def again(dropped: sys.UnraisableHookArgs) -> None:
        if isinstance(dropped.exc_value, KeyboardInterrupt):
            number: int = signal.SIGINT
        elif isinstance(dropped.exc_value, SystemExit) and told:
            number = told.pop()
        else:
            report(dropped)
            return
        later = threading.Timer(_AGAIN, _tell_main_thread, [number])
        later.daemon = True
        later.start()

    before = {}
    if threading.current_thread() is threading.main_thread():
        known = (getattr(signal, name) for name in _NAMES if hasattr(signal, name))
        usual = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
        before = {number: signal.signal(number, end) for number in usual}
        sys.unraisablehook = again
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = report
        if told:
            signal.raise_signal(told[0])


def _tell_main_thread(number: int) -> None:
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:  # so that it also wakes from a wait
        signal.pthread_kill(threading.main_thread().ident or 0, number)
