"""An amount that nothing accounts for leaves the value open: a sum is never read too low."""

from __future__ import annotations

import pytest

from matcher.sources.wording.amounts import value_in


@pytest.mark.parametrize(
    "text",
    [
        "Wardens: £64,000\nVehicle costs: £9,000",
        "Wardens: £64,000 / Vehicle costs: £9,000",
        "Wardens: £9,000 / Vehicle budget: £64,000",
        "The value is £54,000 and £26,000 for the following year if extended",
        "£90,000 initial term, £45,000 per extension year (2 years)",
        "Budget: £30,000 for surveys and £8,000 per stage for 4 stages",
        "The budget is £75,000 and a further £20,000 subject to approval",
        "Budget: £12,000 (infants), £23,000 (juniors) and £35,000 (seniors)",
        "£44,000 for the first year and £39,000 for subsequent years. 3 years.",
        "Charges: £7,000 for members and £4,000 for visitors",
    ],
)
@pytest.mark.parametrize("expected", [False, True])
def test_amounts_that_may_be_added_are_no_value(text: str, expected: bool) -> None:
    assert value_in(text, expected=expected).value is None


@pytest.mark.parametrize(
    ("text", "pounds"),
    [
        ("The value is £90,000: £60,000 for care and £30,000 for transport.", 90_000),
        ("The value is £20,000 a year (£50,000 for the 30 month contract period).", 20_000),
        ("The contract is worth £80,000, of which £30,000 is for materials.", 80_000),
        ("The value is £50,000 excluding VAT (£60,000 including VAT).", 50_000),
    ],
)
def test_accounted_amounts_leave_the_value(text: str, pounds: float) -> None:
    value = value_in(text).value
    assert value is not None
    assert value.pounds == pounds


@pytest.mark.parametrize("more", ["£9,000 for training", "£25,000 for a second site"])
@pytest.mark.parametrize(
    "text",
    [
        "The budget is £70,000",
        "The contract is worth £45,000",
        "The total contract value is £62,000",
        "Contract value: £82,000 excluding VAT",
        "The value is £60,000 for 2 years",
        "The maximum price is £55,000",
        "The total value is £90,000 including all extensions",
    ],
)
def test_more_is_never_dropped(text: str, more: str) -> None:
    old, new = value_in(text).value, value_in(f"{text} plus {more}").value
    assert old is not None
    assert new is None or new.added or new.pounds > old.pounds
