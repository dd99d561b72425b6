from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import Award
from matcher.market.assessment import assess
from matcher.market.concentration import Concentration
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from tests.factory import award, lot, provider
from tests.registers import calibrated, registered

A, B, C = (provider(f"GB-CHC-{n}", "WS1 1TP", profile="Home care") for n in (1, 2, 3))


def won(id_: str, *suppliers: Any, **fields: Any) -> Award:
    given = {"cpv": ("85312100",), "buyer": "Walsall Council", **fields}
    return award(id_, *suppliers, lot=lot(id=id_, **given), day=date(2025, 1, int(id_)))


AWARDS = (
    won("1", A),
    won("2", A),
    won("3", B, cpv=("85312000",)),
    won("4", A, C, buyer="Sandwell Council"),
    won("5", B, buyer="Bath Council", postcode="BA1 1SS"),
    won("6", B, cpv=("77310000",)),
    won("7", C, cpv=("85321000",)),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    folder = tmp_path_factory.mktemp("reg")
    registered(folder, places_table, A, B, C, *AWARDS, trust_ids=True)
    return Matcher.open(folder, calibrated(folder.with_name("hand")))


def asked(one: Matcher, **fields: Any) -> Concentration:
    given = {"cpv": ("85312100",), "buyer": "Walsall Council", **fields}
    return assess(one, lot(id="9", **given), Request(before=date(2026, 1, 1))).concentration


def test_hhi_is_the_sum_of_squared_shares(one: Matcher) -> None:
    # Class 8531 within 30 km or of Walsall: A won 2 and half of one, B one, C half of one: of
    # four, 62.5, 25 and 12.5 per cent; squared 3906.25 + 625 + 156.25.
    found = asked(one)
    assert (found.service, found.awards, found.winners) == ("CPV 8531", 4, 3)
    assert found.hhi == 4687.5
    assert found.largest_share == 0.625
    assert (found.since, found.until) == (date(2025, 1, 1), date(2025, 1, 4))


def test_incumbents_won_from_this_buyer(one: Matcher) -> None:
    # From Walsall A and B won; of the four awards near there they have 3.5.
    found = asked(one)
    assert (found.incumbents, found.incumbents_share) == (2, 0.875)


def test_distant_awards_by_the_same_buyer_count(one: Matcher) -> None:
    found = asked(one, buyer="Bath Council")
    assert (found.awards, found.incumbents) == (5, 1)


def test_hhi_is_10000_where_one_provider_won_everything(one: Matcher) -> None:
    found = asked(one, cpv=("77310000",))
    assert (found.awards, found.hhi, found.largest_share) == (1, 10_000, 1)


def test_concentration_without_awards_is_none_and_not_zero(one: Matcher) -> None:
    found = asked(one, cpv=("03000000",))
    assert (found.awards, found.winners) == (0, 0)
    assert (found.hhi, found.largest_share, found.incumbents, found.incumbents_share) == (None,) * 4


def test_lot_without_a_code_has_no_concentration(one: Matcher) -> None:
    found = asked(one, cpv=())
    assert (found.awards, found.hhi) == (0, None)
    assert "no CPV code" in found.service


def test_lot_without_a_buyer_has_no_incumbents(one: Matcher) -> None:
    found = asked(one, buyer="")
    assert found.awards == 4
    assert (found.incumbents, found.incumbents_share) == (None, None)


def test_division_code_counts_all_awards_in_the_division(one: Matcher) -> None:
    assert asked(one, cpv=("85000000",)).awards == 5


def test_awards_everywhere_count_without_place_and_buyer(one: Matcher) -> None:
    found = asked(one, buyer="", postcode="")
    assert found.awards == 5
    assert found.area.startswith("everywhere")


def test_few_awards_are_marked(one: Matcher) -> None:
    assert asked(one).few


def test_later_awards_are_not_counted(one: Matcher) -> None:
    asked_then = lot(id="9", cpv=("85312100",), buyer="Walsall Council")
    found = assess(one, asked_then, Request(before=date(2025, 1, 3))).concentration
    assert (found.awards, found.hhi) == (2, 10_000)


def test_award_without_a_known_winner_is_not_among_those_shared(
    tmp_path: Path, places_table: Path
) -> None:
    registered(tmp_path / "r", places_table, A, B, *AWARDS[:3], won("8"), trust_ids=True)
    found = asked(Matcher.open(tmp_path / "r", calibrated(tmp_path / "hand")))
    # Of three awards with a winner A won two and B one.
    assert (found.awards, found.winners) == (3, 2)
    assert found.hhi == pytest.approx(10_000 * (4 + 1) / 9, abs=0.1)
    assert found.hhi is not None
    assert found.hhi >= 10_000 / found.awards
    assert found.until == date(2025, 1, 3)
