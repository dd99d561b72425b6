"""What a source gives a build: a tally and an iterator of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcher.core.types import Award, Provider, Tally

Feed = tuple[Tally, Iterator[Provider] | Iterator[Award]]


Progress = Callable[[str, int, int | None], None]
"""Called with the stage, how far it is, and of how many (None where not known)."""
