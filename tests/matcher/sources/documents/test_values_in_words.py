"""Values, VAT and terms in the words of notices and specifications, by what makes each hard."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import BadLot
from matcher.sources.documents.reader import read_text
from matcher.sources.notices.lots import read_lots
from matcher.sources.wording.terms import options_of

NET, GROSS = False, True

VALUES = [
    # weeks and terms of a year
    (
        "Minibus hire, term time only (38 weeks), £450 per week. Contract length: 2 years.",
        34_200,
        2,
    ),
    ("It runs 40 weeks of the year at £1,100 per week. The contract is for 3 years.", 132_000, 3),
    ("A cost of £300 a week during term time (39 weeks per academic year), 2 years.", 23_400, None),
    ("Weekly charge: £460. Term-time only. The contract term is 1 year.", None, 1),
    ("The contract price is £4,100 per term (3 terms a year) for 2 years.", 24_600, 2),
    (
        "The monthly fee is £2,000, i.e. £24,000 per annum, for a contract of 30 months.",
        60_000,
        2.5,
    ),
    # earlier contracts, what is spent today, what was received
    ("The current contract was let for £72,000 and the new one is worth £78,000.", 78_000, None),
    (
        "The existing contract is worth £31,000 a year. The new contract value is £29,000.",
        29_000,
        None,
    ),
    ("The Council currently spends about £61,500 a year. The contract runs for 3 years.", None, 3),
    ("In 2024/25 the service cost £47,000. The contract budget is £53,000 in total.", 53_000, None),
    ("Last year's spend was £91,000. The anticipated value is £96,000.", 96_000, None),
    ("The value was originally £51,000 and has been revised to £67,000.", 67_000, None),
    (
        "The Council received £1.4m for the high street. The contract is worth £88,000.",
        88_000,
        None,
    ),
    ("The old contract cost £46k; we have £51k for this one.", 51_000, None),
    ("The agreement was worth £2m when first let. The new value is £3m.", 3e6, None),
    ("The expiring contract costs £81,000 a year. The contract is for 4 years.", None, 4),
    ("The contract spend is £50k a year, based on previous demand, for 3 years.", 150_000, 3),
    ("Historically we spend £92m a year on goods, £198m with works.", None, None),
    # what an estimate is made from is not its own past
    ("The value is £44,000 a year based on last year's demand. Term: 3 years.", 132_000, 3),
    ("Based on previous surveys we expect the cost to be £8,400.", 8_400, None),
    ("Based on current spend the total contract value is £92,000.", 92_000, None),
    ("Based on the current contract at £92,000 bids are invited.", None, None),
    ("The estimated outturn cost of the works is £310,000.", 310_000, None),
    ("The current estimated contract cost is £73,000.", 73_000, None),
    ("Surveys of 410 assets at a cost of £36,000.", 36_000, None),
    ("The service was historically run in house: wages £92,000, £98,000 with cars.", None, None),
    # what was paid before, or is paid today
    ("We hold a contract that was let for £71,000. Quotes are invited for a new one.", None, None),
    ("The last contract was let at £18,600 a year. The new one is worth £23,000.", 23_000, None),
    ("The route costs us £64,000 a year at present. The contract runs for 4 years.", None, 4),
    ("It costs around £800 a month now. The contract is for 2 years.", None, 2),
    ("The budget is £64,000 a year at present. The contract runs for 2 years.", 128_000, 2),
    ("Expenditure in the last 12 months was £37,400.", None, None),
    ("Fees of £51,200 were incurred in 2024/25. The contract is for 2 years.", None, 2),
    ("The last repair, in 2017, came to £120,000. This time £85,000 is available.", 85_000, None),
    ("The pilot cost £31,000. For the full service we have £45,000 a year for 2 years.", 90_000, 2),
    ("The wall protects homes worth £12m. The construction budget is £620,000.", 620_000, None),
    ("The trial in 2025 came in at £24,000. No budget has been set for the contract.", None, None),
    ("Contract value (lower): £110,000\nContract value (upper): £140,000", 140_000, None),
    # a part of something larger
    ("The Council's overall arts budget is £2m, of which £45,000 is for this study.", 45_000, None),
    ("The Council's annual budget for this service is £45,000. Term: 2 years.", 90_000, 2),
    ("This call-off order is for £21,500 under a framework with a value of £90m.", 21_500, None),
    ("The scheme's total cost is £3m; this tender is worth £140,000.", 140_000, None),
    ("A £60,000 UKSPF grant, of which £25,000 is available for this commission.", 25_000, None),
    ("The Home Office has awarded the Council £900,000 for the scheme.", None, None),
    ("The Council's total spend on taxis is £3m. This contract is worth £19,000.", 19_000, None),
    ("Funding from the county is £600,000. The hostel contract is worth £85,000.", 85_000, None),
    ("The framework is worth up to £250m. We want a call-off that costs £70,000.", 70_000, None),
    ("The framework is worth up to £4m. A call-off lasts 2 years at most.", 4e6, None),
    (
        "The combined value of the grant projects is £30m. The total contract value is £2m.",
        2e6,
        None,
    ),
    ("The value of the works project is £300,000.", 300_000, None),
    (
        "The value of the grant projects is c. 30 000 000 GBP. The contract value is c. 2 000 000 "
        "GBP.",
        2e6,
        None,
    ),
    # each of several
    ("Each of the 4 partner councils expects to spend £90,000 a year. Term: 2 years.", None, 2),
    ("Annual spend: £300k (Leigh), £200k (Wigan), £100k (Hindley). Term: 2 years.", None, 2),
    ("Jobs range from £150 to £1,900.", None, None),
    ("The parish adds £1,500, so there is £3,000 a year. Agreement for 2 years.", None, 2),
    ("Please quote for three visits a year, £640 a visit max, for 2 years.", None, None),
    ("Lifeguards: £7,100 a season. The contract runs for 3 seasons.", None, None),
    ("Wages of the present contractor are £44,000 a year. Contract 3 years.", None, 3),
    ("The fees of the existing operators come to £44,000 a year. Contract 3 years.", None, 3),
    ("Y gost y llynedd oedd £19,000. Cyllideb eleni: £21,000.", 21_000, None),
    ("Y gost yw £160 y diwrnod. Cyfnod y contract: 5 mlynedd.", None, 5),
    ("Price bands: up to £50,000; over £50,000. The value is £4m in all.", 4e6, None),
    ("Deductions of up to £900 a month may be made. Annual fee £36,000. Term 2 years.", 72_000, 2),
    ("Contract sum: labour £31,000, plant £9,000; total £40,000 a year for 3 years.", 120_000, 3),
    ("Labour £31,000, plant £9,000 and fuel £6,000 are the contract costs.", None, None),
    ("Budget: north £9,000; south £7,000. Total per year £16,000. Term: 2 years.", 32_000, 2),
    ("Spend: 2023/24 £61,000; 2024/25 £57,500. Term: 2 years.", None, 2),
    # how it is paid, and what it changes to
    ("We pay £24,000 a year in quarterly instalments of £6,000 for two years.", 48_000, 2),
    ("The cost is £3,000 for the build and then £50 a month for hosting, for 2 years.", 4_200, 2),
    ("The capital budget is £80,000 and the annual budget is £5,000. Term: 4 years.", 100_000, 4),
    ("The price is £40,000 a year reducing to £35,000 in year 3, for 3 years.", 120_000, 3),
    (
        "The weekly cost is £210 and it runs for 39 weeks in each year. Two-year contract.",
        16_380,
        2,
    ),
    ("Fee not to exceed £8,400 a year. Contract period of 24 months.", 16_800, 2),
    ("Fortnightly charge of £260 over a 2 year term.", 13_520, 2),
    ("Maximum spend for the survey of trees is 3.5k + VAT.", 3_500, None),
    # what pays for it, and what is insured
    ("The contract has a budget of £58,000, paid for by a £45,000 grant.", 58_000, None),
    ("It is a part of the Clean Rivers Fund, a £1.5bn initiative.", None, None),
    ("Public liability insurance: the minimum cover level required is £5m.", None, None),
    # items and their total
    ("The total cost of the two parts (roofs £30,000, walls £20,000) is £50,000.", 50_000, None),
    ("Price schedule: Item 1 £2,500; Item 2 £1,500. Total contract sum £4,000.", 4_000, None),
    ("Spend will not exceed £640,000 (excluding VAT) over its 4 years.", 640_000, None),
    ("Total contract\nvalue: £85,\n000 without VAT.", 85_000, None),
    # which of several amounts
    ("The annual value is £70,000. We publish contracts above £25,000. Term: 2 years.", 140_000, 2),
    ("The regeneration programme is worth £5bn. The contract value is £95,000.", 95_000, None),
    (
        "Where a contract exceeds £25,000 we advertise it. This contract costs £32,000.",
        32_000,
        None,
    ),
    (
        "The contractor looks after assets worth £14m. The estimated value is £130,000.",
        130_000,
        None,
    ),
    # several amounts that make up the value
    ("£61,000 for cleaning and £36,000 for caretaking make up the budget.", 97_000, None),
    ("The total is made up of £75,000 revenue and £25,000 capital.", 100_000, None),
    (
        "The total budget of £95,000 is made up of £75,000 revenue and £20,000 capital.",
        95_000,
        None,
    ),
    ("The budget comprises £7,000, £5,000 and £1,000.", 13_000, None),
    ("Budget: £75,000 revenue plus £25,000 capital (£100,000).", 100_000, None),
    ("The value is £7,000 from schools, £5,000 from the trust and £1,000 from us.", 13_000, None),
    ("The value is £9,000 a year for staff and £1,000 a year for food. Two years.", 20_000, 2),
    ("The value is £7,000 for Mossley and £5,000 for Ferndale, £12,000 in all.", 12_000, None),
    ("The contract value is £60,000 plus a £5,000 set-up fee.", 65_000, None),
    ("The contract value is £60,000 plus insurance cover of £5m.", 60_000, None),
    ("Budget: £50,000 for 2026 and £60,000 for 2027.", 110_000, None),
    ("Budget: 26/27 - £12k; 27/28 - £13k", 25_000, None),
    # amounts with other words and signs beside them
    ("The value is £60,000 for about 300 visits a week, growing by 5% a year.", 60_000, None),
    ("The value is £60,000 a year for 300 visits a week. Two years.", 120_000, 2),
    (
        "The value is £20,000 a year, with 90 cases a week, growing by 5% a year. 2 years.",
        40_000,
        2,
    ),
    ("Est. value (inc. extensions): £210k", 210_000, None),
    ("Budget: £50,000, possibly rising to £90,000.", 90_000, None),
    ("The retention is £900, 3% of the contract price of £30,000.", 30_000, None),
    ("Bids over £9,500 will be rejected.", 9_500, None),
    ("Total value of all call-offs: up to £2,000,000", 2_000_000, None),
    ("The envelope is £1.2m across all sites. The term is five years.", 1_200_000, 5),
    ("Budget £36,000 excluding expenses", 36_000, None),
    ("A 3 year contract (with 2 optional 12 month extensions) at £5,000 a year.", 25_000, 5),
    ("The budget for each of the three years is £12,000.", 36_000, 3),
    ("Contract value: 60.000,00 GBP", 60_000, None),
    ("It is worth about 1/4 million pounds.", 250_000, None),
    ("Worth £¾m over five years.", 750_000, 5),
    ("We pay £26,000 on signature and £26,000 on completion.", None, None),
    ("The overall budget of the department is £15m. The contract value is £66,000.", 66_000, None),
    ("Estimated at no less than £41,000 and no more than £56,000.", 56_000, None),
    ("Contract value: from £61,000 up to £82,000 a year, two years.", 164_000, 2),
    # what options add
    ("The value for the first 2 years is £80,000, with an option of one further year.", 120_000, 3),
    ("The contract is worth £60,000 for 3 years, with an option to extend by 2 years.", 100_000, 5),
    ("The contract is for one year at £31,000, extendable by a year at the same price.", 62_000, 2),
    (
        "Three years cost £300,000, each of the two one-year extensions worth £90,000.",
        480_000,
        None,
    ),
    (
        "The contract value of £500,000 covers the initial 3 years and a 2-year extension.",
        500_000,
        5,
    ),
    (
        "The contract value is £240,000 excluding extensions. Extensions could add £110,000.",
        350_000,
        None,
    ),
    (
        "3 years at £40,000 per annum, with the option of a further 2 years at £42,000 per annum.",
        204_000,
        5,
    ),
    ("Contract value £66,000 in total, with the option of a further year.", 66_000, None),
    (
        "Spend is £16,000 to £19,000 over the initial 2 year term and between £21,000 and £28,000 "
        "across the potential total 3 year term.",
        28_000,
        None,
    ),
    (
        "The value for the initial 4 years is £50m (fifty million pounds sterling) with any "
        "extension period of up to 1 year at a maximum value of £10m.",
        6e7,
        5,
    ),
    (
        "In the first 12 months its value is £40m. The full 48 month term is worth £198m.",
        1.98e8,
        None,
    ),
    ("The value for 2 years is £80,000; £150,000 if both optional years are used.", 150_000, None),
    (
        "The contract value for 2027 is £11,000 excluding VAT. The total contract value including "
        "all possible options to extend is therefore estimated to be £66,000 excluding VAT.",
        66_000,
        None,
    ),
    (
        "The initial contract value is £52,000. The contract value may rise to £104,000 in time.",
        104_000,
        None,
    ),
    ("3 year contract £270,000, 2 year extension £190,000", 460_000, 5),
    ("4 years (3+1). £1.2m p.a. for the first three years; £1m p.a. for the extension.", 4.6e6, 4),
    (
        "Initial period: 1 year, value £15,000. Optional years 2 and 3, value £14,000 each.",
        43_000,
        3,
    ),
    (
        "£900 per month for the first year and £800 a month for the two years after that.",
        None,
        None,
    ),
    ("A term of 4 years (+3). Core value £4.4m; with extension £7.7m.", 7.7e6, 7),
    (
        "North: 3 years at a cost of £2m and £3m if the extensions are taken. South: 3 years at a "
        "cost of £1m and £1.5m if the extensions are taken.",
        None,
        None,
    ),
    ("The annual spend has changed from £190,000 to £30,000. Contract of 2 years.", 60_000, 2),
    # limits
    ("An individual job will not exceed £9,000, and the contract £700,000.", 700_000, None),
    ("The whole contract is not expected to exceed £700,000 over two years.", 700_000, 2),
    ("The price is unlikely to exceed £8,000.", 8_000, None),
    ("We cannot go above £6,500 a year. The contract is for 3 years.", 19_500, 3),
    ("The price is expected to exceed £8,000.", None, None),
    ("Value: £14,500 - annual. Term: 2 years", 29_000, 2),
    # years of the contract
    ("£31,000 in the first year, £29,000 in the second and £27,000 in the third.", 87_000, None),
    # borders of sentences
    (
        "The contract value is £80,500 p.a. Insurance of £5m is required. The term is 2 yrs.",
        161_000,
        2,
    ),
    (
        "The contract price:\n£65,500 per annum\nLength:\n2 years plus 1\nInsurance:\n£5m",
        196_500,
        3,
    ),
    # what is no value
    ("Savings of £31,000 a year are expected over the 3 year contract.", None, 3),
    ("Each household may claim up to £1,600.", None, None),
    ("Typical projects are worth between £100,000 and £4m.", None, None),
    ("Fees of 2.5% on works valued at £3m.", None, None),
    ("Places cost £640 per week each. The framework is for 4 years.", None, 4),
]
"""text, pounds for the whole contract with its options, years with its options"""

TERMS = [
    ("Contract length - 3 years & 6 months", 3.5),
    ("The contract is for 3 years and 6 months' notice is needed.", 3),
    ("One year plus optional second and third years", 3),
    ("Contract term: 2026/27 to 2028/29", 3),
    # the contract's own length among others
    ("Mobilisation period: 3 months. Contract period: 4 years.", 4),
    ("A pilot of six months will be followed by a contract of three years.", 3),
    ("An implementation period of 12 weeks precedes the contract, which runs for 5 years.", 5),
    ("A break clause applies after 2 years of the 5-year contract.", 5),
    ("In the first 6 months of the contract all routes are reviewed. It is for 4 years.", 4),
    ("Subject to annual review, the contract is for 3 years.", 3),
    ("Tender validity period: 120 days. Length of contract: 30 months.", 2.5),
    ("The handover phase lasts 8 weeks; the operating contract lasts ten years.", 10),
    ("The period of validity of the framework will be 54 months.", 4.5),
    ("Prices are fixed for the full 4 years of the framework.", 4),
    ("A total of £300,000 over the three years of the contract.", 3),
    ("A total of £300,000 over the first three years of the contract.", None),
    ("We are a charity, and for over 20 years we have helped families.", None),
    # the sum of a term and its options, and the days of an option
    ("A 12-month agreement with three options of 12 months, making a 4-year contract.", 4),
    ("A 3-year agreement extendable by 1 year plus 1, a potential contract of 5 years.", 5),
    ("At most 4 years: an initial term of 2 years and two one-year contract extensions.", 4),
    ("Training for the fleet, with 1 option year for 11 Jan 2027 - 10 Jan 2028.", None),
    ("Renewal of software.\nA 3 year licence.\nRenewal of 3 year licence.", 3),
    # what has a term
    ("The council will set up a DPS lasting 10 years.", 10),
    ("We want a three-year deal for grounds maintenance.", 3),
    ("A concession of 15 years is proposed.", 15),
    ("The dynamic market will stay open for 8 years.", 8),
    ("The licence is granted for 5 years with a possible extension of 2 years.", 7),
    ("Appointments to the list will be for three years.", 3),
    ("Applicants must have traded for three years.", None),
    ("Vehicles that are over 3 years will not be accepted.", None),
    # how many options there are
    ("The contract is for two years with two successive 12-month options.", 4),
    ("Initial period of 3 years with the option of two consecutive extensions of 12 months.", 5),
    ("The contract has a term of 2 years and two options to extend, each of one year.", 4),
    ("A contract of 4 years with two options to further extend by two (2) years each.", 8),
    ("A two-year contract with the option of extending for one year, and again for one year.", 4),
    ("The contract is for three years with the possibility of extension for another year.", 4),
    ("A 1 year contract with the option to extend for a maximum of 4 additional years.", 5),
    (
        "The contract is initially for 2 years, reviewed annually, with a maximum life of 5 years.",
        5,
    ),
    ("We intend to award for five years, extendable for three years plus a further two years.", 10),
    ("A contract of 3 years with three yearly options to extend.", 6),
    ("The contract is for 60 months. Up to 4 extensions, each not exceeding 6 months.", 7),
    ("A term of 36 months, extendable in two instalments of 12 months.", 5),
    ("The contract is for 48 months. It may be extended by 12 months on at most two occasions.", 6),
    ("A contract of 2 years with the option of 2 further years (12 months + 12 months).", 4),
    ("Option to extend for up to 24 months in 2 x 12 month intervals.", None),
    # options before the term
    ("Option to extend: 24 months. Initial term: 36 months.", 5),
    ("Extension: 1+1 years\nTerm: 3 years", 5),
    ("The council may extend the contract by two years. The initial term is five years.", 7),
    ("A 2 year extension is possible. The contract is for 3 years.", 5),
    ("The old contract was extended by 12 months. The new contract is for 3 years.", 3),
    ("Provision of a coach (extension of 3 months)\n07/03/2027 - 06/06/2027", 0.25),
    ("An option to extend by 1 + 1 years applies after the first three years.", 5),
    ("Initial term\t3 years\nPotential extension\t2 years (1+1)", 5),
    ("Term: 2 years\nExtensions: two of 12 months", 4),
    ("The contract is for an initial three years with an option to extend by two.", 5),
    ("Four years from 1 April 2027, option of a further two.", 6),
    ("Date of start 1/10/27\nDate of end 30/9/30", 3),
    ("Contract length including extensions: 6 years\nExtensions: 2 years", 6),
    ("Lot A: North\nTotal: £60,000 (2 years)", 2),
    ("Minimum term 36 months, maximum term 60 months.", 5),
    ("The panel is set up for 2 years and may be extended twice, each time for 12 months.", 4),
    ("The contract starts on 6 April 2027 and expires at midnight on 5 April 2030.", 3),
    ("The contract may last \ufb01ve years.", 5),
    ("Contract length three years with an optional further two.", 5),
    ("Contract term\n36 months\nOptions\n24 months", 5),
    ("A framework is planned. It will be in place for 4 years.", 4),
    ("The contract starts on 1 April 2027 and lasts until 30 September 2028.", 1.5),
    ("Museum cafe.\n£60,000 over three years.", 3),
    # a term that is said twice
    ("Initial term: 2 years\nMaximum term including extensions: 5 years", 5),
    ("The contract is for up to 4 years. The initial term is 2 years with a 2 year option.", 4),
    ("Contract dros 4 blynedd. Cyfnod o 2 flynedd gydag opsiwn i ymestyn am 2 flynedd.", 4),
    ("Cyfnod / Contract period: 3 blynedd + 1 / 3 years + 1.", 4),
    ("Period: 18 months, with scope to continue for another 18 months.", 3),
    # dates
    ("The service is planned to last until March 2031, starting in April 2027.", 4),
    ("The contract runs from Monday 5 April 2027 to Tuesday 4 April 2028.", 1),
    ("End date: 31/12/2029\nStart date: 01/01/2027", 3),
]
"""text, years with its options"""

VAT = [
    ("Excluding VAT the value is £70,000 and including VAT £84,000.", 70_000, NET),
    ("£84,000 (£70,000 plus VAT) is the contract value.", 84_000, GROSS),
    ("The contract value is £84,000 (£70,000 net).", 84_000, GROSS),
    ("Value £84,000 inc. VAT / £70,000 exc. VAT", 84_000, GROSS),
    ("The contract value is £70,000 (£95,000 including VAT and fees).", 70_000, NET),
    ("The contract value is £70,000 + VAT (£84,000 total).", 70_000, NET),
    ("Contract value £24,999. This figure includes VAT.", 24_999, GROSS),
    ("Total £30,000: £25,000 plus £5,000 VAT.", 30_000, GROSS),
    ("The contract value is £25,000 plus £5,000 of VAT.", 25_000, NET),
    ("The budget is £30,000 and must cover VAT.", 30_000, GROSS),
    ("Budget: £30,000 inc. (£25,000 ex.)", 30_000, GROSS),
    ("Budget: £25,000 ex. (£30,000 inc.)", 25_000, NET),
    ("A budget of £30,000, which includes VAT of £5,000.", 30_000, GROSS),
    ("The value of the contract excluding VAT is £25,000.", 25_000, NET),
    ("Our limit is £30,000 with VAT or £25,000 without.", 30_000, GROSS),
    ("The value of £30,000 takes account of VAT at 20%.", 30_000, GROSS),
    ("Contract value £24,999. This figure does not include VAT.", 24_999, NET),
]

CELLS = [
    ({"value": "£300,000 - £410,000"}, 410_000, NET, None),
    ({"value": "£20k-£31k", "years": "3"}, 31_000, NET, 3),
    ({"value": "11000-16000"}, 16_000, NET, None),
    ({"annual value": "£20,000 to £26,000", "years": "2"}, 52_000, NET, 2),
    ({"value": "£1,400 per month", "years": "2"}, 33_600, NET, 2),
    ({"value": "£61,000 a year plus £4,000 set-up", "years": "2"}, 126_000, NET, 2),
    ({"value": "£40,500 + VAT"}, 40_500, NET, None),
    ({"value": "£48,500 inc VAT"}, 48_500, GROSS, None),
    ({"value (inc vat)": "£50,000 (ex VAT)"}, 50_000, NET, None),
    ({"value": "3 years @ £14000"}, 42_000, NET, 3),
    ({"value": "2 x 15000"}, 30_000, NET, None),
    ({"value": "Sixty Thousand"}, 60_000, NET, None),
    ({"value": "£60&#44;000"}, 60_000, NET, None),
    ({"value": "£12k pa x 3"}, 36_000, NET, 3),
    ({"value": "£20,000 per annum for an extension", "years": "2"}, 40_000, NET, 2),
    ({"value": "5000", "length": "3+1+1"}, 5_000, NET, 5),
    ({"value": "5000", "length": "24 months (plus 12)"}, 5_000, NET, 3),
    ({"value": "5000", "months": "24 + 12"}, 5_000, NET, 3),
    ({"value": "5000", "length": "two years"}, 5_000, NET, 2),
]


@pytest.mark.parametrize(("text", "value", "years"), VALUES)
def test_a_value_and_its_term(text: str, value: float | None, years: float | None) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.value == (value and pytest.approx(value, abs=1))
    assert years is None or found.lot.years == years


@pytest.mark.parametrize(("text", "years"), TERMS)
def test_a_term(text: str, years: float | None) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.years == years


@pytest.mark.parametrize(("text", "value", "gross"), VAT)
def test_vat_of_two_amounts(text: str, value: float, *, gross: bool) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert (found.lot.value, found.lot.value_is_gross) == (value, gross)


@pytest.mark.parametrize(("cells", "value", "gross", "years"), CELLS)
def test_a_table_of_lots_is_read_with_the_same_grammar(
    tmp_path: Path, cells: dict[str, str], value: float, *, gross: bool, years: float | None
) -> None:
    table = tmp_path / "lots.csv"
    head, row = (",".join(f'"{one}"' for one in each) for each in (cells, cells.values()))
    table.write_text(f"title,{head}\nMeals,{row}\n")
    [lot], _ = read_lots(table)
    assert (lot.value, lot.value_is_gross, lot.years) == (value, gross, years)


def test_a_range_in_a_table_is_noted(tmp_path: Path) -> None:
    table = tmp_path / "lots.csv"
    table.write_text("title;value\nMeals;£10k to £20k\nParks;£5,000\n", encoding="utf-8")
    lots, tally = read_lots(table)
    assert [lot.value for lot in lots] == [20_000, 5_000]
    assert sum(n for reason, n in tally.set_aside.items() if "upper end" in reason) == 1


@pytest.mark.parametrize(
    "cell", ["£12 per visit", "no more than needed", "2026-2027", "€5,000", "2 cuts x £9,000"]
)
def test_a_cell_without_a_value_of_the_contract_is_refused(tmp_path: Path, cell: str) -> None:
    table = tmp_path / "lots.csv"
    table.write_text(f"title;value\nMeals;{cell}\n", encoding="utf-8")
    with pytest.raises(BadLot, match="is not a number of pounds"):
        read_lots(table)


def test_a_cell_with_its_own_length_needs_no_column_of_lengths(tmp_path: Path) -> None:
    table = tmp_path / "lots.csv"
    table.write_text('title,value\nMeals,"£120,000 pa x 3"\n', encoding="utf-8")
    (lot,), _ = read_lots(table)
    assert (lot.value, lot.years) == (360_000, 3)


@pytest.mark.parametrize(
    ("description", "years", "added"),
    [
        ("Two successive options of 12 months each", 3, 2),
        ("Two options to extend, each of 1 year", 4, 2),
        ("Renewable twice for a year each time", 3, 2),
        ("Option to extend for 1+1+1 years", 3, 3),
        ("Opsiwn i ymestyn am ddwy flynedd / option to extend for two years", 2, 2),
        ("6 months' notice will be given of any extension", 2, None),
    ],
)
def test_a_description_of_renewals(description: str, years: float, added: float | None) -> None:
    assert options_of(description, years) == added


def test_the_reading_says_that_options_count_at_the_price_of_the_first_years() -> None:
    (found,) = read_text("Care. The contract value is £90,000 for 3 years (+1).", "pasted")
    assert (found.lot.value, found.lot.years) == (120_000, 4)
    assert any("4 years in all" in note for note in found.notes)
