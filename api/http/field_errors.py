"""What is wrong with a field of a request, in words for the person who sent it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import isclass
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel

from matcher.core.parser_words import as_written, unknown_name

Words: TypeAlias = Callable[[str, Mapping[str, Any]], str]
"""(the value as it is shown, the facts of the error) → what is wrong and what would be right."""


def _a(kind: str) -> Words:
    return lambda value, _: f"{value} is not {kind}"


def _length(unit: str, units: str, *, short: bool) -> Words:
    bound, word = ("min_length", "at least") if short else ("max_length", "at most")

    def words(_: str, facts: Mapping[str, Any]) -> str:
        most = facts[bound]
        if short and most == 1:
            return f"is empty; give at least one {unit}"
        return f"is too {'short' if short else 'long'}; give {word} {most:,} {units}"

    return words


def _number(word: str, fact: str) -> Words:
    def words(value: str, facts: Mapping[str, Any]) -> str:
        bound = facts[fact]
        shown = f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"
        return f"{value} is out of range; give a number {word} {shown}"

    return words


def _one_of(value: str, facts: Mapping[str, Any]) -> str:
    return f"{value} is not known; give {str(facts['expected']).replace(chr(39), '')}"


_TEXT = _a("text; write it in quotes")
_OBJECT = _a("an object with fields")
_LIST = _a("a list")
_FLAG = _a("true or false")
_WHOLE = _a("a whole number; give one such as 50")
_NUMBER = _a("a number")
_DAY = _a("a date; give one such as 2026-04-01")
_WORDS: dict[str, Words] = {
    "missing": lambda *_: "is missing",
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_pattern_mismatch": _a("a page; give the `next` of the answer before"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "list_type": _LIST,
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "enum": _one_of,
    "literal_error": _one_of,
    "greater_than": _number("above", "gt"),
    "greater_than_equal": _number("from", "ge"),
    "less_than": _number("below", "lt"),
    "less_than_equal": _number("up to", "le"),
    "too_short": _length("entry", "entries", short=True),
    "too_long": _length("entry", "entries", short=False),
    "string_too_short": _length("character", "characters", short=True),
    "string_too_long": _length("character", "characters", short=False),
    "value_error": lambda _, facts: str(facts["error"]),
}
"""Type of an error of the validator → its words."""


def words(error: Mapping[str, Any], body: object) -> str:
    """What is wrong, from an error of the validator; `body` is the class of the request's body."""
    if error["type"] == "extra_forbidden":
        *within, name = error["loc"][1:]
        return unknown_name(str(name), _names_at(body, within))
    say = _WORDS.get(error["type"])
    if isinstance(error.get("input"), bytes):
        return "was not sent as JSON; send it with the header 'Content-Type: application/json'"
    value = as_written(error.get("input"))
    return say(value, error.get("ctx", {})) if say else f"{value} cannot be used here"


def _names_at(kind: object, within: Sequence[str | int]) -> list[str]:
    """The names of the fields at a place within a class of bodies; [] where there are none."""
    if isclass(kind) and issubclass(kind, BaseModel):
        if not within:
            return list(kind.model_fields)
        field = kind.model_fields.get(str(within[0]))
        return _names_at(field.annotation, within[1:]) if field else []
    *_, inner = get_args(kind) or (None,)
    return _names_at(inner, within[1:]) if inner else []
