"""No text that others send can make a regular expression of the product slow.

This is not a timing assertion. The limit counts the processor time of one process, so other
work on the machine does not matter. A linear pattern needs less than a tenth of the limit for
300,000 characters. A quadratic one needs a minute or more; where a step of it is one instruction,
still more than the limit.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.patterns import METHODS, ROOT, Found, is_linear, patterns, thorough


def test_patterns_are_found_in_every_package() -> None:
    assert {found.name.partition(".")[0] for found in patterns()} >= {"matcher", "models", "api"}


@pytest.mark.parametrize("slow", [r"\s*\t\s*\d{1,4}\s*$", r"(?:a+)+$", r".*\bcpv\b.*"])
def test_a_slow_pattern_is_caught(slow: str) -> None:
    found = Found("slow", re.compile(slow), frozenset({"search"}))
    assert not is_linear(found, cpu_seconds=1)


@pytest.mark.parametrize(
    ("asked", "tried"),
    [
        ({"search", "match", "fullmatch"}, ["search", "fullmatch"]),
        ({"match"}, ["match"]),
        ({"fullmatch"}, ["fullmatch"]),
        ({"match", "sub"}, ["sub"]),
        (METHODS, ["findall", "fullmatch"]),
    ],
)
def test_a_method_that_does_the_work_of_another_is_tried_alone(
    asked: set[str], tried: list[str]
) -> None:
    assert thorough(asked) == tried


@pytest.mark.slow
def test_every_pattern_of_the_product_is_linear() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.patterns"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == ""
