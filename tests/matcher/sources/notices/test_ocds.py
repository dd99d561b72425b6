from __future__ import annotations

import copy
import csv
import gzip
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Award, Lot, Tally
from matcher.sources.notices.ocds import read_awards
from matcher.sources.notices.releases import releases
from matcher.sources.notices.tender import Notice
from tests.factory import SHARED, needs_shared, part_of

FIND_A_TENDER: dict[str, Any] = {
    "ocid": "ocds-h6vhtk-000001",
    "id": "000001-2026",
    "date": "2026-04-10T10:50:13+01:00",
    "tag": ["award"],
    "buyer": {"id": "GB-PPON-AAAA-1111-BBBB", "name": "Elmshire County Council"},
    "parties": [
        {
            "id": "GB-PPON-AAAA-1111-BBBB",
            "name": "Elmshire County Council",
            "roles": ["buyer"],
            "identifier": {"scheme": "GB-PPON", "id": "AAAA-1111-BBBB"},
            "address": {"postalCode": "WS1 1TP", "region": "UKG38"},
            "details": {
                "classifications": [
                    {"scheme": "UK_CA_TYPE", "id": "publicAuthoritySubCentralGovernment"}
                ]
            },
        },
        {
            "id": "GB-COH-01234567",
            "name": "Ash Care Ltd",
            "roles": ["supplier"],
            "identifier": {"scheme": "GB-COH", "id": "01234567"},
            "address": {"postalCode": "WS2 8AA"},
            "details": {"scale": "small", "vcse": False},
        },
        {"id": "1", "name": "Elm Trust", "roles": ["supplier"]},
    ],
    "tender": {
        "id": "t",
        "title": "Care at home",
        "description": "Care for older people in two towns.",
        "value": {"amount": 300_000, "amountGross": 360_000, "currency": "GBP"},
        "mainProcurementCategory": "services",
        "classification": {"scheme": "CPV", "id": "85000000"},
        "items": [
            {
                "id": "1",
                "relatedLot": "1",
                "classification": {"scheme": "CPV", "id": "85312100-0"},
                "deliveryAddresses": [{"region": "UKG38"}],
            },
            {
                "id": "2",
                "relatedLot": "2",
                "additionalClassifications": [
                    {"scheme": "CPV", "id": "85312200"},
                    {"scheme": "CPVS", "id": "12345678"},
                ],
                "deliveryAddresses": [{"postalCode": "b11bb", "region": "UKG31"}],
            },
        ],
        "lots": [
            {
                "id": "1",
                "title": "Lot 1",
                "description": "Care in the north town.",
                "value": {"amount": 100_000, "currency": "GBP"},
                "contractPeriod": {
                    "startDate": "2026-05-01T00:00:00+01:00",
                    "endDate": "2028-04-30T23:59:59+01:00",
                },
            },
            {"id": "2", "title": "Meals in the south town", "description": "Hot meals."},
        ],
    },
    "awards": [
        {
            "id": "a1",
            "status": "active",
            "date": "2026-04-01",
            "value": {"amount": 95_000, "currency": "GBP"},
            "relatedLots": ["1"],
            "suppliers": [{"id": "GB-COH-01234567", "name": "Ash Care Ltd"}],
        },
        {
            "id": "a2",
            "status": "active",
            "value": None,
            "relatedLots": ["2"],
            "suppliers": [{"id": "1", "name": "Elm Trust"}],
        },
    ],
    "contracts": [
        {
            "id": "c2",
            "awardID": "a2",
            "dateSigned": "2026-04-03T00:00:00Z",
            "value": {"amount": 80_000, "currency": "GBP"},
        }
    ],
}


def notice(**fields: Any) -> dict[str, Any]:
    """The notice above, with top-level fields replaced."""
    return {**copy.deepcopy(FIND_A_TENDER), **fields}


def tender(**fields: Any) -> dict[str, Any]:
    """A notice whose tender has these fields and no lots or items but those given."""
    plain = {"title": "Care at home", "description": "Care for older people."}
    return notice(tender={**plain, **fields})


def awarded(*entries: Any, **fields: Any) -> dict[str, Any]:
    """A notice with these entries for awards, each an active award to Elm Trust otherwise."""
    base = {"date": "2026-04-01", "suppliers": [{"id": "1", "name": "Elm Trust"}]}
    awards = [{"id": f"a{n}", **base, **entry} for n, entry in enumerate(entries, 1)]
    return notice(awards=awards, **fields)


def lots(release: Any) -> list[Lot]:
    return list(Notice.of(release).lots(Tally("")))


def awards(folder: Path, *documents: Any) -> tuple[list[Award], Tally]:
    path = folder / "notices.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in documents))
    [(tally, found)] = read_awards([path])
    return list(found), tally


