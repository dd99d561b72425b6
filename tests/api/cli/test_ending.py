"""How a command ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

TOLD = """
import signal, sys, time
from api.cli.ending import tidy_ending

number = int(sys.argv[1])
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

class Deleted:
    def __del__(self):
        signal.raise_signal(number)

with tidy_ending():
    try:
        Deleted()
        time.sleep(60)
        print("went on")
    finally:
        print("put away", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_is_heeded_that_comes_while_an_object_is_deleted(number: signal.Signals) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", TOLD, str(int(number))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert ran.stdout == "put away\n"
    assert ran.returncode == -number
