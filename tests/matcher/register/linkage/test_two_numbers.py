"""Records of one name and postcode with two numbers of one register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from matcher.core.types import Grade, Kind, Provider, Site, Source, Status
from matcher.register.linkage.merge import summarise
from matcher.register.linkage.resolve import Resolution, Rules, resolved
from tests import factory

_NAME = "Larkhill Scaffolding Ltd"


def _notice(org_id: str, postcode: str = "WS1 1TP", name: str = _NAME) -> Provider:
    return Provider(org_id, name, Source("x"), sites=(Site(postcode, Grade.AWARD_ADDRESS),))


def _known(org_id: str, postcode: str = "WS1 1TP", name: str = _NAME) -> Provider:
    return factory.provider(org_id, postcode, name=name, kind=Kind.COMPANY)


def _resolved(records: Sequence[Provider], *apart: tuple[str, str]) -> Resolution:
    return resolved(records, lambda a, b: None, Rules(apart=frozenset(apart)))


def _groups(found: Resolution) -> int:
    return len(set(found.leaders.tolist()))


def _listed(found: Resolution) -> set[tuple[str, str, str]]:
    return {(pair.kept, pair.merged, pair.reason) for pair in found.alike}


def _why(found: Resolution) -> list[str]:
    said = "same name at one postcode (WS1 1TP), not merged: "
    return [pair.reason.removeprefix(said) for pair in found.alike]


@pytest.mark.parametrize("typed", ["GB-COH-07633439", "GB-COH-07633340", "GB-COH-00763349"])
def test_a_number_that_differs_by_a_digit_from_a_known_one_is_listed(typed: str) -> None:
    records = [_known("GB-COH-07633349"), _notice(typed)]
    found = _resolved(records)
    assert _groups(found) == 2
    assert _why(found) == [
        f"{typed} differs by a digit or two exchanged ones, and only notices give it"
    ]
    assert not _resolved(records, ("GB-COH-07633349", typed)).alike


@pytest.mark.parametrize("typed", ["GB-COH-07633439", "GB-COH-07633340", "GB-COH-00763349"])
def test_a_record_without_a_number_is_of_the_company_that_a_register_has(typed: str) -> None:
    every = [_known("GB-COH-07633349"), _notice("XX-NAME-larkhillscaffolding"), _notice(typed)]
    for records in permutations(every):
        leaders = dict(
            zip([r.id for r in records], _resolved(records).leaders.tolist(), strict=True)
        )
        assert leaders["GB-COH-07633349"] == leaders["XX-NAME-larkhillscaffolding"]
        assert leaders["GB-COH-07633349"] != leaders[typed]


@pytest.mark.parametrize("of", [_known, _notice])
@pytest.mark.parametrize(
    ("plain", "lettered"),
    [("GB-COH-00301540", "GB-COH-OC301540"), ("GB-COH-00215164", "GB-COH-SC215164")],
)
def test_a_number_without_its_letters_is_listed(
    plain: str, lettered: str, of: Callable[[str], Provider]
) -> None:
    found = _resolved([_notice(plain), of(lettered)])
    assert _groups(found) == 2
    assert _why(found) == [f"{plain} lacks the letters of the other number"]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("GB-COH-07633349", "GB-COH-07633439", "differ by a digit or two exchanged ones"),
        ("GB-COH-07633349", "GB-COH-01122334", "of one register"),
    ],
)
def test_where_no_register_tells_which_number_is_right_a_person_is_asked(
    one: str, other: str, why: str
) -> None:
    records = [_notice(one), _notice(other)]
    found = _resolved(records)
    assert _groups(found) == 2
    assert _why(found) == [f"two numbers {why}"]
    assert {found.alike[0].kept, found.alike[0].merged} == {one, other}
    assert not _resolved(records, (one, other)).alike


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_known("GB-COH-07633349"), _known("GB-COH-01122334")),
        (_known("GB-COH-07633349"), _known("GB-COH-07633348", name="Larkhill Scaffolding LLP")),
        (_notice("GB-COH-07633349"), _notice("GB-COH-07633439", "WS1 2AA")),
        (_notice("GB-COH-07633349"), _notice("GB-COH-07633439", name="Larkfield Scaffolding Ltd")),
        (_notice("GB-COH-07633349"), _notice("GB-COH-01122334", name="Larkhill Scaffolding LLP")),
    ],
)
def test_other_companies_are_two(first: Provider, second: Provider) -> None:
    found = _resolved([first, second])
    assert _groups(found) == 2
    assert not found.alike


_SLIP = _notice("GB-COH-07633439")
_SITES = (Site("WS1 9ZZ", Grade.AWARD_ADDRESS), Site("WS1 1TP", Grade.AWARD_ADDRESS))


@pytest.mark.parametrize(
    "records",
    [
        [
            _known("GB-COH-07633349"),
            _known("GB-COH-07633349", "WS1 9ZZ"),
            _SLIP,
            replace(_notice("XX-1"), name="Larkhill Scaffolding", sites=_SITES),
        ],
        [
            _known("GB-COH-07633349"),
            _notice("GB-COH-07633349", "WS1 9ZZ"),
            _SLIP,
            replace(_SLIP, name="LARKHILL SCAFFOLDING LIMITED", sites=_SITES),
        ],
        [_known("GB-COH-07633349"), _notice("GB-COH-04000000"), _SLIP, _notice("GB-COH-09999999")],
    ],
)
def test_the_same_pairs_are_listed_whatever_the_order_of_the_sources(
    records: list[Provider],
) -> None:
    (first, *others) = [_resolved(order) for order in permutations(records)]
    assert any("07633439 differs by a digit" in reason for *_, reason in _listed(first))
    assert all(_listed(found) == _listed(first) for found in others)


@pytest.mark.parametrize("between", range(1_000_000, 1_000_030))
def test_a_third_number_of_the_name_hides_no_slip(between: int) -> None:
    records = [_known("GB-COH-07633349"), _SLIP, _known(f"GB-COH-0{between}")]
    assert any("differs by a digit" in why for why in _why(_resolved(records)))


def test_a_name_that_very_many_numbers_have_at_one_postcode_is_not_listed() -> None:
    assert not _resolved([_notice(f"GB-COH-0{n}") for n in range(1_000_000, 1_000_041)]).alike


def test_two_charities_with_two_company_numbers_stay_two() -> None:
    pairs = [("GB-CHC-1019510", "GB-COH-01111111"), ("GB-CHC-1019511", "GB-COH-02222222")]
    one, other = (
        replace(of(charity), ids=(company,))
        for of, (charity, company) in zip((_known, _notice), pairs, strict=True)
    )
    assert _groups(_resolved([one, other])) == 2


@pytest.mark.parametrize(
    ("right", "typed"),
    [("GB-COH-07633349", "GB-COH-00763349"), ("GB-COH-OC301540", "GB-COH-00301540")],
)
def test_the_number_that_a_register_has_is_the_id_of_what_a_person_joins(
    right: str, typed: str
) -> None:
    every = [_notice(typed), _known(right), _notice("GB-CHC-1019510")]
    assert [summarise(some).id for some in permutations(every[:2])] == [right] * 2
    assert summarise(every).id == "GB-CHC-1019510"


def test_a_number_with_its_letters_is_the_id_where_only_notices_give_both() -> None:
    every = _notice("GB-COH-00301540"), _notice("GB-COH-OC301540")
    assert summarise(every).id == "GB-COH-OC301540"


def test_two_active_charities_of_one_name_and_postcode_are_perhaps_one_after_the_other() -> None:
    charity = _known("GB-CHC-1019510", name="Larkhill Musical Theatre")
    incorporated = _known("GB-CHC-1199390", name="LARKHILL MUSICAL THEATRE")
    found = _resolved([charity, incorporated])
    assert _groups(found) == 2
    assert [r.relation for r in found.related[0]] == ["perhaps an earlier registration of"]
    assert [r.relation for r in found.related[1]] == ["perhaps the later registration of"]
    assert [pair.merged for pair in found.alike] == ["GB-CHC-1199390"]


def test_a_slip_of_the_number_of_an_organisation_that_has_ended_is_not_listed() -> None:
    known = factory.provider(
        "GB-COH-07633349", "WS1 1TP", name=_NAME, kind=Kind.COMPANY, status=Status.DISSOLVED
    )
    found = _resolved([known, _notice("GB-COH-07633439")])
    assert _groups(found) == 2
    assert not found.alike


def test_a_charity_that_was_removed_is_said_to_be_the_earlier_one() -> None:
    removed = factory.provider(
        "GB-CHC-1019510", "WS1 1TP", name="Larkhill Musical Theatre", status=Status.REMOVED
    )
    found = _resolved([removed, _known("GB-CHC-1199390", name="Larkhill Musical Theatre")])
    assert [r.relation for r in found.related[0]] == ["an earlier registration of"]
    assert not found.alike


def test_charities_of_common_names_in_one_district_are_not_related() -> None:
    names = "St Mary's Village Hall", "St Mary's Village Hall"
    records = [_known(f"GB-CHC-101951{n}", "WS1", name) for n, name in enumerate(names)]
    found = _resolved(records)
    assert not found.related
    assert not found.alike


def test_credit_unions_of_northern_ireland_have_one_number_with_two_prefixes() -> None:
    records = [_known(f"GB-COH-{letters}000171", name="Larkhill") for letters in ("CU", "NO")]
    assert _groups(_resolved(records)) == 1
