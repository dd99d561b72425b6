"""Each package's public names: listed, resolvable, light to import, and used only from outside."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["matcher", "models", "training", "api"]
HEAVY = {"numpy", "lightgbm", "pandas", "msgspec", "fastapi", "sqlalchemy", "jinja2", "sklearn"}


def _faces() -> list[str]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("__init__.py"))
    return [
        ".".join(file.parent.relative_to(ROOT).parts)
        for file in sorted(files)
        if "faces import lazy" in file.read_text(encoding="utf-8")
    ]


def _file(face: str) -> Path:
    return ROOT / face.replace(".", "/") / "__init__.py"


@pytest.mark.parametrize("face", _faces())
def test_public_names_are_sorted_and_resolve(face: str) -> None:
    module = importlib.import_module(face)
    names = module.__all__
    assert names
    assert names == sorted(names)
    assert set(names) <= set(dir(module))
    for name in names:
        value = getattr(module, name)
        assert getattr(value, "__module__", f"{face}.constant").startswith(f"{face}.")
        assert not (_file(face).parent / f"{name}.py").exists(), "a module hides this name"


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'matcher' has no attribute 'Nothing'"):
        getattr(importlib.import_module("matcher"), "Nothing")  # noqa: B009


def test_importing_a_package_loads_nothing_heavy() -> None:
    code = f"import sys, {', '.join(_faces())}; print(*(sys.modules.keys() & {HEAVY!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_code_imports_from_the_defining_module() -> None:
    """So that the layer contracts see every import."""
    faces = {face: set(importlib.import_module(face).__all__) for face in _faces()}
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and {alias.name for alias in node.names} & faces.get(node.module or "", set())
    ]
    assert found == []
