"""Fetches sources one after another.

A source that fails does not stop the others.  Its copy in the store stays in use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from matcher.core.errors import BadInput, FetchError
from matcher.fetch.access.base import FetchContext, FetchResult, FetchTarget
from matcher.fetch.access.files import add_files
from matcher.fetch.access.methods import access_to


class FetchEnd(StrEnum):
    """How the fetch of one source ended."""

    NEW = "new"
    SAME = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FetchOutcome:
    """The outcome for one target; `why` explains what failed or was left out."""

    name: str
    title: str
    end: FetchEnd
    why: str = ""


@dataclass(frozen=True)
class Fetcher:
    """Fetches targets into the store."""

    context: FetchContext

    def fetch(self, targets: Sequence[FetchTarget]) -> list[FetchOutcome]:
        """Fetch each target in turn.  Raises Busy where another process uses the store."""
        with self.context.store.locked():
            return [self._fetch_one(target) for target in targets]

    def add_files(self, target: FetchTarget, paths: Sequence[Path]) -> FetchOutcome:
        """Check files that the user supplies, and store them like fetched files.

        Raises BadInput where the source has no files, Busy where another process uses the store.
        """
        if not access_to(target.entry).takes_files:
            raise BadInput(f"--file: {target.entry.title} has no files; fetch it without --file")
        with self.context.store.locked():
            return self._outcome(target, lambda: add_files(target, self.context, paths))

    def _fetch_one(self, target: FetchTarget) -> FetchOutcome:
        access = access_to(target.entry)
        return self._outcome(target, lambda: access.fetch(target, self.context))

    def _outcome(self, target: FetchTarget, work: Callable[[], FetchResult]) -> FetchOutcome:
        try:
            result = work()
        except FetchError as error:
            why = str(error)
        except OSError as error:
            why = str(self.context.store.write_error(error))
        else:
            end = FetchEnd.NEW if result.is_new else FetchEnd.SAME
            return FetchOutcome(target.name, target.entry.title, end, result.note)
        return FetchOutcome(target.name, target.entry.title, FetchEnd.FAILED, why)
