"""Contracts that are announced before their tender, in OCDS and in Contracts Finder's own table."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import Award, PlannedContract, Tally
from matcher.sources.notices.ocds import AwardSource, merged_notices, read_awards

DATA = Path(__file__).parents[5] / "shared" / "data" / "fixtures"
OCID = "ocds-h6vhtk-0d0001"
DOCUMENT = {"documentType": "plannedProcurementNotice", "noticeType": "UK1"}
TENDER: dict[str, Any] = {
    "title": "Day opportunities for adults",
    "description": "Centres and outings in Hull",
    "status": "planned",
    "value": {"amount": 300_000, "amountGross": 360_000, "currency": "GBP"},
    "items": [{"id": "1", "additionalClassifications": [{"scheme": "CPV", "id": "85312100"}]}],
    "lots": [
        {"id": "1", "contractPeriod": {"startDate": "2027-04-01", "endDate": "2029-03-31"}},
        {"id": "2", "contractPeriod": {"startDate": "2027-06-01", "endDate": "2030-03-31"}},
    ],
    "communication": {"futureNoticeDate": "2026-09-01T23:59:59+01:00"},
}


def release(day: int = 1, tag: str = "planning", **fields: Any) -> dict[str, Any]:
    return {
        "ocid": OCID,
        "id": f"{day:06}-2026",
        "date": f"2026-03-{day:02}T09:00:00Z",
        "tag": [tag],
        "buyer": {"id": "GB-PPON-HULL-0001-AAAA", "name": "Hull City Council"},
        "planning": {"documents": [DOCUMENT]},
        "tender": TENDER,
        **fields,
    }


def read(*documents: Any) -> tuple[list[Award | PlannedContract], Tally]:
    tally = Tally("x")
    source = AwardSource(tally, [(f"x:{n}", one) for n, one in enumerate(documents)])
    return [one for _, found in merged_notices([source]) for one in found], tally


def test_the_newest_announcement_stands() -> None:
    later = release(5, "planningUpdate", tender={**TENDER, "title": "Day services"})
    (found,), tally = read(later, release())
    assert isinstance(found, PlannedContract)
    assert (found.lot.title, found.day) == ("Day services", date(2026, 3, 5))
    assert tally.set_aside == {"planned contract replaced by a newer notice": 1}
    assert (tally.read, tally.kept) == (2, 1)


WON = {"id": "1", "date": "2026-03-09", "suppliers": [{"id": "GB-COH-07000001", "name": "Fern"}]}


@pytest.mark.parametrize(
    "later",
    [
        release(9, "tender", tender={**TENDER, "status": "active"}),
        release(9, "planningUpdate", tender={**TENDER, "status": "withdrawn"}),
        release(9, "tenderCancellation", tender={**TENDER, "status": "cancelled"}),
        release(9, "award", awards=[WON]),
    ],
)
def test_a_procurement_that_went_on_is_no_plan(later: dict[str, Any]) -> None:
    found, _ = read(release(), later)
    assert not [one for one in found if isinstance(one, PlannedContract)]


def test_who_reads_awards_alone_gets_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"
    path.write_text(json.dumps(release()) + "\n")
    [(tally, found)] = read_awards([path])
    assert list(found) == []
    assert tally.set_aside == {"notice without an award": 1}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"date": "soon"}, "planned contract without a date"),
        ({"tender": {"status": "planned"}}, "notice without a title or description"),
    ],
)
def test_a_plan_that_is_not_usable_is_set_aside(changed: dict[str, Any], why: str) -> None:
    found, tally = read(release(**changed))
    assert found == []
    assert tally.set_aside == {why: 1}


@pytest.mark.parametrize(
    "changed",
    [
        {"tender": {**TENDER, "lots": "x", "communication": 3, "contractPeriod": ["x"]}},
        {"planning": None, "tender": {**TENDER, "documents": {}}},
        {"tender": {**TENDER, "lots": [{"contractPeriod": {"startDate": "31/31/2026"}}]}},
    ],
)
def test_a_wrong_part_counts_as_absent(changed: dict[str, Any]) -> None:
    (found,), _ = read(release(**changed))
    assert isinstance(found, PlannedContract)


# --- Contracts Finder's own table ---

ROW = {
    "Notice Identifier": "HULL001-DN1",
    "Notice Type": "Pipeline",
    "Organisation Name": "Hull City Council",
    "Status": "Open",
    "Published Date": "2026-02-01T10:00:00Z",
    "Title": "Stop smoking service",
    "Description": "Advice in the community",
    "Cpv Codes": "85000000-9 85323000 ",
    "Region": "Yorkshire and the Humber",
    "Postcode": "HU1 2AA",
    "Value Low": "100000",
    "Value High": "150000",
    "Start Date": "01/10/2024",
    "End Date": "30/09/2027",
    "Closing Date": "01/12/2026",
}


def test_a_row_of_the_table_is_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "notices.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(ROW))
        writer.writeheader()
        writer.writerows([ROW, {**ROW, "Notice Type": "Contract", "Notice Identifier": "2"}])
    found = _in_file(path)
    as_json = read(ROW)[0]
    assert found == as_json
    (plan,) = found
    assert (plan.notice, plan.source) == ("pipeline", "Contracts Finder")
    assert (plan.tender, plan.starts, plan.ends) == (
        date(2026, 12, 1),
        date(2024, 10, 1),
        date(2027, 9, 30),
    )
    assert (plan.lot.value, plan.lot.cpv) == (150_000, ("85000000", "85323000"))
    assert (plan.lot.postcode, plan.lot.area) == ("HU1 2AA", "Yorkshire and the Humber")


def _in_file(path: Path) -> Sequence[PlannedContract]:
    return [
        one
        for _, found in merged_notices([AwardSource.file(path)])
        for one in found
        if isinstance(one, PlannedContract)
    ]


def test_other_rows_are_counted() -> None:
    rows = [{**ROW, "Notice Type": "Contract"}, {**ROW, "Status": "Withdrawn"}]
    found, tally = read(*rows)
    assert found == []
    assert (tally.read, sum(tally.set_aside.values())) == (2, 2)


def test_two_buyers_with_one_reference_are_two_plans() -> None:
    found, _ = read(ROW, {**ROW, "Organisation Name": "Leeds City Council"})
    assert len(found) == 2


@pytest.mark.skipif(not DATA.exists(), reason="needs the reference data folder")
def test_real_pipelines_are_read() -> None:
    """As many rows as a reader of its own counts, with the dates and values that they give."""
    path = DATA / "contracts-finder-csv" / "contracts-finder-csv-notices.jsonl.gz"
    expected = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if row["Notice Type"] in ("Pipeline", "PreProcurement") and row["Status"] == "Open":
                expected[row["Organisation Name"], row["Notice Identifier"]] = row
    found = _in_file(path)
    assert len(found) == len(expected) > 150
    for plan in found:
        row = next(r for (_, id_), r in expected.items() if plan.id.endswith(f"/{id_}"))
        assert plan.ends is None or f"{plan.ends:%d/%m/%Y}" == row["End Date"]
    (heat,) = _in_file(DATA / "find-a-tender" / "037689-2026.json")
    assert (heat.notice, heat.tender) == ("UK1", date(2026, 6, 29))
