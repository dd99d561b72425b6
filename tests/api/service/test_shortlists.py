"""The services: what the API and the pages both ask."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from api.errors import Missing, Undecided
from api.service.asking import Batch, answers
from api.service.entries import decode_answer, encode, shortlist_entry
from api.service.results import Answer, Choice, Decision, DecisionOutcome
from api.service.services import Services
from matcher.core.errors import BadInput
from matcher.law.types import Purpose, Signal
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request
from models.bundle import Bundle
from tests.factory import provider
from tests.registers import registered
from tests.services import DAY, LOT, PEOPLE, open_services

INVITE = Request(Purpose.INVITE, limit=5)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[Services]:
    opened = open_services(tmp_path_factory.mktemp("service"), places_table)
    yield opened
    opened.close()


@pytest.fixture
def own(tmp_path: Path, places_table: Path) -> Iterator[Services]:
    opened = open_services(tmp_path, places_table)
    yield opened
    opened.close()


def asked(one: Services, request: Request | None = None, **fields: Any) -> Any:
    answered = one.shortlists.ask({"a": {**LOT, **fields}}, request or Request())
    assert not answered.errors
    return answered.shortlists["a"]


def decision(*choices: Choice, **fields: Any) -> Decision:
    given = {
        "by": "Alex Example",
        "role": "Buyer",
        "reason": "They do it now.",
        "conflicts": "none",
        "choices": choices or (Choice("GB-CHC-1000001", DecisionOutcome.INVITED),),
    }
    return Decision(**{**given, **fields})


# --- asking ---


def test_identical_lots_give_identical_answers_under_any_key_and_beside_any_other(
    shared: Services,
) -> None:
    alone = shared.shortlists.ask({"a": LOT}, Request()).shortlists["a"]
    beside = shared.shortlists.ask(
        {"z": {"title": "Engines"}, "b": LOT, "c": LOT}, Request()
    ).shortlists
    assert encode(alone) == encode(beside["b"]) == encode(beside["c"])


def test_each_change_that_changes_the_answer_changes_the_id(shared: Services) -> None:
    base = asked(shared)
    others = [
        asked(shared, title="Other care"),
        asked(shared, Request(limit=3)),
        asked(shared, Request(seed=1)),
        asked(shared, Request(wish=Filters(everyone=True))),
        shared.shortlists.ask({"a": LOT}, Request(), procedure="wallbrook").shortlists["a"],
    ]
    assert len({base.id, *(one.id for one in others)}) == 6


def test_a_lot_without_a_day_is_asked_about_as_of_today_and_replays_so_later(
    own: Services,
) -> None:
    answer = asked(own, day=None)
    assert answer.on == DAY
    assert asked(own, day=None).id == answer.id
    later = Services.over(replace(own.context, today=lambda: date(2026, 9, 1)))
    assert later.shortlists.replay(answer.id).identical
    assert asked(later, day=None).id != answer.id


def test_a_lot_is_given_as_fields_as_text_or_as_a_tender_with_lots(
    shared: Services,
) -> None:
    tender = {
        "ocid": "ocds-1",
        "date": "2026-05-04T00:00:00Z",
        "tender": {
            "title": "Care",
            "lots": [
                {"id": "N", "title": "Home care north"},
                {"id": "S", "title": "Home care south"},
            ],
        },
    }
    lots = {"fields": LOT, "text": "Home care for older people in Walsall WS1 1TP", "t": tender}
    answered = shared.shortlists.ask(lots, Request())
    assert set(answered.shortlists) == {"fields", "text", "t/N", "t/S"}
    assert answered.shortlists["text"].lot.postcode == "WS1 1TP"


def test_a_notice_in_a_package_that_cannot_be_used_is_refused_beside_the_others(
    shared: Services,
) -> None:
    releases = [
        {"ocid": f"ocds-{n}", "date": "2026-05-04", "tag": ["tender"], "tender": {"title": title}}
        for n, title in enumerate(("Home care north", "", "Home care south"))
    ]
    answered = shared.shortlists.ask({"p": {"releases": releases}}, Request())
    assert set(answered.shortlists) == {"p/ocds-0", "p/ocds-2"}
    assert answered.errors["p/ocds-1"].message == "notice without a title or description"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "title: is missing"),
        ({"title": 3}, "title: 3 is not text"),
        ({**LOT, "value": "much"}, "value: 'much' is not a number of pounds"),
        ({**LOT, "postcode": "nowhere"}, "postcode: 'nowhere' is not a UK postcode"),
        ({**LOT, "cpv": ["12"]}, "cpv: '12' is not a CPV code"),
        ({**LOT, "day": "soon"}, "day: 'soon' is not a date"),
        ("", "is empty"),
        (None, "is not a lot"),
        (["x"], "a list is not a lot"),
        ({"tender": {"lots": []}, "tag": []}, "no usable lot"),
    ],
)
def test_a_lot_that_cannot_be_read_is_refused_by_field_and_value(
    shared: Services, given: object, words: str
) -> None:
    answered = shared.shortlists.ask({"bad": given, "good": LOT}, Request())
    assert set(answered.shortlists) == {"good"}
    assert words in answered.errors["bad"].message


def test_a_refusal_by_law_names_the_rule_and_what_may_be_asked(shared: Services) -> None:
    refused = shared.shortlists.ask({"a": {**LOT, "value": 900_000}}, INVITE).errors["a"]
    assert (refused.rule, refused.offer) == ("PA2023-thresholds", "engagement")


def test_several_lots_for_purpose_invite_need_as_one(
    shared: Services,
) -> None:
    lots = {"a": {**LOT, "value": 400_000}, "b": {**LOT, "title": "Care", "value": 400_000}}
    with pytest.raises(BadInput, match="as_one"):
        shared.shortlists.ask(lots, INVITE)
    apart = shared.shortlists.ask(lots, INVITE, as_one=False)
    assert set(apart.shortlists) == {"a", "b"}
    together = shared.shortlists.ask(lots, INVITE, as_one=True)
    assert {r.rule for r in together.errors.values()} == {"PA2023-thresholds"}
    assert not together.shortlists


def test_a_tender_is_one_procurement_by_itself(shared: Services) -> None:
    lots = [{"id": str(n), "title": f"Home care {n}", "value": {"amount": 150_000}} for n in (1, 2)]
    tender = {"ocid": "o", "date": "2026-05-04", "tender": {"title": "Care", "lots": lots}}
    assert {r.rule for r in shared.shortlists.ask({"t": tender}, INVITE).errors.values()} == {
        "PA2023-thresholds"
    }


def test_a_key_that_also_names_a_lot_of_a_tender_is_refused(shared: Services) -> None:
    tender = {"tender": {"lots": [{"id": "1", "title": "One"}, {"id": "2", "title": "Two"}]}}
    with pytest.raises(BadInput, match="t/1"):
        shared.shortlists.ask({"t": tender, "t/1": LOT}, Request())


def test_too_many_suggestions_are_refused_before_any_work(shared: Services) -> None:
    lots = {str(n): {"title": f"Lot {n}"} for n in range(21)}
    with pytest.raises(BadInput, match="up to 21,000 suggestions"):
        shared.shortlists.ask(lots, Request(limit=1000))


def test_unknown_procedure_rules_are_refused_and_the_known_ones_named(
    shared: Services,
) -> None:
    with pytest.raises(BadInput, match="wallbrook"):
        shared.shortlists.ask({"a": LOT}, Request(), procedure="nowhere")


def test_each_answer_is_kept_before_it_is_yielded(own: Services) -> None:
    for _, body in own.shortlists.ask_each({"a": LOT, "b": {"title": "Engines"}}, Request()):
        assert isinstance(body, Raw)
        answer = decode_answer(bytes(body))
        assert own.shortlists.get(answer.id).answer == answer


# --- keeping ---


def test_a_kept_shortlist_is_the_same_as_the_answer(shared: Services) -> None:
    answer = asked(shared)
    saved = shared.shortlists.get(answer.id)
    assert encode(saved.answer) == encode(answer)
    assert saved.decisions == ()


def test_an_id_that_is_not_kept_is_missing(shared: Services) -> None:
    for call in (
        shared.shortlists.get,
        shared.shortlists.replay,
        lambda i: shared.shortlists.export(i, "csv"),
    ):
        with pytest.raises(Missing, match="'none'"):
            call("none")


def test_past_shortlists_come_newest_first_and_can_be_searched(own: Services) -> None:
    first = asked(own, title="Meals for the old")
    second = asked(own, title="Grass cutting")
    assert [b.id for b in own.shortlists.recent()] == [second.id, first.id]
    assert [b.id for b in own.shortlists.recent(containing="MEALS")] == [first.id]
    assert [b.id for b in own.shortlists.recent(1, before=own.shortlists.recent(1)[0].seq)] == [
        first.id
    ]


def test_a_replay_over_another_register_says_what_changed(
    tmp_path: Path, places_table: Path
) -> None:
    one = open_services(tmp_path, places_table)
    answer = asked(one)
    assert one.shortlists.replay(answer.id).identical
    newcomer = provider(
        "GB-CHC-2", "WS1 1TP", name="Newcomers", profile="Home care for older people at home"
    )
    registered(tmp_path / "reg", places_table, *PEOPLE, newcomer, trust_ids=True)
    replayed = one.shortlists.replay(answer.id)
    changed = {change.what: change for change in replayed.changes}
    assert not replayed.identical
    assert changed["register"].then == answer.register
    assert "GB-CHC-2" in changed["suggestions"].now
    assert "GB-CHC-2" not in changed["suggestions"].then
    one.close()


def test_a_register_built_again_is_used_at_once(tmp_path: Path, places_table: Path) -> None:
    one = open_services(tmp_path, places_table)
    assert one.register.search("Newcomers") == []
    registered(tmp_path / "reg", places_table, *PEOPLE, provider("N", name="Newcomers"))
    assert [hit.name for hit in one.register.search("Newcomers")] == ["Newcomers"]
    one.close()


def test_a_changed_record_does_not_replay(own: Services) -> None:
    answer = asked(own)
    first = answer.suggestions[0]
    changed = replace(answer, suggestions=(replace(first, name="Somebody Else"),))
    own.context.records.redact(lambda *_: encode(changed), _removal(), "x", [])
    assert not own.shortlists.replay(answer.id).identical


def _removal() -> Any:
    from api.records.entry import Removal

    return Removal("test", "test", "test")


def test_a_listed_provider_is_explained_from_the_kept_list(
    tmp_path: Path, places_table: Path
) -> None:
    one = open_services(tmp_path, places_table)
    answer = asked(one, Request(limit=1))
    first = answer.suggestions[0]
    registered(tmp_path / "reg", places_table, *PEOPLE[1:], trust_ids=True)
    other, found = one.shortlists.why_each(answer.id, ["GB-COH-01234567", first.id])
    assert (found.stage, found.facts) == ("listed", first)
    assert other.because.endswith("this answer uses today's register.")
    assert other == one.shortlists.why(answer.id, "GB-COH-01234567")
    one.close()


# --- deciding ---


def test_a_decision_is_appended_and_the_earlier_ones_stay(own: Services) -> None:
    answer = asked(own)
    own.shortlists.decide(answer.id, decision(reason="First."))
    saved = own.shortlists.decide(answer.id, decision(reason="Second."))
    assert [one.decision.reason for one in saved.decisions] == ["First.", "Second."]
    assert own.context.records.verify().broken == ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"by": "  "}, "by: is missing"),
        ({"reason": ""}, "reason: is missing"),
        ({"conflicts": ""}, "conflicts: is missing; give which conflicts"),
        ({"reason": "x" * 5001}, "reason: is 5,001 characters long"),
    ],
)
def test_a_decision_without_a_name_a_reason_or_conflicts_is_refused(
    shared: Services, fields: dict[str, str], words: str
) -> None:
    with pytest.raises(BadInput, match=words.split(";", maxsplit=1)[0]) as caught:
        shared.shortlists.decide(asked(shared).id, decision(**fields))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ((Choice("GB-CHC-1000001", DecisionOutcome.LEFT_OUT),), "is left out; give a reason"),
        (
            (Choice("GB-COH-01234567", DecisionOutcome.INVITED),),
            "is not on the list; give a reason",
        ),
        ((Choice("GB-COH-01234567", DecisionOutcome.LEFT_OUT, "why"),), "cannot be left out"),
        ((Choice("GB-XXX-9", DecisionOutcome.INVITED, "why"),), "no provider 'GB-XXX-9'"),
        ((Choice("GB-CHC-1000001", DecisionOutcome.INVITED),) * 2, "is there twice"),
    ],
)
def test_invalid_choices_are_refused(
    shared: Services, choices: tuple[Choice, ...], words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        shared.shortlists.decide(asked(shared).id, decision(*choices))
    assert words in str(caught.value)


def test_a_decision_without_choices_is_refused(shared: Services) -> None:
    with pytest.raises(BadInput, match="choices: is empty"):
        shared.shortlists.decide(asked(shared).id, replace(decision(), choices=()))


def test_contact_details_in_reasons_are_not_kept(own: Services) -> None:
    said = "Rang Jo on 01922 555 010, jo@example.org"
    choice = Choice("GB-CHC-1000001", DecisionOutcome.LEFT_OUT, said)
    saved = own.shortlists.decide(asked(own).id, decision(choice, reason=said, conflicts=said))
    kept = encode(saved.decisions)
    assert b"555" not in kept
    assert b"jo@" not in kept


def test_exposure_counts_suggested_invited_and_chosen_providers(own: Services) -> None:
    answer = asked(own)
    first, second = answer.suggestions[:2]
    own.shortlists.decide(
        answer.id,
        decision(
            Choice(first.id, DecisionOutcome.INVITED), Choice(second.id, DecisionOutcome.CHOSEN)
        ),
    )
    found = {one.provider: one for one in own.register.exposure()}
    assert sum(one.suggested for one in found.values()) == len(answer.suggestions)
    assert (found[first.id].invited, found[first.id].chosen) == (1, 0)
    assert (found[second.id].invited, found[second.id].chosen) == (0, 1)
    assert found[first.id].name == first.name


# --- exporting ---


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("request_", [INVITE, Request(Purpose.RESERVED, Filters(area="Walsall"))])
def test_a_list_to_invite_from_is_exported_only_with_a_decision(
    own: Services, form: str, request_: Request
) -> None:
    answer = asked(own, request_)
    with pytest.raises(Undecided, match="a named person decides"):
        own.shortlists.export(answer.id, form)
    own.shortlists.decide(
        answer.id, decision(Choice(answer.suggestions[0].id, DecisionOutcome.INVITED))
    )
    assert own.shortlists.export(answer.id, form).content
    first, *_ = rows(own.shortlists.export(answer.id, "csv").content)
    assert first["decision"] == "invited"


def test_an_engagement_list_is_exported_without_a_decision(shared: Services) -> None:
    found = rows(shared.shortlists.export(asked(shared).id, "csv").content)
    assert [row["decision"] for row in found] == [""] * len(found)
    assert found


def test_an_export_has_the_decision_on_each_and_added_providers(own: Services) -> None:
    answer = asked(own)
    first, second = answer.suggestions[:2]
    own.shortlists.decide(
        answer.id,
        decision(
            Choice(first.id, DecisionOutcome.INVITED),
            Choice("GB-COH-01234567", DecisionOutcome.INVITED, "They asked to be."),
        ),
    )
    found = {row["id"]: row for row in rows(own.shortlists.export(answer.id, "csv").content)}
    assert found[first.id]["decision"] == "included"
    assert found[first.id]["decided_by"] == "Alex Example"
    assert found[second.id]["decision"] == "nothing decided"
    added = found["GB-COH-01234567"]
    assert (added["name"], added["decision_reason"]) == ("Engine Works", "They asked to be.")


# --- suppressing ---


def test_suppression_reaches_records_register_and_exports_and_is_recorded(
    own: Services,
) -> None:
    answer = asked(own, Request(limit=10))
    smith = next(s for s in answer.suggestions if s.id == "XX-NAME-jsmithcare")
    own.shortlists.decide(
        answer.id, decision(Choice(smith.id, DecisionOutcome.CHOSEN, "J Smith is near."))
    )
    done = own.register.suppress("XX-NAME-jsmithcare", by="Dana Example", why="asked for it")
    assert (done.entries, done.in_register) == (2, True)
    saved = own.shortlists.get(answer.id)
    left = next(s for s in saved.answer.suggestions if s.id == done.pseudonym)
    assert (left.rank, left.score) == (smith.rank, smith.score)
    assert left.contributions == smith.contributions
    everything = encode(
        (saved, own.register.exposure(), own.shortlists.export(answer.id, "csv").content.decode())
    )
    assert b"smith" not in everything.lower()
    assert own.register.exposure()
    found = own.context.records.verify()
    assert (found.redacted, found.broken) == (2, ())
    assert own.register.search("J Smith Care") == []
    again = asked(own, Request(limit=10), title="Home care for the old")
    assert b"smith" not in encode(again).lower()
    replayed = own.shortlists.replay(answer.id)
    assert replayed.changes[0].what == "record"


def test_suppressing_twice_changes_no_more_entries(own: Services) -> None:
    asked(own, Request(limit=10))
    first = own.register.suppress("XX-NAME-jsmithcare", by="Dana Example", why="asked for it")
    second = own.register.suppress("XX-NAME-jsmithcare", by="Dana Example", why="asked for it")
    assert (first.entries, second.entries, second.in_register) == (1, 0, False)
    assert own.context.records.verify().broken == ()


def test_an_interrupted_suppression_is_finished_by_repeating_it(own: Services) -> None:
    from api.records.entry import Removal
    from api.service.suppression import without
    from matcher.register.build.suppression_list import pseudonym

    asked(own, Request(limit=10))
    stands_for = pseudonym("XX-NAME-jsmithcare")
    own.context.records.redact(
        without({"XX-NAME-jsmithcare"}, stands_for), Removal("w", "b", "x"), stands_for, []
    )
    done = own.register.suppress("XX-NAME-jsmithcare", by="Dana Example", why="asked for it")
    assert done.in_register
    assert own.context.records.verify().broken == ()


@pytest.mark.parametrize("field", ["by", "why"])
def test_a_suppression_needs_a_person_and_a_reason(own: Services, field: str) -> None:
    with pytest.raises(BadInput, match=f"{field}: is missing"):
        own.register.suppress("XX-NAME-jsmithcare", **{"by": "Dana", "why": "asked", field: " "})
    assert own.matcher.register.row("XX-NAME-jsmithcare") is not None


# --- what is known ---


def test_a_provider_is_shown_with_facts_and_past_contracts(shared: Services) -> None:
    profile = shared.register.provider("GB-CHC-1000001")
    assert profile.organisation.provider.name == "Brightside 1 Care"
    assert {fact.name for fact in profile.facts} >= {"id", "name", "status", "profile"}
    assert [contract.id for contract in profile.past] == ["a-1"]
    with pytest.raises(Missing, match="'GB-CHC-none'"):
        shared.register.provider("GB-CHC-none")


def test_models_name_every_feature_of_each_ranker_with_words_and_weights(
    shared: Services,
) -> None:
    told = shared.register.models()
    described = {feature.name: feature for feature in told.features}
    for ranker in told.rankers:
        assert ranker.weights
        for name, weight in ranker.weights.items():
            assert described[name].description
            assert isinstance(weight, float)
        if ranker.signals == "relevance":
            assert {described[n].signal for n in ranker.weights} == {Signal.RELEVANCE}


@pytest.mark.parametrize("bundle", ["default", "lite"])
def test_trained_bundles_are_described_with_a_number_for_each_feature(
    tmp_path: Path, places_table: Path, bundle: str
) -> None:
    trained = Bundle.open(bundle, FEATURES)
    registered(tmp_path / "reg", places_table, *PEOPLE, bundle=trained)
    services = open_services(tmp_path, places_table, bundle=bundle)
    told = services.register.models()
    for ranker in told.rankers:
        assert ranker.kind in {"trees", "blended"}
        assert sum(ranker.weights.values()) == pytest.approx(1, abs=0.001)
        assert bool(ranker.judged_weights) == (ranker.kind == "blended")
        assert set(ranker.judged_weights) <= set(ranker.weights)
    draft = services.register.transparency_record()
    assert all(f"| {name} |" in draft for each in told.rankers for name in each.weights)


def test_rules_are_those_of_the_day_and_name_the_packs(shared: Services) -> None:
    told = shared.register.rules(date(2025, 6, 1))
    assert told.on == date(2025, 6, 1)
    assert [pack.id for pack in told.procedures] == ["wallbrook"]
    assert told.procedures[0].version


def test_the_register_is_described_with_version_and_sources(shared: Services) -> None:
    told = shared.register.describe()
    assert told.version == shared.matcher.register.version
    assert told.newest_award == date(2025, 2, 1)
    assert told.sources[0].source == "test table"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"postcode": "", "area": "Narnia"}, "area: 'Narnia' is not a council"),
        ({"postcode": "", "area": "Walsal"}, "area: 'Walsal' is not.* mean 'Walsall'"),
        ({"postcode": "WQ9 9QQ"}, "postcode: 'WQ9 9QQ' is not a postcode that exists"),
    ],
)
def test_a_lot_at_a_place_that_does_not_exist_is_refused(
    shared: Services, fields: dict[str, str], message: str
) -> None:
    answered = shared.shortlists.ask({"a": {**LOT, **fields}}, Request())
    assert not answered.shortlists
    assert re.search(message, answered.errors["a"].message)


def test_an_unknown_area_in_a_published_notice_is_a_note(shared: Services) -> None:
    place = {"relatedLot": "1", "deliveryAddresses": [{"region": "Narnia"}]}
    tender = {"title": "Home care", "lots": [{"id": "1", "title": "One"}], "items": [place]}
    answered = shared.shortlists.ask({"a": {"ocid": "ocds-1", "tender": tender}}, Request())
    (answer,) = answered.shortlists.values()
    assert any("The area 'Narnia' is not a council" in note for note in answer.notes)


def test_an_answer_sums_up_its_procurement(shared: Services) -> None:
    summary = asked(shared).procurement
    assert summary is not None
    assert (summary.contract, summary.threshold, summary.value) == ("light touch", 663_540, 24_000)
    assert [outcome.purpose for outcome in summary.purposes] == list(Purpose)


def test_an_answer_kept_before_there_was_a_summary_opens_and_replays(own: Services) -> None:
    context = own.context
    ((_, answer),) = answers(context, {"a": LOT}, Request(), Batch(), context.matcher)
    assert isinstance(answer, Answer)
    body = msgspec.json.decode(encode(answer))
    del body["procurement"]
    entry = replace(shortlist_entry(answer), body=msgspec.json.encode(body, order="deterministic"))
    own.context.records.append([entry])
    assert own.shortlists.get(answer.id).answer.procurement is None
    assert own.shortlists.replay(answer.id).identical
    assert asked(own).procurement is None, "the first answer kept stands"
