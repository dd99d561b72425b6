"""Days as people, spreadsheets and databases write them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sources.formats.days import A_DAY, day_in, days_in


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-09-07 00:00:00.0000000", date(2023, 9, 7)),
        ("07/09/2023", date(2023, 9, 7)),
        ("31 March 2023", date(2023, 3, 31)),
        ("CharityExport-05-Mar-2024.csv", date(2024, 3, 5)),
        ("BasicCompanyData-2020-06-01-part6_7.csv", date(2020, 6, 1)),
        ("2023-06", date(2023, 6, 1)),
        ("2012", date(2012, 1, 1)),
        ("members-1252.csv", None),
        ("01/04/3026", None),
        ("2023-02-31", None),
        ("99/99/2023", None),
        ("SC012345", None),
        ("register-april-2024.csv", date(2024, 4, 1)),
        ("market-2024.csv", date(2024, 1, 1)),
        ("", None),
    ],
)
def test_day_in(text: str, day: date | None) -> None:
    assert day_in(text) == day


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_format_gives_the_same_day(day: date) -> None:
    assert day_in(day.isoformat()) == day
    assert day_in(f"{day.day:02}/{day.month:02}/{day.year}") == day
    assert day_in(f"{day.day} {day:%B} {day.year}") == day


SHORT = st.dates(date(1969, 1, 1), date(2068, 12, 31))
FORMS = (
    *("%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%y", "%d %b %y", "%d/%m/%y 00:00", "%a %d %b %y"),
    *(
        "%d %B %Y",
        "%d-%b-%Y",
        "%d.%m.%Y",
        "%Y-%m-%dT%H:%M:%S",
        "%Y.%m.%d",
        "%Y/%m/%d",
        "%Y%m%d",
        "%B %d, %Y",
    ),
)


@given(SHORT, st.sampled_from(FORMS))
def test_a_day_is_read_in_every_form(day: date, form: str) -> None:
    assert days_in(f" {day.strftime(form)} ") == (day, day)
    assert days_in(day.strftime(form).upper()) == (day, day)


@given(st.dates(date(1930, 1, 1), date(2036, 1, 1)))
def test_a_day_that_a_spreadsheet_counts_is_read(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert days_in(str(serial)) == days_in(f"{serial}.0") == (day, day)


@given(SHORT, st.sampled_from(["%Y-%m", "%m/%Y", "%B %Y", "%b-%y", "%b %Y", "%Y%m"]))
def test_a_month_is_from_its_first_day_to_its_last(day: date, form: str) -> None:
    first, last = days_in(day.strftime(form)) or (None, None)
    assert first == day.replace(day=1)
    assert last
    assert (last + timedelta(days=1)).day == 1
    assert (last.year, last.month) == (day.year, day.month)


def test_a_year_is_from_its_first_day_to_its_last() -> None:
    assert days_in("2031") == (date(2031, 1, 1), date(2031, 12, 31))


@pytest.mark.parametrize(
    "cell", ["", "31/02/2026", "00/00/0000", "31-Feb-26", "Sundays", "24/7", "1234567", "0000"]
)
def test_a_cell_without_a_day_has_none(cell: str) -> None:
    assert days_in(cell) is None


@pytest.mark.parametrize(
    "cell", ["on 03/04/18", "approx. 3/4/18", "removed 3-Apr-18", "3rd Apr '18", "left: 3.4.18"]
)
def test_a_day_with_a_short_year_is_read_after_words(cell: str) -> None:
    assert days_in(cell) == (date(2018, 4, 3), date(2018, 4, 3))


@pytest.mark.parametrize("cell", ["24/7/365", "1/2/3/45", "at 10:30:15", "v1.2.34.5"])
def test_other_numbers_are_no_day(cell: str) -> None:
    assert days_in(cell) is None


WORDED = [
    form for form in FORMS if ":" not in form and form not in ("%Y%m%d", "%a %d %b %y", "%Y.%m.%d")
]


@given(SHORT, st.sampled_from(WORDED))
def test_a_day_is_found_among_other_words(day: date, form: str) -> None:
    found = re.search(rf"\b{A_DAY}", f"open until {day.strftime(form).lower()} only")
    assert found
    assert days_in(found[0]) == (day, day)


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_error(text: str) -> None:
    first, last = days_in(text) or (date.min, date.max)
    assert first <= last
