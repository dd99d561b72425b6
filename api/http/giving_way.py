"""Who gives way where there is no room for all: those who are waited for, not those who wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def slowest(waited_for: Iterable[tuple[T, str, float]]) -> T | None:
    """The one that has been waited for longest, of the client with the most of them; else None.

    Each comes with its client and since when it is waited for.  So one client that begins many
    requests and ends none loses its own, and an honest one that sends slowly keeps its place.
    """
    found = list(waited_for)
    of_client = Counter(client for _, client, _ in found)
    longest = max(found, key=lambda each: (of_client[each[1]], -each[2]), default=None)
    return longest[0] if longest else None
