"""The directory of care services, a spreadsheet with one row for each location."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import Grade, Provider, Site, Status, Tally
from matcher.sources.providers import care
from tests.published import CARE_COLUMNS, care_location, ods, table
from tests.published import care as spreadsheet

NAME = "01_November_2026_HSCA_Active_Locations.ods"


def read(folder: Path, *rows: dict[str, object]) -> tuple[Tally, list[Provider]]:
    path = folder / NAME
    path.write_bytes(spreadsheet(*rows))
    ((tally, found),) = care.read([path])
    return tally, list(found)


def test_a_provider_is_read_with_what_it_does_and_where(tmp_path: Path) -> None:
    tally, (one,) = read(tmp_path, care_location(1, **{"Provider Companies House Number": 9000003}))
    assert (tally.read, tally.kept) == (1, 1)
    assert one.id == "GB-COH-09000003"
    assert one.ids == ("GB-CQC-1-91",)
    assert one.name == "Thistledown Home Care Limited"
    assert one.aliases == ("Walsall Branch",)
    assert one.tags == ("Domiciliary care service", "Older People")
    assert one.sites == (Site("WS1 1AD", Grade.OPERATING_SITE),)
    assert one.areas == ("Walsall",)
    assert one.status is Status.ACTIVE
    assert one.source.day == date(2026, 11, 1)


def test_the_locations_of_a_provider_are_one_record(tmp_path: Path) -> None:
    first = care_location(1, **{"Provider ID": "1-77", "Care home?": "Y"})
    second = care_location(2, **{"Provider ID": "1-77", "Location Postal Code": "B70 1AA"})
    tally, (one,) = read(tmp_path, first, second, second)
    assert (tally.read, tally.kept) == (3, 1)
    assert [site.postcode for site in one.sites] == ["WS1 1AD", "B70 1AA"]
    assert "Care home" in one.tags


def test_managers_telephones_and_streets_are_never_read(tmp_path: Path) -> None:
    _, (one,) = read(tmp_path, care_location(1))
    for secret in ("Persona", "01922", "Street"):
        assert secret not in repr(one)


def test_a_dormant_location_is_set_aside(tmp_path: Path) -> None:
    tally, found = read(tmp_path, care_location(1, **{"Dormant (Y/N)": "Y"}))
    assert found == []
    assert tally.set_aside == {"location is dormant": 1}


def test_a_charity_number_stored_as_a_fraction_is_read(tmp_path: Path) -> None:
    _, (one,) = read(tmp_path, care_location(1, **{"Provider Charity Number": 1100004.0}))
    assert one.id == "GB-CHC-1100004"


def test_a_csv_with_the_same_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "locations 2026-11-01.csv"
    path.write_text(table(CARE_COLUMNS, care_location(1), {"Location ID": "1-2"}), newline="")
    ((tally, found),) = care.read([path])
    assert [one.name for one in found] == ["Thistledown Home Care Limited"]
    assert tally.set_aside == {"no provider name or number": 1}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x03\x04rubbish", "damaged.* fetch it again"),
        (ods({"Sheet1": [["a", "b"]]}), "no sheet with a column 'Location ID'.*'Sheet1'"),
        (ods({"Sheet1": [["Location ID", "b"]]}), "has no column 'Location Name'"),
        (b"a,b\r\n", "has no column 'Location ID'"),
    ],
)
def test_other_files_are_not_the_directory(tmp_path: Path, body: bytes, why: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(body)
    with pytest.raises(BadSource, match=why):
        next(care.read([path]))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="does not exist"):
        next(care.read([tmp_path / "none.ods"]))


@pytest.mark.parametrize(
    "gone",
    [
        *({"Location HSCA End Date": day} for day in ("2020-01-01", "Aug-19", "43708")),
        {"Location Status": "Deregistered"},
    ],
)
def test_a_location_that_left_the_register_is_set_aside(
    tmp_path: Path, gone: dict[str, str]
) -> None:
    columns = [*CARE_COLUMNS, *gone]
    rows = [care_location(1), {**care_location(2), **gone}]
    path = tmp_path / "locations.csv"
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines))
    ((tally, found),) = care.read([path])
    assert len(list(found)) == 1
    assert tally.set_aside == {"location is no longer registered": 1}


@pytest.mark.parametrize("end", ["31/12/2199", "00/01/1900", "-"])
def test_a_location_whose_end_is_to_come_is_kept(tmp_path: Path, end: str) -> None:
    columns = [*CARE_COLUMNS, "Location HSCA End Date"]
    row = {**care_location(1), "Location HSCA End Date": end}
    path = tmp_path / "locations.csv"
    lines = [columns, [str(row.get(name, "")) for name in columns]]
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines))
    ((tally, found),) = care.read([path])
    assert (len(list(found)), tally.set_aside) == (1, {})
