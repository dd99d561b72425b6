"""Rows and cells of tables: money, postcodes, statuses and rows of the wrong width."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadSource
from matcher.core.types import Grade, Site, Size, Tally
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.formats import tables
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.text_files import TextFile


def rows(path: Path, text: str) -> tuple[Tally, list[tuple[str, tables.Row]]]:
    path.write_text(text, encoding="utf-8")
    tally = Tally("t")
    return tally, list(tables.csv_rows(TextFile(path), tally))


def test_a_row_with_more_cells_than_the_header_is_set_aside(tmp_path: Path) -> None:
    tally, read = rows(tmp_path / "a.csv", "a,b\n1,2,3\n1,2\n")
    assert [row for _, row in read] == [{"a": "1", "b": "2"}]
    assert tally.read == 2
    assert tally.examples == {"wrong number of columns": "a.csv row 2"}


def test_of_two_columns_of_one_name_the_first_value_counts_and_it_is_said(tmp_path: Path) -> None:
    tally, read = rows(tmp_path / "a.csv", "a,a\nfirst,second\n,only\n")
    assert [row["a"] for _, row in read] == ["first", "only"]
    assert list(tally.set_aside) == ["column 'a' is there twice (its first value is read)"]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\na;b\n1;2\n",
        '"sep=|"\na|b\n1|2\n',
        "sep=,\r\na,b\r\n1,2\r\n",
        "a;b\n1;2\n",
        "a\tb\n1\t2\n",
        "a,b\r1,2\r",
        "\n,\na,b\n1,2",
    ],
)
def test_every_delimiter_and_line_end_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    read = list(tables.csv_rows(TextFile(path), Tally("t")))
    assert [row for _, row in read] == [{"a": "1", "b": "2"}]


def test_an_endless_field_is_set_aside(tmp_path: Path) -> None:
    huge = "x" * 4_000_100
    tally, read = rows(tmp_path / "a.csv", f"a,b\n1,{huge}\n1,2\n")
    assert [row for _, row in read] == [{"a": "1", "b": "2"}]
    assert tally.set_aside == {"row that is not CSV": 1}


def test_a_missing_column_is_refused_with_the_columns_found(tmp_path: Path) -> None:
    file = TextFile(tmp_path / "a.csv")
    with pytest.raises(BadSource, match=r"no column 'name'; it has 'nom', 'code'"):
        tables.need_columns(file, ["nom", "code"], ["code", "name"])


def test_the_first_name_of_a_meaning_that_a_column_has_counts(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Employer,Employer_Name,Post Code\nAcme,Acme Ltd,WS1 1TP\n")
    names = {"name": ("employername", "employer"), "postcode": ("postcode",), "year": ("year",)}
    found = tables.columns_by_meaning(TextFile(path), names, ["name"], "")
    assert found == {"name": "Employer_Name", "postcode": "Post Code"}
    with pytest.raises(BadSource, match=r"no column of year; it has 'Employer', .* Give another"):
        tables.columns_by_meaning(TextFile(path), names, ["name", "year"], "Give another")


@pytest.mark.parametrize(
    ("income", "size"),
    [
        (None, Size.UNKNOWN),
        (0.0, Size.MICRO),
        (99_999.99, Size.MICRO),
        (100_000.0, Size.SMALL),
        (999_999.99, Size.SMALL),
        (1_000_000.0, Size.MEDIUM),
        (10_000_000.0, Size.LARGE),
    ],
)
def test_size_follows_the_income_bands(income: float | None, size: Size) -> None:
    assert tables.size_of_income(income) is size


@given(
    st.floats(min_value=0, allow_infinity=False, allow_nan=False),
    st.floats(min_value=1, max_value=10),
)
def test_more_income_is_never_a_smaller_size(income: float, times: float) -> None:
    order = list(Size)
    smaller, larger = tables.size_of_income(income), tables.size_of_income(income * times)
    assert order.index(smaller) <= order.index(larger)


@pytest.mark.parametrize(
    ("written", "amount"), [("£1,234.50", 1234.5), (" 7 ", 7.0), (12, 12.0), ("0", 0.0)]
)
def test_pounds(written: object, amount: float) -> None:
    tally = Tally("t")
    assert tables.pounds(written, tally, "row 1") == amount
    assert not tally.set_aside


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_missing_income_is_none_and_not_counted(nothing: object) -> None:
    tally = Tally("t")
    assert tables.pounds(nothing, tally, "row 1") is None
    assert not tally.set_aside


@pytest.mark.parametrize(
    "impossible", ["1e9999", "NaN", "inf", "-5", "lots", float("inf"), 10**400, True, [1]]
)
def test_invalid_incomes_are_counted_and_ignored(impossible: object) -> None:
    tally = Tally("t")
    assert tables.pounds(impossible, tally, "row 1") is None
    assert list(tally.set_aside.values()) == [1]
    assert list(tally.examples.values()) == ["row 1"]


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("N7 7JW  ", "N7 7JW"),
        ("n77jw", "N7 7JW"),
        ("EC1V  4PY", "EC1V 4PY"),
        ("BT78", "BT78"),
        ("POOLE", ""),
        ("", ""),
        ("ABC 1234", ""),
    ],
)
def test_postcode(written: str, tidy: str) -> None:
    assert tidy_postcode(written) == tidy


@given(st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", fullmatch=True))
def test_a_postcode_is_read_with_any_spacing(code: str) -> None:
    tidy = tidy_postcode(code)
    assert tidy == tidy_postcode(code.lower().replace(" ", ""))
    assert tables.postcode_within(f"1 High Street, Town, {tidy}") == tidy


def test_the_last_postcode_of_an_address_is_taken() -> None:
    assert tables.postcode_within("c/o BT1 1AA, 2 High St, BT14 7PJ, Belfast") == "BT14 7PJ"
    assert tables.postcode_within("c/o bt1 1aa, 2 high st, bt14 7pj, belfast") == "BT14 7PJ"
    assert tables.postcode_within("BT14 7PJ, Unit B2 1st floor, Belfast") == "BT14 7PJ"
    assert tables.postcode_within("2 High Street, Belfast") == ""


def test_sites_are_distinct_and_usable() -> None:
    found = tables.sites(["ws1 1tp", "WS1 1TP", "", "abroad"], Grade.CONTACT_ADDRESS)
    assert found == (Site("WS1 1TP", Grade.CONTACT_ADDRESS),)


def test_a_quote_that_is_never_closed_takes_no_other_row(tmp_path: Path) -> None:
    text = 'a,b\n1,12" pipe\n2,"open\n3,x\n4,"y\nz"\n5,"open\n6,x\n'
    tally, read = rows(tmp_path / "a.csv", text)
    assert [row["a"] for _, row in read] == ["1", "3", "4", "6"]
    assert tally.set_aside == {tables.OPEN_QUOTE: 2}


def test_a_quote_with_a_backslash_before_it_is_part_of_its_cell(tmp_path: Path) -> None:
    text = 'a,b\n"Acorn \\"Kids\\" Ltd",1\n"Beech \\"Wood\\"","2"\n"C:\\meals\\",3\n"12"" pipe",4\n'
    tally, read = rows(tmp_path / "a.csv", text)
    assert [(row["a"], row["b"]) for _, row in read] == [
        ('Acorn "Kids" Ltd', "1"),
        ('Beech "Wood"', "2"),
        ("C:\\meals\\", "3"),
        ('12" pipe', "4"),
    ]
    assert not tally.set_aside


def test_of_many_quotes_that_are_never_closed_each_row_is_read_or_counted(tmp_path: Path) -> None:
    lines = "".join(f'{n},"{n}\n' for n in range(5_001))
    tally, read = rows(tmp_path / "a.csv", f"a,b\n{lines}")
    assert tally.read == len(read) + sum(tally.set_aside.values())


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("£45k", 45_000),
        ("1.2m", 1_200_000),
        ("45 000", 45_000),
        ("£45,000 p.a.", 45_000),
        ("Â£45,000", 45_000),
        ("45.000,00", 45_000),
    ],
)
def test_pounds_in_thousands_and_with_words(written: str, amount: float) -> None:
    tally = Tally("t")
    assert tables.pounds(written, tally, "row 1") == amount
    assert not tally.set_aside


@pytest.mark.parametrize("written", ["45.000", "£8.250", "45.000 a year", "999.999 GBP"])
def test_an_income_that_may_be_pence_or_thousands_is_counted_and_ignored(written: str) -> None:
    tally = Tally("own")
    assert tables.pounds(written, tally, "row 2") is None
    assert list(tally.set_aside) == [
        "income may be pence or thousands, such as 12.500 (record kept without it)"
    ]


@pytest.mark.parametrize("written", ["45 00", "12 500 3", "50 000 60 000", "12, 500"])
def test_spaces_that_are_not_between_thousands_make_no_number(written: str) -> None:
    assert tables.pounds(written, Tally("own"), "row 2") is None


@pytest.mark.parametrize("written", ["12,34", "450,00", "£10,000 - £50,000", "(5,000)"])
def test_a_comma_that_is_not_between_thousands_makes_no_number(written: str) -> None:
    assert tables.pounds(written, Tally("t"), "row 1") is None


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("£1.5 million", 1_500_000.0), ("1.5", 1.5), ("£1.2bn", 1_200_000_000.0)),
        *(("65 thousand", 65_000.0), ("£250k", 250_000.0), ("£2.3m pa", 2_300_000.0)),
        *(("c. £40,000", 40_000.0), ("approx £1,200 per annum", 1_200.0), ("£3 Mn.", 3_000_000.0)),
        *(("1.5 kilos", None), ("£50k-£100k", None), ("-5", None), ("million", None)),
        *((".", None), ("£1.2.3m", None)),
    ],
)
def test_an_income_is_read_as_people_write_it(written: str, amount: float | None) -> None:
    tally = Tally("x")
    assert tables.pounds(written, tally, "row 1") == amount
    assert bool(tally.set_aside) is (amount is None)


@pytest.mark.parametrize(
    "title", ["All members", "All members,,", '"Members, as at\n1 March",,\n,,']
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_title_above_the_header_is_no_header(tmp_path: Path, title: str, delimiter: str) -> None:
    written = delimiter.join(["b", "a", "c"]), delimiter.join(["1", "2", "3"])
    above = title.replace(",,", delimiter * 2)
    tally, read = rows(tmp_path / "a.csv", "\n".join([above, *written]))
    assert [row for _, row in read] == [{"b": "1", "a": "2", "c": "3"}]
    assert tally.read == 1


def test_a_table_of_one_column_has_its_first_row_as_header(tmp_path: Path) -> None:
    _, read = rows(tmp_path / "a.csv", "\nname\nAcorn\nOak\n")
    assert [row["name"] for _, row in read] == ["Acorn", "Oak"]


@pytest.mark.parametrize("blank", ["\n", ",,\n", " , ,\n", '"","",""\n'])
@pytest.mark.parametrize("number", [40, 75])
def test_blank_rows_above_a_header_do_not_count(tmp_path: Path, blank: str, number: int) -> None:
    text = f"{blank * number}name,number,place\nAcorn,7,Elm\n"
    _, read = rows(tmp_path / "a.csv", text)
    assert read == [(f"a.csv row {number + 2}", {"name": "Acorn", "number": "7", "place": "Elm"})]
    found = layout(TextFile(tmp_path / "a.csv"), lambda columns: int("name" in columns))
    assert (found.columns, found.row) == (("name", "number", "place"), number + 1)


def test_a_header_below_very_many_lines_of_words_is_not_sought(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("words,more\n" * 40 + "name,number\nAcorn,7\n")
    found = layout(TextFile(tmp_path / "a.csv"), lambda columns: int("name" in columns))
    assert found.columns == ("words", "more")
