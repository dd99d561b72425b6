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
    ("Total budget 14,000 - 16,000", 16_000),
    # years by their names
    ("The new contract covers 2026/27 and 2027/28. The budget is £7,000 a year.", 14_000),
]
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


@pytest.mark.parametrize(
    "words", ["Contract value (£000s): 450", "Value £m: 1.5", "Annual spend: 65,000"]
)
def test_a_value_is_quoted_as_it_is_written(words: str) -> None:
    found = value_in(f"Care of trees. {words}.").value
    assert found
    assert found.words == words


def test_a_reason_is_quoted_as_it_is_written() -> None:
    why_not = value_in("Budget: 65,000. Budget: 70,000.").why_not
    assert why_not == "“Budget: 65,000” and “Budget: 70,000” may each be the value"


@pytest.mark.parametrize("one", ["current", "expiring", "previous"])
def test_the_years_of_an_earlier_contract_are_no_term(one: str) -> None:
    assert contract_term(f"The {one} contract runs for 2024/25 and 2025/26.") is None
