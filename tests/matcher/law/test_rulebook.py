from __future__ import annotations

import json
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from matcher.law.rulebook import Rulebook
from matcher.law.types import (
    BuyerKind,
    Contract,
    Purpose,
    Signal,
)

BOOK = Rulebook.open()
PACKAGED = (resources.files("matcher.law.rulebooks") / "england.toml").read_text(encoding="utf-8")

days = st.dates(min_value=BOOK.begins, max_value=date(2030, 12, 31))
buyers = st.sampled_from(BuyerKind)
contracts = st.sampled_from(Contract)


@pytest.mark.parametrize(
    ("buyer", "contract", "before", "after"),
    [
        (BuyerKind.CENTRAL, Contract.GOODS_SERVICES, 139_688, 135_018),
        (BuyerKind.COUNCIL, Contract.GOODS_SERVICES, 214_904, 207_720),
        (BuyerKind.SUB_CENTRAL, Contract.GOODS_SERVICES, 214_904, 207_720),
        (BuyerKind.UTILITY, Contract.GOODS_SERVICES, 429_809, 415_440),
        (BuyerKind.COUNCIL, Contract.DEFENCE, 429_809, 415_440),
        (BuyerKind.COUNCIL, Contract.WORKS, 5_372_609, 5_193_000),
        (BuyerKind.CENTRAL, Contract.CONCESSION, 5_372_609, 5_193_000),
        (BuyerKind.COUNCIL, Contract.LIGHT_TOUCH, 663_540, 663_540),
        (BuyerKind.UTILITY, Contract.LIGHT_TOUCH, 884_720, 884_720),
        (BuyerKind.COUNCIL, Contract.LIGHT_TOUCH_CONCESSION, 5_372_609, 5_372_609),
    ],
)
def test_thresholds_of_both_periods(
    buyer: BuyerKind, contract: Contract, before: int, after: int
) -> None:
    old = BOOK.threshold(date(2025, 12, 31), buyer, contract)
    new = BOOK.threshold(date(2026, 1, 1), buyer, contract)
    assert old is not None
    assert new is not None
    assert (old.amount, new.amount) == (before, after)


@given(day=days, buyer=buyers, contract=contracts)
def test_every_day_has_exactly_one_threshold_for_each_buyer_and_contract(
    day: date, buyer: BuyerKind, contract: Contract
) -> None:
    rows = [
        row for row in BOOK.on(day).thresholds if buyer in row.buyers and row.contract is contract
    ]
    assert rows == [BOOK.threshold(day, buyer, contract)]


def test_a_day_before_the_table_has_no_threshold() -> None:
    eve = BOOK.begins - timedelta(days=1)
    assert BOOK.threshold(eve, BuyerKind.COUNCIL, Contract.WORKS) is None


def test_every_rule_named_anywhere_is_in_the_book_with_a_source() -> None:
    named = {rule for terms in BOOK.purposes.values() for rule in terms.rules}
    named |= {row.rule for row in BOOK.neutral} | {row.rule for row in BOOK.levels}
    for row in BOOK.reservations:
        named |= {row.place_rule, row.size_rule}
    assert all(BOOK.rule(name).source for name in named)


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in BOOK.rules]
    assert len(set(ids)) == len(ids)


def test_every_signal_either_counts_or_is_named_as_neutral_with_its_rule() -> None:
    for purpose in Purpose:
        for buyer in BuyerKind:
            neutral = [row.signal for row in BOOK.neutral_for(purpose, buyer)]
            assert sorted([*neutral, *BOOK.purposes[purpose].counts]) == sorted(Signal)


def test_unknown_rule_is_refused_naming_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"'X-1'.*LGA1988-s17"):
        BOOK.rule("X-1")


@pytest.mark.parametrize(("day", "there"), [(date(2026, 2, 3), False), (date(2026, 2, 4), True)])
def test_the_order_of_2026_is_described_from_4_february(day: date, there: bool) -> None:
    described = json.loads(json.dumps(BOOK.describe(day)))
    assert ("ORDER-2026" in {rule["id"] for rule in described["rules"]}) is there


def test_describe_lists_only_the_amounts_in_force_and_is_plain_json() -> None:
    described = json.loads(json.dumps(BOOK.describe(date(2025, 6, 1))))
    amounts = {row["amount"] for row in described["thresholds"]}
    assert 214_904 in amounts
    assert 207_720 not in amounts
    assert {row["purpose"] for row in described["purposes"]} == set(Purpose)


@pytest.mark.parametrize(
    ("codes", "light"),
    [
        (("85000000",), True),
        (("80410000", "85310000"), True),
        (("85000000", "33100000"), False),
        (("55110000",), True),
        (("55900000",), False),
        ((), False),
    ],
)
def test_light_touch_only_when_every_code_is(codes: tuple[str, ...], light: bool) -> None:
    assert BOOK.light_touch.covers(codes) is light


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from = 2026-02-04", 'from = "soon"', "without quotes"),
        ("begins = 2025-02-24", "", "begins"),
        ('signal = "place"', 'signal = "colour"', "colour"),
        ("own_area = true", "own_area = true\nmoon = true", "moon"),
        ('name = "England"', 'name = "England', "rulebook"),
    ],
)
def test_malformed_rulebook_is_refused_naming_the_file(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PACKAGED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=f"(?s)mine.toml.*{said}|{said}.*mine.toml"):
        Rulebook.open(path)


def test_absent_rulebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.toml"):
        Rulebook.open(tmp_path / "none.toml")


def test_a_rulebook_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PACKAGED.replace("amount = 207720", "amount = 210000"), encoding="utf-8")
    row = Rulebook.open(path).threshold(
        date(2026, 5, 1), BuyerKind.COUNCIL, Contract.GOODS_SERVICES
    )
    assert row is not None
    assert row.amount == 210_000
