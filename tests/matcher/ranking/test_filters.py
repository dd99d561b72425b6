from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput, BadLot
from matcher.core.types import Size
from matcher.geo.councils import Councils
from matcher.geo.geocoding import LotPlace, Spot
from matcher.law.scope import Scope
from matcher.law.types import Purpose
from matcher.ranking.filters import (
    USUAL_KM,
    Filters,
    buyer_area,
    cautions,
    describe,
    kilometres,
    scope_of,
)
from tests.factory import lot
from tests.gazetteer import (
    CARDIFF,
    IPSWICH,
    ISLINGTON,
    SANDWELL,
    WALSALL,
)

COUNCILS = Councils.open()
HERE = LotPlace(Spot(401000, 299000, WALSALL, "exact", "test"), "test", None, "England", None)
NOWHERE = LotPlace(None, "unknown", None, "", None)
SMALL_SIZES = frozenset({Size.MICRO, Size.SMALL, Size.MEDIUM})
NARROWED = (Purpose.INVITE, Purpose.RESERVED)


def _scope(purpose: Purpose = Purpose.ENGAGEMENT, place: LotPlace = HERE, **wish: Any) -> Scope:
    return scope_of(COUNCILS, replace(Filters(), **wish), purpose, place)


# --- the usual --------------------------------------------------------------------------


def test_engagement_is_small_and_within_30_km_by_default() -> None:
    scope = _scope()
    assert (scope.within_km, scope.sizes) == (30.0, SMALL_SIZES)
    assert USUAL_KM == 30.0
    assert (scope.areas, scope.uk, scope.vcse) == ((), False, False)


@pytest.mark.parametrize("purpose", NARROWED)
def test_other_purposes_are_narrowed_only_on_request(purpose: Purpose) -> None:
    assert _scope(purpose).everyone
    assert _scope(purpose, within="5km") == Scope(within_km=5)
    assert _scope(purpose, size="small").sizes == SMALL_SIZES
    assert _scope(purpose, kind="vcse") == Scope(vcse=True)


@pytest.mark.parametrize("purpose", Purpose)
def test_everyone_removes_every_limit(purpose: Purpose) -> None:
    assert _scope(purpose, everyone=True).everyone
    assert _scope(purpose, everyone=True, size="any", kind="any").everyone


def test_lot_without_a_place_has_no_radius() -> None:
    scope = _scope(place=NOWHERE)
    assert not scope.by_place
    assert scope.sizes == SMALL_SIZES


def test_each_filter_replaces_only_its_own_default() -> None:
    assert _scope(within="50km").within_km == 50
    assert _scope(within="50km").sizes == SMALL_SIZES
    assert _scope(size="any") == Scope(within_km=30)
    assert _scope(kind="vcse") == replace(_scope(), vcse=True)
    assert _scope(kind="any") == _scope(size="small") == _scope()


@pytest.mark.parametrize("area", ["Walsall", "uk", "E10000029"])
def test_area_replaces_the_default_radius(area: str) -> None:
    scope = _scope(area=area)
    assert scope.within_km is None
    assert scope.sizes == SMALL_SIZES


def test_blank_area_is_ignored() -> None:
    assert _scope(area="  ") == _scope()


# --- areas ------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["uk", " UK ", "United Kingdom"])
def test_united_kingdom_is_a_scope_and_not_an_area(named: str) -> None:
    scope = _scope(area=named)
    assert (scope.uk, scope.areas, scope.councils) == (True, (), frozenset())


@pytest.mark.parametrize("named", [WALSALL, "walsall", " Walsall Council "])
def test_council_is_found_by_name_or_code(named: str) -> None:
    scope = _scope(area=named)
    assert scope.councils == {WALSALL}
    assert scope.areas[0].kind == "council"


def test_county_includes_all_its_districts() -> None:
    scope = _scope(area="Suffolk")
    assert scope.areas[0].kind == "county"
    assert IPSWICH in scope.councils
    assert len(scope.councils) == 5
    assert all(code.startswith("E07") for code in scope.councils)


def test_neighbours_are_whole_areas() -> None:
    alone, around = _scope(area="Walsall"), _scope(area="Walsall", with_neighbours=True)
    assert alone.neighbours == ()
    assert {"Sandwell", "Birmingham", "Wolverhampton", "Staffordshire"} <= {
        area.name for area in around.neighbours
    }
    staffordshire = next(area for area in around.neighbours if area.name == "Staffordshire")
    assert staffordshire.kind == "county"
    assert len(staffordshire.councils) == 8
    assert alone.councils < around.councils
    assert SANDWELL in around.councils
    assert not {CARDIFF, ISLINGTON, IPSWICH} & around.councils


def test_area_has_its_neighbours_without_asking() -> None:
    assert SANDWELL in _scope(area="Walsall").areas[0].bordering_councils


@pytest.mark.parametrize(
    ("buyer", "name", "councils"),
    [("Walsall Council", "Walsall", {WALSALL}), ("Acme Ltd", None, set())],
)
def test_buyers_area_is_known_where_the_buyer_is_a_council(
    buyer: str, name: str | None, councils: set[str]
) -> None:
    found = buyer_area(COUNCILS, replace(HERE, buyer=COUNCILS.named_in(buyer)))
    assert (found.name if found else None) == name
    assert (found.councils if found else set()) == councils


