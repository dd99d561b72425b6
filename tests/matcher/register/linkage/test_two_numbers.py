"""Records of one name and postcode with two numbers of one register."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from matcher.core.types import Grade, Kind, Provider, Site, Source, Status
from matcher.register.linkage.resolve import Resolution, Resolver
from tests import factory

_NAME = "Larkhill Scaffolding Ltd"


def _notice(org_id: str, postcode: str = "WS1 1TP", name: str = _NAME) -> Provider:
    return Provider(org_id, name, Source("x"), sites=(Site(postcode, Grade.AWARD_ADDRESS),))


def _known(org_id: str, postcode: str = "WS1 1TP", name: str = _NAME) -> Provider:
    return factory.provider(org_id, postcode, name=name, kind=Kind.COMPANY)


def _resolved(records: Sequence[Provider], *apart: tuple[str, str]) -> Resolution:
    resolver = Resolver(trust_ids=False, apart=frozenset(apart))
    for record in records:
        resolver.add(record)
    return resolver.resolve(records.__getitem__, lambda a, b: None)


def _groups(found: Resolution) -> int:
    return len(set(found.leaders.tolist()))


@pytest.mark.parametrize("typed", ["GB-COH-07633439", "GB-COH-07633340", "GB-COH-00763349"])
def test_a_number_that_differs_by_a_digit_from_a_known_one_is_mistyped(typed: str) -> None:
    records = [_known("GB-COH-07633349"), _notice(typed), _notice("XX-NAME-larkhillscaffolding")]
    found = _resolved(records)
    assert _groups(found) == 1
    assert found.merges[0].reason == (
        f"same name at one postcode (WS1 1TP); {typed} differs by a digit, and only notices give it"
    )
    assert _groups(_resolved(records, ("GB-COH-07633349", typed))) == 2


@pytest.mark.parametrize(
    ("plain", "lettered"),
    [("GB-COH-00301540", "GB-COH-OC301540"), ("GB-COH-00215164", "GB-COH-SC215164")],
)
def test_a_number_without_its_letters_is_that_of_the_company(plain: str, lettered: str) -> None:
    found = _resolved([_notice(plain), _notice(lettered)])
    assert _groups(found) == 1
    assert found.merges[0].reason.endswith(f"{plain} lacks the letters of the other number")
    assert _groups(_resolved([_known(plain), _known(lettered)])) == 2


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("GB-COH-07633349", "GB-COH-07633439", "two numbers differ by a digit"),
        ("GB-COH-07633349", "GB-COH-01122334", "two numbers of one register"),
    ],
)
def test_where_no_register_tells_which_number_is_right_a_person_is_asked(
    one: str, other: str, why: str
) -> None:
    records = [_notice(one), _notice(other)]
    found = _resolved(records)
    assert _groups(found) == 2
    (alike,) = found.alike
    assert {alike.kept, alike.merged} == {one, other}
    assert alike.reason == f"same name at one postcode (WS1 1TP), not merged: {why}"
    assert not _resolved(records, (one, other)).alike


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_known("GB-COH-07633349"), _known("GB-COH-01122334")),
        (_notice("GB-COH-07633349"), _notice("GB-COH-07633439", "WS1 2AA")),
        (_notice("GB-COH-07633349"), _notice("GB-COH-07633439", name="Larkfield Scaffolding Ltd")),
        (_notice("GB-COH-07633349"), _notice("GB-COH-01122334", name="Larkhill Scaffolding LLP")),
    ],
)
def test_other_companies_are_two(first: Provider, second: Provider) -> None:
    found = _resolved([first, second])
    assert _groups(found) == 2
    assert not found.alike


def test_two_active_charities_of_one_name_and_postcode_are_perhaps_one_after_the_other() -> None:
    charity = _known("GB-CHC-1019510", name="Larkhill Musical Theatre")
    incorporated = _known("GB-CHC-1199390", name="LARKHILL MUSICAL THEATRE")
    found = _resolved([charity, incorporated])
    assert _groups(found) == 2
    assert [r.relation for r in found.related[0]] == ["perhaps an earlier registration of"]
    assert [r.relation for r in found.related[1]] == ["perhaps the later registration of"]
    assert [pair.merged for pair in found.alike] == ["GB-CHC-1199390"]


def test_a_mistyped_number_is_not_joined_to_an_organisation_that_has_ended() -> None:
    known = factory.provider(
        "GB-COH-07633349", "WS1 1TP", name=_NAME, kind=Kind.COMPANY, status=Status.DISSOLVED
    )
    assert _groups(_resolved([known, _notice("GB-COH-07633439")])) == 2


def test_a_mistyped_number_is_not_joined_to_a_company_of_another_legal_form() -> None:
    other = _notice("GB-COH-07633439", name="Larkhill Scaffolding LLP")
    assert _groups(_resolved([_known("GB-COH-07633349"), other])) == 2


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
