"""The picture of a place, on registers of a few records, and added up by another way."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from matcher.core.types import Award, Kind, Payment, PlannedContract, Provider, Size, Tally
from matcher.place.classes import PLACES, SIZES
from matcher.place.money import Spending
from matcher.place.picture import Picture, changes, picture_of
from matcher.place.together import kind_of
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.register.build.build import build
from matcher.register.build.embed import embed
from matcher.sources.feed import Feed
from matcher.sources.payments import spend_files
from models.bundle import Bundle
from tests.factory import award, lot, provider
from tests.registers import feed

ON = date(2026, 9, 1)
MAY = 2026 * 12 + 4
HERE = provider(
    "GB-COH-00000001", "WS2 8RR", name="Hot Pot Kitchens Ltd", size=Size.SMALL, profile="hot meals"
)
NEXT = provider("GB-COH-00000002", "WV1 1AA", name="Ladle Green Ltd", size=Size.MEDIUM)
FAR = provider("GB-COH-00000003", "BH1 1AA", name="Plain Fare Meals plc", size=Size.LARGE)
GROUP = provider("GB-CHC-200001", "WS1 1TP", name="Penllergare Pantry", kind=Kind.CHARITY)
EVERYBODY = (HERE, NEXT, FAR, GROUP)
ROOT = Path(__file__).resolve().parents[3]


def paid(payee: str, pounds: float, **fields: Any) -> Payment:
    base = Payment(
        "Walsall Council", payee, "", "Adults", "Meals", "Hot meals", MAY, round(pounds * 100)
    )
    return base._replace(**fields)


def matcher(
    path: Path, places: Path, items: Iterable[Provider | Award | Payment | PlannedContract]
) -> Matcher:
    items = list(items)
    known = [item for item in items if isinstance(item, Provider | Award)]
    others = [item for item in items if not isinstance(item, Provider | Award)]
    feeds: list[Feed] = [feed(*known), (Tally("others"), iter(others))]
    build(path, feeds, places_table=places)
    return Matcher.open(path, "hand")


def of_walsall(one: Matcher, **options: Any) -> Picture:
    return picture_of(one, one.register.councils.require("Walsall"), ON, **options)


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of the postcodes that begin with B, W or WV."""
    from matcher.geo.postcodes import PostcodeTable

    folder = tmp_path_factory.mktemp("places") / "table"
    PostcodeTable.compile(folder, "BW")
    return folder


# --- where the money goes ---


def test_money_is_divided_by_place_and_size(tmp_path: Path, everywhere: Path) -> None:
    one = matcher(
        tmp_path / "reg",
        everywhere,
        [
            *EVERYBODY,
            *(paid(HERE.name, 10), paid(NEXT.name, 20), paid(FAR.name, 30), paid(GROUP.name, 15)),
            *(paid("Somebody Else Ltd", 25), paid("", 40)),
        ],
    )
    total = of_walsall(one).money.total
    assert (total.pence, total.left_out) == (14000, 4000)
    assert total.by["local"]["small"] == 1000
    assert total.by["near"]["medium"] == 2000
    assert total.by["elsewhere"]["large"] == 3000
    assert total.by["local"]["VCSE"] == 1500
    assert total.by["unknown"]["unknown"] == 2500
    assert total.shares == {"local": 0.25, "near": 0.2, "elsewhere": 0.3, "unknown": 0.25}
    assert total.local_share == pytest.approx(1 / 3, abs=1e-4)
    assert total.hhi == pytest.approx(10_000 * (100 + 400 + 900 + 225 + 625) / 100**2, abs=0.1)


def test_nothing_is_claimed_where_most_places_are_unknown(tmp_path: Path, everywhere: Path) -> None:
    items = [HERE, paid(HERE.name, 59), paid("Somebody Else Ltd", 41)]
    found = of_walsall(matcher(tmp_path / "reg", everywhere, items))
    assert not found.money.total.sure
    assert found.money.total.local_share is None
    assert "59%" in found.notes[0]


