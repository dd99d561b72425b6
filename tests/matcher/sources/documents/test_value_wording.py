"""Words beside an amount or a length that change what it is of."""

from __future__ import annotations

import pytest

from matcher.sources.documents.reader import read_text
from matcher.sources.wording.amounts import value_in
from matcher.sources.wording.option_scope import holds_options
from matcher.sources.wording.terms import contract_term

WHOLE = [
    # a value with the options, beside a sentence about the one without them
    (
        "The contract is worth £40,000 (£64,000 including extensions). This sum is for the initial "
        "period only. 2 years plus 1.",
        64_000,
    ),
    ("Value: £60,000. The budget won't cover extensions. The term is 3 years plus 1.", 80_000),
    ("Value: £60,000. The sum doesn't yet include any option. The term is 3 years plus 1.", 80_000),
    # a number after a label
    ("Contract value (£k) = 36. It runs for 2 years.", 36_000),
    ("The overall budget 14,000 for the works", 14_000),
    ("Estimated value 14,000 plus VAT", 14_000),
    ("Total cost 14,000 approx.", 14_000),
    ("Contract value 14,000 (2 years)", 14_000),
    ("Total budget 14,000 - 16,000", 16_000),
    # years by their names
    ("The new contract covers 2026/27 and 2027/28. The budget is £7,000 a year.", 14_000),
    # words beside an amount that do not make it another
    ("The provider will be paid £30,000 to advise the Council.", 30_000),
    ("Payments of £30,000 to the trust for the breakfast club.", 30_000),
    ("Contract of 3 years @ £12,000 pa", 36_000),
    ("The contract is worth £90,000 in current prices.", 90_000),
    ("Budget at current costs: £90,000", 90_000),
    ("£150,000 for pot plants in parks.", 150_000),
    ("The budget is £30,000 to fund 2 nurses.", 30_000),
    ("The value is £30,000 for fund management.", 30_000),
    ("The budget for school meal costs is £50,000.", 50_000),
    ("£50,000 budget for child placement fees.", 50_000),
    ("The council has £50,000 now for this procurement.", 50_000),
    ("There is £50,000 at present for the work.", 50_000),
    ("The supplier shall hold the contract for 4 years. £5,000 a year.", 20_000),
    ("The cost is less than £50,000.", 50_000),
    ("Lot value £120k over four years inc. extensions", 120_000),
    # several equal amounts
    ("Contract of 3 years x £12,000", 36_000),
    ("Budget: 36 months @ £1,000", 36_000),
    ("Budget: £40 thou for the van", 40_000),
    ("Tree work worth £20,000 Grand Avenue", 20_000),
    ("Budget of £900 Grand Piano tuning", 900),
    ("Budget: 12.5 grand", 12_500),
    ("The budget is 12 instalments of £5,000.", 60_000),
    ("We will pay three annual instalments of £20,000 each.", 60_000),
    ("Contract value: 2 x £15,000 plus VAT", 30_000),
    ("The contract value is £20k*3", 60_000),
    ("Budget: 2 x £15,000, 1 x £20,000", 50_000),
    ("Budget: 3 years @ £12,000 plus 2 years @ £13,000", 62_000),
    ("Budget: 3 years @ £12,000 + 1 year option @ £13,000", 49_000),
    ("Budget: 3 years @ £12,000 + 2 optional years @ £13,000", 62_000),
    ("The budget is £10,000 followed by 12 instalments of £5,000.", 70_000),
    ("Price: £5,000 deposit plus 10 payments of £1,000", 15_000),
    ("£500 deposit and 12 payments of £100", 1_700),
    ("Budget: £5k deposit, then 12 payments of £1,000", 17_000),
    ("We will pay 12 payments of £100 plus a deposit of £500.", 1_700),
    ("Value: £60,000, 12 instalments of £5,000", 60_000),
    ("Budget: 2 x £15,000, £10,000 of which is for training", 30_000),
    # what the years beside an amount say of the options
    ("£90,000 for 3 years. The term is 2 years with a 1 year option.", 90_000),
    ("Year 1: £40,000, Year 2: £45,000, Year 3: £50,000. The term is 2 years plus 1.", 135_000),
    ("Year 1: £40,000, Year 2: £45,000. The term is 2 years plus 1.", 127_500),
    ("The value is £80,000 for 2 years, with option years at £40,000. The term is 2 years plus 2.",
     160_000),
]  # fmt: skip
"""text, pounds for the whole contract with its options"""

