"""A value of JSON in the words of the person who wrote it, for a message that refuses it."""

from __future__ import annotations

import math

_LONGEST = 60
_WORDS = {None: "null", True: "true", False: "false"}


def as_written(value: object) -> str:
    """The value as JSON writes it, in at most 62 characters; of a list or an object, only that.

    >>> [as_written(value) for value in (None, True, "£40k", -1, float("nan"), [1])]
    ['null', 'true', "'£40k'", '-1', 'NaN', 'a list']
    """
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "a number that is too large"
    return repr(value[:_LONGEST] if isinstance(value, str) else value)[: _LONGEST + 2]
