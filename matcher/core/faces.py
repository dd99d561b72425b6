"""The public names of a package, each imported when it is first used: importing it stays light.

A package's `__init__.py` lists them once, as imports that type checkers read:

    if TYPE_CHECKING:
        from matcher.core.types import Lot as Lot
        from matcher.ranking.matcher import Matcher as Matcher
    else:
        __getattr__, __dir__ = lazy(__name__)
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


def lazy(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` (PEP 562) of a package that lists its names as above."""

    @cache
    def module_of() -> dict[str, str]:
        """Public name → the module that defines it."""
        source = Path(str(sys.modules[package].__file__)).read_text(encoding="utf-8")
        named = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.ImportFrom)]
        return {n.asname: each.module or "" for each in named for n in each.names if n.asname}

    def getattr_(name: str) -> Any:  # noqa: ANN401 - any public object
        if name == "__all__":
            return sorted(module_of())
        if name not in module_of():
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(module_of()[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def dir_() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of()})

    return getattr_, dir_
