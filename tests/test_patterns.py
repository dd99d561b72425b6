"""No text that others send can make a regular expression of the product slow.

This is not a timing assertion. The limit counts the processor time of one process, so other
work on the machine does not matter. A linear pattern needs less than a tenth of the limit for
300,000 characters. A quadratic one needs a minute or more; where a step of it is one instruction,
still more than the limit.
"""

from __future__ import annotations

import re

import pytest

from tests.patterns import CPU_SECONDS, METHODS, Found, patterns, slow, thorough


@pytest.fixture(scope="module")
def every() -> list[Found]:
    return patterns()


def test_patterns_are_found_in_every_package(every: list[Found]) -> None:
    assert {found.name.partition(".")[0] for found in every} >= {"matcher", "models", "api"}


def test_patterns_of_bytes_are_checked_as_those_of_characters(every: list[Found]) -> None:
    [found] = [one for one in every if one.name == "matcher.sources.formats.formulas._CELL"]
    assert found.pattern.search('<c r="B2"><f>A1*2</f></c>')


def test_slow_patterns_are_caught_and_linear_ones_are_not() -> None:
    given = (r"\s*\t\s*\d{1,4}\s*$", r"\bcpv\b", r"(?:a+)+$", r".*\bcpv\b.*", r"\d{1,4}$")
    every = [Found(one, re.compile(one), frozenset({"search"})) for one in given]
    caught = [one.name for one in slow(every, cpu_seconds=1)]
    assert caught == [given[0], given[2], given[3]]


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
def test_every_pattern_of_the_product_is_linear(every: list[Found]) -> None:
    assert [f"{found.name}: {found.pattern.pattern}" for found in slow(every, CPU_SECONDS)] == []
