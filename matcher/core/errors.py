"""The exceptions of the matcher, as one tree.

    MatcherError
    ├── BadInput            a file, row, field or option that cannot be used
    │   ├── BadLot          a lot or notice that cannot be used
    │   │   └── BadLots     several of them
    │   └── BadSource       a source file that is not in the expected form
    ├── RegisterError       a register that cannot be built, opened or found
    │   └── RegisterBusy    another build is writing it
    ├── FetchError          a source that could not be fetched; the earlier copy is unchanged
    │   └── Busy            another fetch or build is using the store
    └── NotLawful           the rulebook does not allow the request; names the rule

Errors in a bundle are models.errors.BundleError, because models do not import the matcher.

A message names the value, the limit and how to correct it, in the user's terms. The API maps
these types to HTTP statuses.
"""

from __future__ import annotations

from collections.abc import Sequence

_TOLD = 5
"""Errors in lots that a message tells."""


class MatcherError(Exception):
    """The base of all errors whose message can be shown to the user as it is."""


class BadInput(MatcherError):
    """A file, row, field or option that cannot be used."""


class BadLot(BadInput):
    """A lot or notice that cannot be used."""


class BadLots(BadLot):
    """Lots or notices that cannot be used; `each` says of each what is wrong with it."""

    def __init__(self, each: Sequence[str]) -> None:
        super().__init__(each)
        self.each = tuple(each)

    def __str__(self) -> str:
        more = len(self.each) - _TOLD
        return "; ".join(self.each[:_TOLD]) + (f"; and {more:,} more" if more > 0 else "")


class BadSource(BadInput):
    """A source file that is not in the expected form."""


class RegisterError(MatcherError):
    """A register that cannot be built, opened or found."""


class RegisterBusy(RegisterError):
    """Another build is writing the register."""


class FetchError(MatcherError):
    """A source that could not be fetched or stored; the earlier copy is unchanged.

    `status` is the HTTP status of the service's answer; 0 where that was not the cause.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Busy(FetchError):
    """Another fetch or build is using the store."""


class NotLawful(MatcherError):
    """The rulebook does not allow the request.

    `rule` is the id of the rule. `offer` is what may be asked for instead, '' where nothing.
    """

    def __init__(self, message: str, *, rule: str, offer: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.offer = offer
