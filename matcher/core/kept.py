"""Keeps what a function made of the texts that it was last asked about."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

Rest = ParamSpec("Rest")
Result = TypeVar("Result")
SHORT = 200
"""Characters of a text that counts as short: a name, a title, an id."""
_OfText = Callable[Concatenate[str, Rest], Result]


def kept(
    most: int, longest: int = SHORT
) -> Callable[[_OfText[Rest, Result]], _OfText[Rest, Result]]:
    """Keep the last `most` results of a function whose first argument is a text.

    Those of texts longer than `longest` characters are made anew each time, so that no text from
    outside fills the memory.  Only for functions whose results never change.
    """

    def keep(function: _OfText[Rest, Result]) -> _OfText[Rest, Result]:
        remembered = lru_cache(most)(function)

        @wraps(function)
        def answer(text: str, /, *args: Rest.args, **options: Rest.kwargs) -> Result:
            return (remembered if len(text) <= longest else function)(text, *args, **options)

        return answer

    return keep
