"""The buyer of a specification: labelled, on a line of its own, in capitals, or mentioned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sources.documents.buyer_name import buyer_in
from matcher.sources.documents.reader import read_document
from tests import documents as make

HEAD = "THORNBY METROPOLITAN BOROUGH COUNCIL"
LINES = [HEAD, "SPECIFICATION FOR HOT MEALS", "Meals at home, with Mere Council as neighbour.",
         "Mere Council has its own meals."]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "buyer"),
    [
        ("\n".join(LINES), "Thornby Metropolitan Borough Council"),
        ("WAKEFORD CITY COUNCIL – INVITATION TO TENDER", "Wakeford City Council"),
        ("THE COUNCIL OF THE CITY OF WAKEFORD\nMeals", "Council of the City of Wakeford"),
        ("The Council of the City of Wakeford wants meals.", "Council of the City of Wakeford"),
        ("LONDON BOROUGH OF MERESIDE\nMeals", "London Borough of Mereside"),
        ("STOKE-ON-WOLD CITY COUNCIL", "Stoke-on-Wold City Council"),
        ("ST ALBAN'S BOROUGH COUNCIL", "St Alban's Borough Council"),
        ("MERE-LE-WOLD TOWN COUNCIL", "Mere-le-Wold Town Council"),
        ("MEALS FOR MWB COUNCIL", "MWB Council"),
        ("ISLE OF MERE COUNCIL\nMeals", "Isle of Mere Council"),
        ("The Isle of Mere Council wants meals.", "Isle of Mere Council"),
        ("SPECIFICATION FOR MEALS FOR THORNBY BOROUGH COUNCIL", "Thornby Borough Council"),
        ("MERE COUNCIL INVITES TENDERS FOR MEALS", "Mere Council"),
        ("A tender on behalf of Thornby Borough Council", "Thornby Borough Council"),
        ("Mere Council\nOn behalf of Thornby Borough Council: meals", "Mere Council"),
        ("BETWEEN MERE COUNCIL AND BRIGHT CARE LTD", "Mere Council"),
        ("Mere Council and Thornby Council buy. Thornby Council leads.", "Thornby Council"),
        ("Contracting Authority: Mere and Wold NHS Foundation Trust\nMere Council",
         "Mere and Wold NHS Foundation Trust"),
        ("Contracting authority\nMere District Council", "Mere District Council"),
        ("1.1 Contracting authority: Mere District Council, 1 High Street",
         "Mere District Council"),
        ("Contracting Authority: the Council\nMere Council wants meals.", "Mere Council"),
        ("MERE NHS TRUST\nCleaning of wards\nWold City Council is a neighbour.", "Mere NHS Trust"),
        ("OAKFIELD PRIMARY SCHOOL\nCatering", "Oakfield Primary School"),
        ("Client: Oakfield Academy Trust", "Oakfield Academy Trust"),
        ("HOME OFFICE\nRooms near MERE CITY COUNCIL offices", "Home Office"),
        ("Department for Transport\nRooms. Mere Council is near. Mere Council helps.",
         "Department for Transport"),
        ("The Buyer is the Cabinet Office. Mere Council is near.", "Cabinet Office"),
        ("ISSUED BY THE MINISTRY OF JUSTICE.\nMere Council is a neighbour.",
         "Ministry of Justice"),
        ("Issued by Department for Work and Pensions, Mere City Council area",
         "Department for Work and Pensions"),
        ("Issued by Mere Council.\nHome Office rules apply.", "Mere Council"),
        ("WOLD CITY COUNCIL - MEALS\nHome Office guidance applies.", "Wold City Council"),
        ("Mere Council invites offers. Bright Care Ltd may reply.", "Mere Council"),
    ],
)  # fmt: skip
def test_the_buyer_is_found(text: str, buyer: str) -> None:
    assert buyer_in(text) == buyer


@pytest.mark.parametrize(
    "text",
    [
        "BRIGHT COUNCIL SERVICES LTD\nMeals",
        "CARE SOLUTIONS LIMITED",
        "Mere Council Trading Ltd invites tenders.",
        "The buyer is Mere Council Homes (Wold) Limited.",
        "COUNCIL TAX COLLECTION\nLetters are to be printed.",
        "ARTS COUNCIL ENGLAND pays for some of it.",
        "THE COUNCIL\nOur Council\nBOROUGH COUNCIL",
        "Catering at Oakfield Primary School",
        "PRIMARY SCHOOL\nNEW SCHOOL",
        "Buyer: Jane Smith, procurement officer",
        "Contracting authority means the body that signs.",
        "Contracting Authority: 01234 567890",
    ],
)
def test_what_is_no_buyer_is_not_taken_for_one(text: str) -> None:
    assert buyer_in(text) == ""


@pytest.mark.parametrize("name", ["spec.docx", "spec.pdf", "spec.txt"])
def test_a_heading_in_capitals_is_read_from_every_kind_of_file(name: str) -> None:
    made = {"spec.docx": lambda: make.word(*LINES), "spec.pdf": lambda: make.pdf(LINES)}
    content = made.get(name, lambda: "\n".join(LINES).encode())()
    (found,) = read_document(content, name)
    assert found.lot.buyer == "Thornby Metropolitan Borough Council"


@given(st.lists(st.sampled_from(["Wold", "Mere", "Thornby"]), min_size=1, max_size=2, unique=True),
       st.sampled_from(["Council", "City Council", "District Council"]))  # fmt: skip
def test_capitals_make_no_difference(places: list[str], ending: str) -> None:
    name = f"{' and '.join(places)} {ending}"
    assert buyer_in(name.upper()) == buyer_in(name) == name
    assert buyer_in(f"Issued by {name.upper()}.") == name