# --- distances --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "km"),
    [
        ("30km", 30),
        ("30", 30),
        (" 2.5 KM ", 2.5),
        ("1500", 1500),
        ("1mi", 1.609344),
        ("1 mile", 1.609344),
        ("10 Miles", 16.09344),
    ],
)
def test_a_distance_is_kilometres_or_miles(said: str, km: float) -> None:
    assert kilometres(said) == pytest.approx(km)
    assert _scope(within=said).within_km == pytest.approx(km)


@given(st.decimals(min_value="0.1", max_value="1500", places=2))
def test_a_mile_is_1609_metres_and_344_millimetres(number: object) -> None:
    assert kilometres(f"{number} miles") == pytest.approx(kilometres(f"{number}km") * 1.609344)


@pytest.mark.parametrize(
    "said", ["0", "0km", "-5km", "1500.1", "far", "km", "30 m", "30 kms", "1e2km", "5,5km", "nan"]
)
def test_error_for_a_wrong_distance_shows_a_right_one(said: str) -> None:
    with pytest.raises(
        BadInput, match=r"within .* is not a distance: .* 30km or 20 miles"
    ) as wrong:
        _scope(within=said)
    assert repr(said) in str(wrong.value)
    with pytest.raises(BadInput, match="is not a distance"):
        _scope(place=NOWHERE, within=said)


def test_radius_without_a_place_is_a_bad_lot() -> None:
    """Silently reaching everyone would be called 'within 30 km' in the answer."""
    with pytest.raises(BadLot, match=r"within '30km' needs a place.*postcode"):
        _scope(place=NOWHERE, within="30km")


# --- refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"size": "big"}, "size 'big' is not known: give one of small, any"),
        ({"size": ""}, "size '' is not known"),
        ({"kind": "charity"}, "kind 'charity' is not known: give one of vcse, any"),
        ({"within": "30km", "area": "Walsall"}, "within cannot be given with area"),
        ({"with_neighbours": True}, "with_neighbours needs area"),
        ({"with_neighbours": True, "within": "30km"}, "with_neighbours needs area"),
        ({"everyone": True, "within": "30km"}, "everyone removes every limit"),
        ({"everyone": True, "area": "Walsall"}, "everyone removes every limit"),
        ({"everyone": True, "size": "small"}, "everyone removes every limit"),
        ({"everyone": True, "kind": "vcse"}, "everyone removes every limit"),
        ({"area": "Walsal"}, "area 'Walsal' .*did you mean 'Walsall'"),
        ({"area": "Narnia"}, "area 'Narnia' is not a council"),
    ],
)
def test_error_for_contradictory_filters_names_the_option(wish: dict[str, Any], said: str) -> None:
    for purpose in Purpose:
        with pytest.raises(BadInput, match=said):
            _scope(purpose, **wish)


# --- in words ---------------------------------------------------------------------------


def test_a_scope_is_described_by_each_of_its_limits() -> None:
    assert describe(Scope()) == "everyone"
    assert describe(_scope(area="uk", size="any")) == "based in the United Kingdom"
    assert describe(_scope(within="2.5km", size="any", kind="vcse")) == (
        "within 2.5 km in a straight line; voluntary, community and social enterprises only"
    )
    assert describe(_scope(area="Suffolk", size="any")) == "Suffolk (whole county)"
    around = _scope(area="Walsall", with_neighbours=True, size="any")
    said = describe(around)
    assert said.startswith("Walsall (whole council area); Birmingham (whole council area)")
    assert all(str(area) in said for area in around.neighbours)


def test_warning_to_confirm_neighbours_derived_from_postcodes(tmp_path: Path) -> None:
    (tmp_path / "borders.csv").write_text("a,b\nE08000030,E08000028\n")
    own = Councils.open(tmp_path / "borders.csv")
    near = Filters(area="Walsall", with_neighbours=True)
    for councils, said in ((COUNCILS, 1), (own, 0)):
        scope = scope_of(councils, near, Purpose.RESERVED, HERE)
        notes = cautions(lot(postcode=""), scope, councils, HERE)
        assert len(notes) == said
        assert all("worked out from postcodes" in note for note in notes)


def test_warning_for_a_lot_without_a_known_place() -> None:
    (note,) = cautions(lot(postcode=""), Scope(), COUNCILS, NOWHERE)
    assert "not known" in note


def test_warning_names_an_unknown_postcode() -> None:
    said = cautions(lot(postcode="ZZ99 9ZZ"), Scope(), COUNCILS, NOWHERE)
    assert any("ZZ99 9ZZ" in note for note in said)
    known = replace(HERE, source="delivery postcode WS1 1TP")
    assert cautions(lot(postcode="WS1 1TP"), Scope(), COUNCILS, known) == ()


def test_warning_that_a_place_in_the_text_counts_before_the_buyers_own_postcode() -> None:
    asked = replace(lot(postcode="WS1 1TP"), buyer_postcode="WS1 1TP")
    named = replace(HERE, source="place named in the text: Bloxwich")
    (note,) = cautions(asked, Scope(), COUNCILS, named)
    assert "WS1 1TP is the buyer's own" in note
    assert "Bloxwich" in note


def test_each_area_of_a_list_is_an_area_of_its_own() -> None:
    scope = _scope(area="Walsall, Sandwell")
    assert [(area.name, area.kind) for area in scope.areas] == [
        ("Walsall", "council"),
        ("Sandwell", "council"),
    ]
    assert scope.councils == {WALSALL, SANDWELL}


def test_a_council_in_a_county_is_a_district() -> None:
    assert _scope(area="Ipswich").areas[0].kind == "district"
    assert _scope(area="Islington").areas[0].kind == "council"
