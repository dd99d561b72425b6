"""Prices that rise or fall by a share every year."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text
from matcher.sources.wording.rises import rise_in, without_rises


@pytest.mark.parametrize(
    ("words", "pounds"),
    [
        # 50,000 + 52,000 + 54,080
        ("The contract value is £50,000 a year, rising by 4% a year, for 3 years.", 156_080),
        ("Value: £50,000 per annum plus a 4% annual uplift. The term is 3 years.", 156_080),
        ("The value is £50,000 a year with a yearly increase of 4%. Term: 3 years.", 156_080),
        ("The contract value is £50,000 pa, to increase annually by 4%, for 3 years.", 156_080),
        # 50,000 + 45,000
        ("The contract value is £50,000 a year and will fall by 10% each year. 2 years.", 95_000),
        # 10,000 + 10,500 + half of 11,025
        ("The value is £10,000 a year, rising by 5% a year. The term is 30 months.", 26_012.5),
        ("The total value is £90,000, increasing each year by CPI, over 3 years.", 90_000),
        ("The value is £30,000 a year and is indexed annually to CPI. Term: 3 years.", 90_000),
    ],
)
def test_a_value_has_its_yearly_rises(words: str, pounds: float) -> None:
    [found] = read_text(f"Day centre meals\n{words}", "spec")
    assert found.lot.value == pounds


@pytest.mark.parametrize(
    ("words", "pounds"),
    [
        ("The value is £20,000 rising to £22,000 in year 2 and £25,000 in year 3.", 67_000),
        (
            "It is worth £30k, falling to £25k in the second year and £20k in the third year.",
            75_000,
        ),
    ],
)
def test_an_amount_that_changes_in_each_year_is_of_the_first(words: str, pounds: float) -> None:
    [found] = read_text(f"Day centre meals\n{words}", "spec")
    assert found.lot.value == pounds


def test_an_amount_that_rises_and_has_no_period_is_asked_about() -> None:
    words = "The contract value is £40,000 and will be increased annually by inflation. 2 years."
    [found] = read_text(f"Day centre meals\n{words}", "spec")
    assert (found.lot.value, found.lot.value_if_whole) == (80_000, 40_000)


def test_rises_whose_share_is_not_said_are_told_and_not_counted() -> None:
    words = "The value is £40,000 a year, rising by £500 each year. The term is 3 years."
    [found] = read_text(f"Day centre meals\n{words}", "spec")
    assert found.lot.value == 120_000
    assert any("without its yearly rises" in note for note in found.notes)


@pytest.mark.parametrize(
    "words",
    [
        "and demand is growing by 6% a year",
        "and the provider must reduce its carbon emissions by 10% each year",
        "and wages increase by 4% a year",
        "with no annual CPI increase",
        "and will not rise by 3% a year",
        "and referrals are expected to go up by 5% annually",
    ],
)
def test_rises_of_what_is_bought_or_that_are_denied_are_not_counted(words: str) -> None:
    [found] = read_text(
        f"Day centre meals\nThe value is £30,000 a year {words}. Term: 3 years.", "spec"
    )
    assert found.lot.value == 90_000


@pytest.mark.parametrize(
    ("words", "rise"),
    [
        ("£9,000 a year, rising by 0.125% a year", 0.00125),
        ("£9,000 a year, rising by 120% a year", 1.2),
        ("£9,000 a year. Prices may go up by up to 2% a year", 0.02),
        ("the fee for each place of £9,000 a year is increased by 2% annually", 0.02),
        ("£9,000 a year for 3 years rising by 2.5% per annum", 0.025),
        ("£9,000 a year with savings of 3% a year, and rising in line with CPI annually", 0),
        ("£9,000 a year for meals, with the price to be adjusted each year by 1%", 0.01),
    ],
)
def test_the_share_of_a_rise_is_read_whole(words: str, rise: float) -> None:
    assert rise_in(words) == pytest.approx(rise)


@pytest.mark.parametrize(
    "words",
    [
        "£8,000 a year plus 20% VAT",
        "£25,000 per annum rising to £30,000 in year 3",
        "the fee of £9,000 is reviewed annually",
    ],
)
def test_what_is_no_rise_by_a_share_is_kept(words: str) -> None:
    assert (without_rises(words), rise_in(words)) == (words, None)
