"""Contract values and terms in the words of real specifications."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sources.wording.amount_periods import PERIODS
from matcher.sources.wording.amounts import stated_value
from matcher.sources.wording.number_words import in_digits
from matcher.sources.wording.stated_values import StatedValue
from matcher.sources.wording.terms import ContractTerm, contract_term

VALUES = [
    ("The value is £480,000 over 26 months.", 480000, "", False),
    ("The value is £480,000 across 52 weeks.", 480000, "", False),
    ("The contract value is £7,000 for 24 weeks.", 7000, "", False),
    ("Total Contract Value: £ 38 500,00", 38500, "", False),
    ("Contract price £310 000,50 net of VAT.", 310000, "", False),
    ("The contract value is £15,000 per month for a term of 24 months.", 15000, "month", False),
    ("The budget is £80,000 p.a.", 80000, "year", False),
    ("The budget is £80,000 p.a. for three years.", 80000, "year", False),
    ("Estimated value: £75,000 excluding VAT (£90,000 including VAT).", 75000, "", False),
    ("Estimated value: £75,000 ex VAT (£90,000 including)", 75000, "", False),
    ("Estimated value £90,000 including VAT (£75,000 excluding VAT).", 90000, "", True),
    ("The framework is valued at £1.2bn over its life.", 1.2e9, "", False),
    ("The total value is £1.2 billion.", 1.2e9, "", False),
    ("The contract is expected to cost between £1 and 2 million.", 2e6, "", False),
    ("The estimated value is between £1 million and £2 million.", 2e6, "", False),
    ("The value is £1m-£2m.", 2e6, "", False),
    ("Budget of £60 000.", 60000, "", False),
    ("Contract value: £60\u00a0000", 60000, "", False),
    ("The budget is £60k a year.", 60000, "year", False),
    ("A budget of two hundred and fifty thousand pounds is available.", 250000, "", False),
    ("The contract is worth one and a half million pounds.", 1.5e6, "", False),
    ("The contract is worth half a million pounds.", 500000, "", False),
    ("The maximum spend is a million pounds.", 1e6, "", False),
    ("Value: £3.25m", 3.25e6, "", False),
    ("Value: £3.25mn excluding VAT", 3.25e6, "", False),
    ("The value is 120,000 pounds.", 120000, "", False),
    ("The value is GBP 120,000.", 120000, "", False),
    ("The value is 120,000 GBP inc VAT.", 120000, "", True),
    ("The annual value is £65,000.", 65000, "year", False),
    ("The estimated annual value of the contract is £65,000 (exc VAT).", 65000, "year", False),
    ("Total annual budget: £65,000", 65000, "year", False),
    ("The monthly fee is £2,500 plus VAT.", 2500, "month", False),
    ("The contract price is £1,500 a week.", 1500, "week", False),
    ("The contract price is £1,500 per week including VAT.", 1500, "week", True),
    ("The value is £20,000 each quarter.", 20000, "quarter", False),
    ("The value is £20,000 per quarter.", 20000, "quarter", False),
    ("The cost is £4,000 pcm.", 4000, "month", False),
    ("The cost is £4,000 per calendar month.", 4000, "month", False),
    ("Cost: £48,000 annually.", 48000, "year", False),
    ("Cost: £48,000 / year", 48000, "year", False),
    ("The total contract value over the three-year term is £240,000.", 240000, "", False),
    ("£80,000 per annum, a total of £240,000 over the term.", 240000, "", False),
    ("The annual budget is £80,000 and the total value £240,000.", 240000, "", False),
    ("The budget is £80,000 a year (£240,000 over three years).", 240000, "", False),
    ("Cover of £5m is needed. The budget is £60k a year.", 60000, "year", False),
    ("Public liability insurance of £5m is needed, and the budget is £60,000.", 60000, "", False),
    ("The budget is £60,000 and insurance cover of £10 million is required.", 60000, "", False),
    ("Bidders need a turnover of £2m. Contract value £900,000.", 900000, "", False),
    ("The budget is up to £100,000 - £150,000.", 150000, "", False),
    ("Budget: £100,000-150,000", 150000, "", False),
    ("Budget: £100-150k", 150000, "", False),
    ("The value is £100k to £150k per annum.", 150000, "year", False),
    ("The value is £1.5 to £2 million.", 2e6, "", False),
    ("Grounds maintenance, £90,000", 90000, "", False),
    ("£90,000", 90000, "", False),
    ("Estimated contract value £207,720 inclusive of VAT", 207720, "", True),
    ("The value is £50,000 (VAT included).", 50000, "", True),
    ("The value is £50,000 net of VAT.", 50000, "", False),
    ("The value is £50,000 net.", 50000, "", False),
    ("The gross value is £50,000.", 50000, "", True),
    ("The value, including VAT, is £50,000.", 50000, "", True),
    ("The value, excluding VAT, is £50,000.", 50000, "", False),
    ("The value is £50,000 + VAT.", 50000, "", False),
    ("The value is £50,000 plus VAT per annum.", 50000, "year", False),
    ("The contract is for £50,000.00 in total.", 50000, "", False),
    ("Funding of £1,234,567.89 is available.", 1_234_567.89, "", False),
    ("The sum of £36,000 is available each year.", 36000, "year", False),
    ("The spend will not exceed £30,000.", 30000, "", False),
    ("Estimated spend of circa £30k per year.", 30000, "year", False),
    ("The overall value, with extensions, is £500 thousand.", 500000, "", False),
    ("The council expects to spend sixty thousand pounds (£60,000) a year.", 60000, "year", False),
    ("The value is twelve thousand pounds per month.", 12000, "month", False),
    ("Price per meal is £5. The contract value is £45,000.", 45000, "", False),
    ("The maximum annual spend is £70,000 excluding V.A.T.", 70000, "year", False),
    ("The estimated value is £83,333 (£100,000 with VAT).", 83333, "", False),
    ("The lifetime value of the contract is £4 million.", 4e6, "", False),
    ("The value of the contract for the initial term is £300,000.", 300000, "", False),
    ("The care budget is £5,000 per fortnight.", 5000, "fortnight", False),
    ("The fee is £8,200 every four weeks.", 8200, "4 weeks", False),
    ("The contract value is £31,000 half-yearly.", 31000, "half-year", False),
    ("The budget is £31,000 for each six months.", 31000, "6 months", False),
    ("The budget is £31,000 for six months.", 31000, "", False),
    ("The contract price is £90,000 every two years.", 90000, "2 years", False),
    ("The contract price is £90,000 triennially.", 90000, "3 years", False),
    ("The contract value is £90,000 for two years.", 90000, "", False),
    ("The contract is worth £90,000 (i.e. £45,000 in each of its years).", 90000, "", False),
    ("The estimated value is £14,000 per school term.", 14000, "school term", False),
    ("Contract value £71,000 per academic year", 71000, "year", False),
    ("Contract value £71,000 per contract year.", 71000, "year", False),
    ("The budget is £32,000 for the first year and £21,000 a year after.", 21000, "year", False),
    ("Annual value (ex VAT): 64,500", 64500, "year", False),
    ("Estimated value: 65k", 65000, "", False),
    ("Estimated value of &pound;61,000.", 61000, "", False),
    ("Estimated value Â£61,000.", 61000, "", False),
    ("Expected value is £2,4 million.", 2.4e6, "", False),
    ("The contract value is £ 61.500,00.", 61500, "", False),
    ("The anticipated value is £3m p/a.", 3e6, "year", False),
    ("Estimated at a price of £52K/yr.", 52000, "year", False),
    ("Total cost: three million, two hundred thousand pounds.", 3.2e6, "", False),
    ("The budget is two point five million pounds.", 2.5e6, "", False),
    ("The annual fee is £7,300, invoiced monthly.", 7300, "year", False),
    ("The contract value is £97,000, paid in quarterly instalments.", 97000, "", False),
    ("Annual budget of c. £31,000.", 31000, "year", False),
    ("The contract value is ￡２５１，０００.", 251000, "", False),
    ("The contract value is \ufffd71,000 plus VAT.", 71000, "", False),
    ("The contract value is ?71,000 plus VAT.", 71000, "", False),
    ("The contract value is £.5m.", 500000, "", False),
    ("Total value (excluding VAT): 470000", 470000, "", False),
    ("Budget code: 480012. Budget: £9,100.", 9100, "", False),
    ("The budget is 26k per annum.", 26000, "year", False),
    ("The cost is a quarter of a million pounds.", 250000, "", False),
    ("The cost is three quarters of a million pounds a year.", 750000, "year", False),
    ("The fee is £3,100 p.c.m.", 3100, "month", False),
    ("The fee is £510 p.w.", 510, "week", False),
    ("The fee is £510 pw plus VAT.", 510, "week", False),
    ("The budget is £41,000 x 4 years.", 41000, "year", False),
    ("The budget is £41,000 for each of the three years.", 41000, "year", False),
    ("Estimated value £610,000, with 2 x 12 month extensions.", 610000, "", False),
    (
        "The budget is £41,000 in year 1, £43,000 in year 2 and £45,000 in year 3.",
        129000,
        "",
        False,
    ),
    ("Year one: £41k\nYear two: £43k", 84000, "", False),
    ("Year two: £43k. Year one: £41k.", 84000, "", False),
    ("The fee is £35 per visit and the total contract value is £42,000.", 42000, "", False),
    ("The provider must be insured, and the contract value is £260,000.", 260000, "", False),
    ("Insurance is held but the budget is £31,000 a year.", 31000, "year", False),
    ("Year 1: £31k-£41k, Year 2: £33k to £43k", 84000, "", False),
    ("£41,000 (year 1), £43,000 (year 2)", 84000, "", False),
    ("Year 1: £41,000 inc VAT, Year 2: £43,000 inc VAT", 84000, "", True),
    ("Year 1: £41,000, Year 2: £43,000 (including VAT)", 84000, "", True),
    (
        "Set-up costs of £7,000 in year 1 and £2,000 in year 2 are met. Total value: £310,000.",
        310000,
        "",
        False,
    ),
    (
        "The value is £710,000. Social value of £6,000 in year 1 and £7,000 in year 2 is sought.",
        710000,
        "",
        False,
    ),
    (
        "Expected savings: £9,000 in year 1, £11,000 in year 2. Contract value £8,000.",
        8000,
        "",
        False,
    ),
    (
        "Total value of £210,000 over 4 years: £60,000 in year 1, £50,000 in year 2 and £50,000 "
        "in each later year.",
        210000,
        "",
        False,
    ),
    ("Total £930,000 (year 1 £310,000, year 2 £310,000, option year £310,000)", 930000, "", False),
    (
        "£3.10 (Year 1) and £3.20 (Year 2) per meal. The contract value is £71,000.",
        71000,
        "",
        False,
    ),
    ("Turnover: year 1 £2m, year 2 £3m. Contract value £61,000.", 61000, "", False),
    ("The daily rate is £450 within a budget of £21,000.", 21000, "", False),
    ("Framework ceiling of £4m; call-offs will not exceed £50,000.", 4e6, "", False),
    ("Gwerth y contract yw £51,000 gan gynnwys TAW.", 51000, "", True),
    ("Gwerth y contract yw £51,000 y flwyddyn heb gynnwys TAW.", 51000, "year", False),
    ("Cyllideb: £2,100 y mis", 2100, "month", False),
]
"""phrase, pounds, the period they are for, whether VAT is in"""

NO_VALUE = [
    "The contract value is £999,999,999.",
    "The estimated value is £0.01.",
    "Providers are paid £12 per visit.",
    "A fine of £500 may be charged.",
    "The provider holds £5m of insurance cover.",
    "Turnover of at least £250,000 a year is required.",
    "The cost is to be agreed.",
    "Meals cost £5 per meal.",
    "The day rate is £350 per day.",
    "",
    "The budget is to follow.",
    "Wages must be at least £12.60 an hour.",
    "The contract value is £1.",
    "The estimated value is £0.01.",
    "The price is 25k meals.",
    "Budget line: 480012",
    "£31 (Year 1) and £32 (Year 2) per visit.",
    "Year 1: £3, year 2: £4",
    "Insurance, including public liability, to the value of £5m.",
    "Insurance cover and a bond of £40,000.",
]

TERMS = [
    ("Budget: £31k pa, 2 years + 1 + 1.", 2, 2),
    ("The fee is £9,000 a year, two years.", 2, 0),
    ("Contract Length\n3 years\nContract Value", 3, 0),
    ("Contract term:\n\nThirty months", 2.5, 0),
    ("The contract runs for thirty-six (36) months.", 3, 0),
    ("The term is 36 months.", 3, 0),
    ("The term is 18 months.", 1.5, 0),
    ("The contract is for two years.", 2, 0),
    ("A contract term of 3 years.", 3, 0),
    ("Contract length: 3 years", 3, 0),
    ("An initial period of five years and eight months.", 5.67, 0),
    ("The contract period is one (1) year.", 1, 0),
    ("The contract period is twenty four months.", 2, 0),
    ("The contract will run for two and a half years.", 2.5, 0),
    ("The agreement is a 3-year agreement.", 3, 0),
    ("A three-year contract.", 3, 0),
    ("A twelve month contract.", 1, 0),
    ("The contract starts on 1 April 2025 and ends on 31 March 2028.", 3, 0),
    ("The contract runs from 1 April 2025 to 31 March 2028.", 3, 0),
    ("Contract period: 01/04/2025 - 31/03/2027", 2, 0),
    ("The contract is from April 2025 to March 2026.", 1, 0),
    ("From 1st September 2025 until 31st August 2026.", 1, 0),
    ("The contract is for 3 years with an option of up to 2 more.", 3, 2),
    ("3 years with an option to extend for up to a further 2 years: the contract term.", 3, 2),
    (
        "The contract is for three years with the option to extend for two further periods of "
        "twelve months each.",
        3,
        2,
    ),
    ("Initial term of 2 years, plus 1 year extension.", 2, 1),
    ("Initial term of 2 years plus two 1-year options.", 2, 2),
    ("The term is 3+1+1 years.", 3, 2),
    ("A contract of 3 + 2 years.", 3, 2),
    ("The contract is for 36 months with 2 x 12 month extensions.", 3, 2),
    ("The contract term is 24 months with the possibility of a further twelve (12) months.", 2, 1),
    ("The contract runs for 4 years, extendable to 7 years.", 4, 3),
    ("The contract is for 3 years and may be extended up to a maximum of 5 years.", 3, 2),
    ("The contract is for 1 year with an option to extend by one additional year.", 1, 1),
    ("A period of one year, renewable for one further year, is the contract term.", 1, 1),
    ("The contract runs for 2 years with an optional 12 months.", 2, 1),
    ("The contract will last 52 weeks.", 1, 0),
    ("The framework lasts for four years.", 4, 0),
    ("Contract of 5 years in total including extensions.", 5, 0),
    ("Duration: 48 months", 4, 0),
    ("The contract is let for 10 years with a possible extension of up to 5 years.", 10, 5),
    ("From 1 April 2025 to 31 March 2028, with an option to extend for 24 months.", 3, 2),
    ("The contract commences on 1 October 2025 and will run until 30 September 2030.", 5, 0),
    ("The initial contract term is for 3yrs.", 3, 0),
    ("A contract for six months.", 0.5, 0),
    ("Drivers have three years of practice. The contract is for two years.", 2, 0),
    ("Providers need three years' experience of such contracts. The term is 12 months.", 1, 0),
    ("The contract (two years) may be extended twice by twelve months.", 2, 2),
    ("The first term is two years, with three optional one-year extensions.", 2, 3),
    ("Contract of 36 months (with an option of two further 12 month periods).", 3, 2),
    ("The contract is for 6 years, including a 2 year extension option.", 4, 2),
    ("A two-year contract with an option for a third year.", 2, 1),
    ("The contract is let for two years, with an option for a third and fourth year.", 2, 2),
    ("The contract runs from 2027-04-01 to 2030-03-31.", 3, 0),
    ("Contract term: 1 May 27 - 30 Apr 30", 3, 0),
    ("The contract runs from May 1, 2027 to April 30, 2029.", 2, 0),
    ("The contract starts in January 2027 and ends in December 2028.", 2, 0),
    ("The contract is to start on 1 April 2027 and to end on 31 March 2029.", 2, 0),
    ("Contract start: 1 April 2027. Contract end: 31 March 2030.", 3, 0),
    ("Contract length: 3 years (+1 +1)", 3, 2),
    ("Contract: 4 years, with 1 + 1 extension options", 4, 2),
    ("The contract is for 3 years + 1 + 1.", 3, 2),
    ("Contract duration: 18 months + option to extend 9 + 9 months", 1.5, 1.5),
    ("The contract is for 2 years, with provision to extend for one plus one years.", 2, 2),
    ("A contract term of 2½ years.", 2.5, 0),
    ("The contract period is two academic years.", 2, 0),
    ("The first period of the contract is 3 years; it may be extended by 2 years.", 3, 2),
    ("The contract is for 3 years. There is an option to extend it for two years.", 3, 2),
    ("The contract is for 3 years. We may extend the deadline by 2 weeks.", 3, 0),
    ("The contract is for 3 years. It may not be extended by 2 years.", 3, 0),
    ("A contract for 2 years, extendable for a further 1 year twice.", 2, 2),
    ("The contract is for 1 year with 2 annual extension options.", 1, 2),
    (
        "A term of 3 (three) years, to extend by 2 (two) further periods of 12 (twelve) months.",
        3,
        2,
    ),
    ("The contract value is £6,100 per 4 weeks for a term of 2 years (+1+1).", 2, 2),
    ("Duration (months): 36", 3, 0),
    ("Contract length in years: 3", 3, 0),
    ("Contract period (months): 24 + 12", 2, 1),
    ("Contract duration: 730 days", 2, 0),
    ("The contract is for 1,095 days.", 3, 0),
    ("The contract lasts six quarters.", 1.5, 0),
    ("The contract is for a year and a half.", 1.5, 0),
    ("The contract runs for a decade.", 10, 0),
    ("The budget is £45k a year for 2+1+1 years.", 2, 2),
    ("The price may not go above £8,000 a quarter for eighteen months.", 1.5, 0),
    ("The price is £45k a year x 3 years.", 3, 0),
    ("The budget is £90,000 spread across 2 years.", 2, 0),
    ("Funding of £12,000 is available for each of the two years.", 2, 0),
    ("The total value is £90,000, i.e. £45,000 a year for two years.", 2, 0),
    ("Contract term: 3 years +2", 3, 2),
    ("The contract is for 48 months (36 + 12).", 3, 1),
    ("The contract term is 4 years (36 months + 12 months).", 3, 1),
    ("The contract is for 5 years in all: an initial 3 years and a 2 year extension.", 3, 2),
    ("The contract runs for at most 7 years, 5 years at first with an option of 2 more.", 5, 2),
    (
        "The contract is for 5 years with a break clause after 3 years and an option to extend "
        "for 2 years.",
        5,
        2,
    ),
    ("The contract is for 3 years, extendable by 2 years in 12 month increments.", 3, 2),
    ("The contract is for 2 years, with an option to extend 3 times by 12 months.", 2, 3),
    ("The contract is for 3 years, then two optional extension periods of one year each.", 3, 2),
    ("The contract is for 5 years with an option to extend for 3 years (36 months).", 5, 3),
    ("The contract is for 36 months with an option to extend for 24 months (2 years).", 3, 2),
    ("The contract is for 4 years, option to extend for 2 years (2 periods of 1 year).", 4, 2),
    ("The contract is for 4 years, to extend for 2 years (two further 12 month periods).", 4, 2),
    ("The contract is for 6 years with a 36 month break clause and a 3 year extension.", 6, 3),
    ("The contract is for 2 years, 1 year probation, with an option of 1 year.", 2, 1),
    ("The contract is for 4 years, extendable by 2 years, with a pilot of 2 years.", 4, 2),
    ("The contract is for 5 years comprising 4 years and a 1 year extension.", 4, 1),
    ("The contract is for 4 years with a possible 1 year extension (4+1).", 4, 1),
    ("The contract is for 4 years (with 2 x 1 year extension options) = 6 years.", 4, 2),
    ("The contract is for 4 years (+ 2 years) (+ 2 years).", 4, 4),
    (
        "The contract runs from 1 April 2027 to 31 March 2029, with an option to extend to "
        "31 March 2031.",
        2,
        2,
    ),
    ("The contract is for 3 years from 1 April 2027, extendable until 31 March 2032.", 3, 2),
    ("Start: 01/04/2027\nEnd: 31/03/2030\nExtension: 2 years", 3, 2),
    ("Hyd y contract yw tair blynedd.", 3, 0),
    ("Cyfnod y contract: 36 mis gydag opsiwn i ymestyn am 12 mis.", 3, 1),
]
"""phrase, years, years of options"""

NO_TERM = [
    "Contract notice period\n3 months",
    "Contract extension period:\n12 months",
    "The fee is £400, 12 months' notice is needed.",
    "Costs of £30,000, 3 years of experience.",
    "The price is £60, 2 years warranty.",
    "Drivers have three years of practice.",
    "The contract will be reviewed every two years.",
    "Accounts for the last three years are asked for before the contract.",
    "Staff give three months' notice under the contract.",
    "The building is 30 years old.",
    "The contract may be ended on 90 days' notice.",
    "Invoices under the contract are paid in 30 days.",
    "The contract is for 60 days of advice.",
    "The contract runs for 39 weeks a year.",
    "The budget is £45,000 for 3 year olds.",
    "The budget is £45,000 for children over 3 years of age.",
    "Insurance of £5,000,000 is held for six years.",
    "",
]


@pytest.mark.parametrize(("phrase", "pounds", "period", "gross"), VALUES)
def test_a_value(phrase: str, pounds: float, period: str, *, gross: bool) -> None:
    found = stated_value(phrase)
    assert found is not None
    assert (found.pounds, found.period, found.gross) == (pounds, period, gross)


@pytest.mark.parametrize("phrase", NO_VALUE)
def test_other_amounts_are_not_the_value(phrase: str) -> None:
    assert stated_value(phrase) is None


@pytest.mark.parametrize(("phrase", "years", "options"), TERMS)
def test_a_term(phrase: str, years: float, options: float) -> None:
    found = contract_term(phrase)
    assert found is not None
    assert (found.years, found.options) == pytest.approx((years, options), abs=0.005)
    assert found.longest == pytest.approx(years + options, abs=0.005)


@pytest.mark.parametrize("phrase", NO_TERM)
def test_other_lengths_are_not_the_term(phrase: str) -> None:
    assert contract_term(phrase) is None


@pytest.mark.parametrize(
    ("text", "pounds"),
    [
        ("The value is £150,000 with an option to extend worth a further £120,000.", 270_000),
        ("The value is £150,000. An option of one year is worth an additional £50,000.", 200_000),
        ("The value is £300,000, including an option worth a further £150,000.", 300_000),
        ("The initial term costs £100,000; maximum with extensions £300,000.", 300_000),
        ("Value: £70,000 (excluding extensions). With extensions: £140,000.", 140_000),
        ("£70,000 (excluding extensions). With extensions: £140,000", 140_000),
        ("The contract value is £90,000. Training with options costs £5,000.", 90_000),
        ("The value is £90,000 in total. Staff spent a further £50,000.", 90_000),
    ],
)
def test_options_to_extend_are_part_of_the_value(text: str, pounds: float) -> None:
    found = stated_value(text)
    assert found is not None
    assert (found.pounds, found.period) == (pounds, "")


def test_the_table_is_wide() -> None:
    assert len(VALUES) + len(NO_VALUE) + len(TERMS) + len(NO_TERM) >= 120


@pytest.mark.parametrize(
    ("heading", "cell", "period", "gross"),
    [
        ("Annual value (ex VAT)", "£65,000", "year", False),
        ("Annual value (inc VAT)", "£65,000", "year", True),
        ("Value per annum", "65,000 pounds", "year", False),
        ("Monthly fee", "£65,000", "month", False),
        ("Total value", "£65,000", "", False),
        ("Estimated value", "£65,000", "", False),
        ("Estimated value", "£65,000 a year", "year", False),
        ("Annual value", "£65,000 in total", "", False),
    ],
)
def test_the_column_heading_gives_the_period_and_vat(
    heading: str, cell: str, period: str, *, gross: bool
) -> None:
    assert stated_value(cell, expected=True, heading=heading) == StatedValue(
        65_000, period, gross, cell
    )


@given(st.integers(10, 999_999), st.sampled_from(sorted(PERIODS)))
def test_an_amount_is_read_with_any_thousands_separator(pounds: int, period: str) -> None:
    for number in (f"{pounds}", f"{pounds:,}", f"{pounds:,}".replace(",", " ")):
        found = stated_value(f"The contract price is £{number} every {period}.")
        assert found is not None
        assert (found.pounds, found.period) == (pounds, period)
        assert found.yearly == pounds * PERIODS[period]


@given(st.integers(1, 120), st.integers(1, 10))
def test_months_and_years_agree(months: int, years: int) -> None:
    found = contract_term(f"The term is {months} months.")
    assert found is not None
    assert round(found.years * 12, 3) == months
    assert contract_term(f"The term is {years} years plus {years} years.") == ContractTerm(
        years, f"{years} years", years
    )


def test_a_letter_that_names_something_is_not_taken_for_circa() -> None:
    assert in_digits("Lot C £50,000, and c. £20k, c£5k or c 3 years") == (
        "Lot C £50,000, and £20k, £5k or 3 years"
    )


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    for found in (stated_value(text), stated_value(text, expected=True)):
        assert found is None or found.pounds > 0
    term = contract_term(text)
    assert term is None or term.longest >= term.years > 0
    assert isinstance(in_digits(text), str)


@pytest.mark.parametrize(
    ("text", "pounds", "period"),
    [
        ("The annual budget is £36,000 paid monthly.", 36_000, "year"),
        ("The yearly fee is £18,500, payable in monthly instalments.", 18_500, "year"),
        ("The contract value is £410,000 and may be extended for a year.", 410_000, ""),
        ("The total value is £280,000 with an option to extend by six months.", 280_000, ""),
        ("The value is £95,000 with monthly review meetings.", 95_000, ""),
        ("The contract value is £130,000, reviewed annually.", 130_000, ""),
        ("The value is £72,000 and reports are due every month.", 72_000, ""),
        ("The budget is £64,000 a year, extendable by 1 year.", 64_000, "year"),
        ("A fee of £1,150 paid monthly.", 1_150, "month"),
    ],
)
def test_the_time_of_payments_reviews_and_extensions_is_no_period_of_a_value(
    text: str, pounds: float, period: str
) -> None:
    found = stated_value(text)
    assert found is not None
    assert (found.pounds, found.period) == (pounds, period)


@pytest.mark.parametrize(
    "text",
    [
        "Pay is £12 an hour for 6 months probation",
        "A cost of £100 for up to 6 months rent for each tenant",
        "A fee of £50 for the first 2 years of membership",
        "The pay is £300 for 3 months' notice",
    ],
)
def test_a_price_for_something_else_is_no_length_of_a_contract(text: str) -> None:
    assert contract_term(text) is None
