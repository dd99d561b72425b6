"""Officers' decisions in the service's records, as `matcher train --decisions` reads them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from api.cli.decided_lots import decided_lots, read_decided_lots
from api.records.entry import EntryKind, NewEntry
from api.records.records import Records
from api.service.results import Choice, Decision, DecisionOutcome
from matcher.core.errors import BadInput
from matcher.law.types import Purpose
from tests.factory import lot

LEFT_OUT, INVITED = DecisionOutcome.LEFT_OUT, DecisionOutcome.INVITED


def decide(records: Records, shortlist: str, purpose: Purpose, *choices: Choice) -> None:
    """Keep a shortlist, if it is not there, and a decision on it."""
    body = msgspec.json.encode({"lot": lot(id=shortlist), "purpose": purpose.value, "other": 1})
    decision = Decision("A. Officer", "buyer", "because", "none", choices)
    records.append([NewEntry(EntryKind.SHORTLIST, shortlist, shortlist, body)])
    records.append([NewEntry(EntryKind.DECISION, None, shortlist, msgspec.json.encode(decision))])


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records.open(f"sqlite:///{tmp_path / 'records.sqlite'}")


@pytest.mark.parametrize(
    ("reason", "is_about_work"),
    [
        ("It does not do grass cutting", True),
        ("Doesn't offer this service", True),
        ("Wrong trade: an anglers' club", True),
        ("Unrelated", True),
        ("Not relevant to the lot", True),
        ("Too expensive last time", False),
        ("No capacity until May", False),
        ("Declared a conflict of interest", False),
        ("Too far away", False),
    ],
)
def test_only_a_reason_about_the_work_says_that_a_provider_does_not_fit(
    records: Records, reason: str, is_about_work: bool
) -> None:
    choices = Choice("A", INVITED), Choice("B", LEFT_OUT, reason)
    decide(records, "list-1", Purpose.INVITE, *choices)
    found = decided_lots(records)
    records.close()
    assert found.lots[0].fits == ({"A": True, "B": False} if is_about_work else {"A": True})
    assert found.choices.total() == 2


def test_the_last_decision_on_a_list_counts(records: Records) -> None:
    decide(records, "list-1", Purpose.ENGAGEMENT, Choice("A", INVITED))
    decide(records, "list-1", Purpose.ENGAGEMENT, Choice("A", LEFT_OUT, "does not do this"))
    decide(records, "list-2", Purpose.RESERVED, Choice("C", INVITED))
    found = decided_lots(records)
    records.close()
    assert {one.lot.id: dict(one.fits) for one in found.lots} == {
        "list-1": {"A": False},
        "list-2": {"C": True},
    }
    assert {one.lot.id: one.counts_for for one in found.lots}["list-2"] == frozenset()
    assert found.choices["decisions that were taken again later"] == 1


def test_records_that_are_not_there_are_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_decided_lots(str(tmp_path / "none.sqlite"))
    assert not list(tmp_path.iterdir())
