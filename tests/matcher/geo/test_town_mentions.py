from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.geocoding import LotPlace, place_in_text, place_of
from matcher.geo.postcodes import PostcodeTable
from matcher.geo.town_mentions import towns_in, towns_in_title

COUNCILS = Councils.open()
PLAIN = [t for t in COUNCILS.towns.towns if not t.word and len(COUNCILS.towns.find(t.name)) == 1]
WORDS = sorted({t.name for t in COUNCILS.towns.towns if t.word and " " not in t.name})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Youth work in Bloxwich", ["Bloxwich"]),
        ("Minibus for the residents of Aldridge and Brownhills", ["Aldridge", "Brownhills"]),
        (
            "Lunch clubs across Pelsall, Bloxwich & Willenhall.",
            ["Pelsall", "Bloxwich", "Willenhall"],
        ),
        ("Meals at home in Dover", ["Dover"]),
        ("MEALS AT HOME IN DOVER", ["Dover"]),
        ("day centre in bloxwich", ["Bloxwich"]),
        ("A choir near Stoke-on-Trent", ["Stoke-on-Trent"]),
        ("Home care in and around St. Austell", ["St Austell"]),
        ("Home care in Saint Austell", ["St Austell"]),
        ("Street cleaning in Deal", ["Deal"]),
        ("Sale of land in Sale", ["Sale"]),
        ("Coaching in Rugby, Sale and Bath", ["Rugby", "Sale", "Bath"]),
        ("Lunch club in the town of Battle", ["Battle"]),
        ("Repairs at Dover Street, Bloxwich", ["Bloxwich"]),
        ("A library in Hope, Flintshire", ["Hope"]),
        ("A library in Newport (Isle of Wight)", ["Newport"]),
        ("A befriending service in Newport, Shropshire", ["Newport"]),
        ("Lunch clubs in Cowes and Newport", ["Cowes", "Newport"]),
        ("A bus from Ashford to Canterbury", ["Canterbury", "Ashford"]),
    ],
)
def test_towns_that_a_text_places_the_work_in(text: str, names: list[str]) -> None:
    assert [town.name for town in towns_in(text, COUNCILS).towns] == names


@pytest.mark.parametrize(
    "text",
    [
        "Deal with complaints",
        "Street cleaning and Street lighting",
        "Sale of surplus vehicles",
        "Battle of ideas",
        "Hope for families",
        "Control of Barking dogs",
        "Reading groups for adults",
        "Support in Reading and writing",
        "Courses in Reading, Writing and Maths",
        "Rugby coaching for girls",
        "Sandwich lunches for schools",
        "Bath chairs and hoists",
        "Events in March 2026",
        "Lessons in Welsh",
        "Work in Wales",
        "The report of Mrs Preston",
        "Works at Preston Road",
        "A play at Hope Centre",
        "we meet in sale rooms",
    ],
)
def test_words_for_work_and_names_of_people_or_streets_are_no_towns(text: str) -> None:
    assert towns_in(text, COUNCILS).towns == ()
    assert towns_in_title(text, COUNCILS) == ()


def test_a_name_of_several_towns_is_unclear_until_the_text_or_the_buyer_says_which() -> None:
    found = towns_in("Events in Newport", COUNCILS)
    assert (found.towns, list(found.unclear or {})) == ((), ["Newport"])
    told = towns_in("Events in Newport for Shropshire and Telford and Wrekin", COUNCILS)
    assert {town.council for town in told.towns} == {"E06000020"}
    asked = towns_in("Events in Newport", COUNCILS, [frozenset({"E06000046"})])
    assert [town.council for town in asked.towns] == ["E06000046"]


@given(
    st.sampled_from(PLAIN), st.sampled_from(["in", "near", "across", "covering", "residents of"])
)
def test_every_town_with_a_name_of_its_own_is_found(town: object, word: str) -> None:
    name, council = town.name, town.council  # type: ignore[attr-defined]
    area = COUNCILS.find(name)
    if area is None or area.councils == {council}:
        found = towns_in(f"Home care {word} {name}.", COUNCILS).towns
        assert [each.name for each in found] == [name]


@given(
    st.sampled_from(WORDS),
    st.sampled_from(["{} groups", "{} of goods", "Help with {} classes", "in {} classes", "a {}"]),
)
def test_an_ordinary_word_is_never_a_place_inside_its_phrase(word: str, phrase: str) -> None:
    text = phrase.format(word)
    assert towns_in(text, COUNCILS).towns == ()
    assert towns_in_title(text, COUNCILS) == ()


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    for town in towns_in(text, COUNCILS).towns:
        assert town.name.split()[0].casefold()[:2] in text.casefold()


def _placed(table: PostcodeTable, title: str, **fields: str) -> LotPlace:
    lot = Lot("1", title, **fields)
    return place_in_text(title, lot, place_of(lot, table, COUNCILS), table, COUNCILS)


def test_a_town_in_the_buyers_area_is_more_exact_than_the_buyer(table: PostcodeTable) -> None:
    place = _placed(table, "Youth work in Bloxwich", buyer="Walsall Council")
    assert place.source == "place named in the text: Bloxwich"
    next_door = _placed(table, "Youth work in Bloxwich", buyer="Sandwell Council")
    assert next_door.source == "place named in the text: Bloxwich"


