"""Amounts that stand for one that is not known."""

from __future__ import annotations

import re

NOMINAL = 10.0
"""Pounds; a value under this stands for one that is not known: 1 for each lot, or 1 with VAT."""
_MOST = 100e9
"""Pounds; no council's contract is worth more: '£4,650,000 million'."""
_NINES = re.compile(r"9{8,}")
_SAYS_NONE = re.compile(
    r"(?:£ ?)?(?:(?:value )?(?:(?:is )?not (?:yet )?(?:known|disclosed|stated|specified|given"
    r"|available|published|agreed|confirmed)|unknown|undisclosed)|tb[acd]|n/?k|nil|zero"
    r"|to be (?:agreed|advised|decided|determined|established)|no value|nominal(?: value)?"
    r"|peppercorn|confidential|redacted|commercially sensitive|commercial in confidence|variable"
    r"|demand[ -]led|depends? on demand)"
    r"|£? ?\d(?:\.\d\d)? ?[(–-]? ?(?:nominal|notional|peppercorn)(?: (?:sum|value|amount|fee))?\)?",
    re.IGNORECASE,
)


def is_all_nines(pounds: float) -> bool:
    """Whether an amount is 99999999 or longer, which forms get where they require a value."""
    return _NINES.fullmatch(f"{int(pounds)}") is not None


def is_nominal(pounds: float) -> bool:
    """Whether an amount stands for one that is not known."""
    return not NOMINAL <= pounds < _MOST or is_all_nines(pounds)


def says_none(text: str) -> bool:
    """Whether the text of a value says that none is known, or that it is nominal.

    >>> says_none("Not yet known"), says_none("£1 (nominal)"), says_none("half a million")
    (True, True, False)
    """
    return _SAYS_NONE.fullmatch(" ".join(text.split()).rstrip(".")) is not None
