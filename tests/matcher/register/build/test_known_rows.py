"""A month's file over a register: its rows are not read again, and the register is the same."""

from __future__ import annotations

import csv
import gzip
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core import workers
from matcher.core.errors import BadSource
from matcher.core.types import Provider, Remark, Tally
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build import organisations, record_keys, unchanged
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.decisions import decide
from matcher.register.build.erase import suppress
from matcher.register.build.known_rows import RowsBefore
from matcher.register.build.suppression_list import LIST, Suppressions
from matcher.register.register import Register
from matcher.sources.formats import tables_in_parts
from matcher.sources.providers import companies
from tests.factory import provider
from tests.matcher.register.build.test_unchanged import facts
from tests.matcher.sources.providers.test_companies import HEADER, company
from tests.registers import line_of_places

_MARCH, _APRIL = date(2026, 3, 1), date(2026, 4, 1)
_COLUMNS = tuple(name.strip() for name in HEADER.split(","))
_OTHER = {
    "CompanyName": "BEACON MEALS LTD",
    "CompanyNumber": "07654321",
    "RegAddress.PostCode": "WS2 8RR",
    "CompanyStatus": "Liquidation",
    "DissolutionDate": "01/02/2026",
    "Accounts.NextDueDate": "15/03/2026",
    "Accounts.AccountCategory": "DORMANT",
}
"""Another value of a column; "x" for the others."""
_ROWS = st.builds(
    lambda number, name, place, due, status, former: company(
        CompanyNumber=f"{number:08}",
        CompanyName=name,
        RegAddress__PostCode=place,
        Accounts__NextDueDate=due,
        CompanyStatus=status,
        PreviousName_1__CompanyName=former,
    ),
    st.integers(1, 5),
    st.sampled_from(
        ["ACORN CARE LTD", "ACORN CARE HOLDINGS LTD", 'BEACON "MEALS" LTD', "HÉRON\nLTD"]
    ),
    st.sampled_from(["WS1 1TP", "WS2 8RR", "", "QQ1 1QQ"]),
    st.sampled_from(["", "31/01/2026", "15/03/2026", "31/12/2026"]),
    st.sampled_from(["Active", "Liquidation", "Active - Proposal to Strike off"]),
    st.sampled_from(["", "OAK CARE LTD"]),
)
_DAYS = st.sampled_from([date(2026, 2, 1), _MARCH, _APRIL, date(2027, 1, 1), None])


def written(folder: Path, day: date | None, rows: Sequence[dict[str, str]], head: str) -> Path:
    path = folder / f"BasicCompanyData-{day or 'x'}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(head + "\r\n")
        out = csv.writer(file, quoting=csv.QUOTE_ALL)
        out.writerows([row.get(name, "") for name in _COLUMNS] for row in rows)
    return path


