"""The time, and waiting: given to whoever needs them, so that a test can hold the hands."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias

Tell: TypeAlias = Callable[[str, int, int | None, str], None]
"""Called with what is being done, how far it is, of how many (None: not known), and of what
('B' for bytes)."""


def silent(stage: str, done: int, total: int | None, unit: str) -> None:
    """Tell nobody."""


class Clock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The day that it is in UTC."""
        return self.now().date()

    def seconds(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