@pytest.mark.parametrize(
    "wrapped",
    [
        FIND_A_TENDER,
        {"releases": [FIND_A_TENDER], "links": {"next": "?cursor=2"}},
        {"records": [{"compiledRelease": FIND_A_TENDER, "releases": [{}, {}]}]},
        {"records": [{"releases": [FIND_A_TENDER]}]},
        [{"releases": [FIND_A_TENDER]}],
        [FIND_A_TENDER],
    ],
)
def test_releases_are_found_in_every_package(wrapped: object) -> None:
    assert list(releases(wrapped)) == [FIND_A_TENDER]


@pytest.mark.parametrize("title", ["Lot 1", "LOT 01:", "1", "Lot no. 3b", "Lot A", " - ", ""])
def test_a_title_that_says_nothing_stands_behind_the_tenders(title: str) -> None:
    first = lots(tender(lots=[{"id": "1", "title": title}, {"id": "2", "title": "Meals"}]))[0]
    assert first.title.startswith("Care at home – ")


@pytest.mark.parametrize("title", ["Meals", "Lot 2 - North", "Lots of meals", "Taxi", "24 beds"])
def test_a_title_that_says_something_stands_alone(title: str) -> None:
    first = lots(tender(lots=[{"id": "1", "title": title}, {"id": "2"}]))[0]
    assert first.title == title


@pytest.mark.parametrize("amount", [float("inf"), float("nan"), -5, "lots", [], True])
def test_a_value_that_is_no_amount_is_set_aside_and_the_lot_kept(amount: object) -> None:
    tally = Tally("")
    [lot] = Notice.of(tender(value={"amount": amount})).lots(tally)
    assert lot.value is None
    assert sum(tally.set_aside.values()) == 1


def test_what_else_a_lot_knows() -> None:
    first, second = lots(notice())
    assert first.buyer == "Elmshire County Council"
    assert first.buyer_id == "GB-PPON-AAAA-1111-BBBB"
    assert first.buyer_kind == "council"
    assert first.buyer_postcode == "WS1 1TP"
    assert first.category == "services"
    assert first.day == date(2026, 4, 10)
    assert first.years == pytest.approx(2, abs=0.01)
    assert second.years is None


@pytest.mark.parametrize(
    "release",
    [notice(ocid=None), notice(ocid=[]), notice(tender=None), tender(title="", description=" ")],
)
def test_a_notice_that_cannot_be_asked_about_is_set_aside(release: Any) -> None:
    tally = Tally("")
    assert list(Notice.of(release).lots(tally)) == []
    assert sum(tally.set_aside.values()) == tally.read > 0


def test_a_description_over_a_million_characters_is_set_aside() -> None:
    tally = Tally("")
    assert list(Notice.of(tender(description="word " * 2_000_000)).lots(tally)) == []
    assert "1,000,000" in next(iter(tally.set_aside))


def test_an_award_without_a_day_of_its_own_takes_the_notices(tmp_path: Path) -> None:
    [award], _ = awards(tmp_path, awarded({"date": None}))
    assert award.day == date(2026, 4, 10)
    found, tally = awards(tmp_path, awarded({"date": "soon"}, date=None))
    assert (found, tally.set_aside) == ([], {"award without a date": 1})


def test_trap_uk15_repeats_awards_without_content(tmp_path: Path) -> None:
    found, tally = awards(tmp_path, notice(awards=[{"id": "a1", "amendments": [{"id": "x"}]}]))
    assert (found, tally.set_aside) == ([], {"award repeated without content": 1})


@pytest.mark.parametrize(
    "suppliers", [None, [], "System.Object[]", [{"id": "7"}], [{"name": "..."}]]
)
def test_an_award_without_suppliers_is_set_aside(tmp_path: Path, suppliers: object) -> None:
    found, tally = awards(tmp_path, awarded({"suppliers": suppliers}))
    assert found == []
    assert sum(tally.set_aside.values()) == 1


def test_trap_joint_suppliers_share_one_value(tmp_path: Path) -> None:
    both = [{"id": "1", "name": "Elm Trust"}, {"id": "2", "name": "Oak Ltd"}]
    [award], _ = awards(tmp_path, awarded({"suppliers": both, "value": {"amount": 500}}))
    assert [supplier.name for supplier in award.suppliers] == ["Elm Trust", "Oak Ltd"]
    assert award.value == 500


@pytest.mark.parametrize("related", [["1", "2"], [], None, ["9"], {"id": "9"}])
def test_an_award_that_names_no_one_lot_is_of_the_whole(tmp_path: Path, related: object) -> None:
    [award], _ = awards(tmp_path, awarded({"relatedLots": related}))
    assert award.lot.id == "ocds-h6vhtk-000001"
    assert set(award.lot.cpv) == {"85000000", "85312100", "85312200"}
    assert award.lot.value == 360_000


def test_trap_old_notices_cannot_say_who_won_which_lot(tmp_path: Path) -> None:
    entries = [{"relatedLots": ["1"]}, {"relatedLots": ["2"]}]
    old, _ = awards(tmp_path, awarded(*entries, date="2023-05-01T00:00:00Z"))
    new, _ = awards(tmp_path, awarded(*entries, date="2024-05-01T00:00:00Z"))
    assert [award.lot.id for award in old] == ["ocds-h6vhtk-000001"] * 2
    assert [award.lot.id[-2:] for award in new] == ["#1", "#2"]


