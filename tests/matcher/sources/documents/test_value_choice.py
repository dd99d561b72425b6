"""Which of several amounts is the value of a contract, and the reason where none of them is."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text
from matcher.sources.wording.amounts import value_in

CHOSEN = [
    ("Total: 2 years x £35,000 = £70,000", 70_000),
    ("Call-off: 6 months, £40k; possible 6 month extension, £40k.", 80_000),
    ("Existing annual spend: £240,000. The new contract is worth £210,000 over 4 years.", 210_000),
    ("Year 1 £90,000, Year 2 £80,000, with an optional Year 3 at £70,000.", 240_000),
    ("Original contract value: £21,300. New contract value: £44,100.", 44_100),
    ("Original award total: £410,000. Modified award total: £530,000.", 530_000),
    ("The contract value will increase by £15,000, to a total contract value of £75,000.", 75_000),
    ("The value is £3.1m in the first year. The value over the total term is £12m.", 12e6),
    ("The annual value is £90,000, £450,000 over the life of the contract.", 450_000),
    ("The annual value is £90,000. It runs for 3 years (£270,000).", 270_000),
    ("Maximum contract value for 5 years: £2.9m. Total contract value: £4.1m.", 4.1e6),
    ("The value is £310,000 for 2 years. The value including all extensions is £660,000.", 660_000),
    ("The value is £45,000 without extensions and £71,000 with all extensions.", 71_000),
    ("The value is £1.4m excluding extensions and £2.3m including all options to extend.", 2.3e6),
    ("The value is £45,000 and £15,000 for the extensions.", 60_000),
    ("Of the £300,000 grant, £45,000 is for this contract.", 45_000),
    ("This £20m programme helps firms. The contract value is £110,000.", 110_000),
    ("The project is funded with £1.5m; fees for this work must not exceed £85,000.", 85_000),
    ("Staff costs are £96,000. Contract costs are £71,000.", 71_000),
    ("The contract is worth £58,000, and the Fund paid £3m to the county.", 58_000),
]
"""text, pounds"""

LEFT_OPEN = [
    "Value of works £1.8m; adviser's fee budget £95,000 for this appointment.",
    "Budget of £10,000 per lot. There are three lots.",
    "Total project value £2.4m. This package: £64,000 + VAT.",
    "The programme budget is £750,000. The kerbs will be £31,000.",
    "Of the £85,000 total contract value £15,000 is for materials.",
    "The contract value is £75,000 and £25,000.",
    "The budget is £15,000 from April to June and £60,000 from July.",
    "The budget is £15,000 for the north, and £60,000 in the south.",
    "We have £20,000 for phase 1 and the same again for phase 2.",
    "The value is £90,000 a year for 4 years. The value is £80,000 a year for 3 years.",
    "Estimated value £90,000 a year. Estimated value £100,000 a year. Term: 2 years.",
    "The total contract value is £4.2m for the north. The total contract value is £0.8m for "
    "the south.",
    "Value: £491,000 to Oakham Ltd and value £3,300,000 to Elms Ltd.",
    "The budget is £140,000. The overall budget is £1.2m.\nThe overall budget is £1.4m.",
    "The maximum budget is £880,000 for 4 years. The value may go up to £1.1m.",
    "Budget breakdown: staff £32,000; venue hire £4,000; materials £2,500.",
    "The budget is £70,000 for the first 18 months then £40,000 a year. Term: 42 months.",
    "The contract is worth £80,000 for 2 years and then £50,000 a year. Term: 4 years.",
]

REASONS = [
    ("Estimated value £90,000. Estimated value £95,000.",
     "“Estimated value £90,000” and “Estimated value £95,000” may each be the value"),
    ("Budget: £90,000 (roofs), £95,000 (walls).", "gives several amounts"),
    ("Insurance cover of £5m is needed.", "is of insurance, a bond, a debt or a deduction"),
    ("Meals cost £5.10 per meal.", "is the price of a unit"),
    ("Cutting costs £950 a cut.", "is the price of a unit"),
    ("Budget: 2 + 1 years @ £10,000", "is the price of a unit"),
    ("Budget: 3-5 years @ £10,000", "is the price of a unit"),
    ("Budget: 2 or 3 years @ £10,000", "is the price of a unit"),
    ("Budget: lots 1-3 x £10,000", "is the price of a unit"),
    ("Budget: phase 2 x £10,000", "is the price of a unit"),
    ("The budget saves £31,000 of wages.", "is income, savings, pay or what things are worth"),
    ("Bids above £25,000 are published.", "is a limit"),
    ("Estimated value: > £40,000", "is a limit"),
    ("Estimated value: £40k+", "is a limit"),
    ("The threshold is £30,000 for services and £200,000 for works.", "is a limit"),
    ("Fines of £50 a day, capped at £900, apply to the budget.", "is of insurance, a bond"),
    ("Fines of £50 a day are charged up to a total of £900.", "is of insurance, a bond"),
    ("A retention of £900 is kept from each payment.", "is of insurance, a bond"),
    ("Give £50 of time for every £900 of the contract value.", "is the price of a unit"),
    ("The contract value is £12.500.", "“£12.500” may be £12500 or £12.50"),
    ("A grant of £50,000 from a trust and £40,000 from us pays.", "pays for more than the"),
    ("The contract has been funded by a £3m grant.", "pays for more than the contract"),
    ("Night staff costs are £96,000 a year.", "an earlier contract or what was spent"),
    ("We paid £61,000; last year's spend was £61,000.", "an earlier contract or what was spent"),
    ("The value will increase by £15,000.", "what the value changes by"),
    ("The contract value is £1.", "stands for one that is not known"),
    ("This is a re-tender of a contract valued at £1.1m.", "of an earlier contract"),
    ("The Council expects to receive £50,000 a year.", "is income, savings, pay"),
    ("The café operator will pay the Council £12,000 a year.", "pays for more than the contract"),
]  # fmt: skip
"""text, words of the reason why no value is known"""


@pytest.mark.parametrize(("text", "pounds"), CHOSEN)
def test_one_of_several_amounts_is_the_value(text: str, pounds: float) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.value == pounds


@pytest.mark.parametrize("text", LEFT_OPEN)
def test_several_amounts_that_may_be_the_value_leave_it_open(text: str) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.value is None
    assert any(note.startswith("The value is not known: “") for note in found.notes)


@pytest.mark.parametrize(("text", "why"), REASONS)
def test_the_reason_why_no_value_is_known(text: str, why: str) -> None:
    found = value_in(text)
    assert found.value is None
    assert why in found.why_not


def test_the_value_of_all_lots_after_the_last_is_not_its_own() -> None:
    text = (
        "Spares\nLot 1: Pumps\nEstimated lot value: 320,000 GBP\nLot 2: Fans\n"
        "Estimated lot value: 150,000 GBP\nEstimated value of lots: 470,000 GBP"
    )
    assert [one.lot.value for one in read_text(text, "pasted")] == [320_000, 150_000]
