from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import Lot
from matcher.law.types import Contract, Purpose
from matcher.ranking.batch import (
    Refusal,
    shortlists,
    with_whole_value,
    with_whole_values,
)
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from matcher.sources.notices.whole_value import NoticeLots, WholeValue
from tests.factory import lot, provider
from tests.registers import matcher

INVITE = Request(Purpose.INVITE)


def bought(id_: str, **fields: Any) -> Lot:
    given = {"buyer": "Walsall Council", "buyer_kind": "council", "day": date(2026, 9, 1)}
    return lot(id=id_, **{**given, **fields})


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    care = provider("GB-CHC-1", "WS1 1TP", profile="Home care for older people")
    return matcher(tmp_path_factory.mktemp("reg"), places_table, care)


def test_each_lot_gets_a_shortlist_or_refusal_in_order(one: Matcher) -> None:
    lots = [
        bought("1", value=50_000.0),
        bought("2", value=5_000_000.0, title="Too much"),
        bought("3", value=-1.0),
        bought("4", value=50_000.0),
    ]
    found = list(shortlists(one, lots, INVITE))
    assert [type(each) for each in found] == [Shortlist, Refusal, Refusal, Shortlist]
    over, bad = found[1], found[2]
    assert isinstance(over, Refusal)
    assert isinstance(bad, Refusal)
    assert (over.lot, over.title, over.rule) == ("2", "Too much", "PA2023-thresholds")
    assert over.offer == "engagement"
    assert (bad.rule, bad.offer) == ("", "")
    assert "value -1.0" in bad.message


def test_shortlist_in_a_batch_is_the_same_as_alone(one: Matcher) -> None:
    lots = [bought("1"), bought("2", title="Care")]
    assert list(shortlists(one, lots, INVITE)) == [one.shortlist(each, INVITE) for each in lots]


def test_radius_refuses_only_the_lots_without_a_place(one: Matcher) -> None:
    lots = [bought("1", postcode="", buyer=""), bought("2")]
    found = list(shortlists(one, lots, Request(wish=Filters(within="10km"))))
    assert isinstance(found[0], Refusal)
    assert "place" in found[0].message
    assert isinstance(found[1], Shortlist)


def test_lots_are_valued_together_including_vat(one: Matcher) -> None:
    lots = [bought("1", value=100_000.0), bought("2", value=90_000.0, value_is_gross=True)]
    whole = with_whole_value(one, lots, INVITE)
    assert whole.whole_value == 100_000 * 1.2 + 90_000
    assert replace(whole, whole_value=None, vat_added=False) == INVITE
    found = list(shortlists(one, lots, whole))
    assert [isinstance(each, Refusal) for each in found] == [True, True]
    assert all(isinstance(each, Shortlist) for each in shortlists(one, lots, INVITE))


@pytest.mark.parametrize(
    "lots",
    [
        [bought("1", value=100_000.0)],
        [bought("1"), bought("2")],
        [],
    ],
)
def test_no_whole_value_for_one_lot_or_without_values(one: Matcher, lots: list[Lot]) -> None:
    assert with_whole_value(one, lots, INVITE) == INVITE


def test_given_whole_value_is_kept(one: Matcher) -> None:
    said = replace(INVITE, whole_value=1.0)
    lots = [bought("1", value=100_000.0), bought("2", value=90_000.0)]
    assert with_whole_value(one, lots, said) == said


def test_lot_without_a_value_adds_nothing_to_the_whole_value(one: Matcher) -> None:
    known = [bought("1", value=150_000.0), bought("2", value=150_000.0)]
    whole = with_whole_value(one, known, INVITE).whole_value
    assert whole is not None
    assert whole >= 300_000
    assert with_whole_value(one, [*known, bought("3")], INVITE).whole_value == whole


def test_lots_of_different_notices_are_not_valued_together(one: Matcher) -> None:
    of_two = [bought("a#1", value=100_000.0), bought("a#2", value=100_000.0), bought("b")]
    wholes = {lot.id: asked.whole_value for lot, asked in with_whole_values(one, of_two, INVITE)}
    assert wholes["a#1"] == wholes["a#2"]
    assert wholes["b"] is None


def test_repeated_lot_is_valued_once(one: Matcher) -> None:
    twice = [bought("a", value=100_000.0)] * 2
    assert [asked for _, asked in with_whole_values(one, twice, INVITE)] == [INVITE, INVITE]


NORTH, SOUTH = bought("n#1", title="North"), bought("n#2", title="South", value=20_000.0)


