"""What the table of a shortlist shows."""

from __future__ import annotations

from api.cli.output.shortlists import _strongest
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
