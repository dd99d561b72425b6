"""Spending files as bodies publish them: every layout has its own traps."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from matcher.core.errors import BadInput, BadSource
from matcher.core.types import Payment, Tally
from matcher.sources.formats import workbooks
from matcher.sources.formats.tables import OPEN_QUOTE
from matcher.sources.payments.layouts import CREDIT, FOREIGN
from matcher.sources.payments.people import NO_PAYEE, PERSON, REDACTED, TOTAL, payee_of
from matcher.sources.payments.spend_files import open_files
from matcher.sources.payments.values import month_in, pence_in
from tests.factory import SHARED, needs_shared

LAYOUTS = SHARED / "fixtures" / "council-spend"
WANTED: Mapping[str, Mapping[str, str]] = {
    "cabinetoffice": {
        "supplier": "Supplier",
        "amount": "Amount",
        "date": "Date",
        "body": "Entity",
        "department": "Expense Area",
        "category": "Expense Type",
    },
    "calderdale": {
        "supplier": "Supplier Name",
        "amount": "Net Amount",
        "date": "Transaction Date",
        "body": "Organistion Name",
        "department": "Expense Area",
        "category": "Merchant Category",
    },
    "darlington": {
        "supplier": "Supplier",
        "amount": "Invoice Line Value (net of VAT)",
        "date": "Transaction Date",
        "department": "Directotate",
        "service": "Service",
        "category": "Account",
    },
    "gateshead": {
        "supplier": "Supplier ID(T)",
        "amount": "Amount",
        "date": "Updated",
        "department": "Strgrpcc(T)",
        "category": "Cipfsubs(T)",
    },
    "harrogate": {
        "supplier": "Supplier Name",
        "amount": "Net Amount",
        "date": "Payment Date",
        "body": "Body Name",
        "department": "Service Label",
        "service": "Service Code",
        "category": "Expenditure Code",
    },
    "london": {
        "supplier": "Vendor Name",
        "amount": "Amount",
        "date": "Clearing Date",
        "department": "Directorate",
        "service": "Service Expenditure Analysis",
        "category": "Expenditure Account Code Description",
    },
    "manchester": {
        "supplier": "Supplier Name",
        "amount": "Net Amount",
        "date": "Invoice Payment Date",
        "body": "Body Name",
        "department": "Service Area",
        "category": "Expenses Type",
    },
    "networkrail": {
        "supplier": "Supplier Name",
        "amount": "Spend",
        "date": "Invoice GL Date",
        "category": "Category Family",
    },
    "newcastle": {
        "supplier": "Supplier Name",
        "amount": "Total (excludes VAT)",
        "date": "Paid Date",
        "department": "Directorate",
        "service": "Service Area",
        "category": "Cost Centre Name",
    },
    "northtyneside": {
        "supplier": "Supplier (Beneficiary) Name",
        "amount": "Net Amount",
        "date": "Payment Date",
        "department": "Directorate / Service Where Expenditure Incurred",
        "service": "Service Category Label",
        "category": "Procurement Classification",
    },
    "salford": {
        "supplier": "Supplier Name",
        "amount": "Net",
        "date": "Date of Payment",
        "body": "Authority Name",
        "department": "Directorate",
        "category": "G/L descript",
    },
    "tfl": {
        "supplier": "Vendor Name",
        "amount": "Amount",
        "date": "Clearing Date",
        "body": "Entity",
        "category": "Merchant Category",
    },
}
"""Body → meaning → the column that a person who reads the file would choose."""


def written(folder: Path, *rows: Sequence[str], name: str = "spend.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def read(path: Path, body: str = "Anytown Council", **options: Path) -> tuple[Tally, list[Payment]]:
    (file,) = open_files([path], body, **options)
    tally, payments = file.feed()
    return tally, list(payments)


@pytest.mark.parametrize(
    ("month", "year", "cells", "told"),
    [
        ("Month", "Year", ("April", "2026"), (2026, 4)),
        ("Month", "Year", ("4", "2026.0"), (2026, 4)),
        ("Payment Month", "Payment Year", ("June", "2026"), (2026, 6)),
        ("Mth", "Yr", ("7", "2026"), (2026, 7)),
        ("Month Paid", "Year Paid", ("Aug", "2026"), (2026, 8)),
        ("Posting Period", "Fiscal Year", ("1", "2025/26"), (2025, 4)),
        ("Month Paid", "Calendar Year", ("Feb", "2026"), (2026, 2)),
        ("Month", "Financial Year", ("February", "2025/26"), (2026, 2)),
        ("Period", "Financial Year", ("1", "2025/26"), (2025, 4)),
        ("Period", "Year", ("P12", "2025-2026"), (2026, 3)),
        ("Month", "Financial Year", ("1", "2025/26"), None),
        ("Month", "Financial Year", ("April", "2026"), None),
        ("Period", "Year", ("1", "2026"), None),
        ("Month", "Year", ("13", "2026"), None),
    ],
)
def test_a_month_and_its_year_may_be_in_two_columns(
    tmp_path: Path, month: str, year: str, cells: tuple[str, str], told: tuple[int, int] | None
) -> None:
    rows = [[f"Oak {n} Ltd", "510.00", *cells] for n in range(3)]
    path = written(
        tmp_path, ["Supplier", "Amount", month, year], *rows, ["Elm Ltd", "600", "x", ""]
    )
    if told is None:
        with pytest.raises(BadSource, match="found no column for date"):
            read(path)
        return
    tally, paid = read(path)
    assert {divmod(one.month, 12) for one in paid} == {(told[0], told[1] - 1)}
    assert tally.set_aside == {"date cannot be read": 1}


HEADER = ("Supplier Name", "Net Amount", "Payment Date", "Directorate", "Expense Type")


# --- the real layouts ---


@needs_shared
@pytest.mark.parametrize("body", WANTED)
def test_a_real_layout_is_read_as_a_person_would(body: str) -> None:
    (path,) = LAYOUTS.glob(f"{body}-*.csv")
    named = "" if "body" in WANTED[body] else "Anytown Council"
    (file,) = open_files([path], named)
    chosen = {meaning: file.mapping.columns[n[0]] for meaning, n in file.mapping.of.items()}
    assert chosen == WANTED[body]


@needs_shared
@pytest.mark.parametrize("body", WANTED)
def test_the_payments_of_a_real_layout_add_up_to_its_column(body: str) -> None:
    (path,) = LAYOUTS.glob(f"{body}-*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        amounts = [row[WANTED[body]["amount"]] for row in csv.DictReader(file)]
    tally, payments = read(path)
    assert tally.read == len(amounts) == len(payments)
    assert sum(p.pence for p in payments) == sum(round(100 * float(a)) for a in amounts)


# --- rows ---


@pytest.mark.parametrize("column", ["Net Amount", "Payment Date"])
def test_a_column_of_which_half_cannot_be_read_is_still_known(tmp_path: Path, column: str) -> None:
    row = dict(zip(HEADER, ("Hot Pot Ltd", "600.00", "01/02/2026", "Adults", "Meals"), strict=True))
    rows = [(row | {column: "withheld"} if n % 2 else row).values() for n in range(10)]
    tally, payments = read(written(tmp_path, HEADER, *rows))
    assert (len(payments), sum(tally.set_aside.values())) == (5, 5)


def test_payments_in_json_are_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "may.json").write_text('[{"Supplier": "Hot Pot Ltd", "Amount": 600}]')
    with pytest.raises(BadSource, match=r"may\.json is JSON, not a table; save it as CSV"):
        read(tmp_path / "may.json")


@pytest.mark.parametrize(
    ("name", "column"), [("spend-may-2026.csv", "Narrative"), ("spend.csv", "Last payment")]
)
def test_dates_of_which_few_can_be_read_lose_no_row_that_is_dated_otherwise(
    tmp_path: Path, name: str, column: str
) -> None:
    header = ("Supplier", "Amount", "Payment Date", column)
    dates = ("01/05/2026", "see note", "see note")
    rows = [("Hot Pot Ltd", "600.00", dates[n % 3], "31/05/2026") for n in range(9)]
    tally, payments = read(written(tmp_path, header, *rows, name=name))
    assert (len(payments), tally.set_aside) == (9, {})


def test_a_column_of_words_is_no_amount(tmp_path: Path) -> None:
    rows = [("Hot Pot Ltd", f"band {n}", "01/02/2026", "Adults", "Meals") for n in range(10)]
    with pytest.raises(BadSource, match="found no column for amount"):
        read(written(tmp_path, HEADER, *rows))


def test_a_refund_nets_off_and_a_bad_row_is_counted(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEADER,
        ("Hot Pot Ltd", "1,200.50", "01/02/2026", "Adults", "Meals"),
        ("Hot Pot Ltd", "-200.50", "03/02/2026", "Adults", "Meals"),
        ("Hot Pot Ltd", "", "03/02/2026", "Adults", "Meals"),
        ("Hot Pot Ltd", "lots", "03/02/2026", "Adults", "Meals"),
        ("Hot Pot Ltd", "10", "soon", "Adults", "Meals"),
        ("", "10", "03/02/2026", "Adults", "Meals"),
        ("Grand total", "1000", "", "", ""),
    )
    tally, payments = read(path)
    assert sum(p.pence for p in payments) == 100_000
    assert (tally.read, tally.kept) == (7, 2)
    assert tally.set_aside == {
        "no amount": 1,
        "amount is not a number": 1,
        "date cannot be read": 1,
        NO_PAYEE: 1,
        TOTAL: 1,
    }


def test_people_are_left_out_and_their_amounts_stay_in_the_total(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEADER,
        ("Mrs Ann Example", "10.00", "01/02/2026", "Adults", "Care"),
        ("REDACTED PERSONAL DATA", "20.00", "01/02/2026", "Adults", "Care"),
        ("Beacon Care Ltd", "30.00", "01/02/2026", "Adults", "Care"),
    )
    tally, payments = read(path)
    assert [(p.payee, p.pence) for p in payments] == [
        ("", 1000),
        ("", 2000),
        ("Beacon Care Ltd", 3000),
    ]
    assert tally.set_aside == {PERSON: 1, REDACTED: 1}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Mr J Smith", ""),
        ("SMITH J", ""),
        ("J A SMITH", ""),
        ("Smith, John", ""),
        ("Dr Priya Example", ""),
        ("Sundry Creditors", ""),
        ("Foster carer payment", ""),
        ("Mr Kevin Guy T/A Guy & Co", "Guy & Co"),
        ("Mr Bugg Limited", "Mr Bugg Limited"),
        ("Individual Entertainment Ltd", "Individual Entertainment Ltd"),
        ("Total Gas & Power Ltd", "Total Gas & Power Ltd"),
        ("Grace Care", "Grace Care"),
        ("A P Webb Plant Hire Ltd", "A P Webb Plant Hire Ltd"),
        ("J & K Joinery", "J & K Joinery"),
    ],
)
def test_a_payee_that_may_be_a_person_is_left_out(name: str, kept: str) -> None:
    assert payee_of(name)[0] == kept


@given(st.integers(-(10**12), 10**12))
def test_an_amount_is_read_to_the_penny_however_it_is_written(pence: int) -> None:
    pounds = f"{abs(pence) // 100:,}.{abs(pence) % 100:02}"
    forms = [pounds, f"£{pounds}"] if pence >= 0 else [f"-{pounds}", f"({pounds})", f"{pounds}-"]
    assert {pence_in(form) for form in forms} == {pence}


@given(st.dates(min_value=date(2010, 1, 1), max_value=date(2068, 1, 1)))
def test_a_date_has_one_month_however_it_is_written(day: date) -> None:
    forms = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y", "%d.%m.%Y", "%Y%m%d")
    months = {month_in(day.strftime(form)) for form in forms}
    assert months == {day.year * 12 + day.month - 1}


# --- files ---


@pytest.mark.parametrize("later", ["Meals", '"Meals, hot"'])
def test_a_quote_that_is_never_closed_hides_no_payment_below_it(tmp_path: Path, later: str) -> None:
    path = tmp_path / "spend.csv"
    good = [f"Firm {n} Ltd,{500 + n},2026-02-01,Adults,{later}" for n in range(3000)]
    bad = '"Firm with an open quote Ltd,900,2026-02-01,Adults,Meals'
    lines = [",".join(HEADER), *good[:1500], bad, *good[1500:]]
    path.write_text("\n".join(lines), encoding="utf-8")
    tally, payments = read(path)
    assert sum(paid.pence for paid in payments) == 100 * sum(500 + n for n in range(3000))
    assert tally.set_aside == {OPEN_QUOTE: 1}
    assert tally.examples[OPEN_QUOTE] == "spend.csv row 1502"


@pytest.mark.parametrize("says", ["the truth", "a lie"])
def test_a_workbook_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (HEADER, *[("Hot Pot Ltd", "12.50", "2026-02-01", "A" * 30_000, "")] * 200):
        book.active.append(row)
    path = tmp_path / "spend.xlsx"
    book.save(path)
    assert path.stat().st_size < 100_000
    if says == "a lie":
        with zipfile.ZipFile(path) as archive:
            large = max(part.file_size for part in archive.infolist())
        packed = path.read_bytes()
        path.write_bytes(packed.replace(large.to_bytes(4, "little"), b"\0\1\0\0"))
    monkeypatch.setattr(workbooks, "LARGEST_UNPACKED", 100_000)
    with pytest.raises(BadSource, match=r"may unpack to|is damaged"):
        read(path)


def test_the_same_file_given_twice_counts_once(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, ("Hot Pot Ltd", "12.50", "2026-02-01", "Adults", "Meals"))
    copy = tmp_path / "copy of spend.csv"
    copy.write_bytes(path.read_bytes())
    assert len(open_files([path, copy], "Anytown Council")) == 1


def test_months_in_many_files_of_a_folder_are_read(tmp_path: Path) -> None:
    for month in ("01", "02"):
        row = ("Hot Pot Ltd", "12.50", f"2026-{month}-01", "Adults", "Meals")
        written(tmp_path, HEADER, row, name=f"{month}.csv")
    assert len(open_files([tmp_path], "Anytown Council")) == 2


def test_a_small_file_corrects_what_columns_mean(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ("Supplier Name", "Trading Label", "Net Amount", "Payment Date"),
        ("ACME 0001 HOLDINGS", "Hot Pot", "12.50", "2026-02-01"),
    )
    columns = tmp_path / "columns.toml"
    columns.write_text(
        '["spend*.csv"]\nbody = "Anytown Council"\nsupplier = "Trading Label"\n', encoding="utf-8"
    )
    (payment,) = read(path, "", columns=columns)[1]
    assert (payment.body, payment.payee) == ("Anytown Council", "Hot Pot")


def test_who_paid_is_what_the_row_says_before_what_the_option_says(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ("Body Name", *HEADER[:3]),
        ("Neartown Council", "Hot Pot Ltd", "12.50", "2026-02-01"),
        ("", "Hot Pot Ltd", "7.50", "2026-02-02"),
    )
    (file,) = open_files([path], "Anytown Council")
    tally, payments = file.feed()
    assert [(p.body, p.pence) for p in payments] == [
        ("Neartown Council", 1250),
        ("Anytown Council", 750),
    ]
    assert (tally.kept, tally.set_aside) == (2, {})
    assert "Body Name → who paid" in file.words
    assert "who paid, where a row does not say it: Anytown Council" in file.words
    unnamed, payments = open_files([path])[0].feed()
    assert [p.body for p in payments] == ["Neartown Council"]
    assert unnamed.set_aside == {"no name of who paid": 1}


def test_a_file_without_a_body_says_that_the_option_named_it(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, ("Hot Pot Ltd", "1", "2026-02-01", "Adults", "Meals"))
    (file,) = open_files([path], "Anytown Council")
    assert "who paid: Anytown Council" in file.words


def test_a_correction_of_who_paid_stands_above_rows_and_option(tmp_path: Path) -> None:
    path = written(
        tmp_path, ("Body Name", *HEADER[:3]), ("Ledger 7", "Hot Pot Ltd", "12.50", "2026-02-01")
    )
    columns = tmp_path / "columns.toml"
    columns.write_text('["*"]\nbody = "Neartown Council"\n', encoding="utf-8")
    (file,) = open_files([path], "Anytown Council", columns)
    assert [p.body for p in file.feed()[1]] == ["Neartown Council"]
    assert "who paid: Neartown Council" in file.words


def test_a_correction_that_names_no_column_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, ("Hot Pot Ltd", "1", "2026-02-01", "Adults", "Meals"))
    columns = tmp_path / "columns.toml"
    columns.write_text('["*"]\nsupplier = "Payee"\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"no column 'Payee'.*'Supplier Name'"):
        open_files([path], "Anytown Council", columns)


def test_a_table_without_amounts_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = written(tmp_path, ("Supplier Name", "Payment Date"), ("Hot Pot Ltd", "2026-02-01"))
    with pytest.raises(BadSource, match=r"no column for amount among 'Supplier Name'"):
        open_files([path], "Anytown Council")


def test_totals_of_a_payee_count_in_its_last_month(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ("body", "supplier", "payments", "amount", "first", "last", "categories", "units"),
        ("Anytown", "Hot Pot Ltd", "7", "70", "2020-01-05", "2021-03-01", "Meals | Catering", "A"),
    )
    payments = read(path, "")[1]
    assert sum(p.pence for p in payments) == 7000
    assert sum(p.times for p in payments) == 7
    assert {p.category for p in payments} == {"Meals", "Catering"}
    assert min(p.month for p in payments) == 2020 * 12
    assert [p.month for p in payments if p.pence] == [2021 * 12 + 2]


# --- what else bodies do to a table ---


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,234.56 CR", -123_456),
        ("1,234.56DR", 123_456),
        ("GBP 5.00", 500),
        ("(£20.00)", -2000),
        ("Â£20.00", 2000),
        ("£(20.00)", -2000),
        ("−12.50", -1250),
        ("- 4.00", -400),
        ("£-6.00", -600),
        ("\u00a03.00\u00a0", 300),
        ("1 234.50", 123_450),
        ("1.25E+03", 125_000),
        ("1.234,56", 123_456),
        ("12,34", None),
        ("1'234.50", 123_450),
        ("1\u202f234.50", 123_450),
        ("45.000", None),
        ("(1.250)", None),
        ("1234.500", 123_450),
        ("0.125", 13),
        ("1,5000", None),
        ("12.500,000", None),
        ("1,234.500,00", None),
        ("12 50", None),
        ("-", None),
        ("1e9999", None),
        ("CR", None),
    ],
)
def test_amounts_with_marks(text: str, pence: int | None) -> None:
    assert pence_in(text) == pence


@pytest.mark.parametrize(
    "text", ["1st February 2026", "Sunday 2nd February 2026", "46054", "February 2026", "Feb-26"]
)
def test_long_and_short_dates_have_their_month(text: str) -> None:
    assert month_in(text) == 2026 * 12 + 1


@pytest.mark.parametrize(
    "lines",
    [
        ["Supplier;Net amount;Date", "Acme Ltd;12.50;01/02/2026", "Bolt Ltd;(3.00);02/02/2026"],
        [
            "Anytown Council",
            "Payments over £500",
            ",Payment,Supplier,Net",
            ",Date,Name,£",
            ",01/02/2026,Acme Ltd,12.50",
            ",02/02/2026,Bolt Ltd,(3.00)",
            ",,Total,9.50",
        ],
        [
            "Supplier Name and Number,Net Amount,Date",
            "Acme Ltd (100234),12.50,01/02/2026",
            "100567 - Bolt Ltd,-3,02/02/2026",
            "Bolt Ltd (100567),0,02/02/2026",
        ],
        [
            "Supplier,Net,Date",
            "Acme Ltd,12.50,02/01/2026",
            "Acme Ltd Total,12.50,02/28/2026",
            "Bolt Ltd,-3,02/28/2026",
            "GRAND TOTAL,9.50,02/28/2026",
        ],
        [
            ",,Supplier,,Net,,Date,",
            ",,Acme Ltd,,12.50,,01/02/2026,",
            ",,,,,,,",
            ",,Supplier,,Net,,Date,",
            ",,Bolt Ltd,,£3.00 CR,,02/02/2026,",
        ],
        [
            "Beneficiary,Sum Paid,When Paid,What For",
            "Acme Ltd,12.50,1st February 2026,Roofs",
            "Bolt Ltd,−3.00,2nd February 2026,Meals",
        ],
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_table_that_was_tampered_with_gives_the_same_payments(
    tmp_path: Path, lines: Sequence[str], encoding: str
) -> None:
    path = tmp_path / "spend.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding, "xmlcharrefreplace"))
    if encoding == "cp1252" and "−" in "".join(lines):
        pytest.skip("Windows-1252 has no minus sign")
    found = {(p.payee, p.pence, p.month) for p in read(path)[1] if p.pence}
    assert found == {("Acme Ltd", 1250, 2026 * 12 + 1), ("Bolt Ltd", -300, 2026 * 12 + 1)}


def test_a_workbook_under_another_name_is_known_by_its_content(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (HEADER, ("Hot Pot Ltd", 12.5, date(2026, 2, 1), "Adults", "Meals")):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    path = (tmp_path / "book.xlsx").rename(tmp_path / "book.csv")
    assert [p.pence for p in read(path)[1]] == [1250]


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("payments-2026-02.csv", 2),
        ("Payments over 500 February 2026.csv", 2),
        ("spend_feb26.csv", 2),
        ("02-2026.csv", 2),
        ("payments.csv", None),
        ("april-2025-to-march-2026.csv", None),
        ("market-2026.csv", None),
    ],
)
def test_a_table_without_dates_has_the_month_of_its_name(
    tmp_path: Path, name: str, month: int | None
) -> None:
    path = written(tmp_path, ("Supplier", "Net"), ("Hot Pot Ltd", "12.50"), name=name)
    if month is None:
        with pytest.raises(BadSource, match="no column for date"):
            open_files([path], "Anytown Council")
        return
    (file,) = open_files([path], "Anytown Council")
    assert "the name of the file → date paid (February 2026)" in file.words
    assert [p.month for p in file.feed()[1]] == [2026 * 12 + 1]


def test_a_firm_called_total_is_no_sum(tmp_path: Path) -> None:
    rows = [
        (name, "1", "2026-02-01", "A", "B") for name in ("Total", "Sum Total", "Fuel Total Ltd")
    ]
    tally, payments = read(written(tmp_path, HEADER, *rows))
    assert [p.payee for p in payments] == ["Sum Total", "Fuel Total Ltd"]
    assert tally.set_aside == {TOTAL: 1}


@pytest.mark.parametrize("year", [2012, 2019, 2025])
@pytest.mark.parametrize("form", ["{0}/{2:02d}", "{0}-{2:02d}", "{0}-{1}", "{0}/{1}"])
@pytest.mark.parametrize(
    "words", ["P{0} {1}", "{1} - {0:02d}", "Period {0}, {1}", "Month {0} ({1})"]
)
def test_a_period_counts_from_april_of_its_financial_year(year: int, form: str, words: str) -> None:
    written = form.format(year, year + 1, (year + 1) % 100)
    months = [month_in(words.format(number, written)) for number in range(1, 13)]
    assert months == list(range(year * 12 + 3, year * 12 + 15))
    assert month_in(written) is None, "a year is not a month"


def test_the_month_of_the_file_counts_where_the_column_has_years_alone(tmp_path: Path) -> None:
    path = tmp_path / "plover-2026-03.csv"
    path.write_text("Enw'r cyflenwr,Swm,Period\nPlover Foods Ltd,700.00,2025/26\n")
    assert [(one.payee, one.month) for one in read(path)[1]] == [
        ("Plover Foods Ltd", 2026 * 12 + 2)
    ]


def test_blank_rows_above_a_header_do_not_count(tmp_path: Path) -> None:
    rows = [HEADER, ("Hot Pot Ltd", "none", "2026-02-01", "Adults", "Meals")]
    rows += [("Hot Pot Ltd", "12.50", "2026-02-01", "Adults", "Meals")] * 2
    book = Workbook()
    assert book.active is not None
    for at, row in enumerate(rows, 61):
        for column, cell in enumerate(row, 1):
            book.active.cell(at, column, cell)
    book.save(tmp_path / "spend.xlsx")
    for path in (tmp_path / "spend.xlsx", written(tmp_path, *[("",) * 5] * 60, *rows)):
        tally, payments = read(path)
        assert [payment.pence for payment in payments] == [1250, 1250]
        assert tally.examples == {"amount is not a number": f"{path.name} row 62"}


OWN = ("Adult Social Care", "Children's Services", "Highways and Transport", "Place")


def by_organisation(folder: Path, *values: str, header: str = "Organisation") -> Path:
    return written(
        folder,
        (header, *HEADER[:3]),
        *((value, "Hot Pot Ltd", "12.50", "2026-02-01") for value in values),
    )


@pytest.mark.parametrize("header", ["Organisation", "Body", "Authority Name", "Entity"])
def test_departments_in_the_column_of_who_paid_are_no_bodies(tmp_path: Path, header: str) -> None:
    path = by_organisation(tmp_path, *OWN, header=header)
    (file,) = open_files([path], "Anytown Council")
    payments = list(file.feed()[1])
    assert {payment.body for payment in payments} == {"Anytown Council"}
    assert [payment.department for payment in payments] == list(OWN)
    assert f"{header} → department" in file.words
    with pytest.raises(BadInput, match="give the name of the council with --body"):
        open_files([path])


@pytest.mark.parametrize(
    "values",
    [
        ("Neartown Council", "Anytown Council"),
        ("Neartown", "Farville"),
        ("Adult Social Care", "Neartown Council"),
        ("Ofsted", "NHS Nearshire"),
        ("Education", "Neartown High", "Farville High"),
        ("Department for Education",),
    ],
)
def test_bodies_in_the_column_of_who_paid_stand_above_the_option(
    tmp_path: Path, values: tuple[str, ...]
) -> None:
    _, payments = read(by_organisation(tmp_path, *values))
    assert [payment.body for payment in payments] == list(values)


@pytest.mark.parametrize(
    "line", ["Report Total", "Overall total:", "TOTAL PAYMENTS", "Sub-total", "Quarterly Total"]
)
def test_a_total_of_a_report_is_no_payment(tmp_path: Path, line: str) -> None:
    rows = [("Hot Pot Ltd", "12.50", "2026-02-01", "Adults", "Meals"), (line, "12.50", "", "", "")]
    tally, payments = read(written(tmp_path, HEADER, *rows))
    assert ([one.payee for one in payments], tally.set_aside) == (["Hot Pot Ltd"], {TOTAL: 1})


@pytest.mark.parametrize(
    "name",
    [
        *("Name removed", "Supplier name not shown", "Not for publication", "Sensitive Payee"),
        *("Exempt information", "Personal budget"),
    ],
)
def test_words_for_a_payee_that_is_not_shown_are_no_name(name: str) -> None:
    assert payee_of(name) == ("", REDACTED)


@pytest.mark.parametrize(
    ("cell", "name"), [("Smith &amp; Sons Ltd", "Smith & Sons Ltd"), ("CafÃ© Bleu", "Café Bleu")]
)
def test_a_payee_is_read_as_it_is_shown(tmp_path: Path, cell: str, name: str) -> None:
    _, (payment,) = read(written(tmp_path, HEADER, (cell, "1", "2026-02-01", "A &amp; B", "C")))
    assert (payment.payee, payment.department) == (name, "A & B")


@pytest.mark.parametrize("supplier", ["Company", "Provider", "Provider Name", "Organisation paid"])
@pytest.mark.parametrize("amount", ["£", "Expenditure (£)", "Amount"])
def test_more_headers_are_known(tmp_path: Path, supplier: str, amount: str) -> None:
    header, row = (
        (supplier, "Value of VAT", amount, "Date"),
        ("Hot Pot Ltd", "2", "10", "2026-02-01"),
    )
    _, (payment,) = read(written(tmp_path, header, row))
    assert (payment.payee, payment.pence) == ("Hot Pot Ltd", 1000)


def test_a_year_is_no_month(tmp_path: Path) -> None:
    path = written(tmp_path, ("Supplier", "Amount", "Period"), ("Hot Pot Ltd", "1", "P01 2026"))
    with pytest.raises(BadSource, match="no column for date"):
        read(path)
    path = path.rename(tmp_path / "spend-2026-05.csv")
    assert [one.month for one in read(path)[1]] == [2026 * 12 + 4]


@pytest.mark.parametrize(
    "header",
    [
        ("SUPPLIER_NAME", "NET_AMT", "PAYMENT_DT"),
        ("Supp Name", "Nett", "Pd Date"),
        ("Trader", "Actuals", "Inv Dt"),
        ("Third party", "How much", "When"),
        ("Payment Recipient", "Debit", "Day"),
    ],
)
def test_short_forms_of_headers_are_known(tmp_path: Path, header: tuple[str, ...]) -> None:
    _, (payment,) = read(written(tmp_path, header, ("Hot Pot Ltd", "10", "2026-02-01")))
    assert (payment.payee, payment.pence, payment.month % 12) == ("Hot Pot Ltd", 1000, 1)


@pytest.mark.parametrize("amount", ["Amount (pence)", "Amount (£000)", "Spend £k"])
def test_amounts_that_are_not_in_pounds_are_refused(tmp_path: Path, amount: str) -> None:
    path = written(tmp_path, ("Supplier", amount, "Date"), ("Hot Pot Ltd", "10", "2026-02-01"))
    with pytest.raises(BadSource, match="no column for amount"):
        read(path)


def test_of_columns_with_one_header_the_first_that_is_not_blank_counts(tmp_path: Path) -> None:
    header = ("Supplier", "Supplier", "Amount", "Amount", "Date", "Date")
    path = written(
        tmp_path,
        header,
        ("Hot Pot Ltd", "", "10", "", "2026-02-01", ""),
        ("", "Elm Meals", "", "20", "", "2026-03-01"),
        ("Oak Meals", "Other", "30", "40", "2026-04-01", "2026-05-01"),
    )
    tally, found = read(path)
    assert [(one.payee, one.pence, one.month % 12 + 1) for one in found] == [
        ("Hot Pot Ltd", 1000, 2),
        ("Elm Meals", 2000, 3),
        ("Oak Meals", 3000, 4),
    ]
    assert tally.set_aside == {}
    (file,) = open_files([path], "Anytown Council")
    assert "Supplier, else Supplier → supplier" in file.words


def test_a_hidden_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    book = Workbook()
    hidden = book.create_sheet("Draft")
    assert book.active is not None
    for sheet, name in ((book.active, "Hot Pot Ltd"), (hidden, "Never Paid Ltd")):
        sheet.append(HEADER)
        sheet.append((name, "12.50", "2026-02-01", "Adults", "Meals"))
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "spend.xlsx")
    (file,) = open_files([tmp_path / "spend.xlsx"], body="Elm Council")
    assert [paid.payee for paid in file.feed()[1]] == ["Hot Pot Ltd"]
    assert "hidden sheet (not read): Draft" in file.words
    book.active.delete_rows(1, 2)
    book.save(tmp_path / "spend.xlsx")
    with pytest.raises(BadSource, match="hidden sheets are not read: Draft"):
        open_files([tmp_path / "spend.xlsx"], body="Elm Council")


@pytest.mark.parametrize(
    ("header", "written_", "org_id"),
    [
        ("Charity number", "1150079", "GB-CHC-1150079"),
        ("Company number", "1150079", "GB-COH-01150079"),
        ("Charity number", "SC012345", "GB-SC-SC012345"),
    ],
)
def test_a_number_is_of_the_register_that_its_header_names(
    tmp_path: Path, header: str, written_: str, org_id: str
) -> None:
    rows = [
        ("Supplier Name", "Amount", "Date", header),
        ("Hot Pot Ltd", "5", "2026-02-01", written_),
    ]
    _, (paid,) = read(written(tmp_path, *rows))
    assert paid.number == org_id


@pytest.mark.parametrize("header", ["Total Payments", "No. of payments", "Payment count"])
@pytest.mark.parametrize("amount", ["Total Amount", "Value (£)", "Payment total"])
def test_how_many_payments_there_were_is_no_amount(
    tmp_path: Path, header: str, amount: str
) -> None:
    rows = [("Supplier", header, amount, "Month"), ("Acme Ltd", "12", "9000", "Jan-26")]
    _, (paid,) = read(written(tmp_path, *rows))
    assert (paid.pence, paid.times) == (900_000, 12)


def test_total_payments_are_the_amount_where_no_other_column_has_it(tmp_path: Path) -> None:
    rows = [("Supplier", "Date", "Total Payments"), ("Acme Ltd", "02/01/2026", "1500.25")]
    _, (paid,) = read(written(tmp_path, *rows))
    assert (paid.pence, paid.times) == (150_025, 1)


def test_an_average_is_no_amount(tmp_path: Path) -> None:
    rows = [("Supplier", "Average amount", "Cost", "Date"), ("Acme Ltd", "5", "50", "02/01/2026")]
    assert read(written(tmp_path, *rows))[1][0].pence == 5000


@pytest.mark.parametrize("of", ["(minimum £500)", "over minimum", "(over £25,000)"])
def test_an_amount_from_a_least_one_on_is_an_amount(tmp_path: Path, of: str) -> None:
    rows = [("Supplier", f"Amount {of}", "Date"), ("Acme Ltd", "550", "02/01/2026")]
    assert read(written(tmp_path, *rows))[1][0].pence == 55_000


@pytest.mark.parametrize("named", ["Vendor", "Beneficiary", "Payee"])
def test_a_column_of_names_comes_before_one_of_numbers(tmp_path: Path, named: str) -> None:
    paid = [(f"{code}7", "Acme Ltd", "9", "02/01/2026") for code in ("AB", "12", "34", "56")]
    rows = [("Supplier", named, "Amount", "Date"), *paid]
    assert {one.payee for one in read(written(tmp_path, *rows))[1]} == {"Acme Ltd"}


def test_total_transactions_are_how_many_there_were(tmp_path: Path) -> None:
    rows = [("Supplier", "Total transactions", "Amount", "Date"), ("Acme", "12", "9", "02/01/2026")]
    _, (paid,) = read(written(tmp_path, *rows))
    assert (paid.pence, paid.times) == (900, 12)


def test_cells_with_formulas_are_read_as_they_are_shown(tmp_path: Path) -> None:
    link = '=HYPERLINK("https://suppliers.example/1","Acme Ltd")'
    rows = [("Supplier", "Date", "Amount"), (link, '="02/01/2026"', "=-700.50")]
    _, (paid,) = read(written(tmp_path, *rows))
    assert (paid.payee, paid.month, paid.pence) == ("Acme Ltd", 2026 * 12, -70_050)


def test_suppliers_may_be_called_by_numbers(tmp_path: Path) -> None:
    names = ["3663", "118118", "Acme Ltd"]
    rows = [(name, str(n), "02/01/2026", "5") for n, name in enumerate(names)]
    header = ("Supplier", "Supplier No", "Date", "Amount")
    assert [p.payee for p in read(written(tmp_path, header, *rows))[1]] == names


def test_numbers_of_suppliers_are_no_names(tmp_path: Path) -> None:
    rows = [("Supplier", "Payee", "Date", "Amount"), ("3663", "Acme Ltd", "02/01/2026", "5")]
    assert [p.payee for p in read(written(tmp_path, *rows))[1]] == ["Acme Ltd"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Description", "Credit note 5512"),
        ("Narrative", "Goods returned - CREDIT-NOTE"),
        ("Transaction Type", "CRN"),
        ("Document Type", "Credit"),
        ("DR/CR", "cr"),
    ],
)
def test_a_credit_note_without_a_minus_sign_is_set_aside(
    tmp_path: Path, header: str, kind: str
) -> None:
    rows = [["Oak Ltd", "01/04/2026", "80.00", "Invoice"], ["Oak Ltd", "02/04/2026", "30.00", kind]]
    rows.append(["Oak Ltd", "03/04/2026", "-10.00", kind])
    path = tmp_path / "spend.csv"
    table = [["Supplier", "Date", "Amount", header], *rows]
    path.write_text("\n".join(map(",".join, table)))
    [file] = open_files([path], "Test Council")
    tally, payments = file.feed()
    assert [one.pence for one in payments] == [8_000, -1_000]
    assert tally.set_aside == {CREDIT: 1}


def test_a_column_that_calls_every_row_a_credit_sets_none_aside(tmp_path: Path) -> None:
    rows = ["Supplier,Date,Amount,DR/CR"]
    rows += [f"Oak Ltd,0{day}/04/2026,{10 * day}.00,CR" for day in (1, 2, 3)]
    path = tmp_path / "spend.csv"
    path.write_text("\n".join(rows))
    [file] = open_files([path], "Test Council")
    assert [one.pence for one in file.feed()[1]] == [1_000, 2_000, 3_000]


@pytest.mark.parametrize(
    "kind", ["Credit card payment", "Credit union loan", "INV", "Universal Credit"]
)
def test_credit_of_another_kind_is_a_payment(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(f"Supplier,Date,Amount,Transaction Type\nOak Ltd,01/04/2026,80.00,{kind}\n")
    [file] = open_files([path], "Test Council")
    assert [one.pence for one in file.feed()[1]] == [8_000]


@pytest.mark.parametrize(
    "months",
    [("Apr-26", "May-26"), ("April", "May", "June"), ("Q1 2026/27", "Q2 2026/27"), ("P1", "P2")],
)
def test_a_table_with_a_column_a_month_is_refused_by_their_names(
    tmp_path: Path, months: tuple[str, ...]
) -> None:
    path = tmp_path / "spend-june-2026.csv"
    amounts = ",".join("10" for _ in months)
    path.write_text(f"Supplier,{','.join(months)},Total\nOak Ltd,{amounts},30\n")
    with pytest.raises(BadSource, match=f"several months .{months[0]}, {months[1]}"):
        open_files([path], "Test Council")


@pytest.mark.parametrize("header", ["Currency", "Currency Code", "Invoice Currency"])
def test_an_amount_in_another_currency_is_set_aside(tmp_path: Path, header: str) -> None:
    path = tmp_path / "spend.csv"
    rows = ["Oak Ltd,01/04/2026,70.00,GBP", "Elm Ltd,01/04/2026,80.00,USD", "Ash,01/04/2026,90,"]
    path.write_text("\n".join([f"Supplier,Date,Amount,{header}", *rows]))
    [file] = open_files([path], "Test Council")
    tally, payments = file.feed()
    assert [one.pence for one in payments] == [7_000, 9_000]
    assert tally.set_aside == {FOREIGN: 1}


@pytest.mark.parametrize(
    "cell", ["British Pound", "GBP - Pounds", "GBP (£)", "pounds sterling", "N/A", "-", "70.00"]
)
def test_pounds_may_have_other_names_and_a_currency_may_be_left_out(
    tmp_path: Path, cell: str
) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(f"Supplier,Date,Amount,Local Currency\nOak Ltd,01/04/2026,70.00,{cell}\n")
    [file] = open_files([path], "Test Council")
    assert [one.pence for one in file.feed()[1]] == [7_000]


@pytest.mark.parametrize("cell", ["Egyptian Pound", "EUR", "€", "US Dollars", "Irish pounds"])
def test_pounds_of_other_countries_are_no_pounds(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(f"Supplier,Date,Amount,Currency\nOak Ltd,01/04/2026,70.00,{cell}\n")
    [file] = open_files([path], "Test Council")
    tally, payments = file.feed()
    assert list(payments) == []
    assert tally.set_aside == {FOREIGN: 1}


@pytest.mark.parametrize(
    "header", ["Amount YTD", "Year to date amount", "Cumulative spend", "Paid to date", "Balance"]
)
def test_a_running_total_is_no_payment(tmp_path: Path, header: str) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(f"Supplier,Month,{header},Spend\nOak Ltd,Apr-26,900,70\n")
    [file] = open_files([path], "Test Council")
    assert [one.pence for one in file.feed()[1]] == [7_000]
    path.write_text(f"Supplier,Month,{header}\nOak Ltd,Apr-26,900\n")
    with pytest.raises(BadSource, match="found no column for amount"):
        open_files([path], "Test Council")


@pytest.mark.parametrize(
    "said", ["All figures in £000s", "Spend by supplier (£m)", "Amounts in thousands of pounds"]
)
def test_a_unit_above_the_header_is_refused(tmp_path: Path, said: str) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(f"{said}\nSupplier,Date,Spend\nOak Ltd,01/04/2026,12\n")
    with pytest.raises(BadSource, match="above its header; give amounts in pounds"):
        open_files([path], "Test Council")


@pytest.mark.parametrize("header", ["Spend £m", "Amount £'000", "Amount Reference"])
def test_a_column_that_is_not_of_pounds_is_no_amount(tmp_path: Path, header: str) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(f"Supplier,Date,{header}\nOak Ltd,01/04/2026,12\n")
    with pytest.raises(BadSource, match="found no column for amount"):
        open_files([path], "Test Council")


@pytest.mark.parametrize("blank", ["#N/A", "n/a", "#REF!", "-"])
def test_a_payee_that_stands_for_nothing_is_none(tmp_path: Path, blank: str) -> None:
    path = tmp_path / "spend.csv"
    path.write_text(
        f"Supplier,Date,Amount\n{blank},01/04/2026,12\nOak Ltd,01/04/2026,7\nElm,01/04/2026,8\n"
    )
    [file] = open_files([path], "Test Council")
    tally, payments = file.feed()
    assert [one.payee for one in payments] == ["Oak Ltd", "Elm"]
    assert tally.set_aside == {"no payee": 1}


@pytest.mark.parametrize("clear", ["1234.500", "0.125", "£1,234.500"])
def test_an_amount_of_three_places_shows_what_the_point_of_the_others_means(
    tmp_path: Path, clear: str
) -> None:
    rows = [("Supplier", "Date", "Amount"), ("Oak Ltd", "01/04/2026", "45.000")]
    rows += [("Elm Ltd", "02/04/2026", "(612.500)"), ("Ash Ltd", "03/04/2026", f'"{clear}"')]
    path = tmp_path / "spend.csv"
    path.write_text("\n".join(map(",".join, rows)))
    [file] = open_files([path], "Test Council")
    tally, payments = file.feed()
    assert [one.pence for one in payments][:2] == [4_500, -61_250]
    assert not tally.set_aside
    assert "three places of decimals" in file.words


def test_a_file_of_which_every_amount_is_in_doubt_is_set_aside_with_the_reason(
    tmp_path: Path,
) -> None:
    path = tmp_path / "spend.csv"
    rows = [f"Oak {number} Ltd,01/04/2026,{number}.000" for number in range(10, 15)]
    path.write_text("\n".join(["Supplier,Date,Amount", *rows]))
    [file] = open_files([path], "Test Council")
    tally, payments = file.feed()
    assert list(payments) == []
    [(reason, count)] = tally.set_aside.items()
    assert ("pence or thousands" in reason, count) == (True, 5)
