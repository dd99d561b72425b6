from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matcher.law.procurement import Procurement, ProcurementFacts
from matcher.law.rulebook import Rulebook
from matcher.law.summary import ProcurementSummary, summarize, values_of
from matcher.law.types import Contract
from tests.factory import lot

BOOK = Rulebook.open()
LOT = lot(title="Bird boxes", value=100_000.0, buyer="Elm Council", buyer_kind="council")


def summary(**fields: object) -> ProcurementSummary:
    facts = ProcurementFacts(replace(LOT, **fields), date(2026, 5, 4), "England")  # type: ignore[arg-type]
    return summarize(BOOK, facts)


def test_the_value_says_how_it_came() -> None:
    found = summary()
    assert found.value == 120_000
    assert "£120,000 (£100,000 with 20% VAT added)" in found.value_words
    assert "(VAT included)" in summary(value_is_gross=True).value_words
    assert "with options to extend it, is 5 years" in summary(years=5.0).value_words
    assert summary(value=None).value_words == "The value is not known."


def test_a_whole_value_that_is_larger_counts() -> None:
    facts = ProcurementFacts(LOT, date(2026, 5, 4), "England", whole_value=250_000.0)
    found = summarize(BOOK, facts)
    assert found.value == 250_000
    assert "The value of all lots together" in found.value_words
    assert [outcome.allowed for outcome in found.purposes] == [True, False, False]
    assert {outcome.rule for outcome in found.purposes} == {"", "PA2023-thresholds"}


def test_the_threshold_is_that_of_the_day_for_the_kind_of_contract() -> None:
    found = summary(cpv=("85312100",))
    assert (found.contract, found.threshold) == ("light touch", 663_540)
    assert "£663,540 including VAT on 4 May 2026" in found.threshold_words
    assert "£120,000 is below it" in found.threshold_words


def test_without_a_code_the_summary_says_what_was_assumed_and_asks() -> None:
    found = summary()
    assert found.contract_words.startswith("No CPV code and no category: assumed")
    assert found.contract_words.count("the threshold is £663,540") == 1
    assert not any("£663,540" in outcome.words for outcome in found.purposes)
    chosen = ProcurementFacts(LOT, date(2026, 5, 4), "England", contract=Contract.LIGHT_TOUCH)
    assert summarize(BOOK, chosen).contract_words.startswith("Chosen by the person who asked. If")
    assert "£663,540" not in summary(category="goods").contract_words


@pytest.mark.parametrize("nation", ["Scotland", "Wales"])
def test_elsewhere_only_engagement_is_allowed(nation: str) -> None:
    found = summarize(BOOK, ProcurementFacts(replace(LOT, buyer=""), date(2026, 5, 4), nation))
    assert [outcome.allowed for outcome in found.purposes] == [True, False, False]
    assert f"do not apply in {nation}" in found.regime
    assert found.threshold is None
    assert found.threshold_words.startswith(f"{nation} has its own thresholds")


def test_the_values_of_several_lots_are_listed_with_their_sum() -> None:
    lots = [LOT, replace(LOT, title="Bat boxes", value=6_000.0, value_is_gross=True)]
    assert list(values_of(lots, 0.2)) == [
        "Bird boxes: £120,000 (£100,000 with 20% VAT added)",
        "Bat boxes: £6,000 (VAT included)",
        "Together: £126,000 including VAT",
    ]
    unknown = [*lots, replace(LOT, title="Hives", value=None)]
    assert list(values_of(unknown, 0.2))[2:] == [
        "Hives: value not known",
        "Together: at least £126,000 including VAT",
    ]


def test_a_category_or_kind_of_buyer_that_is_not_known_is_named() -> None:
    found = summary(category="Social care")
    assert "the category 'social care' is none of goods, products, services, works" in (
        found.contract_words
    )
    procurement = Procurement.of(
        BOOK, ProcurementFacts(replace(LOT, buyer_kind="parish"), date(2026, 5, 4), "England")
    )
    assert any("'parish' is none of council" in words for words in procurement.assumptions)


def test_a_sum_of_some_lots_is_called_no_more_than_that() -> None:
    facts = ProcurementFacts(LOT, date(2026, 5, 4), "England", whole_value=150_000.0, at_least=True)
    found = summarize(BOOK, facts)
    assert found.value_words.startswith("At least this")
    assert "Whether all lots together are is not known" in found.threshold_words
    invite = found.purposes[1]
    assert invite.allowed
    assert "Only if all lots together, including VAT, are below £207,720." in invite.words
    over = summarize(BOOK, replace(facts, whole_value=207_720.0))
    assert "not known" not in over.threshold_words
    assert [outcome.allowed for outcome in over.purposes] == [True, False, False]
