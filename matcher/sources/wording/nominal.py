"""Amounts that stand for one that is not known."""

from __future__ import annotations

import re

NOMINAL = 10.0
"""Pounds; a value under this stands for one that is not known: 1 for each lot, or 1 with VAT."""
_NINES = re.compile(r"9{8,}")


def is_all_nines(pounds: float) -> bool:
    """Whether an amount is 99999999 or longer, which forms get where they require a value."""
    return _NINES.fullmatch(f"{int(pounds)}") is not None


def is_nominal(pounds: float) -> bool:
    """Whether an amount stands for one that is not known."""
    return pounds < NOMINAL or is_all_nines(pounds)
