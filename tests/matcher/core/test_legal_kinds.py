from __future__ import annotations

import pytest

from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import Kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("INSPIRE THE VALLEY CIC", Kind.CIC),
        ("Access2Work Community Interest Company", Kind.CIC),
        ("Tamar Grow c.i.c.", Kind.CIC),
        ("Tamar Grow C. I. C. Limited", Kind.CIC),
        ("Elan Drama, CIC", Kind.CIC),
        ("Dŵr Glân Cwmni Buddiannau Cymunedol", Kind.CIC),
        ("Abbey Hall CIO", Kind.CHARITY),
        ("Glen Sheds SCIO", Kind.CHARITY),
        ("Parr Sports Charitable Incorporated Organisation", Kind.CHARITY),
        ("Lizard Art Co-operative", Kind.COOP),
        ("Foster Care Cooperative Limited", Kind.COOP),
        ("Harbour Community Benefit Society Ltd", Kind.COOP),
    ],
)
def test_a_name_that_ends_with_a_legal_form_shows_the_kind(name: str, kind: Kind) -> None:
    assert kind_of_name(name) is kind


@pytest.mark.parametrize(
    "name",
    [
        *("CIC", "CIC Ltd", "CIO", "Co-operative", "Co-operative Ltd", "", " "),
        "Construction Industry Council (CIC)",
        *("CIC Training Ltd", "Caerphilly CBC", "Kingmoor CBC", "Civic", "Publicic"),
        *("The Co-operative Bank plc", "Community Interest Company Advice Ltd", "Grupo Ciocio"),
    ],
)
def test_other_names_show_no_kind(name: str) -> None:
    assert kind_of_name(name) is Kind.UNKNOWN
