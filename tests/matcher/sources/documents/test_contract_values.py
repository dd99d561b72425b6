"""What a specification says that its whole contract is worth, and how long that may run."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text

SPECIFICATIONS = [
    # what options to extend add
    ("Value: £2.4M for the initial 4 years. Option to extend by 48 months at £600k p.a.", 4.8e6, 8),
    (
        "The value for the two-year term is £90,000 and for each option year £45,000 (2 years).",
        180_000,
        4,
    ),
    (
        "The contract value is £90,000 for two years; two optional years at £45,000 each.",
        180_000,
        4,
    ),
    ("Initial term: 3 years (£240,000). Extension: 2 years (£160,000).", 400_000, 5),
    ("Value £400,000 (initial term £240,000 and extension £160,000).", 400_000, None),
    ("Value: £600,000 over 3 years plus £400,000 for the two optional years.", 1e6, 5),
    ("The 3 year contract is worth £600,000 and, if extended by 2 years, £1,000,000.", 1e6, 5),
    ("£45,000 for an initial 3 years, with £15,000 per annum for any extension (1+1).", 75_000, 5),
    (
        "The total value is £930,000. Each option year costs £310,000. The term is 2+1 years.",
        930_000,
        3,
    ),
    # one price after another
    ("The price is £25,000 per annum rising to £30,000 in year 3, for three years.", 90_000, 3),
    ("Value £50,000 for the first year and £20,000 for each year after, for 3 years.", 90_000, 3),
    ("The contract price is a £500 set-up fee and £200 per month for 24 months.", 5_300, 2),
    ("Licence cost £12,000 per annum for 5 years plus one-off set-up of £20,000.", 80_000, 5),
    ("Budget: £40,000 for build and £5,000 per annum for hosting over 4 years.", 60_000, 4),
    ("Fee: £500 per day up to a maximum of £25,000", 25_000, None),
    ("Rates of £18.50 per hour, giving an estimated total value of £185,000.", 185_000, None),
    ("The value is £240,000 over three years and up to £80,000 per annum.", 240_000, 3),
    ("£20,000 in each of the first 3 years and £15,000 in each of 2 extension years.", 90_000, 5),
    ("The value is £75k (50% in year 1 and 50% in year 2).", 75_000, None),
    # periods
    ("Cost: £420 per week for 39 weeks a year. The term is 2 years.", 32_760, 2),
    ("The price is £1,500 per week (38 weeks per year) for five years.", 285_000, 5),
    ("The budget is no more than £50,000 in any 12 month period. The term is 3 years.", 150_000, 3),
    ("The value per 12 months is £20,000 and the contract is for 36 months.", 60_000, 3),
    ("The contract runs for 18 months plus a further 6 months, and is worth £9k.", 9_000, 2),
    ("Annual contract sum of £18,250.50 for a 2 year term.", 36_501, 2),
    ("Estimated at £4,500 each month (excl. VAT) for 2 years + optional 12 months.", 162_000, 3),
    ("The budget is £90k per annum. The service is commissioned for 3 years.", 270_000, 3),
    ("Est. cost £1.75m over term (5yr + 2yr).", 1.75e6, 7),
    ("The envelope is £325,000pa over two years.", 650_000, 2),
    # the same amount in several years
    ("Budget is £212,500 in years 1 and 2, falling to £200,000 in year 3.", 625_000, None),
    ("The price is £95,000 in year 1, dropping to £90,000 a year for years 2 to 4.", 365_000, None),
    ("Budget: Years 1-3: £50,000 each; year 4: £30,000.", 180_000, None),
    ("The cost is £80,000 in each of years 1 and 2 and £70,000 in year 3.", 230_000, None),
    ("The price is £212,500 in years 1 and 2, falling to £200,000. Term 4 years.", None, 4),
    ("The budget is £40,000 for years 1 and 2. Term: 3 years.", None, 3),
    ("Year 1: £40,000; year 2: £42,000, thereafter £45,000. Term: 5 years.", None, 5),
    # years of a calendar
    ("Budget: 2026/27 £55,000, 2027/28 £57,000 (two year contract)", 112_000, 2),
    ("Funding: Year 1 (2026/27) £50,000; Year 2 (2027/28) £45,000.", 95_000, None),
    ("The budget is £50,000 in the first year and £45,000 in the second year.", 95_000, None),
    ("Spend was £55,000 in 2023/24 and £57,000 in 2024/25. The contract is for 2 years.", None, 2),
    ("Estimated spend FY26/27: £1.2m; FY27/28: £1.3m.", 2.5e6, None),
    ("The anticipated budget for the 9 years is £40m. The contract is for 9 years.", 4e7, 9),
    # orthography
    ("Estimated value £1,500000", None, None),
    ("Estimated contract value: £450,00.00", None, None),
    ("Contract sum: £95,OOO", None, None),
    ("The budget is £80, 000.", None, None),
    ("Value excluding VAT: 360 000.00 GBP", 360_000, None),
    ("The value over the 7 years is 19 170 000 GBP, which is an estimate.", 19_170_000, None),
    ("In phase 1 GBP 518 320 is the budget.", 518_320, None),
    ("Contract value (£): 1,350,000\nDuration (months): 60\nExtension (months): 24", 1.35e6, 7),
    ("The value ranges between £2,000,000 (2 million GBP) and £6,000,000.", 6e6, None),
    # what is no value of the contract
    ("The previous contract cost £85,000 per annum. The contract is for 3 years.", None, 3),
    ("Spend to date has been £412,000. The contract is for 2 years.", None, 2),
    ("The Council spent £37,412 on skips. The contract will be for two years.", None, 2),
    ("The contract has a budget of £2,500 per school per year and runs for 3 years.", None, 3),
    ("The contract price is £90,000 per season.", None, None),
    ("Up to £10,000 each will be awarded to a maximum of 8 providers.", None, None),
    ("The Council's outstanding debt is £4.2m. The contract value is £20,000.", 20_000, None),
    ("The Council's net budget is £212m. This contract is worth £30,000.", 30_000, None),
    ("Minimum value: £100,000\nMaximum value: £150,000", 150_000, None),
    ("The contract value is £14,000 (ex VAT) per season.", None, None),
    # Welsh
    ("Mae gwerth blynyddol y contract tua £45,000 a bydd yn para am dair blynedd.", 135_000, 3),
    ("Cyllideb fisol o £3,500 am gyfnod o 24 mis.", 84_000, 2),
    ("Gwerth y contract: £1.2 miliwn dros bedair blynedd.", 1.2e6, 4),
    ("Amcangyfrifir gwerth o £1,500 yr wythnos am 2 flynedd.", 156_000, 2),
    ("Cyllideb rhwng £40,000 a £50,000.", 50_000, None),
    # terms
    ("Contract dates\n1 June 2026 to 31 May 2028\nPossible extension to 31 May 2030", None, 4),
    ("The contract runs until 31 July 2028 from 1 August 2026.", None, 2),
    ("Term\t2 years\nExtension\t1 + 1 years", None, 4),
    ("Contract Term: 2 years Extension: 2 years", None, 4),
    (
        "A contract of 12 months, extendable in increments of 12 months to a maximum of 4 years.",
        None,
        4,
    ),
    ("Initial 12 months; thereafter rolling up to a maximum of 5 years in total.", None, 5),
    ("Contract: 3 years with an option to extend for a further 2 years (1+1).", None, 5),
    ("The contract is for three years plus the option of a further year.", None, 4),
    ("Three years with an option to extend for a further year and then a final year.", None, 5),
    ("A term of 3 years with 2 options to extend by a further year (3 + 1 + 1).", None, 5),
    (
        "Contract with provision to extend by 2 x 12 month periods after the initial 2 years.",
        None,
        4,
    ),
    ("The framework agreement has the option to extend for up to a further 24 months.", None, None),
    ("The need is envisaged to be a contract of 6 years.", None, 6),
    ("The contract runs for at least 12 months and no longer than 48 months.", None, 4),
    ("A contract of two years, which may be extended on two occasions by a year.", None, 4),
    ("A 5-year contract with a 2 plus 2-year extension option.", None, 9),
    ("Number of years: 3. Extension years: 1.", None, 4),
    ("Two years fixed, two years optional.", None, 4),
    ("From 1/4/26 for three years.", None, 3),
    ("The contract is for 3 years plus 1.", None, 4),
    ("A single provider is commissioned to help 16-18 year olds.", None, None),
    ("The lease has 12 years to run. The contract is for 2 years.", None, 2),
    ("Records are kept for six years after the contract ends. Contract term three years.", None, 3),
    ("The contract runs for 3 years, 6 months notice to terminate.", None, 3),
    ("The contract is for 2 years, 6 months extension possible.", None, 2.5),
    ("Term: 2 years, 6 month mobilisation.", None, 2),
    ("The contract is for 1 year, 6 months of which are a pilot.", None, 1),
    ("The contract runs for 2 years, 6 months from 1 April 2026.", None, 2.5),
    ("The term is 3 years 6 months.", None, 3.5),
    ("The contract will be let for 3 years after contract award.", None, 3),
    ("The contract will be re-let 42 months after contract award.", None, None),
    ("The retention period is 6 years after the contract ends.", None, None),
    ("Optional extension of 1 year at £20,000. Contract value £100,000.", 100_000, None),
    ("The value of the extension is £20,000. The contract's value is £90,000.", 90_000, None),
    ("The defects period is 12 months. The contract is for 2 years.", None, 2),
    ("This two year pilot of community transport starts in April.", None, 2),
    ("Maximum £400,000 over 4 years.", 400_000, 4),
    ("The contract is for roofs with a 10-year insurance backed warranty.", None, None),
    ("The opportunity is for 1 year only.", None, 1),
    ("We start its 3 year term in April.", None, 3),
    ("Its initial five-year term can be prolonged by up to three years.", None, 8),
    ("A 12 month agreement, up to 3 years at most.", None, 3),
    ("Duration: until 31 March 2029. Start: 1 April 2027.", None, 2),
    ("The budget is £9,000 a year. 3 years.", 27_000, 3),
    ("Museum cafe\n£60,000 over three years.", 60_000, 3),
]
"""text, pounds for the whole contract with its options, years with its options"""


@pytest.mark.parametrize(("text", "value", "years"), SPECIFICATIONS)
def test_a_specification(text: str, value: float | None, years: float | None) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert (found.lot.value, found.lot.years) == (value, years)


@pytest.mark.parametrize(
    ("text", "values", "whole"),
    [
        ("Lot 1: Buses £60,000\nLot 2: Taxis £90,000\nTotal £150,000", [60_000, 90_000], 150_000),
        (
            "Lot 1: Buses\nLot 2: Taxis\nTotal value of the contract: £150,000",
            [None, None],
            150_000,
        ),
        (
            "Lot 1: Buses\n£20,000 pa\nLot 2: Taxis\n£30,000 pa\nOverall £150,000\nTerm: 3 years",
            [60_000, 90_000],
            150_000,
        ),
        (
            "Lot 1: Buses\n£20,000 pa\nTotal £60,000\nLot 2: Taxis\n£30,000 pa\nTotal £90,000",
            [60_000, 90_000],
            None,
        ),
        ("Lot 1: Buses\n£60,000\nLot 2: Taxis\nTotal value: £90,000", [60_000, 90_000], None),
    ],
)
def test_a_total_after_the_last_lot_is_of_all_lots(
    text: str, values: list[float | None], whole: float | None
) -> None:
    found = read_text(f"Minibuses\n{text}", "pasted")
    assert [one.lot.value for one in found] == values
    assert {one.whole.net for one in found} == {whole}


@pytest.mark.parametrize(
    ("south", "values"), [("£30,000", [60_000, 90_000]), ("£35,000", [20_000, 35_000])]
)
def test_lots_that_add_up_to_a_yearly_budget_are_for_a_year_each(
    south: str, values: list[float]
) -> None:
    text = (
        "Care\nThe annual budget is £50,000, shared between two lots. The contract is for 3 years."
        f"\nLot 1: North (£20,000)\nLot 2: South ({south})"
    )
    assert [one.lot.value for one in read_text(text, "pasted")] == values


def test_a_yearly_price_of_options_without_a_length_is_left_to_the_officer() -> None:
    (found,) = read_text("Care. The value is £60,000. Extension years at £20,000 a year.", "pasted")
    assert found.lot.value is None
    assert any("no length of the options to extend was found" in note for note in found.notes)
