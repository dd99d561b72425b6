"""Terms of contracts in few words, as tables and summaries have them."""

from __future__ import annotations

import pytest

from matcher.sources.wording.terms import contract_term


@pytest.mark.parametrize(
    ("text", "years", "longest"),
    [
        ("Term: 36 months plus 2x12", 3, 5),
        ("24 months + 3 x 12", 2, 5),
        ("Contract term: 3 years with options of 2x1", 3, 5),
        ("Contract length: 18m", 1.5, 1.5),
        ("Contract length: 2y", 2, 2),
        ("Initial term: 24m, extension period: 12m + 12m", 2, 4),
        ("Contract duration: 2yrs 6mths", 2.5, 2.5),
        ("Contract term: two years plus up to three", 2, 5),
        ("Contract term 3 + up to 2 years", 3, 5),
        ("Term: 3yrs (opt 2yrs)", 3, 5),
        ("Contract term of 12 months, renewable annually up to 3 times.", 1, 4),
        ("Contract term c. 24 months", 2, 2),
        ("The contract is for the 2026/27 financial year.", 1, 1),
        ("The contract will run for the academic year 2026/27, with a further year.", 1, 2),
        ("A contract for half a year", 0.5, 0.5),
        ("Option to extend: yes, 2 x 12 months. Contract length: 36 months.", 3, 5),
        ("The contract is for 3 years with options for 2 x 12.", 3, 5),
        ("Groups are of 8 plus up to 2. The contract is for 3 years.", 3, 3),
        ("Contract length: 18m with an option to extend by 6 months", 1.5, 2),
    ],
)
def test_a_term_in_few_words(text: str, years: float, longest: float) -> None:
    term = contract_term(text)
    assert term is not None
    assert (term.years, term.longest) == (years, longest)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("The contract is for 3 years and 2 x 12 seat vehicles are needed.", 3),
        ("The contract is for 4 years with 2 x 16 seats in each bus.", 4),
        ("The lease costs £3m + 2m. The contract term is 5 years.", 5),
        ("Two year contract renewable twice", 2),
    ],
)
def test_other_numbers_are_no_options(text: str, years: float) -> None:
    term = contract_term(text)
    assert term is not None
    assert (term.years, term.longest) == (years, years)


@pytest.mark.parametrize(
    "text",
    [
        "The pool has a length of 12m.",
        "The existing contract is for the 2025/26 financial year.",
    ],
)
def test_what_is_no_term(text: str) -> None:
    assert contract_term(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Each vehicle seats 6 plus up to 2, with a driver.",
        "Contract length: 25 m pool and changing rooms",
        "Term 2 m depth of excavation",
        "The agreement is for the 2026/27 academic year and the 2027/28 academic year.",
    ],
)
def test_what_is_no_term_or_no_single_year_is_not_read_as_one(text: str) -> None:
    assert contract_term(text) is None
