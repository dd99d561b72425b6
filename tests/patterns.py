"""Finds every regular expression of the product, and checks that each runs in linear time.

`python -m tests.patterns` prints the name of each pattern that does not.
"""

from __future__ import annotations

import ast
import importlib
import math
import os
import pkgutil
import re
import resource
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from time import process_time
from types import ModuleType
from typing import Any, TypeAlias

from models import text

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("matcher", "models", "training", "api")
LONG, MIDDLE, SHORT, HARDEST = 400_000, 30_000, (1_000, 2_000, 5_000), 3
"""Characters of the texts that are checked; of those before; of those that find the hardest; how
many of these."""
CPU_SECONDS = 20
"""Processor time for one pattern on short texts, and again on long ones.

On long texts linear patterns take less than half of it, on slow processors too. Quadratic ones take
LONG²/2 steps: 27 seconds where a step takes a third of a nanosecond, and usually minutes.
"""

Shape: TypeAlias = tuple[str, str, str]
"""A text: how it starts, what is repeated, and how it ends."""

METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "split")
_MORE_WORK = ({"findall", "finditer", "sub", "split"}, {"search"}, {"match"})
"""Methods that do the same work; each kind does all that the next ones do.

`search` begins as `match` does, and the first kind searches again after each match.
"""
UNITS = (
    " ", "\t", "\n", "\r\n", "\xa0", ".", ". ", "…", ",", ", ", ";", ":", "-", " - ", "–", "/",
    "\\", "_", "'", '"', "’", "(", ")", "()", "[", "]", "{", "<", "<a ", "&", "&#1", "@", "a@",
    "a.", "+", "£", "£1", "£1,", "0", "1", "1 ", "1,111", "1.", "1. ", "1-", "a", "a ", "A", "A ",
    "Aa", "Aa ", "aA1", "A1", "A1 ", "é", "rn", "1 1AA", "lot ", "lot 1", "the ", "and ", "and Aa ",
    "of ", "no", " \t", " .", "\t.", ". \t", "\x00",
)  # fmt: skip
ENDS = ("", "\x00", "zz")


@dataclass(frozen=True)
class Found:
    """A regular expression of the product, where it is, and how it is used."""

    name: str
    pattern: re.Pattern[str]
    methods: frozenset[str] = field(compare=False)


def modules() -> Iterator[ModuleType]:
    """Every module of the product that can be imported by itself."""
    for package in PACKAGES:
        top = importlib.import_module(package)
        yield top
        for info in pkgutil.walk_packages(top.__path__, f"{package}."):
            if not info.name.endswith("__main__") and ".migrations." not in info.name:
                yield importlib.import_module(info.name)


def patterns() -> list[Found]:
    """Every pattern: those held by a module, and those written in a call of `re`."""
    found: dict[tuple[str, int], Found] = {}
    for module in modules():
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        own = {target.id for node in tree.body for target in _targets(node)}
        used = dict(_uses(tree))
        for name in sorted(own):
            for number, pattern in enumerate(_held(vars(module).get(name))):
                methods = used.get(name, set()) or {"search", "match", "fullmatch"}
                label = f"{module.__name__}.{name}" + (f"[{number}]" if number else "")
                found.setdefault(
                    (pattern.pattern, pattern.flags), Found(label, pattern, frozenset(methods))
                )
        for line, method, pattern in _written(tree):
            label = f"{module.__name__}:{line}"
            key = pattern.pattern, pattern.flags
            found.setdefault(key, Found(label, pattern, frozenset({method})))
    for source in (*text._MARKUP.values(), *text._BOILERPLATE.values()):
        pattern = re.compile(source, re.MULTILINE)
        label = f"models.text {source}"
        found[source, pattern.flags] = Found(label, pattern, frozenset({"sub"}))
    return list(found.values())


def slow(every: Sequence[Found], cpu_seconds: int) -> Iterator[Found]:
    """The patterns that do not read their hardest texts of LONG characters within a CPU limit.

    The hardest texts are those that took longest when they were short.  A text is read at a greater
    length only if it took so long that the time could grow with the square, to more than the limit.
    """
    read = 0
    while read < len(every):
        read += _read_in_time(every[read:], cpu_seconds)
        yield from every[read : read + 1]
        read += 1


