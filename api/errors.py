"""Errors of the service, in addition to those of the matcher.

    MatcherError
    ├── Missing           nothing is kept or known under an id
    ├── Undecided         a list of providers to invite has no named person's decision yet
    ├── Conflict          another entry is kept under the same id
    ├── TakenOver         a request with a key was begun again by who sent it again
    ├── NotAdmitted       a person who signed in may not use the service
    ├── SignInFailed      the identity provider's answer cannot be trusted, or is a refusal
    ├── ProviderDown      the identity provider cannot be reached
    └── RecordsError      the records cannot be opened, read or written

As in matcher.core.errors, none of them depends on HTTP.
"""

from __future__ import annotations

from matcher.core.errors import MatcherError


class Missing(MatcherError):
    """Nothing is kept or known under an id."""


class Undecided(MatcherError):
    """A list of providers to invite has no named person's decision yet."""


class Conflict(MatcherError):
    """Another entry is kept under the same id."""


class TakenOver(MatcherError):
    """A request with a key was begun again by who sent it again."""


class NotAdmitted(MatcherError):
    """A person who signed in may not use the service."""


class SignInFailed(MatcherError):
    """The identity provider's answer cannot be trusted, or is a refusal."""


class ProviderDown(MatcherError):
    """The identity provider cannot be reached."""


class RecordsError(MatcherError):
    """The records cannot be opened, read or written."""
