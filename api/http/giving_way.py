"""Who gives way where there is no room for all: those who are waited for, not those who wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def slowest(waited_for: Iterable[tuple[T, str, float]], here: Counter[str], new: str) -> T | None:
    """The one that has been waited for longest, of the client with the most here; else None.

    Each comes with its client and since when it is waited for.  `here` counts all that each client
    has; where that is less than the client of the `new` one has, nothing gives way.  So a client
    with many requests loses its own, and an honest one that sends slowly keeps its place.
    """
    found = (each for each in waited_for if here[each[1]] >= here[new])
    longest = max(found, key=lambda each: (here[each[1]], -each[2]), default=None)
    return longest[0] if longest else None
