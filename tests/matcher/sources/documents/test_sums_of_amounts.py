"""Amounts of one sentence that are added up, and those that leave the value of a contract open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sources.documents.reader import read_text
from matcher.sources.wording.amounts import value_in

SUMS = [
    ("Budget: 3 years @ £1,200 and a £500 deposit", 4_100),
    ("£65,000 capital plus £5,000 a year for 3 years", 80_000),
    ("Cost: £20,000 supply and £4,000 installation", 24_000),
    ("Value: £60,000 (3 years) and £7,000 for set-up.", 67_000),
    ("£3,000 (hall), £2,000 (church). The total is £5,000.", 5_000),
    ("Purchase £30,000 plus maintenance of £2,000 a year for 5 years", 40_000),
    ("£20,000 a year for 3 years plus a one-off set-up cost of £15,000", 75_000),
    ("12 monthly payments of £750 plus a one-off payment of £1,500", 10_500),
    ("Budget: 3 years @ £4,000, then 2 years @ £5,000", 22_000),
    ("An initial payment of £12,000 followed by 11 monthly payments of £1,000.", 23_000),
    ("Value £60,000 plus VAT plus an optional extension worth £20,000 plus VAT", 80_000),
    ("Budget: capital £75,000, revenue £15,000 a year for 2 years", 105_000),
    ("Annual budget: £80,000 (2 years) = £160,000", 160_000),
    ("Annual price: 12 x £500 = £6,000. The contract is for 2 years.", 12_000),
    ("The estimated value of the contract is £0 - 120k plus VAT.", 120_000),
    ("Value: GBP 100 000 - 150 000", 150_000),
    ("Budget: GBP 2,000 per month for 2 years", 48_000),
    ("Contract value £300,000 for the first 3 years, £500,000 including the 2-year extension.",
     500_000),
    ("Contract value £90,000, comprising £50,000 for care and £40,000 for meals.", 90_000),
    ("The budget is £90,000, made up of £50,000 for care and £40,000 for meals.", 90_000),
    ("Budget: £90,000, consisting of £50,000 from the trust and £40,000 from us.", 90_000),
    ("The value is two and a quarter million pounds.", 2_250_000),
    ("The scheme budget is £80,000. The contract is for roofing works.", 80_000),
    ("The budget is £80,000. This contract is for design only.", 80_000),
]  # fmt: skip
"""text, pounds for the whole contract"""

OPEN = [
    "Value: between £50,000 revenue and £60,000",
    "The budget is either £50,000 or £75,000 depending on funding.",
    "The budget is £50,000 and £60,000.",
    "Annual values: Area North £45,000; Area South £55,000.",
    "Budget: £30,000 plus £12 per visit.",
    "The value is £20,000 a year plus £500 per call-out. Term: 2 years.",
    "Purchase price £30,000 plus maintenance of £2,000 a year for 5 years",
    "The price is £10,000 a year, then £12,000 a year after year 2. Term: 4 years.",
    "The contract price is £100 a week and £50 a month for storage. Term: 1 year.",
    "The contract value shall range from £600,000 up to a maximum of £1,500,000.",
    "The value of works orders will be between £500 and £20k each.",
    "Contract value £250,\n000",
    "The annual value is £4,650,000 million.",
    # of a scheme or a programme, of which the contract is a part
    "Scheme value: £1.2m. This contract is for design only.",
    "The overall programme budget is £12m. This contract is for evaluation.",
    "Works value c. £600k; QS services required.",
    "The scheme is worth £1.2m in total and this contract covers the design work.",
    # limits, changes and what others pay or earn
    "Works under £50,000 are ordered without competition.",
    "To list the call-offs over the value of £25k.",
    "Advice on budgets for schemes with a value of < £1,000,000",
    "Budgets: Development projects - £0-4m; architects - £3m+",
    "The contract was varied by £19,000 to buy laptops. Value to follow.",
    "An increase to the financial limit of £151,825 is for more days of work.",
    "The value of this modification is £8,000,000.",
    "The circular economy has been estimated to be worth £9-29 billion.",
    "The budget follows the £30m investment in the centre.",
]
"""texts that do not say what the contract is worth"""


@pytest.mark.parametrize(("text", "pounds"), SUMS)
def test_amounts_that_make_up_the_value_are_added(text: str, pounds: float) -> None:
    (found,) = read_text(f"Grounds.\n{text}", "pasted")
    assert found.lot.value == pounds


@pytest.mark.parametrize("text", OPEN)
def test_no_amount_is_taken_where_the_text_leaves_it_open(text: str) -> None:
    (found,) = read_text(f"Grounds.\n{text}", "pasted")
    assert found.lot.value is None


FORMS = [
    "The budget is {}.",
    "Value: {} a year for 3 years",
    "{} capital plus {} a year for 3 years",
    "Budget: {} for staff and {} for food",
    "The price is {} per month. The contract is for 2 years.",
    "Estimated value: {} to {}",
    "Budget: 3 years @ {} and a {} deposit",
    "Budget: adults {}; children {}",
    "Year 1: {}, Year 2: {}",
]
"""texts with places for amounts"""
POUNDS = st.integers(10, 999).map(lambda thousands: thousands * 1000)


def written(form: str, *amounts: str) -> tuple[float, str, float] | None:
    """What is read of a text with the amounts in their places, but for its words."""
    value = value_in(form.format(*amounts)).value
    if value is None:
        return None
    return value.pounds, value.period, sum((one.pounds for one in value.added), 0.0)


def notations(pounds: int) -> tuple[str, ...]:
    """The same amount as notices write it."""
    digits = f"{pounds:,}"
    spaced = digits.replace(",", " ")
    more = (f"£{spaced}", f"£{pounds // 1000}k", f"GBP {digits}", f"{digits} pounds")
    return (f"£{digits}", f"£{pounds}", f"£{digits}.00", *more)


@given(st.sampled_from(FORMS), POUNDS, POUNDS)
def test_the_value_does_not_depend_on_the_notation(form: str, one: int, other: int) -> None:
    pairs = zip(notations(one), notations(other), strict=True)
    assert len({written(form, *pair) for pair in pairs}) == 1


@given(form=st.sampled_from(FORMS), one=POUNDS, other=POUNDS, first=st.booleans())
def test_a_sentence_without_an_amount_changes_no_value(
    form: str, one: int, other: int, *, first: bool
) -> None:
    amounts = f"£{one:,}", f"£{other:,}"
    unrelated = "Bids must be sent by e-mail before noon."
    texts = [unrelated, form] if first else [form, unrelated]
    assert written("\n".join(texts), *amounts) == written(form, *amounts)


@given(st.permutations(["Insurance of £5m is held.", "The budget is £60,000.", "Quote by noon."]))
def test_the_order_of_sentences_does_not_matter(sentences: list[str]) -> None:
    value = value_in(" ".join(sentences)).value
    assert value is not None
    assert value.pounds == 60_000


@given(POUNDS, POUNDS, st.sampled_from([(" for staff", " for food"), (" capital", " revenue")]))
def test_the_order_of_parts_does_not_matter(one: int, other: int, names: tuple[str, str]) -> None:
    parts = [f"£{one:,}{names[0]}", f"£{other:,}{names[1]}"]
    for order in (parts, parts[::-1]):
        value = value_in("Budget: " + " and ".join(order)).value
        assert value is not None
        assert value.pounds == one + other
