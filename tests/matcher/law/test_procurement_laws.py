"""Laws that hold for every procurement, whatever its numbers: of value, of lots and of areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import NotLawful
from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.law.contract_kinds import contract_of
from matcher.law.gate import Ruling, gate
from matcher.law.procurement import ProcurementFacts, total_value
from matcher.law.reservations import permit
from matcher.law.rulebook import Rulebook
from matcher.law.scope import LocalArea, Scope
from matcher.law.types import BuyerKind, Contract, Purpose
from matcher.ranking.filters import local_area
from tests.factory import lot

BOOK = Rulebook.open()
ON = date(2026, 5, 1)
CLEANING, CARE, BUILDING = ("90910000",), ("85312000",), ("45210000",)
codes = st.sampled_from([CLEANING, CARE, BUILDING, (*CLEANING, *CARE), ()])
_EDGES = sorted({100 * row.amount + at for row in BOOK.thresholds for at in (-1, 0, 1)})
pennies = st.integers(0, 600_000_000) | st.sampled_from(_EDGES)
buyers, contracts = st.sampled_from(list(BuyerKind)), st.sampled_from([None, *Contract])
days = st.dates(date(2025, 2, 24), date(2027, 12, 31))


def ruled(facts: ProcurementFacts) -> Ruling | None:
    """The ruling on an unreserved invitation; None where it is refused."""
    try:
        return gate(BOOK, facts, Purpose.INVITE, Scope())
    except NotLawful:
        return None


def bought(pence: int | None, cpv: Sequence[str] = CLEANING, **fields: object) -> Lot:
    value = None if pence is None else pence / 100
    given = {"value_is_gross": True, "buyer_kind": "council", **fields}
    return lot(cpv=tuple(cpv), value=value, **given)


# --- value ---


@given(pennies, pennies, codes, buyers, contracts, days, st.booleans())
def test_what_may_be_done_at_a_value_may_be_done_at_any_lower_one(
    one: int,
    other: int,
    cpv: tuple[str, ...],
    buyer: BuyerKind,
    contract: Contract | None,
    on: date,
    gross: bool,
) -> None:
    lower, higher = sorted((one, other))
    low, high = (
        ruled(
            ProcurementFacts(
                bought(pence, cpv, buyer_kind=buyer.value, value_is_gross=gross),
                on,
                "England",
                contract=contract,
            )
        )
        for pence in (lower, higher)
    )
    assert low is not None or high is None
    if low is not None and high is not None:
        said = {note for note in low.notes if note.startswith("From £")}
        assert said <= set(high.notes)


@given(st.lists(pennies, min_size=1, max_size=6), codes, days)
def test_dividing_a_contract_into_lots_changes_nothing_that_is_lawful(
    parts: list[int], cpv: tuple[str, ...], on: date
) -> None:
    whole = ruled(ProcurementFacts(bought(sum(parts), cpv), on, "England"))
    lots = [bought(part, cpv, id=f"n#{at}") for at, part in enumerate(parts)]
    together = total_value(lots, BOOK.vat)
    for each in lots:
        found = ruled(ProcurementFacts(each, on, "England", whole_value=together))
        assert (found is None) == (whole is None)
        if found and whole:
            assert (found.value, found.threshold) == (whole.value, whole.threshold)


@given(pennies, codes, days)
def test_a_lot_of_unknown_value_never_goes_unsaid(
    pence: int, cpv: tuple[str, ...], on: date
) -> None:
    known = ProcurementFacts(bought(pence, cpv), on, "England", whole_value=pence / 100)
    least = ruled(replace(known, at_least=True))
    assert (least is None) == (ruled(known) is None)
    if least is not None and least.threshold is not None:
        (said,) = [note for note in least.notes if "Not every lot has a value" in note]
        assert f"£{least.threshold.amount:,}" in said


# --- kinds of contract ---


@given(pennies, st.lists(codes, min_size=1, max_size=4), days)
def test_no_lot_of_a_mixed_notice_is_let_through_by_the_kind_of_another(
    pence: int, several: list[tuple[str, ...]], on: date
) -> None:
    lots = [bought(pence, cpv, id=f"n#{at}") for at, cpv in enumerate(several)]
    kinds = {contract_of(BOOK, each) for each in lots}
    together = total_value(lots, BOOK.vat)
    lowest = min(
        row.amount
        for kind in kinds
        if (row := BOOK.threshold(on, BuyerKind.COUNCIL, kind)) is not None
    )
    for each in lots:
        facts = ProcurementFacts(each, on, "England", whole_value=together, kinds=tuple(kinds))
        assert (ruled(facts) is not None) == (together < lowest)


@pytest.mark.parametrize("chosen", [Contract.WORKS, Contract.GOODS_SERVICES])
def test_a_person_decides_the_main_purpose_of_a_mixed_notice(chosen: Contract) -> None:
    kinds = (Contract.GOODS_SERVICES, Contract.WORKS)
    facts = ProcurementFacts(
        bought(100_000_00, BUILDING), ON, "England", whole_value=1e6, kinds=kinds
    )
    with pytest.raises(NotLawful) as refused:
        gate(BOOK, facts, Purpose.INVITE, Scope())
    assert "different kinds of contract (goods and services and works)" in str(refused.value)
    assert "choose the kind of contract" in str(refused.value)
    found = ruled(replace(facts, contract=chosen))
    assert (found is not None) is (chosen is Contract.WORKS)


@pytest.mark.parametrize(
    ("fields", "contract"),
    [
        ({}, Contract.CONCESSION),
        ({"cpv": CARE}, Contract.LIGHT_TOUCH_CONCESSION),
        ({"buyer_kind": "utility"}, None),
    ],
)
def test_a_concession_and_a_utility_have_no_duties_below_threshold(
    fields: dict[str, object], contract: Contract | None
) -> None:
    # Procurement Act 2023 s.84: neither is a "regulated below-threshold contract".
    facts = ProcurementFacts(bought(100_000_00), ON, "England", contract=contract)
    found = ruled(replace(facts, lot=replace(facts.lot, **fields)))  # type: ignore[arg-type]
    assert found is not None
    assert "PA2023-s87" not in found.rule_ids
    assert not any("publish a below-threshold tender notice" in note for note in found.notes)
    assert any("s.84" in note for note in found.notes)
    regulated = ruled(replace(facts, contract=Contract.GOODS_SERVICES))
    assert regulated is not None
    assert "PA2023-s87" in regulated.rule_ids
    assert not any("s.84" in note for note in regulated.notes)


# --- areas ---


def refusal(scope: Scope, buyer: BuyerKind, own: LocalArea | None = None) -> NotLawful | None:
    """Why a competition may not be reserved to a scope; None where it may."""
    try:
        permit(BOOK, scope, buyer, ON, own)
    except NotLawful as error:
        return error
    return None


@cache
def _councils() -> Councils:
    return Councils.open()


_ENGLISH = sorted(code for code, row in _councils().rows.items() if row.nation == "England")


@given(st.sampled_from(_ENGLISH), st.data())
def test_a_local_area_is_the_whole_of_the_council_and_of_areas_around_it(
    code: str, data: st.DataObject
) -> None:
    """Article 3(5) of the Order of 2026: no part of a neighbour, and nothing further away."""
    councils = _councils()
    own = councils.areas[code]
    around = councils.neighbours(code)
    near = {near.code for near in around}
    nearby = sorted({c for area in around for c in area.councils} | near | {code})
    named = data.draw(st.lists(st.sampled_from(nearby), min_size=1, max_size=4, unique=True))
    areas = tuple(local_area(councils, councils.areas[each]) for each in named)
    reserved = frozenset[str]().union(*(area.councils for area in areas))
    pieces = [area.councils - own.councils for area in around]
    lawful = code in reserved and all(not piece & reserved or piece <= reserved for piece in pieces)
    refused = refusal(Scope(areas=areas), BuyerKind.COUNCIL, local_area(councils, own))
    assert (refused is None) == lawful, named
    assert refused is None or refused.rule == "ORDER-2026"


def test_a_bordering_district_is_no_whole_area_but_its_county_is() -> None:
    councils = _councils()

    def asked(*names: str) -> Scope:
        return Scope(areas=tuple(local_area(councils, councils.require(n)) for n in names))

    own = local_area(councils, councils.require("Cannock Chase"))
    with pytest.raises(NotLawful, match="of Staffordshire only a part is named") as refused:
        permit(BOOK, asked("Cannock Chase", "Stafford"), BuyerKind.COUNCIL, ON, own)
    assert "Staffordshire" in refused.value.offer
    for names in (("Staffordshire",), ("Cannock Chase", "Walsall"), ("Cannock Chase",)):
        assert permit(BOOK, asked(*names), BuyerKind.COUNCIL, ON, own).sentence


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (("Cannock Chase", "Walsall"), True),
        (("Staffordshire",), False),
        (("Cannock Chase",), False),
    ],
)
def test_a_metropolitan_district_beside_the_area_is_a_matter_for_advice(
    named: tuple[str, ...], said: bool
) -> None:
    councils = _councils()
    areas = tuple(local_area(councils, councils.require(name)) for name in named)
    own = local_area(councils, councils.require("Cannock Chase"))
    notes = permit(BOOK, Scope(areas=areas), BuyerKind.COUNCIL, ON, own).notes
    assert any("metropolitan district" in note for note in notes) is said


@given(st.sampled_from(_ENGLISH))
def test_central_government_may_name_a_county_or_a_council_without_one(code: str) -> None:
    councils = _councils()
    scope = Scope(areas=(local_area(councils, councils.areas[code]),))
    district = councils.upper_tier(code).code != code
    refused = refusal(scope, BuyerKind.CENTRAL)
    assert (refused is not None) == district
    assert refused is None or refused.rule == "PPN-005"
    assert refused is None or "districts of a county" in str(refused)


def test_the_uk_with_neighbours_is_refused_in_words() -> None:
    with pytest.raises(NotLawful, match="either the UK or a local area"):
        permit(BOOK, Scope(uk=True, with_neighbours=True), BuyerKind.COUNCIL, ON, None)
