"""What a lot was read as: the services near it, whatever the register and the purpose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matcher.core.types import Lot
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose
from matcher.market.assessment import assess
from matcher.market.market import market
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models.bundle import Bundle
from models.calibrated_ranker import Calibration
from models.knowledge import Knowledge
from tests.encoders import services, tiny
from tests.factory import award, lot, provider
from tests.registers import line_of_places, registered

REQUESTS = (
    Request(),
    Request(wish=Filters(everyone=True), limit=1, seed=3, weak=True),
    Request(Purpose.INVITE),
    Request(Purpose.RESERVED, Filters(kind="vcse")),
    Request(Purpose.RESERVED, Filters(area="Walsall", with_neighbours=True)),
)
ROOFER = provider("A", "WS1 1AA", name="Roof Services", profile="Roofing of every kind")
COOK = provider("B", "WS1 1AB", name="Meals", profile="Hot meals at home")
REGISTERS = {
    "few": (ROOFER,),
    "others": (COOK, provider("C", name="Nowhere"), award("w", COOK, value=9e4)),
}
KNOWING = Knowledge(encoder=tiny(), services=services())


def needed(title: str) -> Lot:
    return lot(
        title=title,
        cpv=(),
        value=20_000.0,
        postcode="WS1 1AA",
        buyer="Walsall Council",
        buyer_kind="council",
    )


def matcher_over(folder: Path, name: str, knowledge: Knowledge) -> Matcher:
    hand = Bundle.open("hand", FEATURES)
    told = Calibration((0.0, 2.0), (0.01, 0.9))
    rankers = {key: replace(one, calibration=told) for key, one in hand.rankers.items()}
    bundle = replace(hand, rankers=rankers, knowledge=knowledge)
    places = line_of_places(folder / "places", 0, 9_000)
    options = {"bundle": bundle, "trust_ids": True}
    register = registered(folder / name, places, *REGISTERS[name], **options)
    return Matcher(register, bundle, Rulebook.open())


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> list[Matcher]:
    folder = tmp_path_factory.mktemp("read-as")
    return [matcher_over(folder, name, KNOWING) for name in REGISTERS]


@pytest.mark.parametrize("title", ["roofing", "youth work", "Walsall grass cutting"])
def test_a_lot_is_read_in_one_way_for_every_register_purpose_and_market(
    over: list[Matcher], title: str
) -> None:
    asked = needed(title)
    found = {one.shortlist(asked, request).read_as for one in over for request in REQUESTS}
    found |= {market(assess(one, asked, Request())).read_as for one in over}
    (names,) = found
    assert names[0] == title.removeprefix("Walsall ")


@pytest.mark.parametrize("request_", REQUESTS)
def test_place_buyer_and_value_do_not_change_what_a_lot_is_read_as(
    over: list[Matcher], request_: Request
) -> None:
    asked = needed("meals")
    elsewhere = replace(asked, postcode="WS1 1AB", buyer="Moss Council", value=9_000.0)
    read = {over[0].shortlist(each, request_).read_as for each in (asked, elsewhere)}
    assert [names[0] for names in read] == ["meals"]


def test_a_list_without_a_row_says_what_its_lot_was_read_as(over: list[Matcher]) -> None:
    local = Request(wish=Filters(within="1km", kind="vcse"))
    answer = over[1].shortlist(needed("plumbing"), local)
    assert (answer.suggestions, answer.read_as[0]) == ((), "plumbing")


@pytest.mark.parametrize("knowledge", [Knowledge(), Knowledge(encoder=tiny())])
def test_a_bundle_without_services_reads_a_lot_as_none(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    one = matcher_over(tmp_path, "few", knowledge)
    assert one.shortlist(needed("roofing")).read_as == ()
    assert market(assess(one, needed("roofing"), Request())).read_as == ()


def test_a_lot_with_nothing_to_read_is_read_as_none(over: list[Matcher]) -> None:
    assert over[0].shortlist(lot(title="屋根", cpv=())).read_as == ()
