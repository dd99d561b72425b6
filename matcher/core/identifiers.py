"""Ids of organisations: the register they come from, and their hashes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b, sha256

import numpy as np
import numpy.typing as npt

MADE_UP = "TABLE-"
"""The prefix of ids made from name and postcodes, for rows of a table without an id."""
_NUMBERED = re.compile(rf"({MADE_UP}[0-9a-f]{{16}})-([\d.]+)")
OF_A_NAME = "XX-NAME-"
"""The prefix of ids made from a name alone: two organisations may have one."""
OWN = "XX-OWN-"
"""The prefix of ids of records whose official number a person says is another organisation's."""
PAYEE = "XX-PAYEE-"
"""The prefix of the ids of payees, which are made from their names."""
_PLACED = re.compile(r"(?<=.)-[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$")
SCHEMES = ("GB-CHC", "GB-SC", "GB-NIC", "GB-COH", "GB-MPR", "GB-PPON")
"""The official registers by org-id prefix, in order: the first gives the organisation its id."""


def fingerprint(text: str | bytes) -> int:
    """A 64-bit hash of `text`, the same in every process; bytes are text in UTF-8."""
    said = text.encode() if isinstance(text, str) else text
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "little")


def fingerprints(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    """The `fingerprint` of each text."""
    every = b"".join([blake2b(text.encode(), digest_size=8).digest() for text in texts])
    return np.frombuffer(every, "<u8").astype(np.uint64)


def draw_key(org_id: str, name: str) -> int:
    """The number that breaks ties between organisations.

    It is a hash of the id, or of the name where the id was made up, because such an id depends
    on where the organisation is.
    """
    return fingerprint(name if org_id.startswith(MADE_UP) else without_place(org_id))


def made_up(name: str, places: Iterable[str] = (), number: str = "") -> str:
    """The id of a row of a table: of its name and places, and the number that the row has.

    It does not change when the table is sorted or gets more rows.

    >>> made_up("Kestrel Heron", ["WS1 1TP"], "17")
    'TABLE-2e35dcf34cd08ae8-17'
    """
    distinct = dict.fromkeys(" ".join(place.split()) for place in places)
    key = "|".join([name.casefold(), *filter(None, distinct)]).upper()
    made = f"{MADE_UP}{sha256(key.encode()).hexdigest()[:16]}"
    return f"{made}-{number}" if number else made


def own_id(org_id: str, name: str) -> str:
    """The id of the organisation named `name`, whose records give a number that is not its own.

    It shows neither the number nor the name, but is no secret: who guesses one of them and tries
    the values of the other finds both.

    >>> own_id("GB-COH-01234567", "kestrelcare")
    'XX-OWN-08cf1c06e2073381'
    """
    return f"{OWN}{sha256(f'{org_id}|{name}'.encode()).hexdigest()[:16]}"


def is_row_number(org_id: str) -> bool:
    """Whether an id is a plain number, such as that of a row, which other tables have as well."""
    return re.fullmatch(r"[\d.]+", org_id) is not None


def without_number(org_id: str) -> tuple[str, str]:
    """An id without the number of a row that `made_up` added, and that number, '' for other ids.

    >>> without_number("TABLE-2e35dcf34cd08ae8-17"), without_number("GB-CHC-1150079")
    (('TABLE-2e35dcf34cd08ae8', '17'), ('GB-CHC-1150079', ''))
    """
    match = _NUMBERED.fullmatch(org_id) if org_id.startswith(MADE_UP) else None
    return (match[1], match[2]) if match else (org_id, "")


def with_place(org_id: str, postcode: str) -> str:
    """An id made from a name, with the whole postcode where the name is used; others unchanged.

    A district alone is not added, because `without_place` could not tell it from the name.

    >>> with_place("XX-NAME-kestrel", "WS1 1TP"), with_place("GB-CHC-1150079", "WS1 1TP")
    ('XX-NAME-kestrel-WS11TP', 'GB-CHC-1150079')
    >>> with_place("XX-NAME-kestrel", "WS1")
    'XX-NAME-kestrel'
    """
    if not org_id.startswith(OF_A_NAME):
        return org_id
    bare = without_place(org_id)
    placed = f"{bare}-{postcode.replace(' ', '')}"
    return placed if without_place(placed) == bare else org_id


def without_place(org_id: str) -> str:
    """An id made from a name, without a postcode that `with_place` added; other ids unchanged.

    >>> without_place("XX-NAME-kestrel-WS11TP"), without_place("XX-NAME-kestrel")
    ('XX-NAME-kestrel', 'XX-NAME-kestrel')
    """
    return _PLACED.sub("", org_id) if org_id.startswith(OF_A_NAME) else org_id


def scheme(org_id: str) -> str | None:
    """The official register that `org_id` comes from, or None.

    >>> scheme("GB-CHC-1150079"), scheme("XX-NAME-beaconcare")
    ('GB-CHC', None)
    """
    register = org_id[: max(org_id.find("-", 3), 0)]
    return register if register in SCHEMES else None


def notice_id(lot_id: str) -> str:
    """The id of the notice that a lot belongs to: the part before '#'."""
    return lot_id.partition("#")[0]


def id_in_notice(lot_id: str) -> str:
    """The part of a lot's id after '#'; the whole id where there is no '#'.

    >>> id_in_notice("notice-1#2"), id_in_notice("notice-1")
    ('2', 'notice-1')
    """
    return lot_id.partition("#")[2] or lot_id


def notice_key(lot_id: str) -> int:
    """A hash of the id of the lot's notice, which is the part of its id before '#'."""
    return fingerprint(notice_id(lot_id))
