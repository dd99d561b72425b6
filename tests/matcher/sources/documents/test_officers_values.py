"""Values and terms as officers write them in notices and e-mails, each with what is read."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text
from matcher.sources.wording.amounts import value_in

READ = [
    # what the value covers, in a sentence of its own
    ("The figure given covers the initial period alone. Value: £60,000. 2 years plus 1.",
     90_000, 3),
    ("Value: £60,000. The value stated is for the initial term only. 2+1 years.", 90_000, 3),
    ("Value £60,000, not including extensions. 2 years plus 1 year extension.", 60_000, 3),
    ("Estimated value £60,000, excluding the extension period. 2 years plus 1.", 90_000, 3),
    ("The amount shown includes any extension. Value for the first 2 years: £60,000. 2+1 years.",
     60_000, 3),
    ("Prices are fixed for the initial term. The value is £60,000. 2+1 years.", 60_000, 3),
    ("This deal is for an initial period of 2 years plus 1 year. Total value £60,000.",
     60_000, 3),
    ("Option to extend to 6 years. Total value for the initial 3 years: £60,000.", 120_000, 6),
    # products
    ("£30,000 pa x 3", 90_000, 3),
    ("£1,100 per month x 18", 19_800, 1.5),
    ("Contract value: 3 x £20,000 = £60,000.", 60_000, None),
    ("£20,000 per year x 3 years = £60,000", 60_000, 3),
    # several payments, and how one sum is paid
    ("Payments of £4,000 will be made in 9 instalments.", 36_000, None),
    ("Payment of £1,500 will be made in each of 8 instalments.", 12_000, None),
    ("A payment of £36,000 will be made in 9 instalments.", 36_000, None),
    ("Instalments of £2,500 will be paid over 10 months.", None, None),
    ("The total amount payable is £42,000 in quarterly payments.", 42_000, None),
    ("The total payable is £45,000 in monthly payments over 3 years.", 45_000, 3),
    ("The contract price is £54,000 payable in 36 monthly instalments.", 54_000, None),
    ("The price is £45,000, payable monthly. The contract is for 3 years.", None, 3),
    # school terms
    ("The price is £4,000 a term.", None, None),
    ("The price is £4,000 a term over 5 school terms.", 20_000, None),
    ("The fee is £3,000 each term for 3 years.", 27_000, 3),
    ("The fee is £2,000 termly for two years.", 12_000, 2),
    ("The price is £1,300 a half-term.", None, None),
    ("The price over a term of 4 years is £70,000.", 70_000, 4),
    # costs of two kinds, and amounts with names of their own
    ("Budget: £30,000 revenue and £9,000 capital", 39_000, None),
    ("Budget of £30,000 (capital) and £9,000 (revenue).", 39_000, None),
    ("Cost: £7,000 materials, £5,000 labour.", 12_000, None),
    ("Estimated cost: £21,000 fees and £4,000 expenses.", 25_000, None),
    ("Budget: revenue £30,000 and capital £9,000.", 39_000, None),
    ("Budget: adults £30,000 and children £9,000.", None, None),
    ("Budget £30,000 plus VAT and £9,000 contingency.", None, None),
    ("Budget: £30,000 revenue per year and £9,000 capital, 3 years.", None, 3),
    ("Budget: £35,000 adults and £25,000 children.", None, None),
    ("Budget: £30,000 net and £36,000 gross.", 30_000, None),
    # a framework or programme, and the contract that is a part of it
    ("Framework value £8m; this call-off is worth £150,000.", 150_000, None),
    ("The framework is valued at £40m and this mini-competition is worth £1.1m.", 1.1e6, None),
    ("Lot value £300,000; framework total £3m.", 300_000, None),
    ("The overall programme is worth £6m; this contract is worth £80,000.", 80_000, None),
    ("The total framework value is £9m over 4 years.", 9e6, 4),
    # lengths that are no round number of years
    ("£1,000 a month for 20 months.", 20_000, 1.67),
    ("We will pay £1,300 a week for a 30 week course.", 39_000, 0.58),
    ("A year and seven months at £12k a year.", 19_000, 1.58),
    ("The contract will run for the 2027/28 and 2028/29 financial years at £9,000 p.a.", 18_000, 2),
    ("It is delivered for £21,000 in each of the three years of the contract.", 63_000, 3),
    ("£40,000 in year one and £30,000 in each of years two and three.", 100_000, None),
    # limits
    ("We can't go over £12,000 all in.", 12_000, None),
    ("A sum of £9,950 is available to deliver all of the above.", 9_950, None),
    ("As the value is below £30,000 the notice was not advertised.", None, None),
    ("The estimated value is £80,000 but the ceiling is £95,000.", 95_000, None),
    # what is paid today, to the council, or by others
    ("The current monthly charge is £1,940. The contract will last 2 years.", None, 2),
    ("Service charge £11,000 p.a. The lease runs for 5 years.", None, 5),
    ("The operator pays £7,500 a year to the Council for a 3 year concession.", None, 3),
    ("Match funding of £30,000 must be found by the provider.", None, None),
    ("It has £90,000 of lottery funding. The fee for this commission is £14,000.", 14_000, None),
    ("The weekly bed price is £980; the contract is for 8 beds for 2 years.", None, 2),
    ("A fee of £120 is charged for late returns. A contract of 2 years, £8,400 per year.",
     16_800, 2),
    ("Annual spend has been estimated at between £2m and £3m over a 4 year framework.", 12e6, 4),
    ("We have £11k this year and the same next year.", None, None),
    # several years
    ("2025-26 budget £20,000; 2026-27 budget £21,000; 2027-28 budget for this contract £22,000.",
     None, None),
    ("The budget was £30,000 but has been cut to £24,000.", 24_000, None),
    ("The budget for the programme is £500,000; this tender is valued at £90,000.", 90_000, None),
    ("Any one claim is limited to £250,000. The term is 18 months.", None, 1.5),
    ("House prices average £190,000.", None, None),
    ("An initial payment of £12,000 followed by 11 monthly payments of £1,000.", 23_000, None),
    # the same with VAT
    ("Value £40,000 + VAT = £48,000", 40_000, None),
    ("Net £40,000, VAT £8,000, Gross £48,000", 40_000, None),
    ("It costs £18,000 in year 1 and £12,000 in each subsequent year. Term: 3 years.", 42_000, 3),
    # limits and funds
    ("Suppliers must show contracts of £40,000 or more. Term: 1 year.", None, 1),
    ("Electrical works of £20k and over.", None, None),
    ("The winner will receive a share of a £500,000 pot.", None, None),
    ("The Parish Council pays £3,900 a year at present for mowing and seeks quotes for 2 years.",
     None, 2),
    ("A course at level 3 - approx £150,000", 150_000, None),
    ("Band 1: schemes valued between £0 and £250k.", None, None),
    # options
    ("The fee is £300,000 for the first 3 years, plus £90,000 for each of the two extension years.",
     480_000, 5),
    ("The value of the extension (1 year) is £30,000 and of the initial 2 years £60,000.",
     90_000, 3),
    ("The budget is £30,000 a year for 3 years. Extension: 2 years, £20,000 per annum.",
     130_000, 5),
    ("£70,000 for 2 years. Extension: 1 year, £32,000.", 102_000, 3),
    ("£20,000 per annum for 3 years; extension of 1 year at £18,000.", 78_000, 4),
    ("£30,000 a year for 3 years, extension: 2 years, up to £25,000 per annum.", 140_000, 5),
    ("Value of £60,000 for 2 years rising to £90,000 if the 1 year option is used.", 90_000, 3),
    # numbers
    ("Est. annual value 36,000. Duration (months) 24.", 72_000, 2),
    ("The budget will fall between seventy and eighty thousand pounds.", 80_000, None),
    ("Contract value (£000s): 320", 320_000, None),
    ("Contract value (£000s): 320,000", None, None),
    ("We have about 6k to spend on a play scheme.", 6_000, None),
    # terms
    ("A total contract length of 4 years (2 firm years followed by 2 option years).", None, 4),
    ("It lasts 4 years with the provision of 3 x 1 option years.", None, 7),
    ("We have set aside £50,000 for this work over the next two financial years.", 50_000, 2),
    ("3 years, thereafter rolling annually. £5,000 per annum.", 15_000, 3),
    ("Insurance premium of £20,000 a year for a 3 year agreement.", 60_000, 3),
    ("Total: £40,000 over the initial 2 years; £80,000 over the maximum 4 years.", 80_000, 4),
    ("£90k over the first two years.", 90_000, None),
    ("18 months (with no extension)", None, 1.5),
    ("GBP45,000 over 18mths", 45_000, 1.5),
    ("Drivers must have held a licence for three years. Contract: Sept 2026 to July 2027.",
     None, 0.92),
    ("Fixed term ending 31/08/2029, starting 01/09/2026.", None, 3),
    ("The contract is to end no later than 30 June 2030. Start: 1 July 2026.", None, 4),
    ("£44,000 excluding VAT (£52,800 including VAT) for the two years.", 44_000, 2),
    ("Sixty thousand pounds (£60,000) is available over four (4) years.", 60_000, 4),
    ("It expires on 31 March 2029, having started on 1 April 2026.", None, 3),
    ("It is worth £2m over the initial 3 years, and £3m if both one-year extensions are used.",
     3e6, 5),
    ("Cyllideb o £10,000 y flwyddyn am ddwy flynedd gydag opsiwn i ymestyn am flwyddyn arall.",
     30_000, 3),
]  # fmt: skip
"""text, pounds, years"""

NO_VAT_DUE = [
    "Education is an exempt supply for VAT. The value is £70,000.",
    "Value £70,000 (not VATable).",
    "Value £70,000 (VAT: 0%).",
]
COVERS = "The text does not say whether this covers the options to extend, 2 years: check it."
OPTIONS = [
    ("The contract value is £90,000. It is for 3 years, with an option to extend by 2.", True),
    ("The total value is £90,000. It is for 3 years, with an option to extend by 2.", False),
    ("The value with all extensions is £90,000. It is for 3 years plus 2.", False),
    ("The value is £90,000. The value includes all extensions. It is for 3 years plus 2.", False),
    ("Value: £60,000 over 3 years plus £30,000 for the two optional years.", False),
    ("The contract value is £30,000 a year. It is for 3 years plus 2.", False),
]
"""text, and whether it leaves open if the value covers the options"""
ODD = ["The value is £1e99.", "Value: £7,00,000."]


@pytest.mark.parametrize(("text", "pounds", "years"), READ)
def test_a_value_and_a_term(text: str, pounds: float | None, years: float | None) -> None:
    (found,) = read_text(f"Grounds.\n{text}", "pasted")
    assert found.lot.value == pounds
    assert found.lot.years == years


@pytest.mark.parametrize(("text", "is_open"), OPTIONS)
def test_a_value_that_may_leave_out_the_options_is_noted(text: str, *, is_open: bool) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.value is not None
    assert found.lot.years == 5
    assert (COVERS in found.notes) == is_open


@pytest.mark.parametrize("text", NO_VAT_DUE)
def test_where_no_vat_is_due_none_is_added(text: str) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert (found.lot.value, found.lot.value_is_gross) == (70_000, True)


@pytest.mark.parametrize("text", ODD)
def test_an_amount_in_odd_digits_is_named(text: str) -> None:
    assert value_in(text).why_not.endswith("has an amount that is not written as pounds in digits")
