"""What is left of an organisation that asked to be removed: nothing by which it could be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from api.records.entry import EntryKind, NewEntry
from api.records.records import Records
from api.records.request_keys import KeyState
from api.service.entries import (
    decision_entry,
    encode,
    listings_of,
    outcome_entry,
    shortlist_entry,
)
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
from matcher.core.errors import BadInput
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Suggestion
from matcher.register.build.erase import Removing
from matcher.register.build.suppression_list import NAME
from tests.factory import award, lot
from tests.registers import registered
from tests.services import LOT, carer, open_services

HOSPICE = carer(
    1,
    "WS1 1TP",
    name="Beaumaris Hospice",
    profile="Beekeeping beside home care. Visits to older people at home.",
    ids=("GB-COH-01234567",),
)
SHOP = carer(2, "WS1 1TP", name="Beaumaris Hospice Trading Ltd")
OTHER = carer(3, "WS2 8RR")
CHARITY, COMPANY = HOSPICE.id, "GB-COH-01234567"
STAYS = {
    *("rank", "id", "name", "score", "base", "reasons", "contributions"),
    *("probability", "relevance", "mark", "tied_with"),
}
"""The fields of a suggestion that a suppression leaves: the place on the list, and why."""


@pytest.fixture
def own(tmp_path: Path, places_table: Path) -> Iterator[Services]:
    registered(tmp_path / "reg", places_table, HOSPICE, SHOP, OTHER)
    services = open_services(tmp_path, places_table)
    yield services
    services.close()


def asked(own: Services) -> Answer:
    return own.shortlists.ask({"a": LOT}, Request(limit=10)).shortlists["a"]


def suppress(own: Services, id_: str = CHARITY) -> str:
    return own.register.suppress(id_, by="Dana Example", why="It asked.").pseudonym


def whole(own: Services) -> bool:
    return own.context.records.verify(listings_of=listings_of).broken == ()


def test_no_word_of_it_is_left_in_a_kept_list(own: Services) -> None:
    before = asked(own)
    shop = next(one for one in before.suggestions if one.id == SHOP.id)
    assert [other.id for other in shop.related] == [CHARITY]
    suppress(own)
    kept = own.context.records.get(EntryKind.SHORTLIST, before.id)
    assert kept is not None
    assert kept.body is not None
    body = kept.body.decode().casefold()
    said = (
        CHARITY,
        COMPANY,
        '"beaumaris hospice"',
        "beekeeping",
        "visits to older people at home.",
    )
    assert not [words for words in said if words.casefold() in body.replace(_lot(before), "")]
    assert whole(own)


def _lot(answer: Answer) -> str:
    """The lot as it is kept: its words are the officer's."""
    return encode(answer.lot).decode().casefold()


def test_only_its_place_on_the_list_and_what_added_up_to_it_stay(own: Services) -> None:
    before = asked(own)
    alias = suppress(own)
    left = next(one for one in own.shortlists.get(before.id).answer.suggestions if one.id == alias)
    nothing = ("", (), {}, None, 0)
    told = {f.name for f in fields(Suggestion) if getattr(left, f.name) not in nothing}
    assert told <= STAYS
    was = next(one for one in before.suggestions if one.id == CHARITY)
    assert (left.rank, left.score, left.contributions) == (was.rank, was.score, was.contributions)


def test_a_contract_that_others_won_with_it_does_not_name_it(
    tmp_path: Path, places_table: Path
) -> None:
    title = "Home care visits (BEAUMARIS HOSPICE and others)"
    won = award("a-1", OTHER, lot=lot(id="a-1", title=title, buyer="Walsall Council"))
    registered(tmp_path / "reg", places_table, HOSPICE, OTHER, won)
    own = open_services(tmp_path, places_table)
    before = asked(own)
    assert title in encode(before).decode()
    suppress(own)
    after = own.shortlists.get(before.id).answer
    (past,) = next(one.past for one in after.suggestions if one.id == OTHER.id)
    assert past.title == "Home care visits ([supplier] and others)"
    assert "hospice" not in encode(after).decode().casefold()
    assert whole(own)
    own.close()


def test_a_list_that_only_says_it_is_related_is_kept_without_it(own: Services) -> None:
    """As where the list was computed before the suppression, and kept after it."""
    answer = asked(own)
    shop = tuple(one for one in answer.suggestions if one.id == SHOP.id)
    assert shop[0].related
    suppress(own)
    late = replace(answer, id="a" * 24, suggestions=shop)
    (body,) = own.context.records.append([shortlist_entry(late)])
    assert CHARITY.encode() not in body
    assert b'"Beaumaris Hospice"' not in body


