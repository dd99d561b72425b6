"""Releases of one procurement: which are found, how they are merged, and what stands."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadLot
from matcher.core.types import Award, Lot, Tally
from matcher.fetch.notice_file import KEEP, database, documents
from matcher.register.build.build import build
from matcher.sources.notices.lots import lots_from_input, notice_as_one_lot, read_lots
from matcher.sources.notices.ocds import AwardSource, merged_awards, read_awards
from matcher.sources.notices.whole_value import WholeValue, wholes_of

EXAMPLES = Path(__file__).parents[4] / "examples"
OCID = "ocds-h6vhtk-0c0001"
FERN = {"id": "GB-COH-07000001", "name": "Fernleigh Coaches Ltd"}
MOSS = {"id": "GB-COH-07000002", "name": "Mossbank Minibuses CIC"}
HULL = {"id": "GB-PPON-HULL-0001-AAAA", "name": "Hull City Council"}
LEEDS = {"id": "GB-PPON-LEED-0001-AAAA", "name": "Leeds City Council"}
TENDER = {
    "title": "School transport",
    "description": "Minibuses to schools",
    "value": {"amount": 200_000, "amountGross": 240_000, "currency": "GBP"},
}


def release(day: int, tag: str = "award", buyer: Any = HULL, **fields: Any) -> dict[str, Any]:
    parties = [{**one, "roles": [role]} for one, role in ((FERN, "supplier"), (MOSS, "supplier"))]
    return {
        "ocid": OCID,
        "id": f"{day:06}-2026",
        "date": f"2026-03-{day:02}T09:00:00Z",
        "tag": [tag],
        **({"buyer": buyer} if buyer else {}),
        "parties": [*parties, *([{**buyer, "roles": ["buyer"]}] if buyer else [])],
        **fields,
    }


def award(supplier: Any = FERN, id_: str = "1", **fields: Any) -> dict[str, Any]:
    base = {"id": id_, "status": "active", "date": "2026-03-01T00:00:00Z", "suppliers": [supplier]}
    return {**base, **fields}


def kept(*releases: Any) -> tuple[list[Award], Tally]:
    tally = Tally("x")
    source = AwardSource(tally, [("x", {"releases": list(releases)})])
    return [award for _, awards in merged_awards([source]) for award in awards], tally


def winners(awards: Sequence[Award]) -> list[str]:
    return [one.name for each in awards for one in each.suppliers]


def lots(*releases: Any) -> list[Lot]:
    return lots_from_input({"releases": list(releases)}, "x")[0]


def test_a_corrected_award_replaces_the_earlier_one_in_either_order() -> None:
    first = release(1, tender=TENDER, awards=[award()])
    corrected = release(5, "awardUpdate", tender=TENDER, awards=[award(MOSS)])
    for order in ([first, corrected], [corrected, first]):
        found, tally = kept(*order)
        assert winners(found) == ["Mossbank Minibuses CIC"]
        assert tally.set_aside == {"award replaced by a newer release": 1}
        assert (tally.read, tally.kept) == (2, 1)


@pytest.mark.parametrize(
    "later",
    [
        release(9, "awardUpdate", awards=[{"id": "1", "status": "cancelled"}]),
        release(9, "awardCancellation", awards=[{"id": "1"}]),
        {**release(9, awards=[{"id": "1"}]), "tag": "AwardCancellation"},
        release(9, "awardCancellation"),
    ],
)
def test_a_cancelled_award_is_withdrawn(later: Any) -> None:
    found, tally = kept(release(1, tender=TENDER, awards=[award()]), later)
    assert found == []
    assert tally.set_aside["award is cancelled"] == 1


def test_an_award_without_a_tender_has_its_own_title_codes_place_and_period() -> None:
    item = {
        "id": "1",
        "classification": {"scheme": "CPV", "id": "60130000"},
        "deliveryAddresses": [{"region": "UKE11"}],
    }
    period = {"startDate": "2026-04-01", "endDate": "2028-03-31"}
    own = award(
        title="Buses",
        description="To school",
        items=[item],
        contractPeriod=period,
        mainProcurementCategory="services",
    )
    [found], _ = kept(release(1, awards=[own]))
    lot = found.lot
    assert (lot.title, lot.description, lot.cpv, lot.area) == (
        "Buses",
        "To school",
        ("60130000",),
        "UKE11",
    )
    assert (lot.category, lot.years) == ("services", 2.0)


@pytest.mark.parametrize(
    "said",
    [
        {"planning": {"project": {"title": "Buses"}}},
        {"planning": {"budget": {"project": "Buses"}}},
        {"title": "Buses"},
        {"awards": [award(items=[{"id": "1", "description": "Buses"}])]},
        {"awards": [award(items=[{"classification": {"scheme": "X", "description": "Buses"}}])]},
        {"tender": {"items": [{"id": "1", "description": "Buses"}]}},
    ],
)
def test_an_award_without_a_title_goes_by_its_project_or_its_items(said: Any) -> None:
    [found], _ = kept(release(1, **{"awards": [award()], **said}))
    assert (found.lot.title or found.lot.description) == "Buses"


@pytest.mark.parametrize(
    ("own", "contract", "count"),
    [({}, {"suppliers": [FERN]}, 1), ({}, {}, 2), ({"suppliers": []}, {"suppliers": [FERN]}, 0)],
)
def test_an_award_that_names_no_supplier_has_those_of_its_contract_or_the_parties(
    own: Any, contract: Any, count: int
) -> None:
    entry = {key: value for key, value in award(**own).items() if own or key != "suppliers"}
    contracts = [{"id": "1", "awardID": 1, **contract}]
    found, _ = kept(release(1, tender=TENDER, awards=[entry], contracts=contracts))
    assert len(winners(found)) == count


@pytest.mark.parametrize("status", ["canceled", "Discontinued", "rejected"])
def test_an_award_that_came_to_nothing_is_not_won(status: str) -> None:
    found, tally = kept(release(1, tender=TENDER, awards=[award(status=status)]))
    assert (found, tally.set_aside) == ([], {f"award is {status.lower()}": 1})


def test_buyers_that_buy_together_are_one_in_any_order() -> None:
    first, second = {"id": "1", "name": "Moss Council"}, {"id": "2", "name": "Fern Council"}
    joint = [
        release(1, buyer=None, buyers=[first, second], tender=TENDER, awards=[award()]),
        release(2, buyer=None, buyers=[second, first], awards=[award(MOSS)]),
    ]
    found, _ = kept(*joint)
    assert winners(found) == ["Mossbank Minibuses CIC"]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("EPO", "Eastern Purchasing (EPO)", 1),
        ("Eastern Purchasing", "Eastern Purchasing (EPO)", 1),
        ("Fern Trust (North)", "Moss Trust (North)", 2),
        ("Fern Trust (ICB)", "Moss Trust (ICB)", 2),
    ],
)
def test_a_short_form_in_brackets_is_the_same_buyer(one: str, other: str, count: int) -> None:
    found, _ = kept(
        release(1, buyer={"id": "1", "name": one}, awards=[award(title="A")]),
        release(2, buyer={"id": "1", "name": other}, awards=[award(title="A")]),
    )
    assert len(found) == count


def test_null_takes_a_field_away_and_an_empty_text_does_not() -> None:
    [lot] = lots(
        release(1, "tender", tender=TENDER),
        release(2, "tenderUpdate", tender={"value": None, "title": ""}),
    )
    assert (lot.title, lot.value) == ("School transport", None)


def test_a_notice_read_as_a_whole_is_its_newest_words() -> None:
    both = [release(1, "tender", tender=TENDER), release(4, tender={"title": "Coaches"})]
    whole = notice_as_one_lot({"releases": both}, "x")
    assert whole is not None
    assert whole.title == "Coaches"


def written(folder: Path, name: str, *documents: Any) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return path


def versions(*values: Any) -> list[dict[str, Any]]:
    return [
        {"releaseDate": f"2026-0{n}-01T00:00:00Z", "releaseID": str(n), "releaseTag": ["tender"]}
        | {"value": value}
        for n, value in reversed(list(enumerate(values, 1)))
    ]


def test_a_versioned_release_is_read_by_its_newest_values() -> None:
    tender = {
        "title": versions("Buses", "School buses"),
        "value": {"amount": versions(10, 20), "currency": versions("GBP")},
        "lots": [{"id": "1", "title": versions("Only lot of some length")}],
    }
    record = {"ocid": OCID, "versionedRelease": {"ocid": OCID, "tender": tender}}
    [lot], _ = lots_from_input({"records": [record]}, "x")
    assert (lot.title, lot.value) == ("Only lot of some length", 20)
    assert "School buses" in lot.description
    assert lot.day is not None
    assert lot.day.isoformat() == "2026-02-01"


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one: {"releases": one},
        lambda one: {"results": [{"releases": [one]}], "maxPage": 1},
        lambda one: {"results": [one]},
        lambda one: {"records": {"ocid": one["ocid"], "compiledRelease": one}},
        lambda one: {"records": {one["ocid"]: {"compiledRelease": one}}},
        lambda one: {"releases": {one["ocid"]: one}},
        lambda one: {"publisher": {"name": "X"}, "releases": [{"version": "1", "releases": [one]}]},
        lambda one: {"publisher": {"name": "X"}, "packages": [{"releases": [one]}]},
        lambda one: {"releasePackage": {"releases": [one]}},
        lambda one: {"data": [one]},
        lambda one: {"value": [one], "Count": 1},
        lambda one: {"compiledRelease": {"id": "1", "tender": None}, "releases": [one]},
    ],
)
def test_a_release_is_found_in_what_portals_wrap_around_it(wrapped: Any) -> None:
    one = release(1, "tender", tender={"title": "Transport"})
    found, _ = lots_from_input(wrapped(one), "x")
    assert [lot.title for lot in found] == ["Transport"]


@pytest.mark.parametrize(
    "said",
    [
        {
            "buyer": {"id": None, "name": ""},
            "tender": {"procuringEntity": {"name": "Moss Council"}},
        },
        {"buyers": [{"id": "1", "name": "Moss Council"}]},
        {"parties": [{"id": "1", "name": "Moss Council", "roles": "buyer"}]},
        {"parties": [{"id": "1", "name": "Moss Council", "roles": ["ProcuringEntity"]}]},
        {"parties": [{"id": "1", "name": "Moss Council", "roles": ["leadBuyer"]}]},
        {"buyer": "Moss Council"},
        {"tender": {"procuringEntity": "Moss Council"}},
        {
            "buyer": {"id": 1},
            "parties": [{"id": 1, "identifier": {"legalName": "Moss Council"}, "roles": ["buyer"]}],
        },
    ],
)
def test_a_buyer_is_read_wherever_the_notice_names_it(said: Any) -> None:
    tender = {"title": "Transport", **said.get("tender", {})}
    fields = {"buyer": None, "parties": [], **said, "tender": tender}
    [lot] = lots({**release(1, "tender"), **fields})
    assert lot.buyer == "Moss Council"


@pytest.mark.parametrize(
    ("period", "years"),
    [
        ({"duration": "p18m"}, 1.5),
        ({"duration": "P2Y0M0DT0H0M0S"}, 2),
        ({"duration": "P1.5Y"}, 1.5),
        ({"duration": "36 months"}, 3),
        ({"duration": "3 Years"}, 3),
        ({"duration": {"value": 24, "unit": "MONTH"}}, 2),
        ({"duration": 24, "durationUnit": "months"}, 2),
        ("P3Y", 3),
        ({"duration": "P", "durationInMonths": 12}, 1),
        ({"duration": "soon"}, None),
        ({"startDate": "2026-04-01"}, None),
    ],
)
def test_a_length_is_read_as_exports_write_it(period: Any, years: float | None) -> None:
    [lot] = lots(release(1, "tender", tender={"title": "Grass", "contractPeriod": period}))
    assert lot.years == years


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"startDate": "2026-04-01", "endDate": "2027-03-31"}, {"duration": "P3Y"}),
        ({"durationInYears": 1}, {"durationInMonths": 36}),
        ({"duration": "P1Y"}, {"durationInWeeks": 156}),
        ({"durationInMonths": 36, "duration": "P3Y"}, {"durationInYears": 3}),
    ],
)
def test_a_newer_length_replaces_every_older_one(older: Any, newer: Any) -> None:
    both = [
        release(day, "tenderUpdate", tender={"title": "Grass", "contractPeriod": period})
        for day, period in enumerate((older, newer), 1)
    ]
    assert [lot.years for lot in lots(*both)] == [3]


def test_a_package_without_releases_is_called_that(tmp_path: Path) -> None:
    package = {"uri": "https://example.org", "version": "1.1", "publisher": {"name": "Example"}}
    with pytest.raises(BadLot, match="package without releases"):
        lots_from_input(package, "x")
    with pytest.raises(BadLot, match="package without releases"):
        read_lots(written(tmp_path, "package.json", package))
    path = written(tmp_path, "a.jsonl", package, release(1, tender=TENDER, awards=[award()]))
    [(tally, found)] = read_awards([path])
    assert len(list(found)) == 1
    assert tally.set_aside == {"package without releases": 1}


TWO_LOTS = [{"id": "1", "title": "Northern routes"}, {"id": "2", "title": "Southern routes"}]


def wholes(tender: dict[str, Any]) -> tuple[float | None, float | None]:
    """The whole value, net and gross, that comes with the lots of a notice."""
    found, _ = lots_from_input({"releases": [release(1, "tender", tender=tender)]}, "x")
    whole = wholes_of(found).get(OCID, WholeValue())
    return whole.net, whole.gross


@pytest.mark.parametrize(
    ("fields", "whole"),
    [
        ({"value": {"amount": 310_000, "currency": "GBP"}}, (310_000, None)),
        ({"value": {"amountGross": 310_000, "amount": 250_000}}, (250_000, 310_000)),
        ({"value": {"amount": 310_000, "currency": "EUR"}}, (None, None)),
        ({"value": {"amount": 1, "currency": "GBP"}}, (None, None)),
        ({"maximumValue": {"amount": 90_000}, "value": {"amount": 5_000}}, (90_000, None)),
        ({"minValue": {"amount": 20_000}}, (None, None)),
        ({"minValue": {"amount": 1_000}, "value": {"amount": 5_000}}, (5_000, None)),
        (
            {
                "value": {"amount": 100_000},
                "techniques": {"frameworkAgreement": {"maximumValue": {"amount": 4_000_000}}},
            },
            (4_000_000, None),
        ),
        (
            {"techniques": {"dynamicPurchasingSystem": {"value": {"amountGross": 700_000}}}},
            (None, 700_000),
        ),
    ],
)
def test_the_lots_of_a_notice_come_with_the_value_of_the_whole(
    fields: Any, whole: tuple[float | None, float | None]
) -> None:
    assert wholes({"title": "Transport", "lots": TWO_LOTS, **fields}) == whole


@pytest.mark.parametrize("amount", [0, 1, 0.01, "1.00", 1.2, 3])
def test_a_nominal_value_is_not_known_and_counted(amount: Any) -> None:
    tender = {"title": "Transport", "value": {"amount": amount, "currency": "GBP"}}
    [lot], tally = lots_from_input({"releases": [release(1, "tender", tender=tender)]}, "x")
    assert lot.value is None
    assert list(tally.set_aside) == ["value under 10 pounds: taken as not known (the rest is kept)"]


def test_a_budget_of_the_planning_counts_where_the_tender_states_no_value() -> None:
    planning = {"budget": {"amount": {"amount": 410_000, "currency": "GBP"}}}
    tender: dict[str, Any] = {"title": "Transport"}
    [lot] = lots(release(1, "tender", tender=tender, planning=planning))
    assert lot.value == 410_000
    stated = {**tender, "value": {"amount": 70_000}}
    assert lots(release(1, "tender", tender=stated, planning=planning))[0].value == 70_000
    for nominal in (0, 1):
        unsaid = {**tender, "value": {"amount": nominal}, "lots": [{"value": {"amount": nominal}}]}
        assert lots(release(1, "tender", tender=unsaid, planning=planning))[0].value == 410_000
    for_lots = {**tender, "lots": TWO_LOTS}
    found, _ = lots_from_input(
        {"releases": [release(1, "tender", tender=for_lots, planning=planning)]}, "x"
    )
    assert [whole.net for whole in wholes_of(found).values()] == [410_000]


@pytest.mark.parametrize(
    ("holder", "years"),
    [
        ({"contractPeriod": {"durationInMonths": 18}}, 1.5),
        ({"contractPeriod": {"durationInYears": 4}}, 4),
        ({"contractPeriod": {"durationInDays": 731}}, 2),
        ({"contractPeriod": {"durationInDays": 720}}, 2),
        ({"contractPeriod": {"durationInDays": 1095}}, 3),
        ({"contractPeriod": {"duration": "P2Y6M"}}, 2.5),
        (
            {
                "contractPeriod": {"durationInMonths": 24},
                "renewal": {"maximumRenewals": 2, "period": {"durationInMonths": 12}},
            },
            4,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 24},
                "hasOptions": True,
                "options": {"description": "An option to extend by 2 further years"},
            },
            4,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 24},
                "hasRenewal": True,
                "renewal": {"description": "1+1 years"},
            },
            4,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 48},
                "hasRenewal": True,
                "renewal": {"description": "Up to a maximum of 7 years in total"},
            },
            7,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 48},
                "hasRenewal": True,
                "renewal": {"description": "4+1+1"},
            },
            6,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 36},
                "hasRenewal": True,
                "renewal": {"description": "The contract is for one year, extendable by 2 years."},
            },
            3,
        ),
        (
            {
                "contractPeriod": {
                    "startDate": "2026-04-01",
                    "endDate": "2028-03-31",
                    "maxExtentDate": "2030-03-31",
                }
            },
            4,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 24},
                "hasRenewal": True,
                "renewal": {"description": "Option to extend by up to 12 months"},
            },
            3,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 24},
                "hasRenewal": False,
                "renewal": {"description": "Option to extend by up to 12 months"},
            },
            2,
        ),
        (
            {
                "contractPeriod": {"durationInMonths": 24},
                "renewal": {"description": "Expected again at the end of the contract period"},
            },
            2,
        ),
        *(
            (
                {
                    "contractPeriod": {"durationInMonths": 36},
                    "hasRenewal": True,
                    "renewal": {"description": description},
                },
                years,
            )
            for description, years in [
                ("24 months (12+12)", 5),
                ("12 month extension x 2", 5),
                ("1 year + 1 year", 5),
                ("2+1", 3),
                ("3 + 1 + 1 years", 5),
                ("2 years with an option to extend for 1 year", 3),
                ("Extension of 1 x 12 months and 1 x 6 months", 4.5),
                ("Option to extend by 24 months, giving a maximum term of 60 months", 5),
                ("The total duration will not exceed 5 years", 5),
                ("The 36 months includes an optional extension of 12 months", 3),
                ("The need is expected to recur in 36 months", 3),
                ("Renewal in 3 years' time", 3),
                ("A new competition starts 30 months after contract award", 3),
                ("Notice will be given 3 months before expiry; extension of 12 months", 4),
                ("Opsiwn i ymestyn am hyd at ddwy flynedd arall", 5),
                ("18 months + 18 months, if the Council wishes", 6),
                ("Further year worth £90,000", 4),
            ]
        ),
        (
            {
                "contractPeriod": {"startDate": "2026-04-01", "endDate": "2029-03-31"},
                "renewal": {"description": "Option to extend until 31 March 2031"},
            },
            5,
        ),
        (
            {
                "contractPeriod": {"startDate": "2026-04-01", "endDate": "2031-03-31"},
                "renewal": {"description": "Initial term of 3 years, with an option of 2 more"},
            },
            5,
        ),
    ],
)
def test_the_length_of_a_contract_counts_its_options(holder: Any, years: float) -> None:
    [lot] = lots(release(1, "tender", tender={**TENDER, **holder}))
    assert lot.years == pytest.approx(years, abs=0.01)


def facts(awards: Sequence[Award]) -> set[tuple[Any, ...]]:
    return {(a.id, a.lot, a.day, a.value, a.suppliers) for a in awards}


STATEMENTS = st.builds(
    lambda day, hour, buyer, tender, awards, tag: release(
        day,
        tag,
        buyer,
        date=f"2026-03-{day:02}T0{hour}:00:00Z",
        awards=awards,
        **({"tender": tender} if tender else {}),
    ),
    st.integers(1, 3),
    st.integers(0, 1),
    st.sampled_from([HULL, LEEDS, {"id": "b", "name": "Hull Council"}, None]),
    st.sampled_from([None, TENDER, {"title": "Other"}, {"lots": [{"id": "1", "title": "North"}]}]),
    st.lists(
        st.builds(
            lambda supplier, id_, lots, more: award(supplier, id_, relatedLots=lots, **more),
            st.sampled_from([FERN, MOSS]),
            st.sampled_from(["1", "2", None]),
            st.sampled_from([[], ["1"], ["2"], ["1", "2"]]),
            st.sampled_from([{}, {"status": "pending"}, {"value": {"amount": 7}}, {"title": "T"}]),
        ),
        max_size=3,
    ),
    st.sampled_from(["tender", "award", "awardUpdate", "awardCancellation"]),
)


@given(
    st.lists(STATEMENTS, min_size=1, max_size=6),
    st.randoms(use_true_random=False),
    st.integers(1, 3),
)
def test_no_order_of_releases_and_no_split_into_files_changes_what_is_kept(
    tmp_path_factory: pytest.TempPathFactory, releases: list[Any], order: random.Random, files: int
) -> None:
    folder = tmp_path_factory.mktemp("files")
    first = facts(kept(*releases)[0])
    shuffled = order.sample(releases, len(releases))
    paths = [written(folder, f"{n}.jsonl", *shuffled[n::files]) for n in range(files)]
    read = [(tally, list(found)) for tally, found in read_awards(paths)]
    assert facts([one for _, found in read for one in found]) == first
    for tally, _ in read:
        lost = sum(n for why, n in tally.set_aside.items() if "the rest is kept" not in why)
        assert tally.read == tally.kept + lost
    assert sum(tally.kept for tally, _ in read) == len(first)


def stored(path: Path, *releases: Any) -> AwardSource:
    """The store of a service with these releases, as `matcher fetch` keeps them."""
    with database(path) as base, base:
        for number, one in enumerate(releases):
            row = (one["ocid"], f"r{number}", one["date"], "2026-01-01", json.dumps(one))
            base.execute(KEEP, row)
    return AwardSource(Tally("store"), documents(path))


@given(
    st.lists(STATEMENTS, min_size=1, max_size=6),
    st.randoms(use_true_random=False),
    st.integers(0, 6),
)
def test_no_split_between_a_store_and_files_changes_what_is_kept(
    tmp_path_factory: pytest.TempPathFactory,
    releases: list[Any],
    order: random.Random,
    in_store: int,
) -> None:
    first = facts(kept(*releases)[0])
    shuffled = order.sample(releases, len(releases))
    for store_first in (True, False):
        folder = tmp_path_factory.mktemp("both")
        sources = [stored(folder / "notices.sqlite", *shuffled[:in_store])]
        if rest := shuffled[in_store:]:
            file = AwardSource.file(written(folder, "file.jsonl", *rest))
            sources.insert(1 if store_first else 0, file)
        read = [(tally, list(found)) for tally, found in merged_awards(sources)]
        assert facts([one for _, found in read for one in found]) == first
        assert sum(tally.kept for tally, _ in read) == len(first)


def test_no_split_into_files_changes_a_register(tmp_path: Path, places_table: Path) -> None:
    lines = (EXAMPLES / "awards.ocds.jsonl").read_text().splitlines(keepends=True)
    versions_ = set()
    for number, parts in enumerate(
        ([lines], [lines[90:], lines[:40], lines[40:90]], [lines[::-1]])
    ):
        paths = [tmp_path / f"{number}-{n}.jsonl" for n in range(len(parts))]
        for path, part in zip(paths, parts, strict=True):
            path.write_text("".join(part))
        report = build(tmp_path / str(number), read_awards(paths), places_table=places_table)
        versions_.add(report.version)
    assert len(versions_) == 1


@pytest.mark.parametrize("key", ["record", "package"])
def test_a_release_without_an_ocid_has_that_of_what_holds_it(key: str) -> None:
    bare = {k: v for k, v in release(2, tender=TENDER, awards=[award()]).items() if k != "ocid"}
    holder = {"ocid": OCID, "releases": [bare]}
    document = {"records": [holder]} if key == "record" else holder
    source = AwardSource(Tally("x"), [("x", document)])
    found = [one for _, awards in merged_awards([source]) for one in awards]
    assert [one.id for one in found] == [f"{OCID}/1"]


def test_a_time_of_day_tells_which_release_is_newer_however_it_is_written() -> None:
    late = release(2, tender=TENDER, awards=[award(MOSS)]) | {"date": "02/03/2026 15:10", "id": "a"}
    early = release(2, tender=TENDER, awards=[award()]) | {"date": "02/03/2026 9:05:01", "id": "b"}
    assert winners(kept(late, early)[0]) == [MOSS["name"]]


def test_the_day_of_a_package_tells_which_release_without_one_is_newer() -> None:
    packages = []
    for number, (month, supplier) in enumerate([("05", MOSS), ("04", FERN)]):
        bare = release(2, tender=TENDER, awards=[award(supplier)]) | {"id": f"x{number}"}
        del bare["date"]
        packages.append({"publishedDate": f"2026-{month}-01T00:00:00Z", "releases": [bare]})
    for order in (packages, packages[::-1]):
        source = AwardSource(Tally("x"), [("x", one) for one in order])
        assert winners([one for _, found in merged_awards([source]) for one in found]) == [
            MOSS["name"]
        ]


def test_a_period_that_ends_before_it_starts_says_nothing_of_the_end() -> None:
    wrong = {"startDate": "2028-04-01", "endDate": "2026-03-31"}
    right = {"startDate": "2026-04-01", "endDate": "2028-03-31"}
    one = award(contractPeriod=wrong)
    [alone], _ = kept(release(1, "award", tender=TENDER, awards=[one]))
    tender = {**TENDER, "contractPeriod": right}
    [beside], _ = kept(release(1, "award", tender=tender, awards=[one]))
    assert (alone.ends, str(beside.ends)) == (None, "2028-03-31")


@pytest.mark.parametrize("placeholder", ["N/A", "-", "TBC", "Not applicable"])
def test_a_placeholder_is_no_title(placeholder: str) -> None:
    named = award(title="Gritting of roads")
    bare = {"title": placeholder, "description": placeholder}
    [one], _ = kept(release(1, "award", tender=bare, awards=[named]))
    assert (one.lot.title, one.lot.description) == ("Gritting of roads", "")
    found, tally = kept(release(1, "award", tender=bare, awards=[award(**bare)]))
    assert not found
    assert tally.set_aside == {"notice without a title or description": 1}
