"""What works, set-up and extensions cost, beside the value of the contract that is bought."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text

ADVICE = [
    ("Quantity surveyor for a new lido\nThe construction cost is estimated at £3.1m.", None),
    ("Landscape architect\nWorks budget £510,000 (excl. fees).", None),
    ("Lido\nWe wish to appoint a clerk of works. The value of the works is £3.1m.", None),
    ("Employer's agent\nBuild cost £7m. The fee should be no more than £31,000.", 31_000),
    ("Design team for a lido\nFees are expected to be £31,000. The project budget is £3m.", 31_000),
    ("Design services for a lido\nThe fee is estimated at £31,000 for a £3m scheme.", 31_000),
    ("Evaluation of a walking scheme\nThe scheme cost is £310,000.", None),
]
"""text, pounds"""

THING_ITSELF = [
    "Refit of the lido\nThe construction budget is £310,000. The council's architect will advise.",
    "Design and build of a lido\nThe overall project budget is £310,000.",
    "Project management software\nThe total project budget is £310,000.",
    "Lido\nThe contractor shall appoint a principal designer. Construction value £310,000.",
    "Evaluation of swimming lessons\nThe total budget for the project is £310,000.",
    "Feasibility study for a lido\nTotal project value: £310,000",
    "Slides: supply, fitting and evaluation\nThe project budget is £310,000.",
    "New lido (design team appointed)\nThe construction value is £310,000.",
    "Lido\nThe budget is £310,000 for a job of two years.",
    "Lido extension\nBudget for the extension: £310,000 plus VAT.",
]

PERIODS = [
    ("Set-up £5,000, then £60,000 for 3 years. Term: 3 years.", 65_000, 3),
    ("Set-up: £8,000. Then £30,000 a year for 2 years.", 68_000, 2),
    ("Set-up: £8,000. Year 1 £30,000, year 2 £20,000.", 58_000, None),
    ("The capital cost is £90,000. Upkeep is £7,000 p.a. The contract is for 3 years.",
     111_000, 3),
    ("Set-up was £8,000. The budget is £30,000 a year for 2 years.", 60_000, 2),
    ("£30,000 (excl. VAT) p.a. for two years and £20,000 (excl. VAT) p.a. for the optional third"
     " year.", 80_000, 3),
    ("The estimated cost is 30 weeks at £1,000 a week. The contract is for one year.", 30_000, 1),
    ("The budget is 3 terms at £5,000 per term.", 15_000, None),
    ("The value is £10k/yr, 1+1+1.", 30_000, 3),
    ("£10,000 a year. 3 years with a break clause after 2 years.", 30_000, 3),
    ("Duration: 1 year, renewable twice. Value: £10,000 each year.", 30_000, 3),
    ("The term is eighteen months with scope for a further six. Price: £1,000 a month.",
     24_000, 2),
    ("The contract will cover financial years 2027/28 and 2028/29. Value £10,000 a year.",
     20_000, 2),
    ("The contract runs to the end of March 2029, starting on 1 October 2027.", None, 1.5),
    ("Year 1 £30,000 (including £8,000 set-up), year 2 £20,000.", 50_000, None),
    ("The price is £30,000 a year for 2 years. This includes set-up of £8,000.", 60_000, 2),
    ("The contract includes set-up at £8,000 and lessons at £30,000 a year for 2 years.",
     68_000, 2),
    # an option's price alone is not the contract's
    ("The contract is for two years with a one-year extension at £20,000.", None, 3),
    ("The extension, if taken, is valued at £50,000 a year. The term is 2 years plus 1.", None, 3),
    ("Connection charge £1,500. Rental £250 a month. The contract is for 36 months.", 10_500, 3),
    # of a unit
    ("Season price £5,880; three seasons.", None, None),
    ("The average value of a job is £400.", None, None),
]  # fmt: skip
"""text, pounds, years with options"""


PAGES = [
    ("Value of contract (£) 81000\nDuration (months) 24\nOption to extend (months) 12", 81_000, 3),
    ("Estimated total value\nValue excluding VAT: £81 000\nDuration in months\n48\nRenewal\nNo",
     81_000, 4),
    ("Total value - low (GBP)\n20,000\nTotal value - high (GBP)\n81,000", 81_000, None),
    ("Budget: not to exceed £81,000 over the full three years.", 81_000, 3),
    ("Supply of salt. Last tender: £81,000.", None, None),
    ("Value (£) 2026/27 to be agreed", None, None),
    ("Price (£)\n100% of marks", None, None),
    ("Value (£)\n81 000", 81_000, None),
]  # fmt: skip
"""text of a page or a form, pounds, years with options"""


@pytest.mark.parametrize(("text", "pounds", "years"), PAGES)
def test_numbers_below_their_labels(text: str, pounds: float | None, years: float | None) -> None:
    (found,) = read_text(f"Lido\n{text}", "pasted")
    assert (found.lot.value, found.lot.years) == (pounds, years)


def test_the_codes_that_contracts_finder_shows_as_an_industry() -> None:
    text = "Contract summary\nIndustry\nSwimming pool services - 92610000\nLocation\nWS1 1TP"
    (found,) = read_text(text, "pasted")
    assert found.lot.cpv == ("92610000",)
    (found,) = read_text("Our industry is pools.\nReference - 92610001", "pasted")
    assert found.lot.cpv == ()


def test_a_page_number_is_no_length() -> None:
    (found,) = read_text("Lido\nThe contract is for the period in which we swim.\n12\nMore", "p")
    assert found.lot.years is None


@pytest.mark.parametrize(("text", "pounds"), ADVICE)
def test_what_works_cost_is_no_value_of_advice_on_them(text: str, pounds: float | None) -> None:
    (found,) = read_text(text, "pasted")
    assert found.lot.value == pounds


@pytest.mark.parametrize("text", THING_ITSELF)
def test_what_works_cost_is_their_value_where_they_are_bought(text: str) -> None:
    (found,) = read_text(text, "pasted")
    assert found.lot.value == 310_000


@pytest.mark.parametrize(("text", "pounds", "years"), PERIODS)
def test_parts_are_added_up_and_options_are_no_value(
    text: str, pounds: float | None, years: float | None
) -> None:
    (found,) = read_text(f"Lido\n{text}", "pasted")
    assert (found.lot.value, found.lot.years) == (pounds, years)


PARTS = [
    ("A minibus at £52,000, or lease at £700 a month for 48 months.", None, 4),
    ("The price is £10,000 a year or about £30,000 over three years.", 30_000, 3),
    ("The price is £25,000 or less.", 25_000, None),
    ("Phase 1 is £200,000. Phase 2, if funds allow, is worth £150,000.", None, None),
    ("Phase 1 is under way. The value of phase 2 is £150,000 and of phase 1 £200,000.", None, None),
    ("This is phase 2. The contract value is £150,000.", 150_000, None),
    ("Value: less than £30,000", None, None),
    ("Budget: less than £30,000", 30_000, None),
    ("Years 1-3: £20,000 pa; years 4-5 (optional): £21,000 pa.", 102_000, None),
    ("£4.50 per user per month, 800 users, 36 months: about £129,600.", 129_600, 3),
    ("Value of 120k over 2yrs with 2yrs ext.", 240_000, 4),
]
"""text, pounds, years with options"""


@pytest.mark.parametrize(("text", "pounds", "years"), PARTS)
def test_what_is_bought_instead_or_in_part(
    text: str, pounds: float | None, years: float | None
) -> None:
    (found,) = read_text(f"Lido\n{text}", "pasted")
    assert (found.lot.value, found.lot.years) == (pounds, years)


def test_a_title_with_an_option_buys_no_extension() -> None:
    text = "Lessons with an option to extend\nThe option to extend by 2 years is worth £40,000."
    (found,) = read_text(text, "pasted")
    assert found.lot.value is None