def test_a_place_without_payments_shows_its_awards(tmp_path: Path, everywhere: Path) -> None:
    bought = lot(title="Hot meals", buyer="Walsall Council", cpv=("55320000",))
    one = award("a", HERE, FAR, lot=bought, value=100.01, day=date(2026, 5, 1))
    found = of_walsall(matcher(tmp_path / "reg", everywhere, [HERE, FAR, one]))
    assert found.money.basis == "awards"
    assert found.money.total.pence == 10_001
    assert found.money.total.at("local") + found.money.total.at("elsewhere") == 10_001


def _pence(group: Spending) -> int:
    return sum(sum(sizes.values()) for sizes in group.by.values()) + group.left_out


LINES = st.lists(
    st.tuples(
        st.sampled_from([*(p.name for p in EVERYBODY), "Somebody Else Ltd", ""]),
        st.integers(-(10**7), 10**9),
        st.sampled_from(["Adults", "ADULTS", "Place", ""]),
        st.sampled_from(["Meals", "Cleaning", ""]),
        st.integers(MAY - 20, MAY),
    ),
    min_size=1,
    max_size=30,
)


@given(LINES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
def test_every_table_adds_up_to_the_source_to_the_penny(
    tmp_path_factory: pytest.TempPathFactory, everywhere: Path, lines: list[Any]
) -> None:
    payments = [
        paid(payee, 0, pence=pence, department=dep, service=service, month=month)
        for payee, pence, dep, service, month in lines
    ]
    folder = tmp_path_factory.mktemp("sums") / "reg"
    money = of_walsall(matcher(folder, everywhere, [*EVERYBODY, *payments])).money
    whole = sum(pence for _, pence, *_ in lines)
    for groups in ((money.total,), money.by_year, money.by_department, money.by_service):
        assert not groups or sum(group.pence for group in groups) == whole
        assert not groups or sum(map(_pence, groups)) == whole
    years: dict[str, int] = defaultdict(int)
    for _, pence, _, _, month in lines:
        year = month // 12 - (month % 12 < 3)
        years[f"{year}–{(year + 1) % 100:02d}"] += pence
    assert {group.name: group.pence for group in money.by_year} == years


def test_the_example_adds_up_to_its_file(tmp_path: Path, everywhere: Path) -> None:
    path = ROOT / "examples" / "spend.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (table,) = spend_files.open_files([path])
    build(tmp_path / "reg", [feed(HERE), table.feed()], places_table=everywhere)
    money = of_walsall(Matcher.open(tmp_path / "reg", "hand")).money
    wanted: dict[str, int] = defaultdict(int)
    for row in rows:
        wanted[row["Directorate"]] += round(float(row["Net Amount"]) * 100)
    assert {group.name: group.pence for group in money.by_department} == wanted
    assert money.total.pence == sum(wanted.values())
    assert money.total.payments == len(rows)


def test_neighbours_are_seen_from_their_own_areas(tmp_path: Path, everywhere: Path) -> None:
    theirs = paid(NEXT.name, 5, body="Wolverhampton City Council")
    one = matcher(tmp_path / "reg", everywhere, [*EVERYBODY, paid(NEXT.name, 10), theirs])
    found = of_walsall(one)
    assert [(n.name, n.shares["local"]) for n in found.neighbours] == [("Wolverhampton", 1.0)]
    assert found.money.total.shares["near"] == 1.0
    nobody = of_walsall(one, beside=[])
    assert nobody.neighbours == ()


def test_a_region_has_no_picture(tmp_path: Path, everywhere: Path) -> None:
    one = matcher(tmp_path / "reg", everywhere, [HERE])
    with pytest.raises(BadInput, match="name a council or county"):
        picture_of(one, one.register.councils.require("West Midlands"), ON)


# --- who is here ---


def test_services_bought_elsewhere_though_three_are_here(tmp_path: Path, everywhere: Path) -> None:
    cooks = [
        provider(f"GB-CHC-20000{n}", "WS1 1TP", name=f"Zzz{n}", profile="hot meals cooked")
        for n in range(3, 6)
    ]
    items = [*cooks, FAR, paid(FAR.name, 100), paid(FAR.name, 50, service="Roofs", category="")]
    found = of_walsall(matcher(tmp_path / "reg", everywhere, items))
    (meals, roofs) = found.services
    assert (meals.name, meals.providers, meals.thin) == ("Meals", 3, False)
    assert (roofs.providers, roofs.thin) == (0, True)
    assert [service.name for service in found.elsewhere] == ["Meals"]
    assert {known.id for known in meals.shown} == {cook.id for cook in cooks}
    assert meals.with_work == 0


def test_a_provider_known_to_be_large_is_not_among_those_here(
    tmp_path: Path, everywhere: Path
) -> None:
    large = replace(HERE, size=Size.LARGE)
    items = [large, FAR, paid(FAR.name, 100)]
    found = of_walsall(matcher(tmp_path / "reg", everywhere, items))
    assert found.services[0].providers == 0


# --- siloed services, and what comes up ---


def test_one_need_of_two_departments_is_found_whatever_its_spelling(
    tmp_path: Path, everywhere: Path
) -> None:
    items = [
        *EVERYBODY,
        paid(HERE.name, 2000, category="Meals, hot"),
        paid(HERE.name, 3000, department="Children", category="HOT MEALS"),
        paid(HERE.name, 9000, department="Place", category="General supplies"),
        paid(HERE.name, 9000, department="Children", category="General supplies"),
    ]
    (need,) = of_walsall(matcher(tmp_path / "reg", everywhere, items)).together
    assert need.pence == 500_000
    assert [(share.department, share.pence) for share in need.shares] == [
        ("Children", 300_000),
        ("Adults", 200_000),
    ]
    assert [known.id for known in need.several] == [HERE.id]


def test_one_kind_in_different_words_is_found_and_neighbours_count_by_their_contracts(
    tmp_path: Path, everywhere: Path
) -> None:
    near = award("w", NEXT, lot=lot(buyer="Wolverhampton City Council", cpv=("60120000",)))
    items = [
        *EVERYBODY,
        paid(HERE.name, 2000, category="Taxi hire"),
        paid(HERE.name, 3000, department="Children", category="Coach hire, schools"),
        paid(HERE.name, 4000, department="Place", category="General supplies"),
        paid(HERE.name, 4000, department="Place", category="Grass cutting"),
        paid(HERE.name, 4000, department="Children", category="GRASS CUTTING"),
        replace(near, value=10_000.0),
    ]
    found = of_walsall(matcher(tmp_path / "reg", everywhere, items))
    (kind,) = found.kinds
    assert (kind.name, kind.pence) == ("Road transport", 1_500_000)
    assert [(s.council, s.department, s.pence) for s in kind.shares] == [
        ("Wolverhampton", "", 1_000_000),
        ("Walsall", "Children", 300_000),
        ("Walsall", "Adults", 200_000),
    ]
    assert set(kind.names) == {"Taxis", "Coach hire, schools", "Taxi hire"}
    assert [known.id for known in kind.several] == [HERE.id]
    assert [need.name for need in found.together] == ["Grass cutting"]


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Taxi hire", "Road transport"),
        ("Home Care Services", "Social care and support"),
        ("GROUNDS MAINTENANCE - NON CONTRACT", "Parks and grounds"),
        ("Supplies and services", ""),
        ("Project finance", ""),
        ("", ""),
        ("Zorbing", ""),
    ],
)
def test_the_kind_of_a_category(category: str, kind: str) -> None:
    assert kind_of(category) == kind


