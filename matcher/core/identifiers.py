"""Ids of organisations: which register gave them, and as numbers."""

from __future__ import annotations

from hashlib import blake2b

MADE_UP = "TABLE-"
"""Begins an id that a table of one's own did not give: made of name and postcodes."""
SCHEMES = ("GB-CHC", "GB-SC", "GB-NIC", "GB-COH", "GB-MPR", "GB-PPON")
"""The official registers, by their org-id prefix; the first known names the organisation."""


def fingerprint(text: str) -> int:
    """A 64-bit number for `text`, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def draw_key(org_id: str, name: str) -> int:
    """The number by which an organisation takes part in draws.

    An id made up for a row without one says where it is; there the name must do.
    """
    return fingerprint(name if org_id.startswith(MADE_UP) else org_id)


def scheme(org_id: str) -> str | None:
    """The official register that numbered `org_id`, or None where none did.

    >>> scheme("GB-CHC-1150079"), scheme("XX-NAME-beaconcare")
    ('GB-CHC', None)
    """
    return next((s for s in SCHEMES if org_id.startswith(s + "-")), None)


def notice_key(lot_id: str) -> int:
    """A number for the notice that a lot is of: what stands before '#' in its id."""
    return fingerprint(lot_id.partition("#")[0])
