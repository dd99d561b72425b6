"""An organisation suppressed while an answer is computed is not in what is kept or given back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from api.records.records import Records
from api.service.entries import encode, listings_of
from api.service.results import (
    Answer,
    Choice,
    Decision,
    DecisionOutcome,
    ProviderOutcome,
    ProviderResult,
    RecordedOutcome,
)
from api.service.services import Services
from matcher.ranking.request import Request
from tests.factory import award, lot, provider
from tests.services import LOT, carer, open_services

SMITH = "XX-NAME-jsmithcare"


@pytest.fixture
def own(tmp_path: Path, places_table: Path) -> Iterator[Services]:
    services = open_services(tmp_path, places_table)
    yield services
    services.close()


def held_back(records: Records, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """Two events: an answer has been computed and is about to be kept; it may be kept."""
    computed, may_go_on = threading.Event(), threading.Event()
    append = Records.append

    def wait_then_append(self: Records, new: Any) -> list[bytes]:
        computed.set()
        assert may_go_on.wait(60)
        return append(self, new)

    monkeypatch.setattr(Records, "append", wait_then_append)
    return computed, may_go_on


def raced(
    own: Services, monkeypatch: pytest.MonkeyPatch, work: Any, who: str = SMITH
) -> tuple[Any, str]:
    """Suppress the provider between computing an answer and keeping it; the answer, the alias."""
    computed, may_go_on = held_back(own.context.records, monkeypatch)
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    assert computed.wait(60)
    done = own.register.suppress(who, by="Dana Example", why="asked for it")
    may_go_on.set()
    thread.join()
    monkeypatch.undo()
    return results[0], done.pseudonym


def test_an_answer_computed_before_a_suppression_is_kept_without_the_organisation(
    own: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ask() -> Answer:
        return own.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"]

    answer, alias = raced(own, monkeypatch, ask)
    assert alias in {suggestion.id for suggestion in answer.suggestions}
    kept = own.shortlists.get(answer.id)
    exposure = own.register.exposure()
    assert alias in {count.provider for count in exposure}
    for content in (answer, kept, exposure, own.shortlists.export(answer.id, "csv").content):
        assert b"smith" not in encode(content).lower()
    assert own.context.records.verify(listings_of=listings_of).broken == ()
    for file in tmp_path.glob("records.sqlite*"):
        assert b"jsmith" not in file.read_bytes()


def test_a_decision_sent_before_a_suppression_is_kept_without_the_organisation(
    own: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = own.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"]
    choices = (
        Choice(SMITH, DecisionOutcome.LEFT_OUT, "J Smith is too busy."),
        Choice("GB-CHC-1000001", DecisionOutcome.INVITED),
    )
    decision = Decision("Alex", "Officer", "They do it now.", "none", choices)
    kept, alias = raced(own, monkeypatch, lambda: own.shortlists.decide(answer.id, decision))
    (decided,) = kept.decisions
    assert {choice.provider for choice in decided.decision.choices} == {alias, "GB-CHC-1000001"}
    assert b"smith" not in encode(kept).lower()
    assert own.context.records.verify(listings_of=listings_of).broken == ()


def test_a_decision_to_invite_it_keeps_its_rank_under_the_pseudonym(
    own: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = own.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"]
    choices = (Choice(SMITH, DecisionOutcome.INVITED),)
    decision = Decision("Alex", "Officer", "They do it now.", "none", choices)
    _, alias = raced(own, monkeypatch, lambda: own.shortlists.decide(answer.id, decision))
    counts = {count.provider: count for count in own.register.exposure()}
    assert counts[alias].invited == 1
    assert own.context.records.verify(listings_of=listings_of).broken == ()


def test_answers_computed_by_another_process_are_checked_too(
    own: Services, tmp_path: Path, places_table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of the suppressed is in the records themselves, so each process sees it."""
    other = open_services(tmp_path, places_table)

    def ask() -> Answer:
        return other.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"]

    answer, alias = raced(own, monkeypatch, ask)
    assert alias in {suggestion.id for suggestion in answer.suggestions}
    assert b"smith" not in encode(other.shortlists.get(answer.id)).lower()
    other.close()


def test_an_outcome_sent_before_a_suppression_is_kept_without_the_organisation(
    own: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = own.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"]
    results = (
        ProviderOutcome(SMITH, ProviderResult.AWARDED, "J Smith was the cheapest."),
        ProviderOutcome("GB-CHC-1000001", ProviderResult.NO_ANSWER),
    )
    outcome = RecordedOutcome("Alex", "Officer", results)
    kept, alias = raced(own, monkeypatch, lambda: own.shortlists.record_outcome(answer.id, outcome))
    (recorded,) = kept.outcomes
    assert {each.provider for each in recorded.outcome.results} == {alias, "GB-CHC-1000001"}
    assert b"smith" not in encode(kept).lower()
    counts = {count.provider: count for count in own.register.exposure()}
    assert counts[alias].awarded == 1
    assert own.context.records.verify(listings_of=listings_of).broken == ()


def test_a_suppression_deletes_the_drafts_that_name_the_organisation(own: Services) -> None:
    drafts = own.context.records.drafts
    naming = drafts.keep("decision", encode({"provider": [SMITH]}))
    other = drafts.keep("decision", encode({"provider": ["GB-CHC-1000001"]}))
    own.register.suppress(SMITH, by="Alex", why="It asked.")
    assert drafts.get("decision", naming) is None
    assert drafts.get("decision", other) is not None


QUILL = provider(
    "XX-NAME-quillfeathercare",
    "WS2 8RR",
    name="Quillfeather Care",
    profile="Home care, older people",
)
JOINT = award(
    "a-9",
    carer(1, "WS1 1TP"),
    QUILL,
    lot=lot(id="a-9", title="Home care (Quillfeather Care)", buyer="Walsall Council"),
    day=date(2025, 3, 1),
)


@pytest.mark.parametrize("limit", [1, 10])
@pytest.mark.parametrize("lines", [False, True])
def test_the_titles_of_joint_contracts_in_such_an_answer_do_not_name_it(
    tmp_path: Path,
    places_table: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    lines: bool,
) -> None:
    joint = open_services(tmp_path, places_table, carer(1, "WS1 1TP"), QUILL, JOINT)

    def ask(title: str = "Home care for older people") -> bytes:
        lots, request = {"a": {**LOT, "title": title}}, Request(limit=limit)
        if lines:
            ((_, answer),) = joint.shortlists.ask_each(lots, request)
            assert isinstance(answer, Raw)
            return bytes(answer)
        return encode(joint.shortlists.ask(lots, request).shortlists["a"])

    assert b"Home care (Quillfeather Care)" in ask("Home care")
    answer, _ = raced(joint, monkeypatch, ask, QUILL.id)
    assert b"quillfeather" not in answer.lower()
    assert b"Home care ([supplier])" in answer
    for file in tmp_path.glob("records.sqlite*"):
        assert b"quillfeather" not in file.read_bytes().lower()
    assert joint.context.records.verify(listings_of=listings_of).broken == ()
    joint.close()
