"""What can be wrong at the doors, beside what the matcher refuses.

    MatcherError
    ├── Missing           nothing is kept or known under the id that was given
    ├── Undecided         an invite list is asked for before a named person decided on it
    └── RecordsError      the records cannot be opened, or are not what was written

As in matcher.core.errors, none of them knows of HTTP.
"""

from __future__ import annotations

from matcher.core.errors import MatcherError


class Missing(MatcherError):
    """Nothing is kept or known under the id that was given."""


class Undecided(MatcherError):
    """An invite list is asked for before a named person decided on it."""


class RecordsError(MatcherError):
    """The records cannot be opened, or are not what was written."""
