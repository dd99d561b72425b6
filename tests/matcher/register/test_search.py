"""Finding providers by name, whatever the spelling, or by id."""

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
    """A register that hypothesis does not print in full."""

    def __init__(self, register: Register) -> None:
        self.register = register


@pytest.fixture(scope="module")
def quiet(register: Register) -> Quiet:
    return Quiet(register)


@pytest.mark.parametrize(
    ("written", "expected"),
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
def test_a_misspelt_name_is_found(register: Register, written: str, expected: str) -> None:
    assert look_up(register, NameQuery(written))[0].id == expected
    assert complete(register, written)[0].id == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("penl", "GB-CHC-1150079"), ("larkrise tr", "GB-CHC-3"), ("hath", "GB-COH-07633349")],
)
def test_an_unfinished_name_is_found(register: Register, typed: str, expected: str) -> None:
    assert expected in {hit.id for hit in complete(register, typed)}


@pytest.mark.parametrize("number", ["1150079", "GB-CHC-1150079", "gb-chc-1150079", " 1150079 "])
def test_an_official_number_finds_its_provider(register: Register, number: str) -> None:
    (hit,) = complete(register, number)
    assert (hit.id, hit.number, hit.score, hit.sure) == ("GB-CHC-1150079", True, 1.0, True)


def test_a_company_number_is_found_without_its_leading_zeros(register: Register) -> None:
    assert complete(register, "7633349")[0].id == "GB-COH-07633349"


def test_a_provider_with_the_id_comes_before_one_with_the_name(register: Register) -> None:
    query = NameQuery("Penllergare Valley Woods", ("GB-CHC-3",))
    assert [hit.id for hit in look_up(register, query)] == ["GB-CHC-3", "GB-CHC-1150079"]


def test_the_postcode_distinguishes_two_providers_with_one_name(register: Register) -> None:
    first, second = look_up(register, NameQuery("Penhallow Beacon"))
    assert (first.score, first.sure, second.sure) == (second.score, False, False)
    for postcode, expected in (("WS1 1TP", "GB-CHC-7"), ("B1 1AA", "GB-CHC-8")):
        best = look_up(register, NameQuery("Penhallow Beacon", (), postcode))[0]
        assert (best.id, best.place, best.sure) == (expected, 1.0, True)


def test_a_nearer_postcode_scores_higher(register: Register) -> None:
    scores = [
        look_up(register, NameQuery("Penlergare Valy Woods", (), postcode))[0].score
        for postcode in ("W1A 1AA", "WS2 8RR", "WS1 9ZZ", "WS1 1TP")
    ]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4


def test_a_provider_far_away_scores_lower_and_is_never_sure(register: Register) -> None:
    near = look_up(register, NameQuery("Penllergare Valley Woods"))[0]
    far = look_up(register, NameQuery("Penllergare Valley Woods", (), "W1A 1AA"))[0]
    assert near.sure
    assert far.score < near.score
    assert not far.sure


@pytest.mark.parametrize("name", ["{} North", "{} Trading Ltd", "{} 2", "Friends of {}"])
def test_a_provider_of_a_related_name_is_never_sure(register: Register, name: str) -> None:
    hit = look_up(register, NameQuery(name.format("Penllergare Valley Woods")))[0]
    assert (hit.id, hit.sure) == ("GB-CHC-1150079", False)


def test_a_common_name_is_never_sure(register: Register) -> None:
    hit = look_up(register, NameQuery("Community Centre"))[0]
    assert hit.id == "GB-CHC-6"
    assert not hit.sure


def test_a_removed_provider_is_found_and_marked(register: Register) -> None:
    (hit,) = look_up(register, NameQuery("Old Forge"))
    assert not hit.active


@pytest.mark.parametrize("typed", ["", " ", "zzzzz", "-", "&", "9999999"])
def test_a_text_that_is_no_name_finds_nothing(register: Register, typed: str) -> None:
    assert look_up(register, NameQuery(typed)) == []
    assert complete(register, typed) == []


@given(typed=st.text(max_size=40), postcode=st.text(max_size=10))
def test_any_text_can_be_searched_for_and_scores_are_from_0_to_1(
    quiet: Quiet, typed: str, postcode: str
) -> None:
    """`complete` may find names with a similarity of 0, `look_up` does not."""
    register = quiet.register
    assert all(
        0 < hit.score <= 1 for hit in look_up(register, NameQuery(typed, (typed,), postcode))
    )
    assert all(0 <= hit.score <= 1 for hit in complete(register, typed))


def test_the_limit_is_kept(register: Register) -> None:
    assert len(look_up(register, NameQuery("Hatherley Care"), 1)) == 1
    assert len(complete(register, "hath", 1)) == 1


@pytest.mark.parametrize("typed", ["comm", "community", "community ce", "COMMUNITY CENTRE"])
def test_a_word_is_found_up_to_its_last_letter(register: Register, typed: str) -> None:
    assert complete(register, typed)[0].id == "GB-CHC-6"


@pytest.mark.parametrize(
    "address", ["https://org-id.guide/GB-CHC-1150079", "http://x/a/GB-CHC-1150079/"]
)
def test_an_id_is_found_in_a_web_address(register: Register, address: str) -> None:
    assert look_up(register, NameQuery(address))[0].id == "GB-CHC-1150079"


def test_a_number_tells_two_of_one_name_apart(register: Register) -> None:
    first, second = look_up(register, NameQuery("Penhallow Beacon", ("GB-CHC-8",)))
    assert (first.id, first.sure, second.sure) == ("GB-CHC-8", True, False)


def test_a_number_is_not_sure_where_another_has_the_name(register: Register) -> None:
    first, second = look_up(register, NameQuery("Larkrise Trust", ("GB-CHC-1150079",)))[:2]
    assert {first.id, second.id} == {"GB-CHC-1150079", "GB-CHC-3"}
    assert not first.sure


def test_a_provider_with_another_number_of_that_register_is_never_sure(register: Register) -> None:
    name = "Penllergare Valley Woods"
    assert look_up(register, NameQuery(name))[0].sure
    assert look_up(register, NameQuery(name, ("GB-COH-01234567",)))[0].sure
    first = look_up(register, NameQuery(name, ("GB-CHC-1150080",)))[0]
    assert (first.id, first.sure) == ("GB-CHC-1150079", False)
