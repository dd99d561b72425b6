"""Records of one official number with unlike names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from matcher.core.types import Grade, Provider, Site, Source
from matcher.register.linkage.one_number import own_ids_in, unlike, with_own_id
from matcher.register.linkage.resolve import ONE_NUMBER, Resolver
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
        resolver = Resolver(trust_ids=trust_ids)
        for record in records:
            resolver.add(record)
        found = resolver.resolve(records.__getitem__, lambda a, b: None)
        assert [merge.reason for merge in found.merges] == reasons
        assert len(set(found.leaders.tolist())) == 1


def test_a_charity_with_the_number_of_another_company_is_noted() -> None:
    charity = factory.provider("GB-CHC-1150079", name="Harrow Lane Nursery", ids=(_NUMBER,))
    (firm,) = _named("Pelsall Dredging Ltd")
    resolver = Resolver(trust_ids=False)
    for record in (charity, firm):
        resolver.add(record)
    (merge,) = resolver.resolve([charity, firm].__getitem__, lambda a, b: None).merges
    assert merge.reason == f"same official number {_NUMBER}; unlike names"
    assert merge.similarity is not None
    assert merge.similarity < 0.5
