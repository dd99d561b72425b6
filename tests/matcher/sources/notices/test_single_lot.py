from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadLot
from matcher.sources.notices.lots import lots_from_input
from matcher.sources.notices.single_lot import check_names, single_lot


def test_every_field_is_read() -> None:
    lot = single_lot(
        {
            "id": 17,
            "title": "Home care",
            "description": "Visits at home.\n\nTwice a day.",
            "cpv": ["85312100-0", 85000000],
            "value": "120,000",
            "value_is_gross": True,
            "postcode": "ws11tp",
            "area": "Walsall",
            "buyer": "Walsall Council",
            "buyer_kind": "council",
            "buyer_postcode": "WS1 1TW",
            "category": "services",
            "day": "2026-05-01",
            "years": 2,
            "colour": "blue",
        },
        "lot.json",
    )
    assert (lot.id, lot.title) == ("17", "Home care")
    assert lot.description == "Visits at home.\nTwice a day."
    assert lot.cpv == ("85312100", "85000000")
    assert (lot.value, lot.value_is_gross) == (120_000, True)
    assert (lot.postcode, lot.area, lot.buyer_postcode) == ("WS1 1TP", "Walsall", "WS1 1TW")
    assert (lot.buyer, lot.buyer_kind, lot.category) == ("Walsall Council", "council", "services")
    assert (lot.day, lot.years) == (date(2026, 5, 1), 2)


@pytest.mark.parametrize(
    ("field", "value", "right"),
    [
        ("title", ["Home care"], "text"),
        ("description", 5, "text"),
        ("id", {"a": 1}, "text"),
        ("cpv", "abc", "eight digits"),
        ("cpv", ["85312100", 853], "eight digits"),
        ("cpv", {"id": "85312100"}, "eight digits"),
        ("value", -5, "0 or more"),
        ("value", float("nan"), "0 or more"),
        ("value", json.loads("1e9999"), "0 or more"),
        ("value", "1e9999", "0 or more"),
        ("value", "£1e99", "below a trillion"),
        ("value", 1e12, "below a trillion"),
        ("value", "lots", "0 or more"),
        ("value", "12.500", "give 12500 or 12.50"),
        ("value", "£ 1.250", "give 1250 or 1.25"),
        ("value", True, "0 or more"),
        ("value_is_gross", "yes", "true or false"),
        ("fictional", "yes", "true or false"),
        ("postcode", "somewhere", "WS1 1TP"),
        ("day", "next week", "2026-04-01"),
        ("years", -1, "above 0"),
        ("years", 0, "above 0"),
    ],
)
def test_a_wrong_field_is_refused_by_name_with_what_is_right(
    field: str, value: object, right: str
) -> None:
    with pytest.raises(BadLot) as refusal:
        single_lot({"title": "Home care", "description": "x", field: value}, "lot.json")
    assert str(refusal.value).startswith(f"{field}: ")
    assert right in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *[("budget", "value"), ("Contract_Value", "value"), ("requirements", "description")],
        *[("contracting authority", "buyer"), ("where", "area"), ("duration", "years")],
        *[("titel", "title"), ("value_gross", "value_is_gross")],
    ],
)
def test_a_word_of_the_headers_of_tables_names_the_field_that_is_meant(
    name: str, meant: str
) -> None:
    with pytest.raises(BadLot, match=f"^{name}: there is no such field; did you mean {meant}"):
        check_names({"title": "Meals", name: "x"})


@pytest.mark.parametrize("name", ["lot", "tender", "type", "number", "colour"])
def test_a_word_that_may_be_of_something_else_names_none(name: str) -> None:
    with pytest.raises(BadLot, match=f"^{name}: there is no such field; give one of id, title"):
        check_names({"title": "Meals", name: "x"})


def test_an_id_over_a_thousand_characters_is_refused_with_the_limit() -> None:
    """It would be in every answer about the lot, and in the records."""
    assert single_lot({"title": "Meals", "id": "x" * 1_000}, "a").id == "x" * 1_000
    with pytest.raises(BadLot, match="id: is 1,001 characters long; give at most 1,000"):
        single_lot({"title": "Meals", "id": "x" * 1_001}, "a")


def test_a_description_over_a_million_characters_is_refused_with_the_limit() -> None:
    with pytest.raises(BadLot, match=r"description: is 10,000,000 characters .* 1,000,000"):
        single_lot({"description": "x" * 10_000_000}, "")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["id", "title", "description", "cpv", "value", "postcode", "area", "buyer", "day", "years"]
)


@given(st.dictionaries(NAMES, JSON))
def test_any_json_is_a_sound_lot_or_is_refused(fields: dict[str, Any]) -> None:
    try:
        lot = single_lot(fields, "lot.json")
    except BadLot:
        return
    assert lot.title or lot.description
    assert lot.id
    assert not set(lot.id) & set(" \n\t")
    assert lot.value is None or 0 <= lot.value < float("inf")


@pytest.mark.parametrize(
    ("period", "value", "if_whole"),
    [
        ("", 80_000, None),
        ("whole", 80_000, None),
        ("year", 240_000, None),
        ("unclear", 240_000, 80_000),
    ],
)
def test_a_value_is_of_the_whole_contract_or_of_each_year(
    period: str, value: float, if_whole: float | None
) -> None:
    fields = {"title": "Meals", "value": 80_000, "years": 3, "value_period": period}
    read = single_lot(fields, "1")
    assert (read.value, read.value_if_whole) == (value, if_whole)


def test_a_yearly_value_without_a_length_is_refused_with_the_field_that_is_missing() -> None:
    with pytest.raises(BadLot, match="years: is missing; the value is for a year"):
        single_lot({"title": "Meals", "value": 80_000, "value_period": "year"}, "1")
    with pytest.raises(BadLot, match="value_period: 'monthly' is not known; give one of year"):
        single_lot({"title": "Meals", "value": 80_000, "value_period": "monthly"}, "1")


@pytest.mark.parametrize(("value", "known"), [(0, False), (1, False), ("9.99", False), (10, True)])
def test_a_value_under_ten_pounds_is_not_known_as_in_a_notice(
    value: object, *, known: bool
) -> None:
    [lot], tally = lots_from_input({"title": "Meals", "value": value}, "meals")
    assert (lot.value is not None) == known
    assert bool(tally.set_aside) != known
