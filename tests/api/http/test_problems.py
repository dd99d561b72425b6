"""Errors as problem details."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.http.problems import error_problem
from matcher.core.errors import RegisterError
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.build.snapshot import locked
from tests.factory import provider
from tests.registers import feed, registered


def test_a_build_or_suppression_during_a_build_is_503(tmp_path: Path, places_table: Path) -> None:
    registered(tmp_path, places_table, provider("XX-1"))
    with locked(tmp_path), pytest.raises(RegisterError) as suppression:
        suppress(tmp_path, "XX-1")
    with locked(tmp_path), pytest.raises(RegisterError) as rebuild:
        build(tmp_path, [feed(provider("XX-1"))], places_table=places_table)
    for refused in (suppression, rebuild):
        problem = error_problem(refused.value)
        assert (problem.status, problem.type) == (503, "/problems/register")
        assert "another build is writing it; wait until it has ended" in problem.detail
