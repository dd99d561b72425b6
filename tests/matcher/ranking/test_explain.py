from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.core.types import (
    CAUTIONS,
    Grade,
    Kind,
    Lot,
    Site,
    Size,
    Source,
    Status,
)
from matcher.geo.postcodes import PostcodeColumns, PostcodeTable
from matcher.law.types import Purpose, Signal
from matcher.ranking.features.feature import NAMED, NEAR, RECORD, SIZE
from matcher.ranking.features.registry import BY_MEANING, FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.reason_text import SIGNAL_NAMES
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Reason, Suggestion
from models.bundle import Bundle
from tests.factory import award, lot, provider
from tests.registers import matcher, registered

INVITE = Request(Purpose.INVITE)
RESERVED = Request(Purpose.RESERVED, Filters(area="Walsall", with_neighbours=True))
ANYONE = Request(wish=Filters(everyone=True))

KNOWN = replace(
    provider("GB-CHC-1", name="Beacon Trust", aliases=("Wheelbarrow Friends",)),
    profile="Gardening and befriending for older people in their own homes",
    tags=("Gardening", "vcse (self-declared)"),
    kind=Kind.CHARITY,
    income=90_000.0,
    size=Size.MICRO,
    sites=(
        Site("B70 8DB", Grade.OPERATING_SITE),
        Site("WS1 1TP", Grade.REGISTERED_OFFICE),
    ),
)
BARE = replace(provider("T-2", name="Gardening"), status=Status.UNKNOWN)
LARGE = provider("GB-COH-3", "WS2 8RR", name="Acme", profile="Gardening", size=Size.LARGE)
WON = award(
    "a-1",
    KNOWN,
    lot=lot(id="a-1", title="Gardening scheme", buyer="Sandwell Council", cpv=("77310000",)),
    day=date(2025, 5, 6),
    value=12_500.0,
)
OTHER = award("a-2", KNOWN, lot=lot(id="a-2", title="Photocopiers"), day=date(2025, 7, 1))
LOT = lot(
    title="Garden maintenance and wheelbarrows",
    description="Gardening for older people.",
    postcode="WS1 1TP",
    cpv=("77311000",),
    value=50_000.0,
    buyer="Walsall Council",
    buyer_kind="council",
    day=date(2026, 9, 1),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    folder = tmp_path_factory.mktemp("reg")
    return matcher(folder, places_table, KNOWN, BARE, LARGE, WON, OTHER)


def shown(one: Matcher, id_: str, request: Request = ANYONE, subject: Lot = LOT) -> Suggestion:
    (found,) = [s for s in one.shortlist(subject, request).suggestions if s.id == id_]
    return found


def reason(of: Suggestion, name: str) -> Reason:
    (found,) = [r for r in of.reasons if r.name == name]
    return found


def test_only_an_invite_list_says_that_those_listed_may_be_far_away(one: Matcher) -> None:
    far = {
        request.purpose: any("may be far away" in n for n in one.shortlist(LOT, request).notes)
        for request in (Request(), INVITE, RESERVED)
    }
    assert far == {Purpose.ENGAGEMENT: False, Purpose.INVITE: True, Purpose.RESERVED: False}


# --- words ---


def test_matched_words_are_in_the_lot_and_in_the_named_field(one: Matcher) -> None:
    said = {
        "profile": KNOWN.profile,
        "name": f"{KNOWN.name} {KNOWN.aliases[0]}",
        "label": "Gardening",
        "past contract a-1": "Gardening scheme",
    }
    asked = f"{LOT.title} {LOT.description}".lower()
    found = shown(one, KNOWN.id).matches
    assert {m.where for m in found} == set(said)
    for match in found:
        assert match.found in said[match.where].lower(), match
        assert match.asked in asked or match.asked.startswith("CPV"), match


def test_matched_word_has_both_spellings(one: Matcher) -> None:
    found = {(m.asked, m.found) for m in shown(one, KNOWN.id).matches if m.where == "profile"}
    assert ("garden", "gardening") in found or ("gardening", "gardening") in found
    named = {(m.asked, m.found) for m in shown(one, KNOWN.id).matches if m.where == "name"}
    assert ("wheelbarrows", "wheelbarrow") in named


def test_words_of_many_codes_do_not_replace_the_lots_own_words(one: Matcher) -> None:
    """So many words are asked of profiles and names, the rarest; those of ten codes are more."""
    codes = ("60130000", "60120000", "85312100", "45332000", "50710000", "79341000", "92331210")
    many = replace(LOT, cpv=(*codes, "98341000", "80511000", "90911200"))
    found = shown(one, KNOWN.id, subject=many).matches
    assert {m.found for m in found if m.where == "profile"} >= {"gardening", "older", "people"}


def test_self_declared_tags_are_not_labels(one: Matcher) -> None:
    asked = replace(LOT, title="vcse self declared gardening")
    assert not [m for m in shown(one, KNOWN.id, subject=asked).matches if "declared" in m.found]


# --- past contracts ---


def test_past_contract_is_shown_with_its_shared_words(one: Matcher) -> None:
    past = shown(one, KNOWN.id).past
    assert past[0].id == "a-1"
    assert past[0].alike == ("gardening",)
    assert (past[0].buyer, past[0].value, past[0].day) == (
        "Sandwell Council",
        12_500.0,
        date(2025, 5, 6),
    )
    assert "Photocopiers" not in {c.title for c in past}


def test_buyer_and_value_are_hidden_where_the_record_may_not_count(one: Matcher) -> None:
    past = shown(one, KNOWN.id, INVITE).past
    assert [(c.title, c.buyer, c.value) for c in past] == [("Gardening scheme", "", None)]


def test_later_award_is_not_shown(one: Matcher) -> None:
    early = shown(one, KNOWN.id, replace(ANYONE, before=date(2025, 5, 6)))
    assert early.past == ()
    assert "any public contract" in early.unknown
    assert "No public contract is known" in reason(early, RECORD).words


# --- place ---


def test_nearest_site_is_shown_with_its_grade(one: Matcher) -> None:
    found = shown(one, KNOWN.id)
    assert (found.postcode, found.km, found.council) == ("WS1 1TP", 0.0, "Walsall")
    assert found.place_evidence == "registered office"


def test_site_in_the_chosen_area_is_shown(one: Matcher) -> None:
    found = shown(one, KNOWN.id, Request(wish=Filters(area="Sandwell")))
    assert (found.postcode, found.council) == ("B70 8DB", "Sandwell")
    assert found.place_evidence == "operating site"
    assert found.km is not None
    assert found.km > 5


def test_unknown_postcode_does_not_hide_other_sites(tmp_path: Path, places_table: Path) -> None:
    unplaced = Site("ZZ9 9ZZ", Grade.SELF_DECLARED)
    some = replace(KNOWN, sites=(unplaced, *KNOWN.sites))
    none = replace(BARE, sites=(unplaced,))
    answer = matcher(tmp_path, places_table, some, none).shortlist(LOT, ANYONE)
    found = {s.id: (s.postcode, s.km, s.council, s.place_evidence) for s in answer.suggestions}
    assert found == {
        KNOWN.id: ("WS1 1TP", 0.0, "Walsall", "registered office"),
        BARE.id: ("ZZ9 9ZZ", None, "", "self-declared"),
    }


def shores(folder: Path) -> Path:
    """A table with WS1 1AA at Immingham, WS1 1AB beside it, and WS1 1AC across the Humber."""
    rows = PostcodeColumns(
        np.array(["WS1 1AA", "WS1 1AB", "WS1 1AC"], "S8"),
        np.array([518_000, 517_000, 522_000], np.int32),
        np.array([414_500, 413_500, 421_500], np.int32),
        np.array(["E06000012", "E06000012", "E06000011"], "S9"),
    )
    PostcodeTable.build(folder, rows, "1.0")
    return folder


def test_a_distance_is_in_a_straight_line_and_says_what_water_it_crosses(tmp_path: Path) -> None:
    here, across = (
        replace(KNOWN, id=f"T-{code}", sites=(Site(f"WS1 1A{code}", Grade.OPERATING_SITE),))
        for code in "BC"
    )
    asked = matcher(tmp_path / "r", shores(tmp_path / "places"), here, across, trust_ids=True)
    answer = asked.shortlist(replace(LOT, postcode="WS1 1AA"), ANYONE)
    found = {suggestion.id: suggestion for suggestion in answer.suggestions}
    assert {id_: suggestion.across for id_, suggestion in found.items()} == {
        "T-B": "",
        "T-C": "the Humber",
    }
    assert "1.4 km away in a straight line, North East" in reason(found["T-B"], NEAR).words
    assert "8.1 km away in a straight line, across the Humber, East" in (
        reason(found["T-C"], NEAR).words
    )
    [note] = [note for note in answer.notes if "Humber" in note]
    assert note.startswith("1 provider is across the Humber, and further by road than in a")
    assert "narrow by area, such as North East Lincolnshire, instead of by distance" in note


def test_a_lot_without_a_place_shows_where_a_provider_is_without_a_distance(
    tmp_path: Path,
) -> None:
    here = replace(KNOWN, sites=(Site("WS1 1AC", Grade.OPERATING_SITE),))
    asked = matcher(tmp_path / "r", shores(tmp_path / "places"), here, trust_ids=True)
    [found] = asked.shortlist(replace(LOT, postcode="", buyer=""), ANYONE).suggestions
    assert (found.km, found.across) == (None, "")
    assert reason(found, NEAR).words.startswith("East Riding of Yorkshire (WS1 1AC")


def test_water_is_not_told_where_distance_may_not_count(tmp_path: Path) -> None:
    across = replace(KNOWN, sites=(Site("WS1 1AC", Grade.OPERATING_SITE),))
    asked = matcher(tmp_path / "r", shores(tmp_path / "places"), across, trust_ids=True)
    answer = asked.shortlist(replace(LOT, postcode="WS1 1AA", value=20_000.0), INVITE)
    assert [suggestion.across for suggestion in answer.suggestions] == [""]
    assert not any("Humber" in note for note in answer.notes)


def test_first_of_equally_near_sites_is_shown(tmp_path: Path, places_table: Path) -> None:
    twice = (Site("WS1 1TP", Grade.OPERATING_SITE), Site("WS1 1TP", Grade.REGISTERED_OFFICE))
    answer = matcher(tmp_path, places_table, replace(KNOWN, sites=twice)).shortlist(LOT, ANYONE)
    assert answer.suggestions[0].place_evidence == "operating site"


def test_reserved_list_shows_place_and_grade(one: Matcher) -> None:
    found = shown(one, KNOWN.id, RESERVED)
    assert found.place_evidence == "registered office"
    assert reason(found, NEAR) == replace(reason(found, NEAR), contribution=0.0, counted=False)


# --- what may not count, and what is not known ---


@pytest.mark.parametrize("request_", [INVITE, RESERVED], ids=["invite", "reserved"])
def test_reasons_that_may_not_count_name_their_rule(one: Matcher, request_: Request) -> None:
    for name, rule in ((NEAR, "LGA1988-s17"), (SIZE, "PA2023-s85"), (RECORD, "PA2023-s85")):
        found = reason(shown(one, KNOWN.id, request_), name)
        assert (found.contribution, found.counted, found.rule) == (0.0, False, rule)
        assert found.words.startswith("Not lawful to use here.")
    answer = one.shortlist(LOT, request_)
    assert answer.neutral == {"place": "LGA1988-s17", "size": "PA2023-s85", "record": "PA2023-s85"}
    assert answer.neutral.keys() < SIGNAL_NAMES.keys() == set(Signal)


def test_invite_list_hides_facts_that_may_not_count(one: Matcher) -> None:
    for found in one.shortlist(LOT, INVITE).suggestions:
        assert (found.km, found.income) == (None, None)
        assert (found.kind, found.size, found.postcode, found.council, found.place_evidence) == (
            ("",) * 5
        )
        assert not {"size", "place", "any public contract"} & set(found.unknown)


def test_every_reason_counts_in_an_engagement(one: Matcher) -> None:
    assert all(r.counted and not r.rule for r in shown(one, KNOWN.id).reasons)
    told = {FEATURES[name].reason for name in one.bundle.ranker_for("all").ranker.features}
    assert {r.name for r in shown(one, KNOWN.id).reasons} == told
    contributions = [r.contribution for r in shown(one, KNOWN.id).reasons]
    assert contributions == sorted(contributions, reverse=True)


def test_unknown_facts_are_listed(one: Matcher) -> None:
    assert shown(one, BARE.id).unknown == (
        "what it says it does",
        "size",
        "place",
        "whether it is still active",
        "any public contract",
    )
    assert shown(one, KNOWN.id).unknown == ()
    words = {r.name: r.words for r in shown(one, BARE.id).reasons}
    assert words[NEAR] == "Its place is not known."
    assert words[SIZE] == "Its size is not known."


# --- the whole answer ---


def test_ties_of_a_suggestion_are_counted(tmp_path: Path, places_table: Path) -> None:
    names = ("Gardening Oak", "Gardening Elm", "Gardening Ash")
    alike = [provider(f"T-{name}", "WS1 1TP", name=name) for name in names]
    answer = matcher(tmp_path, places_table, KNOWN, *alike).shortlist(LOT, ANYONE)
    assert {s.id: s.tied_with for s in answer.suggestions} == {
        KNOWN.id: 0,
        **{one.id: 2 for one in alike},
    }
    first = matcher(tmp_path, places_table, *alike).shortlist(LOT, replace(ANYONE, limit=1))
    assert [s.tied_with for s in first.suggestions] == [2]


def test_considered_providers_of_unknown_size_are_counted(one: Matcher) -> None:
    answer = one.shortlist(LOT, Request())
    assert answer.set_aside == {"larger than asked for": 1, "place not known": 1}
    assert (answer.considered, answer.size_unknown) == (1, 0)
    assert one.shortlist(LOT, Request(wish=Filters(size="small", area="uk"))).size_unknown == 0
    assert one.shortlist(LOT, ANYONE).size_unknown == 1


def test_place_and_its_source_are_stated(one: Matcher) -> None:
    answer = one.shortlist(LOT)
    assert (answer.place, answer.place_source) == ("Walsall", "delivery postcode WS1 1TP")
    assert answer.scope == "within 30 km in a straight line; not large (size unknown is kept)"
    nowhere = one.shortlist(replace(LOT, postcode="", buyer=""))
    assert (nowhere.place, nowhere.place_source) == ("unknown", "unknown")


def test_each_rule_has_its_source(one: Matcher) -> None:
    for request in (ANYONE, INVITE, RESERVED):
        answer = one.shortlist(LOT, request)
        assert len(answer.rule_ids) == len(answer.rule_sources) > 0


def test_sources_have_their_days(tmp_path: Path, places_table: Path) -> None:
    twin = replace(KNOWN, source=Source("register", date(2026, 2, 3)), income=5.0)
    undated = replace(KNOWN, source=Source("leaflet"), income=6.0)
    answer = matcher(tmp_path, places_table, KNOWN, twin, undated).shortlist(LOT)
    assert set(answer.suggestions[0].sources) == {
        "test table, 2026-01-01",
        "register, 2026-02-03",
        "leaflet",
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"income": 1_234_567.0, "size": Size.MEDIUM}, "Medium, income £1,234,567 a year."),
        ({"income": None, "size": Size.SMALL}, "Small."),
    ],
)
def test_size_in_words(
    tmp_path: Path, places_table: Path, fields: dict[str, Any], words: str
) -> None:
    answer = matcher(tmp_path, places_table, replace(KNOWN, **fields)).shortlist(LOT, ANYONE)
    assert reason(answer.suggestions[0], SIZE).words == words


