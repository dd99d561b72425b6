"""The map of a shortlist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import hypot
from pathlib import Path

import pytest
from lxml import etree

from api.pages.shortlist_map import (
    HEIGHT,
    WIDTH,
    ShortlistMap,
    map_of,
)
from api.service.results import Answer
from api.service.services import Services
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request
from tests.factory import provider
from tests.services import LOT, carer, open_services


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[Services]:
    """The services over eight providers at one postcode, one elsewhere and one nowhere."""
    people = [carer(n, "WS1 1TP") for n in range(1, 9)]
    people += [carer(9, "B1 1BB"), carer(10, name="Brightside <b>& Sons</b>")]
    folder = tmp_path_factory.mktemp("crowd")
    opened = open_services(folder, places_table, *people, provider("GB-CHC-99", "WS2 8RR"))
    yield opened
    opened.close()


def asked(crowd: Services, purpose: Purpose = Purpose.ENGAGEMENT, **lot: object) -> Answer:
    return crowd.shortlists.ask({"a": {**LOT, **lot}}, Request(purpose)).shortlists["a"]


def drawn(crowd: Services, answer: Answer) -> ShortlistMap:
    chart = map_of(crowd.matcher, answer)
    assert chart is not None
    return chart


def points(chart: ShortlistMap) -> list[tuple[float, float]]:
    pins = re.findall(r'class="lbd-map__pin" cx="([\d.-]+)" cy="([\d.-]+)"', chart.svg)
    return [(float(x), float(y)) for x, y in pins]


def test_each_provider_whose_place_is_known_has_a_pin_in_the_picture(
    crowd: Services,
) -> None:
    answer = asked(crowd)
    placed = [one for one in answer.suggestions if one.km is not None]
    pins = points(drawn(crowd, answer))
    assert len(pins) == len(placed) > 5
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in pins)


def test_pins_at_one_postcode_do_not_overlap(crowd: Services) -> None:
    ways = [hypot(a[0] - b[0], a[1] - b[1])
            for a, b in combinations(points(drawn(crowd, asked(crowd))), 2)]  # fmt: skip
    assert min(ways) > 20


def test_no_pin_hides_the_marker_of_the_lot(crowd: Services) -> None:
    chart = drawn(crowd, asked(crowd))
    found = re.search(r'class="lbd-map__hole" cx="([\d.]+)" cy="([\d.]+)"', chart.svg)
    assert found
    x, y = map(float, found.groups())
    assert all(hypot(px - x, py - y) > 12 for px, py in points(chart))


def test_providers_without_a_place_are_named_next_to_the_map(crowd: Services) -> None:
    answer = asked(crowd)
    nowhere = [one.name for one in answer.suggestions if not one.postcode]
    assert list(drawn(crowd, answer).unplaced) == nowhere


def test_the_picture_is_well_formed_and_names_are_escaped(crowd: Services) -> None:
    answer = asked(crowd)
    evil = replace(answer.suggestions[0], name='<script>"&</script>')
    chart = drawn(crowd, replace(answer, suggestions=(evil, *answer.suggestions[1:])))
    tree = etree.fromstring(f"<svg>{chart.svg}</svg>")
    assert "<script>" not in chart.svg
    assert any('<script>"&</script>' in (title.text or "") for title in tree.iter("title"))


@pytest.mark.parametrize("purpose", [Purpose.INVITE])
def test_where_place_may_not_count_there_is_no_map(crowd: Services, purpose: Purpose) -> None:
    assert map_of(crowd.matcher, asked(crowd, purpose)) is None


def test_a_lot_without_a_place_has_no_map(crowd: Services) -> None:
    answer = asked(crowd, postcode="", buyer="", description="")
    assert map_of(crowd.matcher, answer) is None


def test_the_same_list_is_drawn_the_same(crowd: Services) -> None:
    answer = asked(crowd)
    assert drawn(crowd, answer) == drawn(crowd, answer)


def test_no_pin_hides_the_name_of_a_council(crowd: Services) -> None:
    chart = drawn(crowd, asked(crowd))
    names = re.findall(r'class="lbd-map__council" x="(-?\d+)" y="(-?\d+)">([^<]+)<', chart.svg)
    assert names
    for x, y, name in names:
        half = len(name) * 9 / 2
        for pin_x, pin_y in points(chart):
            assert abs(pin_x - int(x)) > half or abs(pin_y - (int(y) - 5)) > 12


def test_lists_of_one_search_have_maps_of_one_scale(crowd: Services) -> None:
    bars = {
        re.search(r'class="lbd-map__bar" d="([^"]+)"', drawn(crowd, asked(crowd, title=title)).svg)
        for title in ("Home care", "Care at home")
    }
    assert len({bar[1] for bar in bars if bar}) == 1


def test_the_scale_is_in_the_unit_that_the_officer_used(crowd: Services) -> None:
    wish = Request(wish=Filters(within="10 miles"))
    answer = crowd.shortlists.ask({"a": LOT}, wish).shortlists["a"]
    chart = drawn(crowd, answer)
    assert re.search(r'class="lbd-map__scale"[^>]*>\d+ miles?<', chart.svg)
    assert "miles" in chart.words
    assert " km" not in chart.words


def test_there_is_no_sea_on_the_map(crowd: Services) -> None:
    """Postcodes do not say where the coast is: only where people live is drawn on the ground."""
    assert "lbd-map__land" not in drawn(crowd, asked(crowd)).svg
