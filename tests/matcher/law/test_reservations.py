from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import NotLawful
from matcher.core.types import Size
from matcher.law.reservations import PermittedReservation, permit
from matcher.law.rulebook import Rulebook
from matcher.law.scope import SMALL, LocalArea, Scope
from matcher.law.types import BuyerKind

BOOK = Rulebook.open()
ORDER_IN_FORCE = date(2026, 2, 4)
BIRMINGHAM = LocalArea("Birmingham", councils=frozenset({"E08000025"}))
STAFFORDSHIRE = LocalArea("Staffordshire", "county", frozenset({"E07000194", "E07000196"}))
WALSALL = LocalArea(
    "Walsall", councils=frozenset({"E08000030"}), bordering=(STAFFORDSHIRE, BIRMINGHAM)
)
KENT = LocalArea("Kent", "county", frozenset({"E07000105"}))
LICHFIELD = LocalArea(
    "Lichfield", councils=frozenset({"E07000194"}), bordering=(STAFFORDSHIRE, WALSALL)
)


def granted(scope: Scope, buyer: str = "council", **case: Any) -> PermittedReservation:
    on = case.get("on", ORDER_IN_FORCE)
    return permit(BOOK, scope, BuyerKind(buyer), on, case.get("own"))


def refused(scope: Scope, buyer: str = "council", **case: Any) -> NotLawful:
    with pytest.raises(NotLawful) as caught:
        granted(scope, buyer, **case)
    return caught.value


def test_reserved_needs_something_reserved() -> None:
    assert refused(Scope()).offer == "invite"


def test_the_sentence_for_a_whole_council() -> None:
    assert granted(Scope(areas=(WALSALL,)), own=WALSALL).sentence == (
        "This competition is reserved to suppliers based in Walsall (whole council area), under "
        "the Local Government (Exclusion of Non-commercial Considerations) (England) Order 2026."
    )


def test_the_sentence_names_the_neighbours() -> None:
    scope = Scope(areas=(WALSALL,), with_neighbours=True)
    assert "Walsall (whole council area) or an area bordering it: Birmingham and Staffordshire" in (
        granted(scope, own=WALSALL).sentence
    )


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (Scope(uk=True), "suppliers based in the United Kingdom"),
        (Scope(uk=True, sizes=SMALL), "(SMEs) based in the United Kingdom"),
        (Scope(areas=(STAFFORDSHIRE,)), "Staffordshire (whole county)"),
        (
            Scope(areas=(WALSALL, BIRMINGHAM)),
            "based in Walsall (whole council area) or Birmingham (whole council area), under",
        ),
        (Scope(vcse=True), "voluntary, community and social enterprises (VCSEs), in line"),
        (Scope(vcse=True, sizes=SMALL), "(VCSEs) of small or medium size (SMEs)"),
    ],
)
def test_the_sentence_names_who_and_where(scope: Scope, said: str) -> None:
    assert said in granted(scope).sentence


def test_with_neighbours_a_provider_may_lie_in_any_of_them() -> None:
    assert Scope(areas=(WALSALL,), with_neighbours=True).councils == (
        WALSALL.councils | BIRMINGHAM.councils | STAFFORDSHIRE.councils
    )
    assert Scope(areas=(WALSALL,)).councils == WALSALL.councils


@given(km=st.floats(0, 1000), area=st.booleans(), uk=st.booleans(), vcse=st.booleans())
def test_a_radius_is_refused_whatever_else_is_asked(
    km: float, area: bool, uk: bool, vcse: bool
) -> None:
    scope = Scope(within_km=km, areas=(WALSALL,) if area else (), uk=uk, vcse=vcse)
    error = refused(scope)
    assert error.rule == "ORDER-2026"
    assert "whole council area" in error.offer


@pytest.mark.parametrize(
    "area",
    [
        LocalArea("Bloxwich East", "ward", frozenset({"E08000030"})),
        LocalArea("WS1", "postcode"),
        LocalArea("West Midlands", "region", WALSALL.councils | BIRMINGHAM.councils),
        LocalArea("England", "nation", WALSALL.councils),
        LocalArea("Nowhere", "council"),
    ],
)
def test_less_or_more_than_a_whole_council_is_refused(area: LocalArea) -> None:
    error = refused(Scope(areas=(area,)))
    assert error.rule == "ORDER-2026"
    assert area.name in str(error)


def test_the_uk_and_a_local_area_are_not_both_the_place() -> None:
    assert "either" in str(refused(Scope(uk=True, areas=(WALSALL,))))


def test_neighbours_of_nothing_are_refused() -> None:
    assert "either" in str(refused(Scope(with_neighbours=True)))


