"""Records of one official number with unlike names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from matcher.core.types import Grade, Provider, Site, Source
from matcher.register.linkage.one_number import own_ids_in, unlike, with_own_id
from matcher.register.linkage.resolve import ONE_NUMBER, Rules, resolved
from tests import factory

_NUMBER = "GB-COH-07633349"


def _supplier(postcode: str, name: str) -> Provider:
    site = Site(postcode, Grade.AWARD_ADDRESS)
    return Provider(_NUMBER, name, Source("notices"), sites=(site,))


def _named(*names: str) -> list[Provider]:
    return [_supplier("WS1 1TP", name) for name in names]


def _others(records: Sequence[Provider]) -> list[tuple[str, str]]:
    return [(found.known.name, found.other.name) for found in unlike(records)]


@pytest.mark.parametrize(
    "names",
    [
        ("Harrow Lane Joinery Ltd", "HARROW LANE JOINERY LIMITED", "Harrow Lane Joiners"),
        ("Harrow Lane Joinery (Stafford) Ltd", "Harrow Lane Joinery"),
        ("Harrow Lane Joinery t/a Oakfit", "Oakfit", "Harrow Lane Joinery Ltd"),
    ],
)
def test_spellings_and_shortened_names_are_not_unlike(names: tuple[str, ...]) -> None:
    assert not _others(_named(*names))


def test_the_name_of_most_records_is_known_and_each_other_name_is_listed_once() -> None:
    records = _named("Harrow Lane Joinery", "Pelsall Dredging Ltd", "Pelsall Dredging Limited")
    records += [_supplier("WS1 2AA", "Harrow Lane Joinery Ltd")]
    records += [_supplier("WS1 3AA", "Harrow Lane Joinery Ltd")]
    assert _others(records) == [("Harrow Lane Joinery", "Pelsall Dredging Limited")]


def test_the_name_in_a_register_is_known_however_few_give_it() -> None:
    records = _named("Pelsall Dredging", "Pelsall Dredging Ltd")
    known = factory.provider(_NUMBER, "WS1 1TP", name="Harrow Lane Joinery Ltd")
    assert _others([*records, known])[0][0] == "Harrow Lane Joinery Ltd"


def test_numbers_that_are_not_official_are_left_out() -> None:
    records = [
        factory.provider("own-1", name=name) for name in ("Harrow Joinery", "Pelsall Dredging")
    ]
    assert not _others(records)


def test_only_the_record_with_the_unlike_name_gets_an_id_of_its_own() -> None:
    known, other = _named("Harrow Lane Joinery", "Pelsall Dredging Ltd")
    (found,) = unlike([known, known, other])
    own_ids = own_ids_in(frozenset({(_NUMBER, found.id)}))
    assert with_own_id(other, own_ids).id == found.id
    (spelt,) = _named("PELSALL DREDGING LIMITED")
    assert with_own_id(spelt, own_ids).id == found.id
    assert with_own_id(known, own_ids) == known


def test_names_are_not_compared_where_ids_are_trusted() -> None:
    for trust_ids, reasons in ((False, [ONE_NUMBER]), (True, [])):
        records = _named("Harrow Lane Joinery", "Pelsall Dredging Ltd")
        found = resolved(records, lambda a, b: None, Rules(trust_ids))
        assert [merge.reason for merge in found.merges] == reasons
        assert len(set(found.leaders.tolist())) == 1


def test_a_charity_with_the_number_of_another_company_is_noted() -> None:
    charity = factory.provider("GB-CHC-1150079", name="Harrow Lane Nursery", ids=(_NUMBER,))
    (firm,) = _named("Pelsall Dredging Ltd")
    (merge,) = resolved([charity, firm], lambda a, b: None).merges
    assert merge.reason == f"same official number {_NUMBER}; unlike names"
    assert merge.similarity is not None
    assert merge.similarity < 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [("GB-MPR-7632", "GB-COH-RS007632"), ("GB-COH-RS007632", "GB-MPR-7632")],
)
def test_a_number_that_two_registers_write_is_one(one: str, other: str) -> None:
    said = factory.provider(one, name="Pelsall Dredgers", ids=(other, "GB-CHC-1150079"))
    again = factory.provider(other, name="Pelsall Dredgers", ids=("GB-CHC-1150079",))
    (found,) = unlike([factory.provider(one, name="Harrow Lane Friendly Society"), said])
    own_ids = own_ids_in(frozenset({(one, found.id)}))
    for record in (with_own_id(said, own_ids), with_own_id(again, own_ids)):
        assert (record.id, record.ids) == (found.id, ("GB-CHC-1150079",))


def test_a_payee_gets_the_id_in_place_of_its_number() -> None:
    known, other = _named("Harrow Lane Joinery", "Pelsall Dredging Ltd")
    (found,) = unlike([known, known, other])
    own_ids = own_ids_in(frozenset({(_NUMBER, found.id)}))
    payee = factory.provider("XX-PAYEE-1", name="PELSALL DREDGING LTD", ids=(_NUMBER,))
    made = with_own_id(payee, own_ids)
    assert (made.id, made.ids) == ("XX-PAYEE-1", (found.id,))
    nobody = factory.provider("XX-PAYEE-2", name="Pelsall Dredging Ltd")
    assert with_own_id(nobody, own_ids) == nobody


def test_each_unlike_name_of_a_number_that_stands_for_none_is_listed() -> None:
    names = [f"Firm {n:04} {'abcdefghij'[n % 10] * 7}wright" for n in range(400)]
    found = _others(_named(*names))
    assert len({other for _, other in found}) == len(found) > 100
