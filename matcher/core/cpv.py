"""CPV codes: their prefixes, and the descriptions and short names of their categories."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from matcher.core.types import Lot


def code_prefixes(cpv: Sequence[str]) -> list[str]:
    """The codes with their divisions, groups, classes and categories, without duplicates.

    >>> code_prefixes(["85312000"])
    ['85', '853', '8531', '85312', '85312000']
    >>> code_prefixes(["85000000"])
    ['85', '85000000']
    """
    prefixes = (code[:n] for code in cpv for n in (2, 3, 4, 5, 8))
    return list(dict.fromkeys(p for p in prefixes if len(p) in {2, 8} or not p.endswith("0")))


def is_code(code: str) -> bool:
    """Whether eight digits can be a code of the CPV: its division and its group are of it.

    >>> [is_code(code) for code in ("85312000", "85000000", "99999999", "85900000")]
    [True, True, False, False]
    """
    groups = _groups().get(code[:2])
    return groups is not None and (code[2:3] in groups or not code[2:].strip("0"))


def with_own_codes(lot: Lot) -> Lot:
    """The lot without the codes that are none of the CPV."""
    return lot if all(map(is_code, lot.cpv)) else replace(lot, cpv=tuple(filter(is_code, lot.cpv)))


@cache
def _groups() -> dict[str, str]:
    return _read("cpv_groups.toml")


@cache
def _vocabulary() -> dict[str, dict[str, str]]:
    return _read("cpv_words.toml")


@cache
def _labels() -> dict[str, str]:
    labels: dict[str, str] = _read("cpv_labels.toml")
    return {**_vocabulary()["names"], **labels}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def category_lines(cpv: Sequence[str]) -> list[str]:
    """For each code, the description of the narrowest category that has one."""
    words = _vocabulary()["words"]
    lines: list[str] = []
    for code in cpv:
        described = (words[code[:n]] for n in (6, 5, 4, 3, 2) if code[:n] in words)
        lines.extend(line for line in [next(described, None)] if line)
    return list(dict.fromkeys(lines))


def all_category_lines() -> tuple[str, ...]:
    """The descriptions and the names of all categories."""
    return tuple(line for table in _vocabulary().values() for line in table.values())


def category_words() -> dict[str, str]:
    """Code prefix → everyday words for what the category holds."""
    return _vocabulary()["words"]


def category_names() -> dict[str, str]:
    """Code prefix → the short readable name of the category."""
    return _vocabulary()["names"]


def category_name(code: str) -> str:
    """A short readable name for a CPV code, or the code itself."""
    names = _vocabulary()["names"]
    return next((names[code[:n]] for n in (6, 5, 4, 3, 2) if code[:n] in names), code)


def code_label(code: str) -> str:
    """A short readable name to show beside a CPV code, or the code itself.

    It may be narrower than `category_name`, which also stands in texts that are compared.

    >>> code_label("90650000"), code_label("90610000")
    ('Asbestos removal', 'Street cleaning and clearance')
    """
    labels = _labels()
    return next((labels[code[:n]] for n in range(8, 1, -1) if code[:n] in labels), code)
