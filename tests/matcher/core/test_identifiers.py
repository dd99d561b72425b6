from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.identifiers import SCHEMES, fingerprint, scheme


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