def _read_in_time(every: Sequence[Found], cpu_seconds: int) -> int:
    """How many of the patterns, from the first on, a process reads before it exceeds the limit."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        for found in every:
            _read(found, cpu_seconds)
            os.write(tell, b".")
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        done = len(pipe.read())
    os.waitpid(child, 0)
    return done


def _read(found: Found, cpu_seconds: int) -> None:
    _limit(cpu_seconds)
    hardest = [
        (method, shape)
        for method in thorough(found.methods)
        for shape in _hardest(found.pattern, method, cpu_seconds)
    ]
    _limit(cpu_seconds)
    for method, shape in hardest:
        if _work(found.pattern, method, shape, MIDDLE) > _bound(MIDDLE, cpu_seconds):
            _run(found.pattern, method, _text(shape, LONG))


def thorough(methods: Iterable[str]) -> list[str]:
    """The methods to try so that none of `methods` does more work than one of them."""
    asked = {*methods}
    searching = next((some for kind in _MORE_WORK if (some := kind & asked)), set[str]())
    return [*sorted(searching)[:1], *sorted({"fullmatch"} & asked)]


def _limit(cpu_seconds: int) -> None:
    """End this process once it has used so many more seconds of processor time."""
    end = math.ceil(process_time()) + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))


def _hardest(pattern: re.Pattern[str], method: str, cpu_seconds: int) -> list[Shape]:
    left = shapes(pattern)
    for length in SHORT:
        work = {shape: _work(pattern, method, shape, length) for shape in left}
        slow = [shape for shape in left if work[shape] > _bound(length, cpu_seconds)]
        left = sorted(slow, key=lambda shape: work[shape])
    return left[-HARDEST:]


def _bound(length: int, cpu_seconds: int) -> float:
    """Half of what a text of this length takes if, by the square, it takes the limit at LONG."""
    return cpu_seconds * (length / LONG) ** 2 / 2


def _work(pattern: re.Pattern[str], method: str, shape: Shape, length: int) -> float:
    text = _text(shape, length)
    before = process_time()
    _run(pattern, method, text)
    return process_time() - before


def _run(pattern: re.Pattern[str], method: str, text: str) -> None:
    if method == "sub":
        pattern.sub("", text)
    elif method == "finditer":
        deque(pattern.finditer(text), maxlen=0)
    else:
        getattr(pattern, method)(text)


def _text(shape: Shape, length: int) -> str:
    start, unit, end = shape
    return start + unit * (length // len(unit)) + end


def _targets(node: ast.stmt) -> Iterator[ast.Name]:
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    for target in targets:
        yield from (each for each in ast.walk(target) if isinstance(each, ast.Name))


def _held(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, bytes):  # the same pattern of characters does the same work
            value = re.compile(value.pattern.decode("latin-1"), value.flags | re.ASCII)
        yield value
    elif isinstance(value, Mapping):
        yield from _all_held(value.values())
    elif isinstance(value, tuple | list | set | frozenset):
        yield from _all_held(value)


def _all_held(values: Iterable[object]) -> Iterator[re.Pattern[str]]:
    for value in values:
        yield from _held(value)


def _uses(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    uses: dict[str, set[str]] = {}
    loops: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            if isinstance(node.value, ast.Name):
                uses.setdefault(node.value.id, set()).add(node.attr)
            if isinstance(node.value, ast.Subscript) and isinstance(node.value.value, ast.Name):
                uses.setdefault(node.value.value.id, set()).add(node.attr)
        if isinstance(node, ast.For | ast.comprehension):
            names = {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
            for each in ast.walk(node.iter):
                if isinstance(each, ast.Name):
                    loops.setdefault(each.id, set()).update(names)
    for name, variables in loops.items():
        for variable in variables & uses.keys():
            uses.setdefault(name, set()).update(uses[variable])
    yield from uses.items()


def _written(tree: ast.AST) -> Iterator[tuple[int, str, re.Pattern[str]]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in METHODS
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            flags = re.IGNORECASE if "IGNORECASE" in ast.dump(node) else 0
            yield node.lineno, node.func.attr, re.compile(node.args[0].value, flags)


def shapes(pattern: re.Pattern[str]) -> list[Shape]:
    """Shapes of texts that make a pattern try as much as it can."""
    starts = list(_starts(_parser.parse(pattern.pattern, pattern.flags)))
    units = [*UNITS, *(unit for _, unit in starts), *(start for start, _ in starts)]
    found = [("", unit, end) for unit in units if unit for end in ENDS]
    found += [(start, unit, end) for start, unit in starts if unit for end in ENDS]
    return list(dict.fromkeys(found))


def _starts(tokens: Any) -> Iterator[tuple[str, str]]:
    """For each part of a pattern: a text that fits all before it, and one that fits it."""
    before = ""
    for operation, value in tokens:
        example = _example(operation, value)
        if operation is not sre.LITERAL:
            yield before, example
        for inner in _inner(operation, value):
            for start, unit in _starts(inner):
                yield before + start, unit
        before += example


def _inner(operation: Any, value: Any) -> list[Any]:
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [value[2]]
    if operation is sre.SUBPATTERN:
        return [value[3]]
    if operation is sre.ATOMIC_GROUP:
        return [value]
    if operation is sre.BRANCH:
        return list(value[1])
    return []


def _example(operation: Any, value: Any) -> str:
    if operation is sre.LITERAL:
        return chr(value)
    if operation in (sre.ANY, sre.NOT_LITERAL):
        return "x"
    if operation is sre.IN:
        return _member(value)
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return "".join(_example(*token) for token in value[2]) * max(1, min(value[0], 100))
    if operation is sre.BRANCH:
        return "".join(_example(*token) for token in value[1][0])
    if operation in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
        inner = value[3] if operation is sre.SUBPATTERN else value
        return "".join(_example(*token) for token in inner)
    return ""


_CATEGORY = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_NOT_WORD: " ",
}


def _member(choices: Any) -> str:
    operation, value = choices[0]
    if operation is sre.NEGATE:
        pattern_out = {chr(v) for o, v in choices if o is sre.LITERAL}
        return next(letter for letter in "x1 é~" if letter not in pattern_out)
    if operation is sre.LITERAL:
        return chr(value)
    if operation is sre.RANGE:
        return chr(value[0])
    return _CATEGORY[value]


if __name__ == "__main__":
    every = patterns()
    sys.stderr.write(f"{len(every)} patterns\n")
    for each in slow(every, CPU_SECONDS):
        sys.stdout.write(f"{each.name}: {each.pattern.pattern}\n")
        sys.stdout.flush()
