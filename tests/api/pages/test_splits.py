"""Ways to split a need, side by side, as an officer sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from api.pages.split_charts import (
    WIDTH,
    Plot,
    curve_plot,
    depth_plot,
)
from matcher.lotting.comparison import compare
from matcher.lotting.types import NO_SPLIT, ComparedSplits, Split
from matcher.market.criteria import MarketCriteria
from matcher.market.market import Market
from matcher.market.value_curve import ValueCurve, ValuePoint
from matcher.market.win_counts import WinCount
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from tests.markets import NEED, market_of, piece
from tests.officer import Officer, Page
from tests.services import served

TWO = "Intro\nLot 1: Home care, north\nVisits at home, WS1 1TP\nLot 2: Meals\nHot meals, B70 8DB"
ONE = "Home care for older people\nVisits, morning and evening. Worth £240,000 in total."


@pytest.mark.parametrize("most", [1, 4, 7, 12, 253])
def test_the_numbers_beside_the_curve_are_evenly_spaced(most: int) -> None:
    all_, none = (WinCount(count, 0.0, 0, 0) for count in (most, 0))
    points = (ValuePoint(1e4, 1e4, all_, none), ValuePoint(1e6, 1e6, none, none))
    drawn = curve_plot(ValueCurve(points, 3, None, "", ""), None).svg
    ticks = [int(each) for each in re.findall(r'class="lbd-plot__tick"[^>]*>(\d+)<', drawn)]
    assert ticks[0] == 0
    assert len(ticks) in range(2, 8)
    assert len({after - before for before, after in pairwise(ticks)}) == 1


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("pages")
    with served(folder, places_table, bundle=str(calibrated_bundle)) as client:
        yield client


@pytest.fixture(scope="module")
def planner(client: TestClient) -> Officer:
    """An officer at a service that can tell who is credible."""
    return Officer(client)


def split(planner: Officer, said: str, **fields: str) -> Page:
    found = planner.paste(said).form("/lots")
    found |= {name.replace("_", "-"): value for name, value in fields.items()}
    return planner.send("/lots", {**found, "do": "splits"})


def test_the_lots_found_are_compared_with_one_contract_and_other_ways(planner: Officer) -> None:
    page = split(planner, TWO, buyer="Walsall Council")
    assert page.status == 200
    assert page.path.startswith("/splits/")
    for words in (
        "Side by side",
        "As given",
        "No split",
        "Value of the whole contract",
        "Each way to split",
    ):
        assert words in page.text, words
    assert "Smaller lots do not mean that small providers will bid, or win" in page.text
    assert "25,000 euros" in page.text


def test_past_comparisons_of_one_need_are_told_apart(planner: Officer) -> None:
    for value, area in (("40,000", ""), ("90,000", ""), ("90,000", "Walsall")):
        split(planner, TWO, lot_0_value=value, buyer="Walsall Council", area=area)
    rows = planner.open("/splits").tree.xpath("//tbody/tr/td[1]")
    told = [" ".join(cell.itertext()) for cell in rows]
    assert len(told) >= 3
    assert len(set(told)) == len(told)
    assert "Walsall" in told[1]
    assert "Only in Walsall" in told[0]
    assert "2 lots (£90,000, no value)" in told[0]


def test_one_need_gets_ways_proposed(planner: Officer) -> None:
    page = split(planner, ONE, lot_0_place="Walsall, Sandwell", buyer="Walsall Council")
    assert "By council" in page.text
    assert "Not split by service" in page.text
    assert page.texts("lbd-way")


def test_no_rule_of_england_is_cited_for_a_buyer_elsewhere(planner: Officer) -> None:
    page = split(planner, ONE, lot_0_place="Fife", buyer="Fife Council")
    assert "valued together" in page.text
    assert "PA2023-thresholds" not in page.text
    assert "()" not in page.text
    english = split(planner, ONE, lot_0_place="Walsall, Sandwell", buyer="Walsall Council")
    assert "PA2023-thresholds" in english.text


def test_the_page_shows_the_figures_that_the_service_answers(
    planner: Officer, client: TestClient
) -> None:
    page = split(planner, ONE, lot_0_place="Walsall, Sandwell", buyer="Walsall Council")
    answer = client.get(f"/v1/splits/{page.path.rpartition('/')[2]}").json()
    rows = {
        row.findtext("th"): [list(cell.itertext()) for cell in row.findall("td")]
        for row in page.tree.xpath("//table[contains(@class, 'lbd-comparison')]//tbody/tr")
    }
    order = [one["name"] for one in answer["suggested"]["options"]]
    splits = answer["compared"]["splits"]
    assert [cell[0] for cell in rows["Lots"]] == [str(splits[name]["number"]) for name in order]
    told = [str(splits[name]["reach"]["credible"]["number"]) for name in order]
    assert [cell[0] for cell in rows["Credible providers"]] == told


def test_errors_are_shown_next_to_their_fields(planner: Officer) -> None:
    page = split(planner, ONE, lot_0_place="Nowhere at all")
    assert any("Nowhere at all" in wrong for wrong in page.errors)


def test_a_model_without_calibration_is_refused_with_the_reason(officer: Officer) -> None:
    page = split(officer, ONE, buyer="Walsall Council")
    assert any("use a trained bundle" in wrong for wrong in page.errors)


def test_an_unknown_comparison_gives_a_not_found_page(planner: Officer) -> None:
    page = planner.open("/splits/0123456789")
    assert page.status == 404
    assert "We cannot find this comparison" in page.text


def test_what_was_compared_is_listed_newest_first(planner: Officer) -> None:
    for title in ("Care of first parks", "Care of second parks"):
        split(planner, f"{title}\nMowing and hedges, WS1 1TP.")
    page = planner.open("/splits")
    titles = [link.text for link in page.tree.xpath("//tbody//a")]
    assert titles[:2] == ["Care of second parks", "Care of first parks"]
    (link,) = page.tree.xpath("//tbody//a[text()='Care of first parks']")
    assert "Care of first parks" in planner.open(link.get("href")).text


def test_the_page_says_so_if_nothing_was_compared(officer: Officer) -> None:
    assert "There are no comparisons yet" in officer.open("/splits").text


def test_what_an_officer_wrote_is_escaped(planner: Officer) -> None:
    page = split(planner, "<care>Home</care> <script>x</script> & more\nVisits, WS1 1TP.")
    assert "<script>x</script> & more" in page.text
    assert not page.tree.xpath("//main//script | //main//care")


# --- plots ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def matcher(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Matcher:
    return market_of(tmp_path_factory.mktemp("market") / "reg", places_table, calibrated_bundle)


@pytest.fixture(scope="module")
def found(matcher: Matcher) -> ComparedSplits:
    ways = {"two": Split((piece("Walsall"), piece("Sandwell", title="<i>Care</i> & so on")))}
    return compare(matcher, NEED, ways, Request(), MarketCriteria(floor=0.05))


def drawn(plot: Plot) -> etree._Element:
    """The plot, as a browser would read it."""
    return etree.fromstring(f"<svg>{plot.svg}</svg>")


def widths(plot: Plot, kind: str) -> list[float]:
    return [float(one.get("width", "")) for one in drawn(plot).findall("rect")
            if one.get("class") == f"lbd-plot__{kind}"]  # fmt: skip


def test_bars_are_as_long_as_their_numbers(found: ComparedSplits) -> None:
    plot = depth_plot(found, "two")
    markets = [found.markets[lot.market] for lot in found.splits["two"].lots]
    depths = [(one.depth.credible.number, one.depth.small_local.number) for one in markets]
    scale = widths(plot, "all")[0] / depths[0][0]
    assert widths(plot, "all") == pytest.approx([scale * all_ for all_, _ in depths], abs=0.1)
    assert widths(plot, "some") == pytest.approx([scale * some for _, some in depths], abs=0.1)
    for all_, some in depths:
        assert f"{all_} credible, {some} small and local" in plot.words
        assert f">{some} of {all_}<" in plot.svg


def test_the_line_for_thin_lots_is_drawn_at_its_number(found: ComparedSplits) -> None:
    plot = depth_plot(found, "two")
    (floor,) = drawn(plot).findall("path")
    (x,) = re.findall(r"M([\d.]+) ", floor.get("d", ""))
    bar = drawn(plot).find("rect")
    assert bar is not None
    first = found.markets[found.splits["two"].lots[0].market].depth.credible.number
    scale = float(bar.get("width", "")) / first
    assert float(x) == pytest.approx(float(bar.get("x", "")) + 3 * scale, abs=0.2)


def test_a_plot_stays_in_its_picture_and_escapes_titles(found: ComparedSplits) -> None:
    for name in ("two", NO_SPLIT):
        plot = depth_plot(found, name)
        for bar in drawn(plot).findall("rect"):
            assert float(bar.get("x", "")) + float(bar.get("width", "")) <= WIDTH
            assert float(bar.get("y", "")) + float(bar.get("height", "")) <= plot.height
    two = depth_plot(found, "two")
    assert "<i>Care" in two.words
    assert "Care" not in two.svg


def test_a_lot_that_nobody_could_do_has_an_empty_bar(found: ComparedSplits) -> None:
    none = WinCount(0, 0.0, 0, 0)
    empty: dict[str, Market] = {
        key: replace(one, depth=replace(one.depth, credible=none, small_local=none))
        for key, one in found.markets.items()
    }
    plot = depth_plot(replace(found, markets=empty), "two")
    assert widths(plot, "all") == [0.0, 0.0]


def curve(*fits: int) -> ValueCurve:
    points = tuple(
        ValuePoint(10.0 ** (4 + at), 1.0, WinCount(n, 0.0, 0, n), WinCount(1, 0.0, 0, 1))
        for at, n in enumerate(fits)
    )
    return ValueCurve(points, 3, None, "a rule", "local")


def test_the_curve_falls_as_its_numbers_do() -> None:
    plot = curve_plot(curve(6, 3, 0), 100_000.0)
    dots = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in
            drawn(plot).findall("circle")]  # fmt: skip
    assert [x for x, _ in dots] == sorted(x for x, _ in dots)
    heights = [y for _, y in dots]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.2)
    assert all(0 < x < WIDTH and 0 < y < plot.height for x, y in dots)
    assert "£10,000: 6; £100,000: 3; £1,000,000: 0" in plot.words
    assert "one contract, £100,000" in plot.svg


def test_a_value_off_the_scale_or_not_known_is_not_marked() -> None:
    for value in (None, 5.0, 1e9):
        assert "one contract" not in curve_plot(curve(6, 3, 0), value).svg


def test_a_curve_without_providers_is_drawn() -> None:
    assert "£10,000: 0" in curve_plot(curve(0, 0), None).words
