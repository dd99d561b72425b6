"""The texts of graded providers, and the rows that relevance learns from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import models.bundles
from matcher.core.types import Lot
from matcher.ranking.features.registry import FEATURES
from models.bundle import Bundle
from tests.encoders import tiny
from tests.factory import award, lot, provider
from tests.registers import registered
from training.learning.examples import RegisterBefore
from training.learning.grade_tuning import graded_texts
from training.learning.people import JudgedLot, graded_rows

BOTH = frozenset({"all", "relevance"})


def test_the_award_of_a_graded_lot_does_not_tell_who_fits_it(
    tmp_path: Path, places_table: Path
) -> None:
    roofer = provider("A", "WS1 1TP", name="Zebedee Roofing Ltd", profile="", tags=())
    roofs = lot(id="1", title="Roof repairs", description="Slates at schools.", cpv=())
    gutters = lot(id="2", title="Gutter clearance", description="", cpv=())
    awards = [award(one.id, roofer, lot=one) for one in (roofs, gutters)]
    register = registered(tmp_path / "reg", places_table, roofer, *awards, trust_ids=True)
    found = graded_texts(register, [JudgedLot(roofs, {"A": 3.0}, BOTH, "judgements")], tiny())
    (graded,) = found.lists
    read = [found.texts[number] for number in graded.providers[0]]
    assert read == ["zebedee roofing", "gutter clearance"]


def test_relevance_reads_a_graded_lot_as_on_its_own_day(tmp_path: Path, places_table: Path) -> None:
    """Its own award, made on that day, says which providers fit: it may not be read."""
    roofer, other = provider("A", "WS1 1TP", name="Zebedee"), provider("B", "WS1 1TP", name="Quill")
    day = date(2025, 6, 1)
    asked = lot(id="1", title="Roof repairs at the almshouses", day=day)
    register = registered(
        tmp_path / "reg",
        places_table,
        award("1", roofer, lot=asked, day=day),
        award("2", roofer, lot=lot(id="2", title="Guttering"), day=date(2025, 1, 1)),
        award("3", other, lot=lot(id="3", title="Guttering"), day=date(2025, 1, 1)),
        trust_ids=True,
        bundle=Bundle.open("lite", FEATURES),
    )
    folder, lite = register.folder, Path(models.bundles.__file__).parent / "lite"
    at = RegisterBefore(folder.parent, lite, folder / "vectors", date(2026, 1, 1))

    def likeness(wanted: Lot) -> float:
        lots = [JudgedLot(replace(wanted, id="x"), {"A": 3.0, "B": 0.0}, BOTH, "judgements")]
        (rows,) = graded_rows(at, lots, ["past_title"])
        return float(rows.x[rows.grades == 3].max())

    assert likeness(replace(asked, day=None)) > 0.5
    assert likeness(asked) < 0.1