def valued(whole: WholeValue | None, *lots: Lot) -> NoticeLots:
    found = NoticeLots(lots)
    if whole is not None:
        found.wholes["n"] = whole
    return found


def whole_values(one: Matcher, lots: NoticeLots) -> list[float | None]:
    return [request.whole_value for _, request in with_whole_values(one, lots, INVITE)]


def test_the_larger_of_the_sum_of_lots_and_the_value_of_their_notice_counts(one: Matcher) -> None:
    assert whole_values(one, valued(WholeValue(net=300_000), NORTH, SOUTH)) == [360_000] * 2
    assert whole_values(one, valued(WholeValue(gross=1_000), NORTH, SOUTH)) == [24_000] * 2
    assert whole_values(one, valued(None, NORTH, SOUTH)) == [24_000] * 2
    assert whole_values(one, valued(None, NORTH)) == [None]


def test_vat_was_added_where_what_counts_does_not_say_that_it_includes_it(one: Matcher) -> None:
    gross = [replace(each, value_is_gross=True) for each in (NORTH, SOUTH)]
    for lots, whole, added in (
        ((NORTH, SOUTH), WholeValue(gross=300_000), False),
        ((NORTH, SOUTH), WholeValue(gross=1_000), True),
        ((NORTH, SOUTH), WholeValue(net=300_000), True),
        (gross, WholeValue(net=300_000), True),
        (gross, WholeValue(gross=300_000), False),
    ):
        found = with_whole_values(one, valued(whole, *lots), INVITE)
        assert [request.vat_added for _, request in found] == [added] * 2


def test_a_notice_over_the_threshold_gets_no_list_though_its_lots_have_no_value(
    one: Matcher,
) -> None:
    refused = list(shortlists(one, valued(WholeValue(net=300_000), NORTH), INVITE))
    assert [each.rule for each in refused if isinstance(each, Refusal)] == ["PA2023-thresholds"]


# --- lots of unknown value and of several kinds -----------------------------------------


def test_sum_of_a_notice_with_a_lot_of_unknown_value_is_a_lower_bound(one: Matcher) -> None:
    lots = [bought("n#1", value=100_000.0), bought("n#2")]
    for answer in shortlists(one, lots, INVITE):
        assert isinstance(answer, Shortlist)
        assert answer.value == 120_000
        assert any("at least £120,000" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("whole", "unknown"), [(None, True), (15_000.0, True), (20_000.0, False), (60_000.0, False)]
)
def test_whole_that_the_notice_states_is_known_though_a_lot_has_no_value(
    one: Matcher, whole: float | None, unknown: bool
) -> None:
    stated = None if whole is None else WholeValue(net=whole)
    found = list(with_whole_values(one, valued(stated, NORTH, SOUTH), INVITE))
    assert [request.whole_at_least for _, request in found] == [unknown] * 2


def test_vat_that_was_added_to_the_lots_of_a_notice_is_said(one: Matcher) -> None:
    net = [bought("n#1", value=90_000.0), bought("n#2", value=60_000.0, value_is_gross=True)]
    for answer in shortlists(one, net, INVITE):
        assert isinstance(answer, Shortlist)
        assert "VATA1994-s2" in answer.rule_ids
        assert any("compared as £168,000, with 20% VAT added" in note for note in answer.notes)
    over = [replace(each, value=(each.value or 0) + 50_000) for each in net]
    for refused in shortlists(one, over, INVITE):
        assert isinstance(refused, Refusal)
        assert "£278,000 (with 20% VAT added) is at or over £207,720" in refused.message
    gross = [replace(each, value_is_gross=True) for each in net]
    for answer in shortlists(one, gross, INVITE):
        assert isinstance(answer, Shortlist)
        assert "VATA1994-s2" not in answer.rule_ids


def test_the_lowest_threshold_counts_where_lots_are_of_several_kinds(one: Matcher) -> None:
    works = bought("m#1", value=100_000.0, category="works", cpv=("45210000",))
    service = bought("m#2", value=1_000_000.0, cpv=("90910000",))
    for lots in ([works, service], [service, works]):
        found = list(shortlists(one, lots, INVITE))
        assert [isinstance(each, Refusal) for each in found] == [True, True]
        said = [each.message for each in found if isinstance(each, Refusal)]
        assert all("different kinds of contract" in message for message in said)
    chosen = list(shortlists(one, [works, service], replace(INVITE, contract=Contract.WORKS)))
    assert [type(each) for each in chosen] == [Shortlist, Shortlist]
    apart = list(shortlists(one, [replace(works, id="a"), replace(service, id="b")], INVITE))
    assert [type(each) for each in apart] == [Shortlist, Refusal]
