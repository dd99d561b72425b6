"""What payments add to a score, worked out by hand, and when they may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from math import log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.core.types import STAFF, Award, Lot, Payment, Provider, Remark, Size, Tally
from matcher.law.types import Purpose
from matcher.ranking.engagement import ENGAGEMENT
from matcher.ranking.features import payments
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from matcher.register.build.build import build
from matcher.sources.feed import Feed
from models.bundle import Bundle
from models.ranker import LinearRanker
from tests.factory import award, lot, provider
from tests.registers import as_bytes, features_of, feed

NAMES = tuple(feature.name for feature in payments.FEATURES)
EVERYONE = Filters(everyone=True)
NEW = 2026 * 12 + 1
"""February 2026: before the lots, which are of March."""
OLD = 2020 * 12
KITCHEN = provider("GB-COH-00000001", "WS1 1TP", name="Hot Pot Kitchens Ltd", profile="hot meals")
BAKERY = provider("GB-COH-00000002", "WS2 8RR", name="Rye Loaf Bakers Ltd", profile="hot meals")
MEALS = lot(title="Hot meals", buyer="Walsall Council", day=date(2026, 3, 1))


def paid(payee: Provider, **fields: Any) -> Payment:
    base = Payment("Walsall Council", payee.name, "", "Adults", "", "Hot meals", NEW, 100_000)
    return base._replace(**fields)


def matcher(path: Path, places: Path, items: Iterable[Provider | Award | Payment]) -> Matcher:
    """A matcher by hand-set weights over the register of these."""
    known = [item for item in items if not isinstance(item, Payment)]
    sums = [item for item in items if isinstance(item, Payment)]
    feeds: list[Feed] = [feed(*known), (Tally("payments"), iter(sums))]
    build(path, feeds, places_table=places)
    return Matcher.open(path, "hand")


def values(one: Matcher, asked: Lot = MEALS) -> dict[str, dict[str, float]]:
    return features_of(one.query(asked, Request(wish=EVERYONE)), *NAMES)


def shares(answer: Shortlist, name: str) -> dict[str, float]:
    return {s.id: s.contributions.get(name, 0.0) for s in answer.suggestions}


# --- the features ---


def test_what_a_buyer_paid(tmp_path: Path, places_table: Path) -> None:
    one = matcher(
        tmp_path / "reg",
        places_table,
        [
            *(KITCHEN, BAKERY, paid(KITCHEN), paid(KITCHEN, month=NEW - 1, pence=200_000)),
            paid(BAKERY, body="Sandwell Council", category="Bread"),
        ],
    )
    found = values(one)
    kitchen, bakery = found[KITCHEN.id], found[BAKERY.id]
    assert kitchen["paid_by_buyer"] == kitchen["paid_by_buyer_lately"] == 1
    assert kitchen["paid_by_buyer_months"] == pytest.approx(log(3), rel=1e-4)
    assert kitchen["paid_by_buyer_amount"] == pytest.approx(log(1 + 3000), rel=1e-4)
    assert kitchen["paid_alike_by_buyer"] == kitchen["paid_alike"] == 1
    assert kitchen["paid_by_neighbours"] == 0
    assert bakery["paid_by_neighbours"] == pytest.approx(log(2), rel=1e-4)
    assert {bakery[name] for name in NAMES if "buyer" in name} == {0}


def test_a_payment_of_long_ago_is_not_lately(tmp_path: Path, places_table: Path) -> None:
    items = [KITCHEN, BAKERY, paid(KITCHEN, month=OLD), paid(BAKERY)]
    found = values(matcher(tmp_path / "reg", places_table, items))
    assert found[KITCHEN.id]["paid_by_buyer"] == 1
    assert found[KITCHEN.id]["paid_by_buyer_lately"] == 0


def test_a_payment_of_the_month_of_the_lot_is_not_known(tmp_path: Path, places_table: Path) -> None:
    items = [KITCHEN, paid(KITCHEN, month=NEW + 1)]
    found = values(matcher(tmp_path / "reg", places_table, items))
    assert set(found[KITCHEN.id].values()) == {0}


def test_a_buyer_is_known_by_its_area_however_its_name_is_written(
    tmp_path: Path, places_table: Path
) -> None:
    one = matcher(tmp_path / "reg", places_table, [KITCHEN, paid(KITCHEN, body="walsall")])
    asked = replace(MEALS, buyer="WALSALL METROPOLITAN BOROUGH COUNCIL - Adult Social Care")
    assert values(one, asked)[KITCHEN.id]["paid_by_buyer"] == 1


def test_payments_count_apart_for_who_has_no_award(tmp_path: Path, places_table: Path) -> None:
    won = award("a", BAKERY, lot=lot(id="roofs", title="Roof repairs"), day=date(2025, 1, 1))
    near = [paid(one, body="Sandwell Council") for one in (KITCHEN, BAKERY)]
    items = [KITCHEN, BAKERY, won, paid(KITCHEN), paid(BAKERY), *near]
    found = values(matcher(tmp_path / "reg", places_table, items))
    plain = [name for name in NAMES if f"newcomer_{name}" in NAMES]
    assert len(plain) == 4
    for name in plain:
        assert found[KITCHEN.id][name] == found[BAKERY.id][name] > 0
        assert found[KITCHEN.id][f"newcomer_{name}"] == found[KITCHEN.id][name]
        assert found[BAKERY.id][f"newcomer_{name}"] == 0


# --- the score ---


def test_a_payment_by_the_buyer_is_a_reason_with_its_years(
    tmp_path: Path, places_table: Path
) -> None:
    items = [KITCHEN, BAKERY, paid(KITCHEN, month=OLD), paid(KITCHEN)]
    one = matcher(tmp_path / "reg", places_table, items)
    answer = one.shortlist(MEALS, Request(wish=EVERYONE))
    first = answer.suggestions[0]
    assert first.id == KITCHEN.id
    (reason,) = [r for r in first.reasons if r.name == "What public bodies paid it"]
    assert reason.words == (
        "Paid by Walsall Council 2020–2026 (£2,000), mostly by Adults for ‘Hot meals’."
    )
    assert reason.contribution > 0


def test_contributions_with_payments_add_up_to_the_score(
    tmp_path: Path, places_table: Path
) -> None:
    items = [KITCHEN, BAKERY, paid(KITCHEN), paid(BAKERY, body="Sandwell Council")]
    one = matcher(tmp_path / "reg", places_table, items)
    for s in one.shortlist(MEALS, Request(wish=EVERYONE)).suggestions:
        assert sum(s.contributions.values()) + s.base == pytest.approx(s.score, abs=1e-9)
        assert sum(r.contribution for r in s.reasons) + s.base == pytest.approx(s.score, abs=1e-9)
        assert set(ENGAGEMENT.features) <= s.contributions.keys()


def test_the_rule_has_weights_that_only_raise_a_score() -> None:
    assert isinstance(ENGAGEMENT, LinearRanker)
    assert min(ENGAGEMENT.weights) > 0
    assert ENGAGEMENT.base == 0


def test_without_payments_a_list_says_nothing_of_them(tmp_path: Path, places_table: Path) -> None:
    one = matcher(tmp_path / "reg", places_table, [KITCHEN, BAKERY])
    assert one.register.payments is None
    answer = one.shortlist(MEALS, Request(wish=EVERYONE))
    for s in answer.suggestions:
        assert not s.contributions.keys() & set(NAMES)
        assert all(r.name != "What public bodies paid it" for r in s.reasons)


def test_no_bundle_that_ships_reads_payments() -> None:
    from matcher.ranking.features.registry import FEATURES
    from models.bundle import shipped

    for name in shipped():
        bundle = Bundle.open(name, FEATURES)
        for key in ("all", "relevance"):
            assert not set(bundle.ranker_for(key).features) & set(NAMES)


# --- the law: under invite, what was paid for counts as words and nothing else ---

CHANGES = st.fixed_dictionaries(
    {
        "pence": st.integers(1, 10**9),
        "times": st.integers(1, 500),
        "month": st.integers(OLD, NEW),
        "body": st.sampled_from(["Walsall Council", "Sandwell Council", "Leeds City Council"]),
        "department": st.sampled_from(["Adults", "Hot meals", ""]),
    }
)


def invited(one: Matcher) -> bytes:
    asked = replace(MEALS, value=20_000.0, buyer_kind="council")
    answer = one.shortlist(asked, Request(purpose=Purpose.INVITE, on=date(2026, 3, 1)))
    return as_bytes([replace(s, sources=()) for s in answer.suggestions])


@given(st.lists(CHANGES, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
def test_under_invite_how_much_how_often_when_and_by_whom_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, changes: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    once = matcher(folder / "a", places_table, [KITCHEN, BAKERY, paid(KITCHEN)])
    other = [paid(KITCHEN, **change) for change in changes]
    again = matcher(folder / "b", places_table, [KITCHEN, BAKERY, *other])
    assert invited(once) == invited(again)


def test_under_invite_what_was_paid_for_counts_as_words(tmp_path: Path, places_table: Path) -> None:
    silent = provider("GB-COH-00000003", "WS1 1TP", name="Zzz Ltd")
    one = matcher(tmp_path / "reg", places_table, [silent, paid(silent)])
    asked = replace(MEALS, value=20_000.0, buyer_kind="council")
    answer = one.shortlist(asked, Request(purpose=Purpose.INVITE, on=date(2026, 3, 1)))
    (first,) = answer.suggestions
    assert "Public bodies paid it for work that mentions" in first.reasons[0].words
    assert not any("Walsall" in r.words for r in first.reasons if r.counted)


# --- sizes ---


def test_by_default_a_list_holds_nobody_known_to_be_large(
    tmp_path: Path, places_table: Path
) -> None:
    says_small = replace(KITCHEN, size=Size.SMALL)
    employer = provider(KITCHEN.id, name="HOT POT", tags=(f"250–499 staff{STAFF}",))
    remark = (Tally("employers"), iter([Remark(employer)]))
    build(tmp_path / "reg", [feed(says_small, BAKERY), remark], places_table=places_table)
    one = Matcher.open(tmp_path / "reg", "hand")
    usual = one.shortlist(MEALS)
    assert [s.id for s in usual.suggestions] == [BAKERY.id]
    assert usual.set_aside["larger than asked for"] == 1
    everyone = one.shortlist(MEALS, Request(wish=EVERYONE))
    (large,) = [s for s in everyone.suggestions if s.id == KITCHEN.id]
    assert large.size == "large"
