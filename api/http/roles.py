"""Roles: what a key or a signed-in person may do, each role all of the ones before it.

read      look up what is kept and known, run it again, and export it
ask       ask for shortlists, markets, splits and consortia
decide    record a named person's decision, and what came of it
admin     everything, the metrics of all authorities included
"""

from __future__ import annotations

import re
from enum import StrEnum


class Role(StrEnum):
    """What the holder of a key, or a signed-in person, may do."""

    READ = "read"
    ASK = "ask"
    DECIDE = "decide"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do all that the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


READS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that only read."""
_METRICS = "/metrics"
_SENT: tuple[tuple[re.Pattern[str], Role], ...] = tuple(
    (re.compile(path), role)
    for path, role in (
        (r"/reconcile(/|/1\.0/(match|reconcile|extend))?", Role.READ),
        (r"/v1/(shortlists|markets|splits)/[^/]+/replay", Role.READ),
        (r"/v1/(shortlists|markets|splits|splits/suggest|consortia)", Role.ASK),
        (r"/v1/places/[^/]+/picture|/place/[^/]+/keep", Role.ASK),
        (r"/v1/shortlists/[^/]+/(decision|outcome)", Role.DECIDE),
        (r"/past/replay|/lists/[^/]+/(replay|ticked)", Role.READ),
        (r"/need|/lots|/lists/[^/]+/(narrow|weak|lots)", Role.ASK),
        (r"/lists/[^/]+/(decision|outcome)|/same-or-not", Role.DECIDE),
        (r"/sign-out", Role.READ),
    )
)
"""What is sent to a path, of the API and of the pages → the role that it needs."""


def needed(method: str, path: str) -> Role:
    """The role that a request needs: admin for what is sent to a path that is not in the table."""
    if path == _METRICS:
        return Role.ADMIN
    if method in READS:
        return Role.READ
    return next((role for pattern, role in _SENT if pattern.fullmatch(path)), Role.ADMIN)
