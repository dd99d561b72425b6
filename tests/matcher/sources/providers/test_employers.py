"""Who is large by the gender pay gap service, what suppliers do, and Ofsted's list."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import STAFF, Kind, Status
from matcher.sources.formats.tables import BAD_NUMBER
from matcher.sources.providers import activities, childrens_care, employers
from tests.factory import SHARED, needs_shared


def written(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_employer_of_250_is_a_remark_with_its_year(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "EmployerName,CompanyNumber,PostCode,EmployerSize,CurrentName\n"
        "OLD NAME LIMITED,1234567,WS1 1TP,500 to 999,New Name Limited\n"
        "SMALLER LIMITED,7654321,WS1 1TP,Less than 250,Smaller Limited\n",
        "UK Gender Pay Gap Data - 2022 to 2023.csv",
    )
    ((tally, remarks),) = employers.read([path])
    (remark,) = remarks
    assert remark.record.id == "GB-COH-01234567"
    assert remark.record.aliases == ("New Name Limited",)
    assert remark.record.tags == (f"500–999 staff in 2022{STAFF}",)
    assert tally.set_aside == {"fewer than 250 staff, or size not given": 1}


def test_another_file_is_no_list_of_employers(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="EmployerName"):
        list(employers.read([written(tmp_path, "name,postcode\nA,B\n")]))


def test_activities_are_remarks_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "supplier,sic_text\nHot Pot Ltd,56210 - Event catering\n,x\n")
    ((tally, remarks),) = activities.read([path])
    assert [(r.record.name, r.record.tags) for r in remarks] == [
        ("Hot Pot Ltd", ("56210 - Event catering",))
    ]
    assert tally.set_aside == {"no name or no activity": 1}


def test_the_homes_of_one_owner_are_one_provider_and_old_years_are_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "year,urn,type,name,org,sector,la,postcode\n"
        "2024,SC2,Children's home,,Acorn Homes Ltd,Private,Walsall,\n"
        "2025,SC2,Children's home,,Acorn Homes Ltd,Private,Walsall,\n"
        "2025,SC1,Children's home,,ACORN HOMES LTD,Private,Sandwell,WS1 1TP\n"
        "2025,SC3,Independent Fostering Agency,Nest,Nest Trust,Voluntary,Walsall,WS2 8RR\n"
        "2025,SC4,Children's home,,Walsall Council,Local Authority,Walsall,\n",
    )
    ((tally, providers),) = childrens_care.read([path])
    acorn, nest = providers
    assert (acorn.name, acorn.areas, acorn.status) == (
        "Acorn Homes Ltd",
        ("Walsall", "Sandwell"),
        Status.ACTIVE,
    )
    assert acorn.id == "XX-OFSTED-SC1"
    assert (nest.kind, nest.aliases) == (Kind.CHARITY, ("Nest",))
    assert tally.set_aside == {"of an earlier year": 1, "run by a council or health authority": 1}


@pytest.mark.parametrize(
    "status", ["Closed", "Cancelled", "Resigned", "Not registered", "Unregistered"]
)
def test_a_setting_that_is_no_longer_registered_is_set_aside(tmp_path: Path, status: str) -> None:
    path = written(
        tmp_path,
        "URN,Provider type,Setting name,Local authority,Registration status\n"
        f"SC1,Children's home,Acorn,Walsall,Active\nSC2,Children's home,Nest,Walsall,{status}\n",
    )
    ((tally, providers),) = childrens_care.read([path])
    assert [provider.name for provider in providers] == ["Acorn"]
    assert tally.set_aside == {"no longer registered": 1}


@needs_shared
def test_the_real_lists_are_read() -> None:
    path = SHARED / "sizes" / "gender-pay-gap-employers-2017-2023.csv.gz"
    ((_, remarks),) = employers.read([path])
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        sizes = [row["employer_size"] for row in csv.DictReader(file)]
    large = [size for size in sizes if size.lower() not in {"less than 250", "not provided", ""}]
    assert sum(1 for _ in remarks) == len(large) > 10_000
    homes = SHARED / "registers" / "ofsted-childrens-social-care-2015-2025.csv.gz"
    ((tally, owners),) = childrens_care.read([homes])
    assert sum(1 for _ in owners) == tally.kept > 1_000


def test_a_company_number_that_is_not_valid_is_counted_and_the_rest_read(tmp_path: Path) -> None:
    path = written(tmp_path, "supplier,company number,sic\nOak,12345678X9,Meals\nElm,,Care\n")
    ((tally, remarks),) = activities.read([path])
    assert [remark.record.name for remark in remarks] == ["Oak", "Elm"]
    assert tally.set_aside == {BAD_NUMBER: 1}
    sizes = "EmployerName,CompanyNumber,EmployerSize\nOAK LIMITED,12345678X9,500 to 999\n"
    ((tally, remarks),) = employers.read([written(tmp_path, sizes)])
    assert [remark.record.name for remark in remarks] == ["OAK LIMITED"]
    assert tally.set_aside == {BAD_NUMBER: 1}
