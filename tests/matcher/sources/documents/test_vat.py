"""Whether amounts include VAT, and what all lots of a specification are worth together."""

from __future__ import annotations

from itertools import product

import pytest

from matcher.sources.documents.reader import read_text
from matcher.sources.notices.whole_value import NOT_STATED, WholeValue
from matcher.sources.wording.amounts import stated_value
from matcher.sources.wording.vat import gross_for_all

GROSS = ["including VAT", "inclusive of VAT", "VAT inclusive", "VAT-inclusive", "(inc. VAT)",
         "incl. VAT", "incl. of VAT", "with VAT included", "inclusive of all VAT",
         "including value added tax", "including 20% VAT", "inclusive of expenses and VAT",
         "which includes VAT", "is not fixed but includes VAT", "not only including VAT",
         "gross", "(gross)"]  # fmt: skip
NET = ["excluding VAT", "excl. VAT", "exclusive of VAT", "VAT exclusive", "(ex-VAT)", "ex VAT",
       "net of VAT", "plus VAT", "plus 20% VAT", "+ VAT", "not including VAT",
       "and does not include VAT", "VAT not included", "including expenses but excluding VAT",
       "exclusive of Value Added Tax", "VAT will be added", "and doesn't include VAT",
       "which doesn’t include VAT", "and does not currently include VAT", "and can't include VAT",
       "nor does it include VAT", "no longer includes VAT", "non-inclusive of VAT",
       "without including VAT", "neither including VAT nor expenses", "with VAT to be added",
       "with VAT extra", "with VAT payable on top", "not inc. VAT"]  # fmt: skip


@pytest.mark.parametrize(("words", "gross"), [*product(GROSS, [True]), *product(NET, [False])])
def test_words_beside_an_amount_say_whether_vat_is_included(words: str, gross: bool) -> None:
    for text in (f"The total budget is £72,000 a year {words}.", f"Value: £72,000 {words}"):
        found = stated_value(text)
        assert found is not None
        assert (found.pounds, found.gross, found.vat_stated) == (72_000, gross, True), text


@pytest.mark.parametrize(
    ("text", "value"),
    [("The contract is worth £51,000. The service is zero-rated for VAT.", 51_000),
     ("Estimated value £51,000 (no VAT is payable).", 51_000),
     ("Welfare services, exempt from VAT. The budget is £51,000.", 51_000),
     ("Contract value: £51,000 (VAT is outside the scope).", 51_000),
     ("Budget £51,000, VAT exempt.", 51_000),
     ("VAT does not apply to this service. Value: £51,000.", 51_000),
     ("Value: £51,000. VAT: not applicable.", 51_000),
     ("Value: £51,000 (VAT @ 20% included).", 51_000),
     ("Contract value £20,000 plus 5% VAT.", 21_000),
     ("Contract value £20,000 excluding VAT at the reduced rate of 5%.", 21_000)],
)  # fmt: skip
def test_where_no_vat_is_due_or_little_the_value_is_what_is_paid(text: str, value: float) -> None:
    (found,) = read_text(f"Care\n{text}", "pasted")
    assert (found.lot.value, found.lot.value_is_gross) == (value, True)


@pytest.mark.parametrize(
    "words",
    [
        "not exempt from VAT",
        "includes no VAT",
        "(our VAT number is 0)",
        "plus 20% VAT",
        "no VAT included",
    ],
)
def test_vat_is_due_all_the_same(words: str) -> None:
    (found,) = read_text(f"Care\nThe contract value is £51,000, {words}.", "pasted")
    assert (found.lot.value, found.lot.value_is_gross) == (51_000, False)


def lots(before: str, north: str, south: str) -> tuple[list[tuple[float | None, bool]], WholeValue]:
    """(value, includes VAT) of two lots, and what both are worth together."""
    text = f"{before}\nLot 1: North\nMeals. {north}\nLot 2: South\nMeals. {south}"
    found = read_text(text, "pasted")
    assert len(found) == 2
    assert found[0].whole == found[1].whole
    return [(each.lot.value, each.lot.value_is_gross) for each in found], found[0].whole


@pytest.mark.parametrize(
    "sentence",
    ["The prices you bid must include VAT.", "All prices in your bid must include VAT.",
     "Bidders must state whether the prices include VAT.",
     "Do the prices quoted to us include VAT, if due?",
     "Invoices: all amounts must include VAT."],
)  # fmt: skip
def test_rules_for_bids_and_invoices_say_nothing_of_the_amounts(sentence: str) -> None:
    assert gross_for_all(sentence) is None
    values, _ = lots(sentence, "Value: £40,000.", "Value: £24,000.")
    assert values == [(40_000, False), (24_000, False)]


@pytest.mark.parametrize(
    "words", ["for 900 m2 gross floor area", "for a gross internal area of 90 m2",
              "and staff have a gross annual salary", "and is net zero by 2040"],
)  # fmt: skip
def test_gross_of_something_else_says_nothing_of_vat(words: str) -> None:
    found = stated_value(f"The contract value is £72,000 {words}.")
    assert found is not None
    assert (found.gross, found.vat_stated) == (False, False)


@pytest.mark.parametrize(
    ("before", "whole"),
    [
        ("Suppliers must hold contracts worth £50,000. The overall contract value is £900,000.",
         WholeValue(net=900_000)),
        ("Bids below £10,000 in total will be rejected. The total value is £900,000.",
         WholeValue(net=900_000)),
        ("The contract for roads costs £50,000. The total value of the services is £900,000.",
         WholeValue(net=900_000)),
        ("The total value of Lot 1 and Lot 2 is £400,000 including VAT.",
         WholeValue(gross=400_000)),
        ("The total value is £900,000, i.e. £450,000 for each lot.", WholeValue(net=900_000)),
        ("The combined value of lots 1 to 2 is £400,000.", WholeValue(net=400_000)),
        ("The contract value is £400,000 (Lot 1: £100,000, Lot 2: £300,000).",
         WholeValue(net=400_000)),
        ("The total value is £400,000: Lot 1 £100,000 and Lot 2 £300,000.",
         WholeValue(net=400_000)),
        ("We appoint several suppliers with a total value of £900,000.", WholeValue(net=900_000)),
        ("The total value is £450,000 for each lot.", NOT_STATED),
        ("The total value of lots 1 and 3 is £400,000.", NOT_STATED),
    ],
)  # fmt: skip
def test_the_value_of_all_lots_is_the_total_of_the_purchase(before: str, whole: WholeValue) -> None:
    assert lots(before, "", "")[1] == whole


def test_a_total_after_the_last_lot_is_of_all_lots() -> None:
    total = "The total value of all lots is £300,000 including VAT."
    values, whole = lots("", "", total)
    assert values == [(None, False), (None, False)]
    assert whole == WholeValue(gross=300_000)
    values, whole = lots("", "Value: £100,000.", f"Value: £200,000.\n{total}")
    assert values == [(100_000, True), (200_000, True)]
    assert whole == WholeValue(gross=300_000)


@pytest.mark.parametrize(
    "before",
    [
        "Each lot of this contract is worth about £36,000.",
        "Lot 1 of the contract is worth £40,000.",
        "The Council’s total budget is £310 million.",
        "The services spent £1.2 million last year in total.",
        "The total budget is £72,000 a year.",
    ],
    ids=["each lot", "one lot", "the council's", "the past", "no length"],
)
def test_other_amounts_are_not_the_value_of_all_lots(before: str) -> None:
    _, whole = lots(before, "", "")
    assert whole == NOT_STATED