def test_a_town_far_from_a_council_that_buys_does_not_move_its_lot(table: PostcodeTable) -> None:
    place = _placed(table, "Training held in Saltash", buyer="Walsall Council")
    assert place.source == "buyer's name: Walsall"
    ministry = _placed(table, "Training held in Saltash", buyer="Ministry", buyer_postcode="N7 7JW")
    assert ministry.source == "place named in the text: Saltash"


def test_a_far_town_does_not_count_because_the_notice_names_the_nation(
    table: PostcodeTable,
) -> None:
    place = _placed(table, "Repairs at Saltash", buyer="Walsall Council", area="England")
    assert place.source == "buyer's name: Walsall"


def test_a_title_needs_no_word_before_a_town_of_the_council_that_buys(table: PostcodeTable) -> None:
    place = _placed(table, "XY12 Bloxwich to Aldridge School", buyer="Walsall Council")
    assert place.source == "places named in the text: Bloxwich and Aldridge"
    place = _placed(table, "XY12 Bloxwich School", buyer="Sandwell Council")
    assert place.source == "buyer's name: Sandwell"
    place = _placed(table, "XY12 Bloxwich School", buyer="Ministry", buyer_postcode="WS1 1TP")
    assert place.source == "buyer's postcode WS1 1TP"


def test_a_postcode_in_the_text_is_more_exact_than_the_buyer(table: PostcodeTable) -> None:
    place = _placed(table, "Roof of a school, WS1 2AA", buyer="Walsall Council")
    assert (place.source, place.spot and place.spot.how) == (
        "postcode named in the text: WS1 2AA",
        "exact",
    )
    place = _placed(table, "Roof in Bloxwich, WS1 2AA", buyer="Walsall Council")
    assert place.source == "place named in the text: Bloxwich"


@pytest.mark.parametrize(
    "text",
    ["Bids to Box 1, N7 7JW", "Roof C144JK, C14 4JK", "Roof near WS9 9ZZ", "Roof of WS1 1TP"],
)
def test_a_postcode_far_away_unknown_or_of_the_buyer_does_not_move_a_lot(
    table: PostcodeTable, text: str
) -> None:
    place = _placed(table, text, buyer="Walsall Council", buyer_postcode="WS1 1TP")
    assert place.source == "buyer's postcode WS1 1TP"


def test_a_council_named_in_its_own_lot_is_the_whole_council(table: PostcodeTable) -> None:
    place = _placed(table, "Youth work in Walsall", buyer="Walsall Council")
    assert place.source == "buyer's name: Walsall"


def test_a_stated_postcode_or_area_counts_before_the_text(table: PostcodeTable) -> None:
    place = _placed(table, "Youth work in Bloxwich", postcode="IP1 2BX")
    assert place.source == "delivery postcode IP1 2BX"
    place = _placed(table, "Youth work in Bloxwich", area="Ipswich")
    assert place.source == "area named in the notice: Ipswich"


@pytest.mark.parametrize("of_buyer", ["WS1 1TP", "ws11tp"])
def test_a_delivery_postcode_that_is_the_councils_own_comes_after_the_text(
    table: PostcodeTable, of_buyer: str
) -> None:
    own = {"buyer": "Walsall Council", "postcode": "WS1 1TP", "buyer_postcode": of_buyer}
    place = _placed(table, "Youth work in Bloxwich", **own)
    assert place.source == "place named in the text: Bloxwich"
    place = _placed(table, "Youth work", **own)
    assert place.source == "delivery postcode WS1 1TP"
    place = _placed(table, "Youth work in Bloxwich", **own | {"buyer_postcode": "WS1 2AA"})
    assert place.source == "delivery postcode WS1 1TP"
    place = _placed(table, "Training in Bloxwich", **own | {"buyer": "Walsall Hospital Trust"})
    assert place.source == "delivery postcode WS1 1TP"


def test_the_councils_own_postcode_is_more_exact_than_the_town_that_it_is_in(
    table: PostcodeTable,
) -> None:
    own = {"buyer": "Islington Council", "postcode": "N7 7JW", "buyer_postcode": "N7 7JW"}
    place = _placed(table, "Cleaning of our offices in Holloway", **own)
    assert place.source == "delivery postcode N7 7JW"
    place = _placed(table, "Cleaning of a library in Clerkenwell", **own)
    assert place.source == "place named in the text: Clerkenwell"


def test_a_town_in_the_title_counts_before_towns_in_the_description(table: PostcodeTable) -> None:
    lot = Lot("1", "Youth work in Bloxwich", "Our clubs are in Aldridge and in Brownhills.")
    lot_text = f"{lot.title}\n{lot.description}"
    place = place_of(lot, table, COUNCILS)
    found = place_in_text(lot_text, lot, place, table, COUNCILS)
    assert found.source == "place named in the text: Bloxwich"


def test_an_unclear_town_is_asked_about_and_not_used(table: PostcodeTable) -> None:
    place = _placed(table, "Events in Newport")
    assert place.spot is None
    assert place.unclear[0].startswith("'Newport' may be Newport (Wales), ")
