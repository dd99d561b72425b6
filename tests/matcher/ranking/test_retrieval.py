from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import (
    Grade,
    Kind,
    Lot,
    Provider,
    Site,
    Size,
    Status,
)
from matcher.law.types import Purpose, Signal
from matcher.ranking.eligibility import EligibleProviders, eligible_providers
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.retrieval import RETRIEVERS
from tests.factory import award, lot, provider
from tests.registers import SANDWELL, features_of, line_of_places, matcher

ENGAGEMENT, INVITE, RESERVED = Purpose.ENGAGEMENT, Purpose.INVITE, Purpose.RESERVED
BUYING = {"buyer": "Walsall Council", "buyer_kind": "council", "value": 50_000.0}
WORDS = "Home care for older people"


def a_lot(**fields: Any) -> Lot:
    return lot(**{**BUYING, **fields})


def field_of(
    one: Matcher, subject: Lot, purpose: Purpose = ENGAGEMENT, **wish: Any
) -> EligibleProviders:
    return eligible_providers(one.query(subject, Request(purpose, Filters(**wish))))


def reached(one: Matcher, subject: Lot, purpose: Purpose = ENGAGEMENT, **wish: Any) -> set[str]:
    found = field_of(one, subject, purpose, **wish)
    rows = found.numbers[found.allowed]
    return {one.register.organisations[int(row)].provider.id for row in rows}


# --- radius ---