def test_contracts_that_end_within_two_years_come_up(tmp_path: Path, everywhere: Path) -> None:
    bought = lot(title="Hot meals", buyer="Walsall Council")
    ends = {"soon": date(2027, 3, 31), "gone": date(2026, 8, 31), "late": date(2028, 9, 30)}
    awards = [award(name, FAR, lot=bought, ends=day) for name, day in ends.items()]
    items = [HERE, FAR, *awards, award("open", FAR, lot=bought)]
    (only,) = of_walsall(matcher(tmp_path / "reg", everywhere, items)).upcoming
    assert (only.id, only.ends, only.providers) == ("soon", ends["soon"], 1)
    assert [holder.id for holder in only.holders] == [FAR.id]
    assert [known.id for known in only.shown] == [HERE.id]


def plan(id_: str, **fields: Any) -> PlannedContract:
    base: dict[str, Any] = {
        "lot": lot(id=id_, title="Hot meals at home", buyer="Walsall Metropolitan Borough Council"),
        "day": date(2026, 4, 1),
        "notice": "UK1",
        "source": "Find a Tender",
    }
    return PlannedContract(id=id_, **(base | fields))


def test_announced_contracts_come_up_with_who_has_such_a_contract_now(
    tmp_path: Path, everywhere: Path
) -> None:
    bought = lot(title="Hot meals at home", buyer="Walsall Council")
    now = award("now", FAR, lot=bought, ends=date(2026, 12, 31))
    wanted = replace(plan("a").lot, value=90_000.0, cpv=("55521200",))
    plans = [plan("a", lot=wanted, tender=date(2026, 10, 1), starts=date(2027, 1, 1))]
    found = of_walsall(matcher(tmp_path / "reg", everywhere, [HERE, FAR, now, *plans])).upcoming
    ends, announced = sorted(found, key=lambda one: one.notice)
    assert (ends.id, ends.notice) == ("now", "")
    assert (announced.id, announced.notice, announced.announced) == ("a", "UK1", date(2026, 4, 1))
    assert (announced.tender, announced.starts) == (date(2026, 10, 1), date(2027, 1, 1))
    assert (announced.value, announced.cpv) == (90_000, ("55521200",))
    assert (announced.held, [one.id for one in announced.holders]) == (bought.title, [FAR.id])
    assert [one.id for one in announced.shown] == [HERE.id]
    assert "Hot meals at home" in announced.text


