"""What well-known families of charities do, for branches that only their names are known of.

Registers hold thousands of branches such as "Age UK Oxfordshire" without a word on their work.
`families.csv` says in plain words what each family does, as its bodies describe themselves.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_TABLE = Path(__file__).with_name("families.csv")


def work_of(name: str) -> str:
    """What a body called `name` does if it is of a known family, else ''.

    >>> work_of("Age UK Oxfordshire")[:12]
    'older people'
    >>> work_of("Mind the Gap Theatre")
    ''
    """
    read = _read(name)
    return next((work for pattern, work in _families() if pattern.search(read)), "")


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
