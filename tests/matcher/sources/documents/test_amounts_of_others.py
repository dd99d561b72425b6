"""Amounts in prose that are not what a contract is worth, and those that are said to be."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text

UNSAID = [
    "The clock tower is part of a £7.4m square that opens next year. Quotes for planting please.",
    "Our treasury holds £31m. We want a banking adviser.",
    "The Mayor announced £90 million for flood defences. We need a hydrologist.",
    "A £640,000 pavilion is nearly finished. Please price its blinds.",
    "Fly tipping is a £1.1m problem. We need a camera supplier.",
    "Advice on the procurement fee for a new £700k roof.",
    "The contract is estimated to help the £9bn creative sector.",
    "A bequest of £70,000 was left to us. Quotes for framing.",
    "A fee of £60 applies to late quotes.",
    "The card limit is £5,000. We need a bank.",
    "Our limit for petty cash is £2,500. We need a safe.",
    "Trainees earn no more than £31,000. We need a college.",
    "Firms have to pay £1,200,000 towards a road. We need a solicitor.",
]
"""Texts with amounts that no words call the value, a budget or a price."""

OTHERS = [
    ("The priory is valued at £2.2m. We need a surveyor.", "worth"),
    ("Its collection has an insured value of £90,000. Quotes for a new alarm.", "worth"),
    ("Selby paid £44,000 for its own. What would ours cost?", "earlier contract"),
    ("Flooding cost the borough £3m in 2024. We want a modeller, with costs.", "earlier contract"),
    ("The lido cost £41,000 when built in 1936.", "earlier contract"),
    ("Out of 35% of a £400,000 budget, fees are paid.", "pays for more"),
    ("The damages are £2,000 up to £8,000 for delay costs.", "deduction"),
    ("Service credits up to £15,000 are the maximum.", "deduction"),
    ("The ceiling on travel expenses: £300 in total.", "income"),
    ("Tranche 1 fees £20,000, tranche 2 fees to follow.", "a part of"),
    ("Value for years 1 and 2: £40,000.", "a part of"),
    ("Lot 1 is worth £30,000 and Lot 2 £50,000.", "a part of"),
    ("Works in Lot 1 and Lot 2, to a value of £90,000 (Lot 1) and £80,000 (Lot 2).", "a part of"),
    ("Year 2: £40,000", "a part of"),
    ("The project costs £5m, of which the design fees are tendered here.", "a part of"),
    ("The scheme gives grants worth up to £3,000.", "pays for more"),
    ("Our bid to the lottery is worth £250,000. We need an evaluator.", "worth"),
    ("The speed limit is 20 mph and fines are £1,000.", "debt"),
    ("PI: £2m; PL: £5m; EL: £10m.", "insurance"),
    ("The scheme gives grants up to a value of £3,000.", "pays for more"),
    ("We will let four contracts of £15,000 in total.", "unit"),
    ("The maximum for works up to £80,000 is a mini-competition.", "unit"),
    ("Lot 4 covers the value range of projects in excess of £8.0m - £15.0m", "unit"),
    ("A total carbon price of £260 / tCO2e is used.", "unit"),
    ("The budget is between £200,000 and £700,00.", "not written as pounds"),
]
"""text, and a part of why its amount is not the value"""

SAID = [
    ("£26k is the most that we have. 26 picnic tables.", None),
    ("We can offer £26,000 for picnic tables.", 26_000),
    ("Picnic tables: £26,000 max", 26_000),
    ("There is £26,000 for picnic tables.", 26_000),
    ("Picnic tables. It shouldn't come to more than £26,000.", 26_000),
    ("£26,000 is the maximum contract value.", 26_000),
    ("The works are valued at £26,000.", 26_000),
    ("The requirement is worth £26,000 and the park itself is worth seeing.", 26_000),
    ("Picnic tables, for a total project cost of £26,000.", 26_000),
    ("A £9m park is being built. Picnic tables: £26,000 plus VAT.", 26_000),
    ("Budget: £26,000; travel expenses up to £500 within it.", 26_000),
    ("We need a trainer for 10 months at a fee of £2,600 a month.", 26_000),
    ("Kiosk software: £6,000 for installation, £10,000 a year for 2 years.", 26_000),
    ("£13,000 PER ANNUM - 2 YEARS", 26_000),
    ("The accepted bid has a value of £26,000.", 26_000),
    ("Our limit is £26,000.", 26_000),
    ("A budget of £26,000 for Lot 1 and Lot 2.", 26_000),
    ("Phase 1 and phase 2 together have a value of £26,000.", 26_000),
    ("This should be no more than £26,000.", 26_000),
    ("The most that we can pay is £26,000.", 26_000),
    ("We are hoping to bring this in at no more than £26,000.", 26_000),
    ("A budget for these contracts of up to a maximum of £26,000.", 26_000),
    ("The maximum bid is £26,000 in total; we may let contracts above this sum.", 26_000),
    ("Budget of £13,000 per full year. Contract length 2 years.", 26_000),
    ("The fee is capped at £13,000 a year for a maximum of two years.", 26_000),
]
"""text, pounds"""

WITH_OPTIONS = [
    ("Value: £40,000 over the initial two years, plus £11,000 if the one year option is used.",
     51_000, 3),
    ("The value for the initial two-year term is £40,000. With both optional years it is £90,000.",
     90_000, 4),
    ("£10,000 a year. The contract runs for two years with the option of a third.", 30_000, 3),
    ("£10,000 a year. The contract runs for two years with the option of a third and a fourth.",
     40_000, 4),
    ("A budget of £40,000. The figure is for the initial term only. 2 years plus 2.", 80_000, 4),
    ("£10,000 pa. 2+1+1.", 40_000, 4),
    ("Value: £60,000 (3 years) plus £7,000 (1 year extension).", 67_000, 4),
    ("Estimated cost: £60,000 (3 years), extendable by 3 more years.", 120_000, 6),
]  # fmt: skip
"""text, pounds, years with options"""


@pytest.mark.parametrize("text", UNSAID)
def test_an_amount_that_nothing_calls_the_value_leaves_it_open(text: str) -> None:
    (found,) = read_text(f"Notice\n{text}", "pasted")
    assert found.lot.value is None
    assert any("does not say that this is what the contract is worth" in n for n in found.notes)


@pytest.mark.parametrize(("text", "why"), OTHERS)
def test_an_amount_of_something_else_is_named_so(text: str, why: str) -> None:
    (found,) = read_text(f"Notice\n{text}", "pasted")
    assert found.lot.value is None
    assert any("The value is not known" in note and why in note for note in found.notes)


@pytest.mark.parametrize(("text", "pounds"), SAID)
def test_words_beside_an_amount_call_it_the_value(text: str, pounds: float | None) -> None:
    (found,) = read_text(f"Notice\n{text}", "pasted")
    assert found.lot.value == pounds


def test_a_length_of_something_else_is_no_term() -> None:
    text = "Notice\nApprentices train for 3 years at a cost of £9,000 each. We need a college."
    (found,) = read_text(text, "pasted")
    assert (found.lot.value, found.lot.years) == (None, None)


@pytest.mark.parametrize(("text", "pounds", "years"), WITH_OPTIONS)
def test_options_in_their_own_words(text: str, pounds: float, years: float) -> None:
    (found,) = read_text(f"Notice\n{text}", "pasted")
    assert (found.lot.value, found.lot.years) == (pounds, years)


@pytest.mark.parametrize(
    "text",
    [
        "Budget: Stage 1 £12,000; Stage 2 £15,000.",
        "Spend: Council A £35,000, Council B £20,000 and Council C £10,000.",
    ],
)
def test_a_list_without_a_total_has_no_value(text: str) -> None:
    (found,) = read_text(f"Notice\n{text}", "pasted")
    assert found.lot.value is None
