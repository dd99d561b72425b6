"""Lazy imports for a package's public names, so that importing the package stays light.

A package's `__init__.py` uses it like this, which type checkers understand too:

    __all__ = ["Lot", "Matcher"]

    if TYPE_CHECKING:
        from matcher.core.types import Lot
        from matcher.ranking.matcher import Matcher
    else:
        __getattr__, __dir__ = lazy(
            __name__, {"matcher.core.types": ["Lot"], "matcher.ranking.matcher": ["Matcher"]}
        )
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package (PEP 562).

    `modules` maps a module to the public names that it defines. A module is imported when one
    of its names is first used.
    """
    module_of = {name: module for module, names in modules.items() for name in names}

    def getattr_(name: str) -> Any:  # noqa: ANN401 - any public object
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(module_of[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def dir_() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of})

    return getattr_, dir_
