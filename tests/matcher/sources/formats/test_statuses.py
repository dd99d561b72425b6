"""What the words of registers and tables mean: whether an organisation is still there."""

from __future__ import annotations

import pytest

from matcher.core.types import Status
from matcher.sources.formats.statuses import status_of


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Active", Status.ACTIVE),
        ("Active - Proposal to Strike off", Status.ACTIVE),
        ("Registered", Status.ACTIVE),
        ("Removed", Status.REMOVED),
        ("Deregistered", Status.REMOVED),
        ("inactive", Status.REMOVED),
        ("Liquidation", Status.INSOLVENT),
        ("In Administration/Administrative Receiver", Status.INSOLVENT),
        ("RECEIVERSHIP", Status.INSOLVENT),
        ("voluntary arrangement / receiver manager", Status.INSOLVENT),
        ("Dissolved", Status.DISSOLVED),
        ("unknown (2012 extract)", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        ("Not active", Status.REMOVED),
        ("No longer active", Status.REMOVED),
        ("non-active", Status.REMOVED),
        ("not currently registered", Status.REMOVED),
        ("Unregistered", Status.REMOVED),
        ("De registered", Status.REMOVED),
        ("Registration cancelled", Status.REMOVED),
        ("Removed (reason unknown)", Status.REMOVED),
        ("Struck off", Status.DISSOLVED),
        ("struck-off", Status.DISSOLVED),
        ("Ceased trading", Status.DISSOLVED),
        ("converted-closed", Status.DISSOLVED),
        ("Amalgamated", Status.DISSOLVED),
        ("voluntary-arrangement", Status.INSOLVENT),
        ("insolvency-proceedings", Status.INSOLVENT),
        ("Winding up", Status.INSOLVENT),
        ("Live but Receiver Manager on at least one charge", Status.INSOLVENT),
        ("active-proposal-to-strike-off", Status.ACTIVE),
        ("Active - not in administration", Status.ACTIVE),
        ("Live", Status.ACTIVE),
        ("Dormant", Status.UNKNOWN),
    ],
)
def test_status_of(words: str, status: Status) -> None:
    assert status_of(words) is status


@pytest.mark.parametrize("gone", ["Removed", "Dissolved", "In liquidation", "Struck off", "Closed"])
@pytest.mark.parametrize("there", ["Active", "registered", "open"])
def test_words_that_say_gone_count_before_words_that_say_there(gone: str, there: str) -> None:
    assert not status_of(f"{there} ({gone})").may_rank
    assert not status_of(f"{gone}, formerly {there}").may_rank