def test_an_id_with_signs_that_json_writes_in_another_way_is_removed(
    tmp_path: Path, places_table: Path
) -> None:
    odd = replace(OTHER, id='A"B\\1', name="Oddly Numbered Care")
    own = open_services(tmp_path, places_table, HOSPICE, odd)
    answer = asked(own)
    suppress(own, odd.id)
    assert b"Oddly" not in encode(own.shortlists.get(answer.id))
    assert whole(own)
    own.close()


CHOSEN, INVITED = DecisionOutcome.CHOSEN, DecisionOutcome.INVITED


def decision(*choices: Choice) -> Decision:
    return Decision("Alex", "Officer", "They do it now.", "none", choices)


def outcome(*results: ProviderOutcome) -> RecordedOutcome:
    return RecordedOutcome("Alex", "Officer", results)


def test_a_decision_names_an_organisation_by_the_id_of_the_list(own: Services) -> None:
    answer = asked(own)
    kept = own.shortlists.decide(answer.id, decision(Choice("company 01234567", INVITED)))
    (choice,) = kept.decisions[0].decision.choices
    assert (choice.provider, choice.name) == (CHARITY, "")
    results = outcome(ProviderOutcome("gb-coh-01234567", ProviderResult.AWARDED))
    recorded = own.shortlists.record_outcome(answer.id, results)
    assert [each.provider for each in recorded.outcomes[0].outcome.results] == [CHARITY]
    counts = {each.provider: each for each in own.register.exposure()}
    assert (counts[CHARITY].invited, counts[CHARITY].awarded) == (1, 1)


def test_one_organisation_under_two_ids_is_refused(own: Services) -> None:
    answer = asked(own)
    with pytest.raises(BadInput, match=f"choices: {CHARITY} and {COMPANY} are one organisation"):
        own.shortlists.decide(
            answer.id, decision(Choice(CHARITY, INVITED), Choice(COMPANY, CHOSEN, "It is near."))
        )
    with pytest.raises(BadInput, match=f"results: {COMPANY} and {CHARITY} are one organisation"):
        own.shortlists.record_outcome(
            answer.id,
            outcome(
                ProviderOutcome(COMPANY, ProviderResult.AWARDED),
                ProviderOutcome(CHARITY, ProviderResult.ANSWERED),
            ),
        )


def by_two_ids(own: Services, answer: Answer) -> tuple[NewEntry, NewEntry]:
    """A decision and an outcome of an earlier version, which name it by two of its ids."""
    kept = own.shortlists.get(answer.id)
    choices = Choice(COMPANY, INVITED, "It is near."), Choice(CHARITY, INVITED)
    results = (
        ProviderOutcome(COMPANY, ProviderResult.ANSWERED),
        ProviderOutcome(CHARITY, ProviderResult.ANSWERED),
    )
    return decision_entry(kept, decision(*choices)), outcome_entry(kept, outcome(*results))


@pytest.mark.parametrize("late", [False, True])
def test_one_that_a_decision_names_by_two_ids_is_removed_and_counts_once(
    own: Services, late: bool
) -> None:
    answer = asked(own)
    entries = by_two_ids(own, answer)
    steps: list[Callable[[], object]] = [
        lambda: suppress(own),
        lambda: own.context.records.append(entries),
    ]
    first, then = steps if late else steps[::-1]
    first()
    then()
    alias = next(one.id for one in own.shortlists.get(answer.id).answer.suggestions
                 if one.name == NAME)  # fmt: skip
    counts = {each.provider: each for each in own.register.exposure()}
    assert (counts[alias].invited, counts[alias].answered) == (1, 1)
    kept = own.shortlists.get(answer.id)
    assert [c.provider for c in kept.decisions[0].decision.choices] == [alias]
    assert whole(own)
    again = open_again(own)
    assert CHARITY not in {one.id for one in again.suggestions}


def open_again(own: Services) -> Answer:
    """A new list from the register that is left, which is not refused as interrupted."""
    return own.shortlists.ask({"b": {**LOT, "title": "Visits at home"}}, Request()).shortlists["b"]


def test_one_that_was_two_on_a_list_counts_once_with_its_best_rank(own: Services) -> None:
    """As where a later build found out that they are one organisation."""
    answer = asked(own)
    first, *others = (one for one in answer.suggestions if one.id != SHOP.id)
    as_company = replace(others[-1], id=COMPANY if first.id == CHARITY else CHARITY, rank=9)
    both = (replace(first, id=CHARITY if as_company.id == COMPANY else COMPANY), as_company)
    own.context.records.append([shortlist_entry(replace(answer, id="b" * 24, suggestions=both))])
    alias = suppress(own)
    left = own.shortlists.get("b" * 24).answer.suggestions
    assert [(one.id, one.rank) for one in left] == [(alias, first.rank), (alias, 9)]
    assert whole(own)