@pytest.mark.parametrize("scope", [Scope(areas=(WALSALL,)), Scope(uk=True)])
def test_before_4_february_2026_a_council_may_not_reserve_by_place(scope: Scope) -> None:
    error = refused(scope, on=date(2026, 2, 3))
    assert error.rule == "ORDER-2026"
    assert "4 February 2026" in str(error)


def test_a_council_may_reserve_to_smes_or_vcses_alone() -> None:
    assert [rule.id for rule in granted(Scope(sizes=SMALL)).rules] == ["MHCLG-2025-12"]
    assert [rule.id for rule in granted(Scope(vcse=True)).rules] == ["MHCLG-2025-12"]


def test_reserving_to_smes_before_the_guidance_notes_to_take_advice() -> None:
    early = granted(Scope(sizes=SMALL), on=date(2025, 6, 1))
    assert early.rules == ()
    assert any("take advice" in note for note in early.notes)
    assert early.sentence.endswith("enterprises (SMEs).")


def test_central_government_may_not_reserve_to_smes_without_a_place() -> None:
    assert refused(Scope(sizes=SMALL), "central government").rule == "PPN-005"
    both = granted(Scope(sizes=SMALL, uk=True), "central government")
    assert [rule.id for rule in both.rules] == ["PPN-005"]


def test_central_government_may_reserve_to_a_single_county_or_borough() -> None:
    assert granted(Scope(areas=(KENT,)), "central government", on=date(2025, 3, 1)).rules
    several = Scope(areas=(KENT, WALSALL))
    assert refused(several, "central government").rule == "PPN-005"
    beside = Scope(areas=(WALSALL,), with_neighbours=True)
    assert refused(beside, "central government").rule == "PPN-005"


def test_another_authority_following_ppn_005_is_advised_to_take_advice() -> None:
    assert any("take advice" in n for n in granted(Scope(uk=True), "sub-central").notes)
    assert not any("take advice" in n for n in granted(Scope(uk=True), "central government").notes)


def test_a_utility_has_no_rule_to_reserve_by() -> None:
    assert refused(Scope(uk=True), "utility").offer == "engagement"


@pytest.mark.parametrize(
    ("own", "areas", "neighbours", "metropolitan"),
    [
        (WALSALL, (WALSALL,), False, False),
        (WALSALL, (WALSALL,), True, True),
        (WALSALL, (WALSALL, BIRMINGHAM), False, True),
        (LICHFIELD, (STAFFORDSHIRE,), False, False),
    ],
)
def test_a_council_may_declare_its_own_area_with_what_borders_or_contains_it(
    own: LocalArea, areas: tuple[LocalArea, ...], neighbours: bool, metropolitan: bool
) -> None:
    notes = granted(Scope(areas=areas, with_neighbours=neighbours), own=own).notes
    assert ["metropolitan district" in note for note in notes] == [True] * metropolitan


@pytest.mark.parametrize(
    ("own", "areas", "said"),
    [
        (WALSALL, (KENT,), "Kent is outside it"),
        (WALSALL, (WALSALL, KENT), "Kent is outside it"),
        (WALSALL, (BIRMINGHAM,), "Birmingham leaves out part of it"),
        (STAFFORDSHIRE, (LICHFIELD,), "Lichfield leaves out part of it"),
    ],
)
def test_a_council_may_not_declare_another_area_or_cut_its_own_up(
    own: LocalArea, areas: tuple[LocalArea, ...], said: str
) -> None:
    error = refused(Scope(areas=areas), own=own)
    assert error.rule == "ORDER-2026"
    assert said in str(error)


def test_an_unknown_area_of_the_buyer_is_noted() -> None:
    notes = granted(Scope(areas=(KENT,))).notes
    assert any("own area is not known" in note for note in notes)


def test_the_lack_of_known_neighbours_is_noted() -> None:
    island = LocalArea("Isle of Wight", councils=frozenset({"E06000046"}))
    ruling = granted(Scope(areas=(island,), with_neighbours=True), own=island)
    assert any("none was added" in note for note in ruling.notes)
    assert "bordering" not in ruling.sentence


@pytest.mark.parametrize("sizes", [{Size.MICRO}, {Size.LARGE}, set(Size), set()])
def test_a_part_of_the_smes_or_more_than_them_is_refused(sizes: set[Size]) -> None:
    assert refused(Scope(sizes=frozenset(sizes))).rule == "MHCLG-2025-12"


def test_unknown_size_may_go_with_the_smes() -> None:
    assert granted(Scope(sizes=SMALL | {Size.UNKNOWN})).rules


def test_a_neighbour_already_declared_is_not_named_twice() -> None:
    scope = Scope(areas=(WALSALL, BIRMINGHAM), with_neighbours=True)
    assert [area.name for area in scope.neighbours] == ["Staffordshire"]