@pytest.mark.parametrize(
    ("ocid", "portal"),
    [
        ("ocds-h6vhtk-1", "Find a Tender"),
        ("ocds-b5fd17-1", "Contracts Finder"),
        ("ocds-b5fd17raw-1", "Contracts Finder"),
        ("ocds-r6ebe6-1", "Public Contracts Scotland"),
        ("ocds-kuma6s-1", "Sell2Wales"),
        ("ocds-other-1", "OCDS notice"),
    ],
)
def test_a_supplier_says_where_and_when_it_was_read(tmp_path: Path, ocid: str, portal: str) -> None:
    [award], _ = awards(tmp_path, awarded({}, ocid=ocid))
    source = award.suppliers[0].source
    assert (source.name, source.day, source.licence) == (portal, award.day, "OGL-UK-3.0")


def test_an_award_published_twice_counts_once(tmp_path: Path) -> None:
    found, tally = awards(tmp_path, notice(), notice())
    assert len(found) == 2
    assert tally.set_aside == {"award repeated": 2}


@pytest.mark.parametrize("bad", [None, 3, "notice", [], {}, {"releases": None}, {"records": 1}])
def test_a_bad_document_is_set_aside_and_reading_goes_on(tmp_path: Path, bad: object) -> None:
    found, tally = awards(tmp_path, bad, notice())
    assert len(found) == 2
    assert tally.read - tally.kept == sum(tally.set_aside.values()) == 1


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a tree of JSON."""
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(tree[key], (*path, key))


WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", [], ["x", None], {}, {"id": []}, 0, -1, 1.5, True, float("inf"), "\ud800", [[]]]
)


@given(st.lists(st.tuples(st.sampled_from(list(places(FIND_A_TENDER))), WRONG), max_size=3))
def test_no_wrong_type_anywhere_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    broken = notice()
    for path, value in changes:
        spot: Any = broken
        try:
            for key in path[:-1]:
                spot = spot[key]
            spot[path[-1]] = deepcopy(value)
        except (TypeError, KeyError, IndexError):
            continue
    sound = notice(ocid="ocds-h6vhtk-sound")
    found, tally = awards(tmp_path_factory.mktemp("notices"), broken, sound)
    kept = {award.id for award in found}
    assert {"ocds-h6vhtk-sound/a1", "ocds-h6vhtk-sound/a2"} <= kept
    lost = sum(n for why, n in tally.set_aside.items() if "the rest is kept" not in why)
    assert tally.read == tally.kept + lost
    assert all(lot.title or lot.description for lot in lots(broken))


@given(WRONG, WRONG)
def test_a_lot_knows_nothing_of_its_award(given_awards: Any, contracts: Any) -> None:
    suppliers = [p for p in notice()["parties"] if "buyer" not in p["roles"]]
    parties = [p for p in notice()["parties"] if p not in suppliers]
    bare = notice(awards=given_awards, contracts=contracts, parties=parties)
    assert lots(bare) == lots(notice())


@needs_shared
def test_published_award_notices_are_read(tmp_path: Path) -> None:
    path = part_of(SHARED / "awards" / "uk-awards-to-2022-09.ocds.jsonl.gz", tmp_path, 400)
    [(tally, found)] = read_awards([path])
    some = list(found)
    notes = tally.set_aside["award without a named supplier"]
    assert len(some) == tally.read - notes >= 370
    assert 0 < notes < 15
    assert all(award.suppliers and award.lot.title for award in some)
    with gzip.open(path, "rt") as lines:
        first = json.loads(next(lines))
    assert first["ocid"] in {award.lot.id for award in some}


@needs_shared
def test_published_contracts_finder_notices_are_read() -> None:
    paths = sorted((SHARED / "fixtures" / "contracts-finder").glob("*.json"))
    for path in paths:
        [(tally, found)] = read_awards([path])
        release: Any = next(iter(releases(json.loads(path.read_text()))))
        names = {supplier["name"] for supplier in release["awards"][0]["suppliers"]}
        read = [supplier for award in found for supplier in award.suppliers]
        assert 0 < len(read) <= len(names)
        assert all("the rest is kept" in reason for reason in tally.set_aside)


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_notices_in_the_cells_of_a_table_are_read(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "releases.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=mark)
        out.writerow(["ocid", "release"])
        out.writerow(["1", json.dumps(FIND_A_TENDER)])
        out.writerow(["2", ""])
    [(tally, found)] = read_awards([path])
    in_json, _ = awards(tmp_path, FIND_A_TENDER)
    assert list(found) == in_json
    assert tally.set_aside == {"row without JSON": 1}
    assert tally.examples == {"row without JSON": "releases.csv row 3"}