def test_the_records_are_whole_where_one_of_two_on_a_list_was_invited(own: Services) -> None:
    """The rank of the one that was invited is that of the other on the list, if it is better."""
    answer = asked(own)
    first, *others = (one for one in answer.suggestions if one.id != SHOP.id)
    as_company = replace(others[-1], id=COMPANY if first.id == CHARITY else CHARITY, rank=9)
    both = (replace(first, id=CHARITY if as_company.id == COMPANY else COMPANY), as_company)
    for letter, invited in zip("bc", both, strict=True):
        two = replace(answer, id=letter * 24, suggestions=both)
        own.context.records.append([shortlist_entry(two)])
        kept = own.shortlists.get(two.id)
        own.context.records.append([decision_entry(kept, decision(Choice(invited.id, INVITED)))])
    suppress(own)
    assert whole(own)


@pytest.mark.parametrize("late", [False, True])
def test_the_records_are_whole_where_a_decision_has_an_id_that_the_list_has_not(
    own: Services, late: bool
) -> None:
    """As an earlier version wrote it, or where a later build found out that they are one."""
    answer = asked(own)
    entry = decision_entry(
        own.shortlists.get(answer.id), decision(Choice(COMPANY, INVITED, "It is near."))
    )
    steps: list[Callable[[], object]] = [
        lambda: suppress(own),
        lambda: own.context.records.append([entry]),
    ]
    for step in steps if late else steps[::-1]:
        step()
    assert whole(own)


def test_one_that_was_removed_cannot_be_invited_under_its_pseudonym(own: Services) -> None:
    answer = asked(own)
    alias = suppress(own)
    with pytest.raises(BadInput, match=f"{alias} was removed at its own request"):
        own.shortlists.decide(answer.id, decision(Choice(alias, INVITED)))
    left_out = decision(Choice(alias, DecisionOutcome.LEFT_OUT, "It asked."))
    assert len(own.shortlists.decide(answer.id, left_out).decisions) == 1


@pytest.mark.parametrize(
    "draft",
    [
        {"fields": {f"result-{CHARITY}": ["answered"], f"why-{CHARITY}": ["It was late."]}},
        {"fields": {f"reason-{COMPANY}": ["It has no drivers."]}},
        {"results": {"x": {"then": f"GB-CHC-1 {CHARITY} GB-CHC-2", "now": ""}}},
        {"results": {"x": {"then": f"GB-CHC-1 {COMPANY}", "now": ""}}},
        {"provider": [CHARITY]},
    ],
)
def test_a_draft_that_names_it_in_any_way_is_deleted(
    own: Services, draft: dict[str, object]
) -> None:
    drafts = own.context.records.drafts
    naming = drafts.keep("decision", encode(draft))
    longer = drafts.keep("decision", encode({"provider": [f"{CHARITY}9", f"{COMPANY}-2"]}))
    suppress(own)
    assert drafts.get("decision", naming) is None
    assert drafts.get("decision", longer) is not None


def test_what_is_kept_while_the_register_is_changed_does_not_name_it(
    own: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records are changed first; until the register is, answers and forms may name it."""
    drafts, erase = own.context.records.drafts, Removing.erase
    sent = own.context.records.for_request("a key", "consortia", "1")
    naming: list[str] = []

    def meanwhile(removing: Removing) -> str | None:
        naming.append(drafts.keep("decision", encode({"provider": [CHARITY]})))
        assert sent.claim_request().state is KeyState.NEW
        sent.keep_answer(encode({"name": HOSPICE.name}))
        return erase(removing)

    monkeypatch.setattr(Removing, "erase", meanwhile)
    suppress(own)
    assert sent.claim_request().state is KeyState.NEW
    assert [drafts.get("decision", id_) for id_ in naming] == [None]


def test_one_that_is_not_in_the_register_stays_out_also_where_the_removal_was_cut_off(
    own: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, places_table: Path
) -> None:
    def cut_off(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Records, "redact", cut_off)
    late = carer(9, "WS2 8RR")
    with pytest.raises(KeyboardInterrupt):
        suppress(own, late.id)
    assert registered(tmp_path / "reg", places_table, HOSPICE, late).row(late.id) is None
