"""What the source says of the fields of answers: the text that stands under a field."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from msgspec.inspect import (
    DataclassType,
    StructType,
    Type,
    multi_type_info,
)

_JSON = {"None": "null", "True": "true", "False": "false"}
_PYTHON = re.compile(rf"\b(?:{'|'.join(_JSON)})\b")


def described(shapes: Mapping[str, Any], answers: tuple[Any, ...]) -> dict[str, Any]:
    """The schemas of answers by name, in which each field has the text that the source has of it.

    `answers` are the classes that the schemas were made from.
    """
    texts = {
        kind.__name__: _of_class(kind)
        for one in multi_type_info(answers)
        for kind in _classes(one, set())
    }
    return {name: _with(shape, texts.get(name, {})) for name, shape in shapes.items()}


def _with(shape: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    if "properties" not in shape:
        return dict(shape)
    fields = {
        name: {"description": texts[name], **field} if name in texts else field
        for name, field in shape["properties"].items()
    }
    return {**shape, "properties": fields}


def _classes(told: Type, seen: set[type]) -> Iterator[type]:
    """The classes with fields in a type, each once."""
    if isinstance(told, DataclassType | StructType):
        if told.cls in seen:
            return
        seen.add(told.cls)
        yield told.cls
        inner = [field.type for field in told.fields]
    else:
        inner = [getattr(told, name) for name in told.__struct_fields__]
    for one in inner:
        for each in one if isinstance(one, tuple) else (one,):
            if isinstance(each, Type):
                yield from _classes(each, seen)


def _of_class(kind: type) -> dict[str, str]:
    """The texts of the fields of a class and of those that it inherits from, by encoded name."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        found |= _of_module(one.__module__).get(one.__qualname__, {})
    encoded = getattr(kind, "__struct_encode_fields__", ())
    renamed = dict(zip(getattr(kind, "__struct_fields__", ()), encoded, strict=True))
    return {renamed.get(name, name): text for name, text in found.items()}


@cache
def _of_module(module: str) -> dict[str, dict[str, str]]:
    """Class → field → the text under it.  None where the source is not installed."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    return {
        node.name: dict(_of_body(node.body)) for node in tree.body if isinstance(node, ast.ClassDef)
    }


def _of_body(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            said = inspect.cleandoc(text.value.value)
            yield field.target.id, _PYTHON.sub(lambda word: _JSON[word[0]], said)
