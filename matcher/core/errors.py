"""What can be wrong, as one tree.

    MatcherError
    ├── BadInput            a file, row, field or option that cannot be used
    │   ├── BadLot          a lot or notice that cannot be asked about
    │   └── BadSource       a source file that is not what it should be
    ├── RegisterError       a register that cannot be built, opened or found
    ├── FetchError          a source that could not be fetched; what was here before stands
    │   └── Busy            another fetch or build has the store
    └── NotLawful           the rulebook does not allow what was asked; names the rule

What is wrong with a bundle is models.errors.BundleError: models know nothing of the matcher.

Each message names the value, the limit and the mend, in the words of whoever asked.
None of them knows of HTTP: the door turns type into status.
"""

from __future__ import annotations


class MatcherError(Exception):
    """Anything this product refuses, with a message that can be shown as it is."""


class BadInput(MatcherError):
    """A file, row, field or option that cannot be used."""


class BadLot(BadInput):
    """A lot or notice that cannot be asked about."""


class BadSource(BadInput):
    """A source file that is not what it should be."""


class RegisterError(MatcherError):
    """A register that cannot be built, opened or found."""


class FetchError(MatcherError):
    """A source that could not be fetched, or not stored; what was here before stands.

    `status` is what its service answered with, where that was the trouble.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Busy(FetchError):
    """Another fetch or build is at work in the store."""


class NotLawful(MatcherError):
    """The rulebook does not allow what was asked."""

    def __init__(self, message: str, *, rule: str, offer: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.offer = offer
