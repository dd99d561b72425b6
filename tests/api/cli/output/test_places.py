"""The picture of a place as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import pytest

from api.cli.output.places import as_csv
from matcher.place.classes import PLACES, SIZES


@pytest.mark.parametrize("name", ["=1+1", " =1+1", "\t=1+1", "＝1+1", "@now", "\x00-1+1"])
def test_no_name_of_a_department_becomes_a_formula(name: str) -> None:
    by = {place: dict.fromkeys(SIZES, 0) for place in PLACES}
    by[PLACES[0]][SIZES[0]] = 12
    group = SimpleNamespace(name=name, by=by, left_out=3)
    money = SimpleNamespace(total=group, by_year=(), by_department=(group,), by_service=())
    out = io.StringIO(newline="")
    as_csv(SimpleNamespace(money=money), out)  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert [row["pence"] for row in rows] == ["12", "3", "12", "3"]
    assert {row["group"] for row in rows} == {"'" + name.replace("\x00", "")}
