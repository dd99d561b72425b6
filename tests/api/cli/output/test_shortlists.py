"""What the table of a shortlist shows."""

from __future__ import annotations

from api.cli.output.shortlists import _strongest, _verdicts
from matcher.law.summary import ProcurementSummary, PurposeOutcome
from matcher.ranking.features.feature import DONE, NAMED, RECORD, SAYS
from matcher.ranking.reason_text import UNINFORMATIVE
from matcher.ranking.shortlist import Reason

NOTHING = [Reason(RECORD, 2.0 - n, words) for n, words in enumerate(sorted(UNINFORMATIVE)[:2])]
TOLD = [Reason(SAYS, 1.5, "It mends swings."), Reason(NAMED, 0.1, "Its name mentions swings.")]


def test_reasons_that_say_nothing_of_a_provider_are_left_to_other_factors() -> None:
    assert _strongest([NOTHING[0], *TOLD, NOTHING[1]]) == TOLD


def test_where_no_reason_says_anything_the_strongest_is_shown() -> None:
    assert _strongest(NOTHING) == NOTHING[:1]


def test_reasons_that_do_not_count_are_not_shown() -> None:
    assert _strongest([*TOLD, Reason(DONE, 0.0, "Not lawful to use here.", counted=False)]) == TOLD


def _summary(*purposes: PurposeOutcome) -> ProcurementSummary:
    return ProcurementSummary(
        on="2026-09-14",
        value=300_000,
        value_words="",
        vat=0.2,
        contract="works",
        contract_words="The lots differ. Say which kind they are.",
        buyer="",
        buyer_kind="council",
        regime="",
        threshold=200_000,
        threshold_words="",
        purposes=purposes,
    )


def test_purposes_refused_for_one_reason_stand_together_and_nothing_is_told_twice() -> None:
    engagement = PurposeOutcome("engagement", allowed=True, words="Ask the market.")
    refused = [
        PurposeOutcome(name, False, f"purpose {name} is for less. The lots differ. Ask.", "PA")
        for name in ("invite", "reserved")
    ]
    assert dict(_verdicts(_summary(engagement, *refused))) == {
        "Engagement": "allowed: Ask the market.",
        "Invite, reserved": "refused (PA): each is for less. Ask.",
    }


def test_a_purpose_refused_for_a_reason_of_its_own_stands_alone() -> None:
    invite = PurposeOutcome("invite", allowed=True, words="Only what they do counts.")
    reserved = PurposeOutcome("reserved", False, "purpose reserved needs an area.", "PPO")
    assert dict(_verdicts(_summary(invite, reserved))) == {
        "Invite": "allowed: Only what they do counts.",
        "Reserved": "refused (PPO): purpose reserved needs an area.",
    }