NOT_KNOWN = [
    "Cost (£000s): 2026/27 450",
    "Cost (£000s) 2026-27: 450",
    "Total budget (£k): 24 months",
    "Spend (£000s): 80 - 95",
    "The estimated cost 14,000 trees to plant",
    "Annual cost: 14,000 lunches",
    "Maximum value 14,000 m2",
    "The cost of a 3m high fence",
    "The existing agreement runs for 2024/25 and 2025/26. The fee is £7,000 a year.",
    "Our contract currently runs for 2024/25 and 2025/26. The budget is £7,000 a year.",
    "The tenant pays £6,000 a year to the Council.",
    "The café operator will pay £6,000 per annum to the Council.",
    "The concessionaire must pay £500 a month to the trust.",
    "The lessee shall pay to the Council £5,000 a year for 3 years.",
    "Contract of 3 posts x £12,000",
    "Budget: 3 x £12,000 a year",
    "Budget: 2 x £10,000 - £15,000",
    "Insurance cover of 2 x £5,000,000 is needed",
    "We paid 12 instalments of £5,000 last year.",
    "There are 2 x £15,000 grants to match.",
    "2 vans x £15,000 a year",
    "Current prices are £90,000 a year.",
    "A £150,000 pot for the parks.",
    "The budget for each visit cost is £50.",
    "We pay £600 a month currently for this contract. It is for 2 years.",
    "The provider will hold the records for 6 years. £5,000 a year.",
    "Acme has held the contract for 4 years. £5,000 a year.",
    "The value is below £50,000.",
    "A £9m budget to fund local projects. This is for its website.",
    "The contract is worth less than £50,000 over 2 years.",
    "Evaluation of a grant-funded project (total £700k). The fee is 4% of the grant (£28k).",
    "£90,000 for 2 years with extension years at £45,000 (maximum of two).",
]

HOLDS = [
    ("The budget will include all extensions.", True),
    ("This is the total value with extensions.", True),
    ("The sum doesn’t yet cover any option.", False),
    ("The figure will not include extensions.", False),
    ("The budget never includes extensions.", None),
    ("The amount could rise with options.", None),
    ("The sum may include an extension.", None),
    ("The budget is to be agreed with the extension.", None),
    ("Please quote a total sum including all options.", None),
    ("Submit estimates with options.", None),
    ("The estimate doesn't exclude options.", None),
    ("Give a figure excluding extensions.", None),
]
"""sentence, whether it says that the value holds the options"""


@pytest.mark.parametrize(("text", "pounds"), WHOLE)
def test_the_value_of_the_whole_contract(text: str, pounds: float) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.value == pounds


@pytest.mark.parametrize("text", NOT_KNOWN)
def test_no_value_is_known(text: str) -> None:
    (found,) = read_text(f"Grounds\n{text}", "pasted")
    assert found.lot.value is None


@pytest.mark.parametrize(("sentence", "holds"), HOLDS)
def test_a_sentence_says_whether_the_value_holds_the_options(
    sentence: str, *, holds: bool | None
) -> None:
    assert holds_options(f"Value: £60,000. {sentence}") is holds


def test_a_reason_is_quoted_as_it_is_written() -> None:
    why_not = value_in("Budget: 65,000. Budget: 70,000.").why_not
    assert why_not == "“Budget: 65,000” and “Budget: 70,000” may each be the value"


@pytest.mark.parametrize("one", ["current", "expiring", "previous"])
def test_the_years_of_an_earlier_contract_are_no_term(one: str) -> None:
    assert contract_term(f"The {one} contract runs for 2024/25 and 2025/26.") is None


@pytest.mark.parametrize(
    ("days", "years", "options"),
    [
        ("1 April 2027 to 31 March 2028 and 1 April 2028 to 31 March 2029", 2, 0),
        ("1/9/2027 - 31/8/2028, 1/9/2028 - 31/8/2029 and then 1/9/2029 - 31/8/2030", 3, 0),
        ("1 April 2027 to 31 March 2028, and 1 June 2028 to 31 March 2029", 1, 0),
        ("1 April 2027 to 31 March 2028. It may be extended to 31 March 2029", 1, 1),
        ("1 April 2027 to 31 March 2028, 1 April 2028 to 31 March 2029 (an option)", 1, 0),
        ("1 April 2027 to 31 March 2028, until 31 March 2029 from 1 April 2028", 2, 0),
        ("its start until 31 March 2029 from 1 April 2028, 1 April 2027 to 31 March 2028", 1, 0),
    ],
)
def test_years_that_follow_each_other_are_one_term(days: str, years: int, options: int) -> None:
    term = contract_term(f"The contract runs from {days}.")
    assert term
    assert (term.years, term.options) == (years, options)