def built(
    register: Path,
    places: Path,
    day: date | None,
    *rows: dict[str, str],
    head: str = HEADER,
    trust_ids: bool = False,
) -> None:
    register.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), day, rows, head)
        options = BuildOptions(trust_ids=trust_ids)
        build(register, companies.read([path]), places_table=places, options=options)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers of the companies whose rows were read."""
    numbers: list[str] = []
    made = companies._provider

    def noted(company_id: str, *rest: object) -> Provider:
        numbers.append(company_id.removeprefix("GB-COH-"))
        return made(company_id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(companies, "_provider", noted)
    return numbers


def numbered(*numbers: int, **fields: str) -> list[dict[str, str]]:
    return [
        company(CompanyNumber=f"{n:08}", CompanyName=f"KESTREL {n} HOUSE LTD", **fields)
        for n in numbers
    ]


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.lists(_ROWS, min_size=1, max_size=6), min_size=2, max_size=3),
    st.lists(_DAYS, min_size=3, max_size=3),
    st.data(),
)
def test_months_over_a_register_give_what_a_whole_build_gives(
    places_table: Path,
    months: list[list[dict[str, str]]],
    days: list[date | None],
    data: st.DataObject,
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(organisations, "_AT_ONCE", 3)
        patch.setattr(record_keys, "_AT_ONCE", 2)
        patch.setattr(tables_in_parts, "_BYTES", data.draw(st.sampled_from([1, 8_000_000])))
        again, whole = Path(folder) / "again", Path(folder) / "whole"
        stays, kept = numbered(100), list[dict[str, str]]()
        for day, new in zip(days, months, strict=False):
            kept = data.draw(st.permutations(kept))[: data.draw(st.integers(0, len(kept)))]
            kept = [*kept, *new]
            built(again, places_table, day, *stays, *kept)
            if data.draw(st.booleans()):
                suppress(again, f"GB-COH-{new[0]['CompanyNumber']}")
        built(again, places_table, day, *stays, *kept)
        whole.mkdir()
        if (again / LIST).exists():
            shutil.copy(again / LIST, whole / LIST)
        built(whole, places_table, day, *stays, *kept)
        assert facts(again) == facts(whole)


@pytest.mark.parametrize("column", _COLUMNS)
def test_a_row_that_changed_in_one_column_is_read_again(
    column: str, places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, *numbered(1, 2, 3))
    read.clear()
    one, two, three = numbered(1, 2, 3)
    changed = {**two, column: _OTHER.get(column, "x")}
    built(again, places_table, _APRIL, one, changed, three)
    assert read == [changed["CompanyNumber"]]
    built(whole, places_table, _APRIL, one, changed, three)
    assert facts(again) == facts(whole)


@pytest.mark.parametrize(
    "order", [(3, 1, 2), (1, 3), (2, 4, 3, 1), (1, 1, 2, 3, 3), (4, 5, 1, 6, 2, 3), (3,)]
)
def test_rows_that_moved_went_came_or_are_there_twice(
    order: tuple[int, ...], places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, *numbered(1, 2, 3))
    read.clear()
    built(again, places_table, _APRIL, *numbered(*order))
    assert read == [f"{n:08}" for n in order if n > 3]
    built(whole, places_table, _APRIL, *numbered(*order))
    assert facts(again) == facts(whole)
    read.clear()
    built(again, places_table, _APRIL, *numbered(*order))
    assert read == []
    assert facts(again) == facts(whole)


@pytest.mark.parametrize(
    ("first", "later", "is_read"),
    [
        (_MARCH, _APRIL, True),
        (_APRIL, _MARCH, True),
        (_MARCH, date(2026, 3, 15), False),
        (_APRIL, date(2026, 5, 1), False),
        (_APRIL, None, True),
        (None, _APRIL, True),
        (None, _MARCH, False),
    ],
)
def test_accounts_are_overdue_from_the_day_after_they_are_due(
    first: date | None,
    later: date | None,
    is_read: bool,
    places_table: Path,
    tmp_path: Path,
    read: list[str],
) -> None:
    rows = numbered(1, Accounts__NextDueDate="15/03/2026")
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, first, *rows)
    read.clear()
    built(again, places_table, later, *rows)
    assert bool(read) == is_read
    built(whole, places_table, later, *rows)
    assert facts(again) == facts(whole)


@pytest.mark.parametrize(
    "fields",
    [{"DissolutionDate": "31/12/2199"}, {"CompanyStatus": "Active, closing on 31/12/2199"}],
)
def test_what_depends_on_today_is_always_read(
    fields: dict[str, str], places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    rows = [{**numbered(1)[0], **fields}, *numbered(2)]
    built(tmp_path / "reg", places_table, _MARCH, *rows)
    read.clear()
    built(tmp_path / "reg", places_table, _APRIL, *rows)
    assert read == ["00000001"]


def test_the_same_line_below_another_header_is_read_again(
    places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    rows = numbered(1, SICCode__SicText_1="88100 - Social work", SICCode__SicText_2="01500 - Farms")
    head = (
        HEADER.replace("SicText_1", "?").replace("SicText_2", "SicText_1").replace("?", "SicText_2")
    )
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, *rows)
    read.clear()
    built(again, places_table, _MARCH, *rows, head=head)
    assert read == ["00000001"]
    built(whole, places_table, _MARCH, *rows, head=head)
    assert facts(again) == facts(whole)


def test_known_lines_below_a_quote_that_is_never_closed(places_table: Path, tmp_path: Path) -> None:
    one, two = numbered(1, 2)
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, one, two)
    path = written(tmp_path, _APRIL, [one, two], HEADER)
    head, rows = path.read_text().split("\n", 1)
    path.write_text(f'{head}\n"never closed,1\n{rows}')
    for register in (again, whole):
        build(register, companies.read([path]), places_table=places_table)
    assert facts(again) == facts(whole)


def test_a_file_that_is_cut_short_leaves_the_register_as_it_was(
    places_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables_in_parts, "_BYTES", 1000)
    rows = numbered(*range(1, 200))
    built(tmp_path / "reg", places_table, _MARCH, *rows)
    before = facts(tmp_path / "reg")
    whole = gzip.compress(written(tmp_path, _APRIL, rows, HEADER).read_bytes())
    cut = tmp_path / "BasicCompanyData-2026-04-01.csv.gz"
    cut.write_bytes(whole[:-100])
    with pytest.raises(BadSource, match="is damaged or truncated"):
        build(tmp_path / "reg", companies.read([cut]), places_table=places_table)
    assert facts(tmp_path / "reg") == before


@pytest.mark.parametrize("place", ["1", "2"])
def test_the_register_does_not_depend_on_how_its_file_is_divided(
    place: str, places_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*numbered(*range(1, 100)), company(CompanyName=""), *numbered(7, 8)]
    later = [*numbered(*range(3, 90)), {**rows[2], "CompanyName": 'ACORN "CARE" LTD'}, rows[1]]
    divided, whole = tmp_path / "divided", tmp_path / "whole"
    for register, size in ((divided, 1), (whole, 8_000_000)):
        with workers.running_on(place):
            monkeypatch.setattr(tables_in_parts, "_BYTES", size)
            built(register, places_table, _MARCH, *rows)
            built(register, places_table, _APRIL, *later)
    assert facts(divided) == facts(whole)
    tallies = [Register.open(register).manifest.tallies for register in (divided, whole)]
    assert tallies[0] == tallies[1]


def test_other_code_reads_every_row(
    places_table: Path, tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built(tmp_path / "reg", places_table, _MARCH, *numbered(1, 2))
    read.clear()
    monkeypatch.setattr(unchanged, "_code", lambda: "another")
    built(tmp_path / "reg", places_table, _APRIL, *numbered(1, 2))
    assert read == ["00000001", "00000002"]


def test_another_list_of_the_suppressed_reads_every_row(
    places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    path, whole = tmp_path / "reg", tmp_path / "whole"
    built(path, places_table, _MARCH, *numbered(1, 2, 3))
    suppress(path, "GB-COH-00000009")
    read.clear()
    built(path, places_table, _APRIL, *numbered(1, 2, 3))
    assert len(read) == 3
    suppress(path, "GB-COH-00000002")
    read.clear()
    built(path, places_table, _APRIL, *numbered(1, 2, 3))
    assert len(read) == 3
    read.clear()
    built(path, places_table, _APRIL, *numbered(1, 2, 3))
    assert read == ["00000002"]
    whole.mkdir()
    shutil.copy(path / LIST, whole / LIST)
    built(whole, places_table, _APRIL, *numbered(1, 2, 3))
    assert facts(path) == facts(whole)


@pytest.mark.parametrize(("first", "later"), [(True, False), (False, True), (True, True)])
def test_remarks_are_on_organisations_whose_rows_are_known(
    first: bool, later: bool, places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    path = written(tmp_path, _APRIL, numbered(1, 2, 3), HEADER)
    remark = Remark(provider("pay-1", name="Kestrel 2 House Ltd", tags=("paid for: meals",)))
    for register, told in ((again, first), (again, later), (whole, later)):
        if register == whole:
            assert len(read) == first
        read.clear()
        others = Tally("told"), iter([remark] if told else [])
        build(register, [*companies.read([path]), others], places_table=places_table)
    assert facts(again) == facts(whole)


@pytest.mark.parametrize("same", [True, False])
def test_decisions_about_merges_count_for_rows_that_are_known(
    same: bool, places_table: Path, tmp_path: Path
) -> None:
    rows = [
        *numbered(1, 2),
        company(CompanyNumber="SC000003", CompanyName="ACORN CARE LTD"),
        company(CompanyNumber="00000003", CompanyName="ACORN CARE LTD"),
    ]
    pair = (
        ("GB-COH-00000001", "GB-COH-00000002") if same else ("GB-COH-SC000003", "GB-COH-00000003")
    )
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, *rows)
    whole.mkdir()
    for register in (again, whole):
        decide(register, *pair, same=same)
        built(register, places_table, _APRIL, *rows)
        built(register, places_table, _APRIL, *rows)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    decide(fresh, *pair, same=same)
    built(fresh, places_table, _APRIL, *rows)
    assert facts(again) == facts(whole) == facts(fresh)


def test_rows_of_a_register_that_trusts_ids_are_read_for_one_that_does_not(
    places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    for first in (True, False):
        again, whole = tmp_path / f"again-{first}", tmp_path / f"whole-{first}"
        built(again, places_table, _MARCH, *numbered(1, 2), trust_ids=first)
        read.clear()
        built(again, places_table, _APRIL, *numbered(1, 2), trust_ids=not first)
        assert len(read) == 2
        built(whole, places_table, _APRIL, *numbered(1, 2), trust_ids=not first)
        assert facts(again) == facts(whole)


def test_other_postcodes_place_rows_that_are_known(places_table: Path, tmp_path: Path) -> None:
    other = line_of_places(tmp_path / "places", 0, 20_000, 90_000)
    rows = [
        *numbered(1, RegAddress__PostCode="WS1 1AC"),
        *numbered(2, RegAddress__PostCode="WS1 1AA"),
    ]
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, *rows)
    built(again, other, _APRIL, *rows)
    built(whole, other, _APRIL, *rows)
    assert facts(again) == facts(whole)
    assert PostcodeTable.open(other).find("WS1 1AC") is not None


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _other_byte(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def _gone(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("harm", [_empty, _cut, _other_byte, _gone])
def test_a_damaged_snapshot_gives_no_rows(
    harm: Callable[[Path], None], places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    again, whole = tmp_path / "again", tmp_path / "whole"
    built(again, places_table, _MARCH, *numbered(1, 2, 3))
    built(whole, places_table, _APRIL, *numbered(1, 2, 3))
    folder = Register.open(again).folder / "known" / "rows"
    for name in sorted(file.name for file in folder.iterdir()):
        harm(Register.open(again).folder / "known" / "rows" / name)
        read.clear()
        built(again, places_table, _APRIL, *numbered(1, 2, 3))
        assert len(read) == 3, name
        assert facts(again) == facts(whole)


def test_arrays_of_other_shapes_are_not_read(places_table: Path, tmp_path: Path) -> None:
    built(tmp_path / "reg", places_table, _MARCH, *numbered(1, 2, 3))
    folder, nobody = Register.open(tmp_path / "reg").folder, Suppressions()
    assert RowsBefore.open(folder, nobody) is not None
    assert RowsBefore.open(folder, Suppressions(frozenset({"a"}))) is None
    assert RowsBefore.open(folder, nobody, frozenset({"XX-OWN-1"})) is None
    for file in sorted((folder / "known" / "rows").glob("*.npy")):
        content = file.read_bytes()
        for other in (np.load(file)[:-1], np.load(file).astype(float)):
            np.save(file, other)
            assert RowsBefore.open(folder, nobody) is None, file
        file.write_bytes(content)
    assert RowsBefore.open(folder, nobody) is not None


@pytest.mark.parametrize("stays", [True, False])
def test_a_relation_that_comes_or_goes_changes_the_line_of_a_row_that_is_known(
    stays: bool, places_table: Path, tmp_path: Path, read: list[str]
) -> None:
    one = company(CompanyNumber="00000001", CompanyName="KESTREL TRANSPORT LTD")
    other = company(CompanyNumber="00000002", CompanyName="KESTREL TRANSPORT HOLDINGS LTD")
    both, alone = [one, other, *numbered(3)], [one, *numbered(3)]
    again, whole = tmp_path / "again", tmp_path / "whole"
    first, later = (both, alone) if stays else (alone, both)
    built(again, places_table, _MARCH, *first)
    read.clear()
    built(again, places_table, _APRIL, *later)
    assert "00000001" not in read
    built(whole, places_table, _APRIL, *later)
    assert facts(again) == facts(whole)
    relations = {len(row.related) for row in Register.open(again).organisations}
    assert relations == ({0} if stays else {0, 1})