@pytest.mark.parametrize(
    ("fields", "comes"),
    [
        ({"tender": date(2026, 9, 1)}, True),
        ({"tender": date(2028, 8, 31)}, True),
        ({"tender": date(2028, 9, 2)}, False),
        ({"tender": date(2026, 8, 31)}, False),
        ({"tender": date(2026, 8, 31), "starts": date(2026, 12, 1)}, True),
        ({"starts": date(2024, 4, 1), "ends": date(2027, 3, 31)}, False),
        ({"starts": date(2024, 4, 1), "tender": date(2027, 1, 1)}, True),
        ({}, True),
        ({"day": date(2025, 8, 31)}, False),
        ({"day": date(2026, 9, 2), "tender": date(2027, 1, 1)}, False),
        ({"lot": lot(title="Hot meals", buyer="Dudley Council")}, False),
    ],
)
def test_only_plans_of_this_council_with_a_day_ahead_come_up(
    tmp_path: Path, everywhere: Path, fields: dict[str, Any], comes: bool
) -> None:
    found = of_walsall(matcher(tmp_path / "reg", everywhere, [HERE, plan("a", **fields)]))
    assert bool(found.upcoming) is comes


def test_a_plan_is_read_with_its_market_and_split(tmp_path: Path, everywhere: Path) -> None:
    matcher(tmp_path / "reg", everywhere, [HERE, FAR, plan("a", tender=ON)])
    embed(tmp_path / "reg", Bundle.open("lite", FEATURES))
    one = Matcher.open(tmp_path / "reg", "lite")
    assert one.register.planned is not None
    (found,) = of_walsall(one, read_markets=True).upcoming
    assert found.reading is not None
    assert found.reading.credible >= 0


def test_plans_are_part_of_what_a_register_says(tmp_path: Path, everywhere: Path) -> None:
    without = matcher(tmp_path / "a", everywhere, [HERE]).register
    with_one = matcher(tmp_path / "b", everywhere, [HERE, plan("a"), plan("a")]).register
    assert without.planned is None
    assert with_one.planned is not None
    assert with_one.manifest.planned == len(with_one.planned.records) == 1
    assert with_one.version != without.version


# --- tracked ---


