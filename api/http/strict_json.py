"""JSON as it is accepted from a client: each key of an object only once, no NaN."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from api.service.asking import UnusableLot

_NO_PLACE = re.compile(r" - at `\$(\[\.\.\.\])+`")
"""How the parser names a place where it has no names."""
_SAID = {"Input data was truncated": "it ends too early, or it is empty"}
_SHOWN = 30
"""Characters of a number that a refusal repeats."""


def decoded(content: bytes | str, type_: Any = Any) -> Any:  # noqa: ANN401 - what `type_` says
    """The JSON value.

    A byte order mark is left out.  Raises ValueError that says what is wrong, with the key that an
    object has twice.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = msgspec.json.decode(text, type=type_)
        json.loads(text, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"is not UTF-8 from byte {error.start} on; send the JSON in UTF-8"
        ) from error
    except RecursionError as error:
        raise ValueError("is nested too deeply; send lists and objects in fewer levels") from error
    except msgspec.DecodeError as error:
        said = _SAID.get(str(error), _NO_PLACE.sub("", str(error)))
        raise ValueError(f"is not JSON that can be used: {said}") from error
    return value


def decoded_body(content: bytes) -> Any:  # noqa: ANN401 - it is any JSON
    """As `decoded`, but where only single `lots` hold what no JSON has, each is an `UnusableLot`.

    So the others can be answered.  Raises ValueError that names the field where there is such a
    value anywhere else.
    """
    try:
        return decoded(content)
    except ValueError:
        body = _leniently(content)
        if not isinstance(body, dict):
            raise
        lots = body.get("lots")
        keys = list(lots) if isinstance(lots, dict) else []
        outside = {**body, "lots": keys} if isinstance(lots, dict | list) else body
        if fault := next(_faults(outside, ()), ""):
            raise ValueError(fault) from None
        if not isinstance(lots, dict | list):
            raise
        read = list(map(_usable, lots.values() if isinstance(lots, dict) else lots))
        if not any(isinstance(lot, UnusableLot) for lot in read):
            raise  # the fault is another one
        return {**body, "lots": dict(zip(keys, read, strict=True)) if keys else read}


@dataclass(frozen=True, slots=True)
class _Unusable:
    """A number that no JSON has."""

    why: str


def _leniently(content: bytes) -> Any:  # noqa: ANN401 - it is any JSON
    """The body with what no JSON has in it; None where it cannot be read even so."""
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=lambda name: _Unusable(f"{name} is not a number of JSON"),
            parse_float=_number,
            parse_int=_whole,
        )
    except (ValueError, RecursionError):
        return None


def _usable(lot: object) -> object:
    """A lot, or why it cannot be used: the first such value, with the field that it stands in."""
    return next(map(UnusableLot, _faults(lot, ())), lot)


def _faults(value: object, at: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with each value that no JSON has, after the field that it stands in."""
    where = f"{'.'.join(at)}: " if at else ""
    if isinstance(value, _Unusable):
        yield f"{where}{value.why}; give a number in digits, or leave it out"
    elif isinstance(value, str) and not _is_whole_text(value):
        yield f"{where}the text has half a character (\\ud800 to \\udfff); send whole characters"
    elif isinstance(value, list):
        for one in value:
            yield from _faults(one, at)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _faults(name, at)
            yield from _faults(one, (*at, name))


def _is_whole_text(text: str) -> bool:
    """Whether a text can be written in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(digits: str) -> object:
    value = float(digits)
    return value if math.isfinite(value) else _too_large(digits)


def _whole(digits: str) -> object:
    try:
        return int(digits)
    except ValueError:  # Python reads no more than 4,300 digits
        return _too_large(digits)


def _too_large(digits: str) -> _Unusable:
    shown = digits if len(digits) <= _SHOWN else f"a number of {len(digits):,} characters"
    return _Unusable(f"{shown} is too large")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _once(pairs)
    return dict(pairs)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Check the keys of one object; what it holds is not needed."""
    if len({key for key, _ in pairs}) == len(pairs):
        return
    seen = set[str]()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"has the key {key[:80]!r} twice in one object; give each key once")
        seen.add(key)
