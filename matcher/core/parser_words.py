"""What is wrong with JSON or TOML that a person wrote, in words for those who seldom write it."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from matcher.core.errors import BadInput

_AT_A_PLACE = (
    ("Expecting value", "no value can be read at {}"),
    ("Expecting property name", "a name in double quotation marks is missing at {}"),
    ("Expecting ',' delimiter", "a comma is missing at {}, or a quotation mark before it"),
    ("Expecting ':' delimiter", "a colon is missing at {}"),
    ("Unterminated string", "the text that begins at {} has no closing quotation mark"),
    ("Invalid \\", "a backslash at {} is followed by a letter that means nothing"),
    ("Invalid control character", "a text has a character that is no letter at {}"),
    ("Illegal trailing comma", "a comma too many stands at {}"),
    ("Extra data", "there is more after its end, at {}"),
)
"""How a message of `json` begins → the words for it."""
_CUT = "it ends too early"
_TYPES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "nothing",
    "date": "a date",
    "datetime": "a date and time",
}
_LIMITS = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below"}
_FIELD = re.compile(r" - at `(?:key in )?\$\.?([^`]{0,200})`")
_OF_MESSAGES: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], str]], ...] = (
    (
        re.compile(r"Object missing required field `([^`]{1,200})`"),
        lambda place, match: f"{place + '.' if place else ''}{match[1]} is missing",
    ),
    (
        re.compile(r"Object contains unknown field `([^`]{1,200})`"),
        lambda place, match: f"{place + '.' if place else ''}{match[1]} is not known",
    ),
    (
        re.compile(
            r"Expected `([^`]{1,200})`(?: ([<>]=?) ([\d.-]{1,30}))?(?:, got `([^`]{1,200})`)?"
        ),
        lambda place, match: (
            f"{place + ': ' if place else ''}{_type(match[1])}"
            f"{f' {_LIMITS[match[2]]} {match[3]}' if match[2] else ''} belongs there"
            f"{f', and it is {_type(match[4])}' if match[4] else ''}"
        ),
    ),
    (
        re.compile(r"\(byte (\d{1,12})\)"),
        lambda _, match: f"it is not JSON, from character {int(match[1]) + 1} on",
    ),
    (re.compile(r"^Input data was truncated"), lambda *_: _CUT),
    (
        re.compile(r"^([^(]{1,200}) \(at line (\d{1,12}), column \d{1,12}\)$"),
        lambda _, match: f"line {match[2]}: {match[1][:1].lower()}{match[1][1:]}",
    ),
)
"""What a message of `msgspec` is like → the words for it, from the place of the field."""


def in_words(error: Exception) -> str:
    """What an error of `json`, `tomllib` or `msgspec` says, with the place or the field.

    A KeyError is of a field that is missing, a TypeError of one that is not as it is used.

    >>> in_words(json.JSONDecodeError("Expecting ',' delimiter", '{"a": 1 "b": 2}', 8))
    'a comma is missing at character 9, or a quotation mark before it'
    >>> in_words(ValueError("Object missing required field `hash`"))
    'hash is missing'
    >>> in_words(ValueError("Expected `int | null`, got `str` - at `$.money.total`"))
    'money.total: a whole number or nothing belongs there, and it is text'
    """
    if isinstance(error, json.JSONDecodeError):
        return _of_json(error)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "it is not text in UTF-8"
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, TypeError | AttributeError):
        return "a part of it is of another kind"
    message = str(error)
    place = match[1] if (match := _FIELD.search(message)) else ""
    found = ((pattern.search(message), words) for pattern, words in _OF_MESSAGES)
    return next((words(place, match) for match, words in found if match), message)


def _of_json(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()):
        return _CUT
    line = "" if error.lineno == 1 else f"line {error.lineno}, "
    place = f"{line}character {error.colno}"
    for beginning, words in _AT_A_PLACE:
        if error.msg.startswith(beginning):
            return words.format(place)
    return f"{error.msg[:1].lower()}{error.msg[1:]} at {place}"


def _type(name: str) -> str:
    return " or ".join(_TYPES.get(each, each) for each in name.split(" | "))


_LONGEST = 60
MEANT = "did you mean"
"""Stands where a similar name is suggested."""


def unknown_name(name: str, known: Iterable[str], meant: str = "", kind: str = "field") -> str:
    """Says that no field (or other `kind`) is called `name`, and which known one is most like it.

    Where none has a similar one, it is the field that is `meant`, if that is known.

    >>> unknown_name("titel", ["title", "value"])
    'there is no such field; did you mean title?'
    >>> unknown_name("budget", ["title", "value"], "value")
    'there is no such field; did you mean value?'
    >>> unknown_name("colour", ["title", "value"])
    'there is no such field; give one of title, value'
    """
    names = list(known)
    lower = name[:_LONGEST].lower().replace("-", "_").replace(" ", "_")
    near = get_close_matches(lower, names, n=1, cutoff=0.7)
    meant = next(iter(near), meant)
    known_ones = f"give one of {', '.join(names)}" if names else "leave it out"
    return f"there is no such {kind}; {f'{MEANT} {meant}?' if meant else known_ones}"


def read_toml(option: str, path: Path) -> dict[str, Any]:
    """The content of the file at `path`.  Raises BadInput that names `option` and the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{option} {path}: is not TOML ({in_words(error)})") from error


_LONGEST_VALUE = 60
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
    return repr(value[:_LONGEST_VALUE] if isinstance(value, str) else value)[: _LONGEST_VALUE + 2]
