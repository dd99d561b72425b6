"""Reads the status that a register or a table gives an organisation, in any wording."""

from __future__ import annotations

import re

from matcher.core.types import Status

_STATUSES = (
    (
        Status.REMOVED,
        re.compile(
            r"\b(?:removed|removal|de ?-?registered|un-?registered|in-?active|no longer|expelled"
            r"|(?:not|non|never)[ -](?:currently |yet |been )?(?:active|registered|open|trading"
            r"|operating|operational|running|available)|cancell?ed|withdrawn|revoked|lapsed|expired"
            r"|deleted|archived|discontinued|terminated|ended|suspended|resigned)\b"
        ),
    ),
    (
        Status.INSOLVENT,
        re.compile(
            r"liquidat|administrat|\breceiver|voluntary[ -]+arrangement|insolven|bankrupt"
            r"|\bwinding[ -]up|sequestrat|\bcva\b"
        ),
    ),
    (
        Status.DISSOLVED,
        re.compile(
            r"\b(?:diss?olved|dissolution|closed|ceased|wound[ -]up|struck[ -]off|defunct|merged"
            r"|amalgamated|converted|transferred|stopped|deceased)\b"
        ),
    ),
    (Status.UNKNOWN, re.compile(r"\bunknown\b")),
    (Status.ACTIVE, re.compile(r"\b(?:active|registered|open|live|trading|operating)\b")),
)
_DENIED = re.compile(
    r"\bnot (?:in |been |being )?(?:removed|dissolved|insolvent|liquidation|administration|closed"
    r"|receivership|ceased|suspended|struck off|bankrupt)\b"
)
"""What a status says an organisation is not: "not in liquidation"."""


def status_of(words: str) -> Status:
    """The status that a register's words mean; UNKNOWN for other words.

    Words that say that an organisation is gone count before those that say that it is there.

    >>> [status_of(words).value for words in ("No longer active", "voluntary-arrangement", "Live")]
    ['removed', 'insolvent', 'active']
    """
    lower = _DENIED.sub("", " ".join(words.lower().split()))
    return next((status for status, pattern in _STATUSES if pattern.search(lower)), Status.UNKNOWN)