def test_contribution_by_meaning_alone_is_mentioned(tmp_path: Path, places_table: Path) -> None:
    bundle = Bundle.open("default", FEATURES)
    names = ("Age Friends", "Carers Trust", "Elder Support", "Steel Fabrications", "Roofing Co")
    people = [provider(f"GB-CHC-{n}", "WS1 1TP", name=name) for n, name in enumerate(names)]
    registered(tmp_path / "reg", places_table, *people, bundle=bundle)
    asked = lot(title="Befriending of lonely older people at home", postcode="WS1 1TP")
    listed = Matcher.open(tmp_path / "reg").shortlist(asked, Request(wish=Filters(everyone=True)))
    of_names = [name for name in BY_MEANING if FEATURES[name].reason == NAMED]
    silent = [one for one in listed.suggestions if not one.matches]
    assert silent
    for one in silent:
        added = sum(one.contributions.get(name, 0.0) for name in of_names)
        said = reason(one, NAMED).words
        assert ("like the names of past winners" in said) == (added >= 0.25), said


@pytest.mark.parametrize(
    ("ending", "source"),
    list(zip(CAUTIONS, ["Companies House", "its charity register", "your table"], strict=True)),
)
def test_cautions_are_said_on_the_list_with_their_source(
    tmp_path: Path, places_table: Path, ending: str, source: str
) -> None:
    one = replace(
        provider("GB-COH-01234568", "WS1 1TP", name="Meals", profile="Gardening at home"),
        tags=(f"proposal to strike off{ending}",),
    )
    found = matcher(tmp_path, places_table, one).shortlist(LOT, ANYONE).suggestions
    assert [word for word in found[0].unknown if "strike off" in word] == [
        f"whether it trades and will go on: {source} shows proposal to strike off"
    ]
