from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.identifiers import (
    SCHEMES,
    draw_key,
    fingerprint,
    scheme,
    with_place,
    without_place,
)


@pytest.mark.parametrize("prefix", SCHEMES)
def test_an_official_number_names_its_register(prefix: str) -> None:
    assert scheme(f"{prefix}-0123") == prefix


@pytest.mark.parametrize(
    "org_id",
    [
        "",
        "GB-COH",
        "GB-COH07633349",
        "GB-SCX-1",
        "gb-coh-07633349",
        "XX-NAME-beacon",
        "XX-GB-COH-1",
        "GB-UKPRN-10000001",
    ],
)
def test_what_no_official_register_numbered_has_none(org_id: str) -> None:
    assert scheme(org_id) is None


def test_charity_registers_come_before_company_registers() -> None:
    assert SCHEMES.index("GB-CHC") < SCHEMES.index("GB-COH")


@given(st.sets(st.text(st.characters(exclude_categories=["Cs"])), max_size=50))
def test_a_fingerprint_is_64_bits_and_differs_for_different_texts(texts: set[str]) -> None:
    numbers = [fingerprint(text) for text in texts]
    assert all(0 <= number < 2**64 for number in numbers)
    assert len(set(numbers)) == len(texts)


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    code = (
        "import sys; from matcher.core.identifiers import fingerprint; "
        "sys.stdout.write(str(fingerprint('é')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={}
    )
    assert int(said.stdout) == fingerprint("é")


@given(
    st.from_regex(r"XX-NAME-[a-z0-9]{1,12}", fullmatch=True),
    st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]?( [0-9][A-Z]{2})?", fullmatch=True)
    | st.sampled_from(["", "GIR 0AA", "BT", "not known"]),
)
def test_the_place_of_an_id_made_from_a_name_can_be_taken_off_again(org_id: str, at: str) -> None:
    placed = with_place(org_id, at)
    assert without_place(placed) == org_id
    assert with_place(placed, at) == placed
    assert draw_key(placed, "Kestrelfold") == draw_key(org_id, "Kestrelfold")


def test_a_district_alone_is_not_added_to_an_id() -> None:
    assert with_place("XX-NAME-kestrelfold", "WS1") == "XX-NAME-kestrelfold"
    assert with_place("XX-NAME-kestrelfold-WS11TP", "B1") == "XX-NAME-kestrelfold-WS11TP"
