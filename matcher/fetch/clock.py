"""The clock that fetching uses, so that tests can replace it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias

Tell: TypeAlias = Callable[[str, int, int | None, str], None]
"""Called with the stage, the amount done, the total (None: not known) and the unit (B: bytes)."""


def silent(stage: str, done: int, total: int | None, unit: str) -> None:
    """Report nothing."""


class Clock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Today's date in UTC."""
        return self.now().date()

    def seconds(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
