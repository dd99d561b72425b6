"""The types that every source gives a build: a feed of records, and a progress callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcher.core.types import Award, Provider, Tally

Feed = tuple[Tally, Iterator[Provider] | Iterator[Award]]
"""The tally of a source, and its records; the tally is complete once all records are read."""

Progress = Callable[[str, int, int | None], None]
"""Called with the stage, the items done, and the number of all items (None if unknown)."""
