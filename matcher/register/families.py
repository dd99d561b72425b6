"""What well-known families of charities do, for branches that only their names are known of.

Registers hold thousands of branches such as "Age UK Oxfordshire" without a word on their work.
`families.csv` says in plain words what each family does, as its bodies describe themselves, where
its name does not say so by itself.  A row without work comes first: a name that says what its
bearer does, as "The Foyer Theatre" does, is a namesake.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from matcher.core.identifiers import fingerprint
from matcher.core.types import VCSE, Kind, Provider

_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_TABLE = Path(__file__).with_name("families.csv")


def work_of(provider: Provider) -> str:
    """What a charity, or another body for the public good, does if its name is of a known family.

    '' for others: a company that has such a name is a namesake.
    """
    public_good = provider.kind.vcse or (provider.kind is Kind.UNKNOWN and VCSE in provider.tags)
    read = _read(provider.name) if public_good else ""
    return next((work for pattern, work in _families() if pattern.search(read)), "")


@cache
def table_version() -> str:
    """A digest of the table: vectors of names are made of what it says."""
    return f"{fingerprint(_TABLE.read_bytes()):016x}"


def _read(name: str) -> str:
    """A name as the patterns are written: in small letters, "and" for "&", "a b" for "a-b".

    >>> _read("Home-Start Moss  &  Ely Women’s Aid - Ely")
    "home start moss and ely women's aid - ely"
    """
    parted = _HYPHEN.sub(" ", name.lower().replace("’", "'").replace("&", " and "))
    return " ".join(parted.split())


@cache
def _families() -> tuple[tuple[re.Pattern[str], str], ...]:
    """(pattern of names, work) in the order of the table; the first that fits counts."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            (re.compile(rf"(?:\b|^)(?:{row['name']})(?:\b|$)"), row["work"])
            for row in csv.DictReader(lines)
        )
