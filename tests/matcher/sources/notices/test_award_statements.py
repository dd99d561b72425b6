"""The newest word on each award, also where a notice is published anew with other ids."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.matcher.sources.notices.test_published_forms import PLOUGH, TEAL, awards, notice

TERM = {"startDate": "2026-06-01T00:00:00Z", "endDate": "2027-05-31T23:59:59Z"}
AGAIN = "award published again with another id"


def pounds(amount: float, currency: str = "GBP") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def award(number: int, amount: float = 500, *suppliers: Any, **fields: Any) -> dict[str, Any]:
    told = {
        "id": f"ocds-b5fd17-0abc12-{number}",
        "status": "active",
        "date": "2026-05-01T00:00:00Z",
        "contractPeriod": TERM,
        "suppliers": list(suppliers or [PLOUGH]),
        "value": pounds(amount),
    }
    return {**told, **fields}


def test_a_value_corrected_in_a_notice_published_anew_counts_once() -> None:
    three = [
        notice(day, awards=[award(day, amount)]) for day, amount in enumerate((9e6, 9e5, 9e4), 1)
    ]
    for order in permutations(three):
        found, set_aside = awards(*order)
        assert [one.value for one in found] == [9e4]
        assert set_aside == {AGAIN: 2}


def test_a_notice_published_anew_may_name_more_suppliers_and_be_updated() -> None:
    found, _ = awards(
        notice(1, awards=[award(1)]),
        notice(2, awards=[award(2, 500, PLOUGH, TEAL, description="Two firms")]),
        notice(3, "awardUpdate", awards=[{"id": award(2)["id"], "value": pounds(700)}]),
    )
    assert [(one.value, len(one.suppliers)) for one in found] == [(700, 2)]
    found, set_aside = awards(
        notice(1, awards=[award(1)]), notice(2, awards=[award(2, status="cancelled")])
    )
    assert (found, set_aside["award is cancelled"]) == ([], 1)


@pytest.mark.parametrize(
    "other",
    [
        {"suppliers": [TEAL]},
        {"date": "2026-05-02T00:00:00Z"},
        {"contractPeriod": {**TERM, "endDate": "2028-05-31"}},
        {"relatedLots": ["2"]},
        {"description": "Trees of the south"},
        {"title": "South"},
    ],
)
def test_what_differs_in_more_than_its_value_is_another_award(other: dict[str, Any]) -> None:
    usual = {"description": "Trees of the north", "title": "North", "relatedLots": ["1"]}
    first, second = award(1, **usual), award(2, **{**usual, **other})
    assert len(awards(notice(1, awards=[first]), notice(2, awards=[second]))[0]) == 2
    same = award(2, **usual)
    assert len(awards(notice(1, awards=[first]), notice(2, awards=[same]))[0]) == 1


@pytest.mark.parametrize(("amount", "number"), [(500, 1), (9_000, 2)])
def test_awards_of_one_day_without_a_period_are_one_where_their_values_are(
    amount: float, number: int
) -> None:
    first, second = award(1, contractPeriod=None), award(2, amount, contractPeriod=None)
    found, _ = awards(notice(1, awards=[first]), notice(2, awards=[second]))
    assert sum(one.value or 0 for one in found) == (500 if number == 1 else 9_500)
    assert len(found) == number


@pytest.mark.parametrize(
    "status",
    ["Not awarded", "noAward", "No Award", "failed", "void", "Annulled", "cancelled (late)"],
)
def test_an_award_with_a_status_of_failure_is_not_won(status: str) -> None:
    found, set_aside = awards(notice(1, awards=[award(1, status=status)]))
    assert (found, set_aside) == ([], {f"award is {status.lower()}": 1})


@pytest.mark.parametrize("status", ["Awarded", "complete", "terminated", "published", "", None])
def test_an_award_with_any_other_status_is_won(status: str | None) -> None:
    assert len(awards(notice(1, awards=[award(1, status=status)]))[0]) == 1


@pytest.mark.parametrize(
    ("amounts", "value"),
    [
        ([("active", 60), ("active", 40)], 100),
        ([("active", 60), ("active", 60)], 60),
        ([("cancelled", 90), ("active", 40)], 40),
        ([("terminated", 90), ("active", 40)], 130),
    ],
)
def test_an_award_without_a_value_has_that_of_its_contracts(
    amounts: list[tuple[str, float]], value: float
) -> None:
    contracts = [
        {"id": str(n), "awardID": award(1)["id"], "status": status, "value": pounds(amount)}
        for n, (status, amount) in enumerate(amounts)
    ]
    told = {key: part for key, part in award(1).items() if key != "value"}
    found, _ = awards(notice(1, awards=[told], contracts=contracts))
    assert [one.value for one in found] == [value]
    found, _ = awards(notice(1, awards=[award(1, 777)], contracts=contracts))
    assert [one.value for one in found] == [777]


def test_each_award_has_the_buyer_that_it_names_where_the_notice_names_none() -> None:
    north, south = (
        award(1, buyer={"name": "North Council"}),
        award(2, buyer={"name": "South Council"}),
    )
    found, _ = awards(notice(1, buyer=None, awards=[north, south, award(3)]))
    assert [one.lot.buyer for one in found] == ["North Council", "South Council", ""]
    found, _ = awards(notice(1, buyer=None, awards=[north, award(3)]))
    assert [one.lot.buyer for one in found] == ["North Council", "North Council"]


@pytest.mark.parametrize(
    "given",
    [
        {"suppliers": [PLOUGH["id"]]},
        {"suppliers": [PLOUGH["name"]]},
        {"suppliers": PLOUGH["name"]},
        {"suppliers": [{"name": PLOUGH["name"]}]},
        {"suppliers": {"0": PLOUGH}},
        {"suppliers": None, "supplier": PLOUGH},
    ],
)
def test_a_supplier_is_found_by_its_name_or_its_id_alone(given: dict[str, Any]) -> None:
    told = {key: part for key, part in award(1).items() if key != "suppliers"}
    given = {key: part for key, part in given.items() if part is not None}
    parties = [{**one, "roles": ["supplier"]} for one in (PLOUGH, TEAL)]
    found, _ = awards(notice(1, awards=[{**told, **given}], parties=parties))
    assert [(one.id, one.name) for one in found[0].suppliers] == [(PLOUGH["id"], PLOUGH["name"])]