@pytest.fixture(scope="module")
def along(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    """Providers 0 m, 9,999 m, 10,000 m, 10,001 m and 30,000 m east of the lot."""
    folder = tmp_path_factory.mktemp("along")
    places = line_of_places(folder / "places", 0, 9_999, 10_000, 10_001, 30_000)
    sited = [provider(f"P{i}", f"WS1 1A{c}", profile=WORDS) for i, c in enumerate("ABCDE")]
    two = provider("TWO", "WS1 1AE", "WS1 1AC", profile=WORDS)
    return matcher(folder / "reg", places, *sited, two, provider("NONE", profile=WORDS))


@pytest.mark.parametrize(
    ("within", "ids"),
    [
        ("10km", {"P0", "P1", "P2", "TWO"}),
        ("9.999km", {"P0", "P1"}),
        ("10.001km", {"P0", "P1", "P2", "P3", "TWO"}),
        ("30km", {"P0", "P1", "P2", "P3", "P4", "TWO"}),
        ("0.001km", {"P0"}),
        ("6.2 miles", {"P0"}),
        ("6.22 miles", {"P0", "P1", "P2", "P3", "TWO"}),
    ],
)
def test_radius_includes_providers_with_a_site_on_or_inside_its_edge(
    along: Matcher, within: str, ids: set[str]
) -> None:
    assert reached(along, lot(postcode="WS1 1AA"), within=within, size="any") == ids


def test_providers_without_a_place_are_counted_separately(along: Matcher) -> None:
    found = field_of(along, lot(postcode="WS1 1AA"), within="10km")
    assert found.set_aside == {"place not known": 1, "not in the area asked for": 2}


def test_everyone_includes_providers_without_a_place(along: Matcher) -> None:
    assert "NONE" in reached(along, lot(postcode="WS1 1AA"), everyone=True)
    assert "NONE" not in reached(along, lot(postcode="WS1 1AA"), area="uk", size="any")


# --- areas ---


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    """Providers in Walsall, in Sandwell beside it, in Bath far away, and in two of them."""
    return matcher(
        tmp_path_factory.mktemp("around"),
        places_table,
        provider("WALSALL", "WS1 1TP", profile=WORDS),
        provider("SANDWELL", "B70 8DB", profile=WORDS),
        provider("BATH", "BA1 1SS", profile=WORDS),
        provider("BOTH", "BA1 1SS", "WS2 8RR", profile=WORDS),
        provider("NONE", profile=WORDS),
    )


def test_places_of_the_fixtures_are_at_their_distances(around: Matcher) -> None:
    point = around.register.postcodes.find("B70 8DB")
    assert point is not None
    assert point.council == SANDWELL


def test_area_includes_providers_with_a_site_in_it(around: Matcher) -> None:
    assert reached(around, a_lot(), area="Walsall", size="any") == {"WALSALL", "BOTH"}
    assert reached(around, a_lot(), area="E08000028", size="any") == {"SANDWELL"}


def test_neighbours_are_included_on_request(around: Matcher) -> None:
    assert reached(around, a_lot(), area="Walsall", with_neighbours=True, size="any") == {
        "WALSALL",
        "SANDWELL",
        "BOTH",
    }


def test_reserved_list_uses_the_same_sites(around: Matcher) -> None:
    bought = a_lot(day=None)
    assert reached(around, bought, RESERVED, area="Walsall") == {"WALSALL", "BOTH"}
    assert reached(around, bought, RESERVED, area="uk") == {
        "WALSALL",
        "SANDWELL",
        "BATH",
        "BOTH",
    }


def test_provider_with_two_sites_is_stored_at_the_first(around: Matcher) -> None:
    row = around.register.row("BOTH")
    assert row is not None
    first = around.register.postcodes.find("BA1 1SS")
    assert first is not None
    assert around.register.columns.east[row] == first.east


# --- size and kind ---


@pytest.fixture(scope="module")
def sized(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    sizes = [provider(s.name, "WS1 1TP", profile=WORDS, size=s) for s in Size]
    kinds = [provider(k.name, "WS1 1TP", profile=WORDS, kind=k, size=Size.SMALL) for k in Kind]
    taken = {p.id for p in sizes}
    kinds = [p if p.id not in taken else replace(p, id=f"K-{p.id}") for p in kinds]
    folder = tmp_path_factory.mktemp("sized")
    return matcher(folder, places_table, *sizes, *kinds, trust_ids=True)


def test_providers_of_unknown_size_are_kept_and_counted(sized: Matcher) -> None:
    found = field_of(sized, a_lot(), size="small")
    assert "UNKNOWN" in reached(sized, a_lot(), size="small")
    assert "LARGE" not in reached(sized, a_lot(), size="small")
    assert found.size_unknown == 1
    assert found.set_aside == {"larger than asked for": 1}


def test_a_public_body_without_a_size_is_on_no_list_of_small_providers(
    tmp_path: Path, places_table: Path
) -> None:
    names = ("Sandwell Council", "Sandwell Hospitals NHS Trust", "Sandwell Parish Council")
    every = [provider(f"P{n}", "WS1 1TP", name=one, profile=WORDS) for n, one in enumerate(names)]
    one = matcher(tmp_path, places_table, *every, trust_ids=True)
    assert reached(one, a_lot(), size="small") == {"P2"}
    assert field_of(one, a_lot(), size="small").set_aside == {"larger than asked for": 2}
    assert reached(one, a_lot(), size="any") == {"P0", "P1", "P2"}


@pytest.mark.parametrize("purpose", [ENGAGEMENT, INVITE])
@pytest.mark.parametrize("written", ["Walsall Council", "WALSALL COUNCIL.", "Walsall  council"])
def test_a_buyer_is_not_among_its_own_suppliers(
    written: str, purpose: Purpose, tmp_path: Path, places_table: Path
) -> None:
    names = ("Walsall Council", "Walsall Council Officers Club", "Walsall", "Dudley Council")
    told = {"profile": WORDS, "size": Size.SMALL}
    every = [provider(name[:9], "WS1 1TP", name=name, **told) for name in ("Home", *names)]
    every = [replace(one, id=f"P{at}") for at, one in enumerate(every)]
    one = matcher(tmp_path, places_table, *every, trust_ids=True)
    for buyer, wanted in ((written, {"P0", "P2", "P3", "P4"}), ("", {*(p.id for p in every)})):
        assert reached(one, a_lot(buyer=buyer), purpose) == wanted
    assert field_of(one, a_lot(buyer=written), purpose).set_aside == {"the buyer itself": 1}


def test_vcse_is_charities_cics_co_operatives_and_community_groups(sized: Matcher) -> None:
    found = reached(sized, a_lot(), kind="vcse", size="any")
    assert found == {"CHARITY", "CIC", "COOP", "COMMUNITY"}


# --- who never ranks, and that everybody is accounted for ---

GONE = (Status.REMOVED, Status.DISSOLVED, Status.INSOLVENT)
_sites = st.lists(st.sampled_from(["WS1 1TP", "WS2 8RR", "B70 8DB", "BA1 1SS", "XX1 1XX"]))
_traits = st.tuples(
    st.sampled_from(Status), st.sampled_from(Size), st.sampled_from(Kind), _sites.map(tuple)
)
WISHES: list[tuple[Purpose, dict[str, Any]]] = [
    (ENGAGEMENT, {}),
    (ENGAGEMENT, {"everyone": True}),
    (ENGAGEMENT, {"within": "5km"}),
    (ENGAGEMENT, {"within": "200km", "size": "any"}),
    (ENGAGEMENT, {"area": "Walsall"}),
    (ENGAGEMENT, {"area": "Walsall", "with_neighbours": True, "kind": "vcse"}),
    (ENGAGEMENT, {"area": "uk"}),
    (ENGAGEMENT, {"kind": "vcse", "size": "any"}),
    (INVITE, {}),
    (RESERVED, {"area": "Walsall"}),
    (RESERVED, {"area": "Walsall", "with_neighbours": True, "size": "small"}),
    (RESERVED, {"area": "uk"}),
    (RESERVED, {"kind": "vcse"}),
    (RESERVED, {"size": "small"}),
]


def with_traits(number: int, traits: tuple[Status, Size, Kind, tuple[str, ...]]) -> Provider:
    status, size, kind, postcodes = traits
    sites = tuple(Site(p, Grade.CONTACT_ADDRESS) for p in dict.fromkeys(postcodes))
    made = provider(f"P{number}", name=f"Home care {number}", profile=WORDS)
    return replace(made, status=status, size=size, kind=kind, sites=sites)


@settings(max_examples=12, deadline=None)
@given(st.lists(_traits, min_size=1, max_size=12), st.sampled_from(["WS1 1TP", ""]))
def test_each_provider_is_considered_or_set_aside_once_and_inactive_ones_never_rank(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, traits: list[Any], postcode: str
) -> None:
    given_ = [with_traits(i, each) for i, each in enumerate(traits)]
    one = matcher(tmp_path_factory.mktemp("reg"), places_table, *given_, trust_ids=True)
    gone = {p.id for p in given_ if p.status in GONE}
    for purpose, wish in WISHES:
        if wish.get("within") and not postcode:
            continue
        subject = lot(postcode=postcode, value=50_000.0, buyer_kind="council")
        answer = one.shortlist(subject, Request(purpose, Filters(**wish), limit=50))
        whole = answer.considered + sum(answer.set_aside.values())
        assert whole == len(one.register) == len(given_), (purpose, wish)
        assert all(n > 0 for n in answer.set_aside.values())
        assert answer.set_aside.get("removed, dissolved or insolvent", 0) == len(gone)
        assert not gone & {s.id for s in answer.suggestions}
        assert not gone & reached(one, subject, purpose, **wish)
        assert len(answer.suggestions) <= answer.ranked <= answer.considered


# --- candidates ---


def test_only_retrievers_whose_signals_count_are_used(tmp_path: Path, places_table: Path) -> None:
    near = provider("NEAR", "WS1 1TP", name="Zebra", profile="zoo")
    fit = provider("FIT", "WS2 8RR", name="Yak", profile=WORDS)
    one = matcher(tmp_path, places_table, near, fit)
    engaged = one.query(a_lot(), Request())
    invited = one.query(a_lot(), Request(INVITE))
    assert Signal.PLACE in engaged.ruling.counts
    assert set(features_of(engaged)) == {"NEAR", "FIT"}
    assert set(features_of(invited)) == {"FIT"}


def test_number_of_wins_adds_no_candidate_to_an_invite_list(
    tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once, often = provider("ONCE", "WS1 1TP", name="Yak"), provider("OFTEN", "WS1 1TP", name="Gnu")
    others = [f"{WORDS} with meals {i}" for i in range(6)]
    won = [award("w", once, lot=lot(id="w", title=WORDS))]
    won += [award(f"o{i}", often, lot=lot(id=f"o{i}", title=t)) for i, t in enumerate(others)]
    one = matcher(tmp_path, places_table, *won)
    monkeypatch.setattr(
        "matcher.ranking.retrieval.RETRIEVERS", [replace(r, quota=1) for r in RETRIEVERS]
    )
    assert set(features_of(one.query(a_lot(), Request(INVITE)))) == {"ONCE"}
    assert set(features_of(one.query(a_lot(), Request()))) == {"ONCE", "OFTEN"}


def test_nearness_uses_the_nearest_site(along: Matcher) -> None:
    here = a_lot(postcode="WS1 1AA")
    query = along.query(here, Request(wish=Filters(within="10km")))
    near = {i: f["nearness"] for i, f in features_of(query, "nearness").items()}
    assert near["TWO"] == near["P2"] < near["P1"] < near["P0"] == 1