def test_a_later_picture_says_what_changed(tmp_path: Path, everywhere: Path) -> None:
    items = [*EVERYBODY, paid(HERE.name, 10), paid(FAR.name, 30)]
    then = of_walsall(matcher(tmp_path / "a", everywhere, items))
    more = provider("GB-CHC-200009", "WS1 1TP", name="Beacon", profile="hot meals")
    now = of_walsall(
        matcher(tmp_path / "b", everywhere, [*items, more, paid(HERE.name, 20, month=MAY + 1)])
    )
    sentences = changes(then, replace(now, on=date(2026, 10, 1)))
    assert sentences[0] == (
        "Payments now reach to June 2026; on 1 September 2026 they reached to May 2026."
    )
    assert any("Local share of known places: 50.0% (before: 25.0%)" in s for s in sentences)
    assert any("Organisations with an address here: 3 (+1)" in s for s in sentences)
    with pytest.raises(BadInput, match="the earlier picture is of Wolverhampton"):
        changes(replace(then, code="E08000031", name="Wolverhampton"), now)


def test_classes_are_complete() -> None:
    assert PLACES[-1] == SIZES[-1] == "unknown"


# --- laws of the sums ---


def test_everybody_here_with_public_work_is_counted_large_ones_too(
    tmp_path: Path, everywhere: Path
) -> None:
    large = provider("GB-COH-00000009", "WS1 1TP", name="Big Works plc", size=Size.LARGE)
    here = of_walsall(
        matcher(
            tmp_path / "reg",
            everywhere,
            [HERE, large, paid(HERE.name, 10), paid(large.name, 1000)],
        )
    ).here
    assert (here.organisations, here.with_work) == (2, 2)


@pytest.mark.parametrize("day", [1, 28, 30, 31])
def test_contracts_that_end_in_exactly_24_months_come_up(
    tmp_path: Path, everywhere: Path, day: int
) -> None:
    on, last = date(2026, 3, day), date(2028, 3, day)
    need = lot(title="Hot meals", buyer="Walsall Council")
    ending = [
        award(id_, HERE, lot=replace(need, id=id_), day=date(2025, 1, 1), ends=ends)
        for id_, ends in (("A-1", last), ("A-2", last + timedelta(days=1)), ("A-3", on))
    ]
    one = matcher(tmp_path / "reg", everywhere, [HERE, *ending])
    found = picture_of(one, one.register.councils.require("Walsall"), on)
    assert {contract.id for contract in found.upcoming} == {"A-1", "A-3"}


def test_a_contract_is_not_held_before_it_is_awarded(tmp_path: Path, everywhere: Path) -> None:
    need = lot(id="A-1", title="Hot meals", buyer="Walsall Council")
    later = award("A-1", HERE, lot=need, day=date(2026, 9, 2), ends=date(2027, 3, 1))
    one = matcher(tmp_path / "reg", everywhere, [HERE, later])
    walsall = one.register.councils.require("Walsall")
    assert picture_of(one, walsall, date(2026, 9, 1)).upcoming == ()
    assert [each.id for each in picture_of(one, walsall, date(2026, 9, 2)).upcoming] == ["A-1"]


def test_unknown_payees_of_two_councils_are_different_payees(
    tmp_path: Path, everywhere: Path
) -> None:
    theirs = "City of Wolverhampton Council"
    one = matcher(
        tmp_path / "reg",
        everywhere,
        [
            HERE,
            *(paid(f"{name} Unknown Ltd", 2000) for name in ("Alder", "Birch", "Both")),
            *(
                paid(f"{name} Unknown Ltd", 2000, body=theirs)
                for name in ("Cedar", "Damson", "Both")
            ),
            paid("Elder Unknown Ltd", 5, department="Parks"),
        ],
    )
    councils = one.register.councils
    (need,) = of_walsall(one, beside=[councils.require("Wolverhampton")]).together
    assert need.providers == 5  # one is paid by both; who got £5 is in no share
    assert [share.council for share in need.shares] == ["Walsall", "Wolverhampton"]
    assert need.pence == sum(share.pence for share in need.shares) == 1_200_000
    (same,) = picture_of(
        one, councils.require("Wolverhampton"), ON, beside=[councils.require("Walsall")]
    ).together
    assert replace(same, name=need.name) == need
