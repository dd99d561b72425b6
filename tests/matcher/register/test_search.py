"""Finding providers by name, however it is spelt, or by number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Status
from matcher.register.register import Register
from matcher.register.search import NameQuery, complete, look_up
from tests.factory import provider
from tests.registers import registered

PEOPLE = (
    provider("GB-CHC-1150079", "WS1 1TP", name="Penllergare Valley Woods"),
    provider("GB-COH-07633349", "WS2 8RR", name="Hatherley Care Limited"),
    provider("GB-COH-00000042", "B1 1AA", name="Hatherley Care (Bath) Limited"),
    provider("GB-CHC-3", "B70 8DB", name="Larkrise Trust", aliases=("The Sunday Kitchen",)),
    provider("GB-CHC-4", "WS1 1TP", name="Old Forge", status=Status.REMOVED),
    provider("GB-CHC-5", "WS1 1TP", name="Green Care"),
    provider("GB-CHC-7", "WS1 1TP", name="Penhallow Beacon"),
    provider("GB-CHC-8", "B1 1AA", name="Penhallow Beacon"),
    provider("GB-CHC-6", "B1 1AA", name="Community Centre"),
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Register:
    return registered(tmp_path_factory.mktemp("reg"), places_table, *PEOPLE, trust_ids=True)


class Quiet:
    """A register that hypothesis does not print the whole of."""

    def __init__(self, register: Register) -> None:
        self.register = register


@pytest.fixture(scope="module")
def quiet(register: Register) -> Quiet:
    return Quiet(register)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Penllergare Valley Woods", "GB-CHC-1150079"),
        ("penlergare vally woods", "GB-CHC-1150079"),
        ("PENLLERGARE VALLEY WOODS LTD.", "GB-CHC-1150079"),
        ("Hatherly Care", "GB-COH-07633349"),
        ("Sunday Kitchen", "GB-CHC-3"),
        ("Lakrise Trust", "GB-CHC-3"),
        ("Larkrize", "GB-CHC-3"),
        ("green care", "GB-CHC-5"),
    ],
)
def test_a_name_is_found_however_it_is_spelt(register: Register, written: str, found: str) -> None:
    assert look_up(register, NameQuery(written))[0].id == found
    assert complete(register, written)[0].id == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [("penl", "GB-CHC-1150079"), ("larkrise tr", "GB-CHC-3"), ("hath", "GB-COH-07633349")],
)
def test_a_name_that_is_only_begun_is_found(register: Register, typed: str, found: str) -> None:
    assert found in {hit.id for hit in complete(register, typed)}


@pytest.mark.parametrize("number", ["1150079", "GB-CHC-1150079", "gb-chc-1150079", " 1150079 "])
def test_a_number_finds_who_has_it(register: Register, number: str) -> None:
    (hit,) = complete(register, number)
    assert (hit.id, hit.number, hit.score, hit.sure) == ("GB-CHC-1150079", True, 1.0, True)


def test_a_company_number_may_lack_its_leading_noughts(register: Register) -> None:
    assert complete(register, "7633349")[0].id == "GB-COH-07633349"


def test_a_number_goes_before_a_name(register: Register) -> None:
    sought = NameQuery("Penllergare Valley Woods", ("GB-CHC-3",))
    assert [hit.id for hit in look_up(register, sought)] == ["GB-CHC-3", "GB-CHC-1150079"]


def test_the_postcode_tells_two_of_one_name_apart(register: Register) -> None:
    first, second = look_up(register, NameQuery("Penhallow Beacon"))
    assert (first.score, first.sure, second.sure) == (second.score, False, False)
    for postcode, expected in (("WS1 1TP", "GB-CHC-7"), ("B1 1AA", "GB-CHC-8")):
        found = look_up(register, NameQuery("Penhallow Beacon", (), postcode))[0]
        assert (found.id, found.place, found.sure) == (expected, 1.0, True)


def test_the_nearer_the_postcode_the_likelier(register: Register) -> None:
    scores = [
        look_up(register, NameQuery("Penlergare Valy Woods", (), postcode))[0].score
        for postcode in ("W1A 1AA", "WS2 8RR", "WS1 9ZZ", "WS1 1TP")
    ]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4


def test_who_is_far_away_is_less_likely_and_never_sure(register: Register) -> None:
    near = look_up(register, NameQuery("Penllergare Valley Woods"))[0]
    far = look_up(register, NameQuery("Penllergare Valley Woods", (), "W1A 1AA"))[0]
    assert near.sure
    assert far.score < near.score
    assert not far.sure


def test_a_common_name_is_never_sure(register: Register) -> None:
    found = look_up(register, NameQuery("Community Centre"))
    assert found[0].id == "GB-CHC-6"
    assert not found[0].sure


def test_who_is_gone_is_found_and_marked(register: Register) -> None:
    (hit,) = look_up(register, NameQuery("Old Forge"))
    assert not hit.active


@pytest.mark.parametrize("said", ["", " ", "zzzzz", "-", "&", "9999999"])
def test_what_nobody_is_called_finds_nobody(register: Register, said: str) -> None:
    assert look_up(register, NameQuery(said)) == []
    assert complete(register, said) == []


@given(said=st.text(max_size=40), postcode=st.text(max_size=10))
def test_no_text_breaks_it_and_scores_lie_between_0_and_1(
    quiet: Quiet, said: str, postcode: str
) -> None:
    """Of names that merely begin as typed some have nothing else in common with it."""
    register = quiet.register
    assert all(0 < hit.score <= 1 for hit in look_up(register, NameQuery(said, (said,), postcode)))
    assert all(0 <= hit.score <= 1 for hit in complete(register, said))


def test_never_more_than_asked_for(register: Register) -> None:
    assert len(look_up(register, NameQuery("Hatherley Care"), 1)) == 1
    assert len(complete(register, "hath", 1)) == 1
