"""Names that one organisation has alone: former, trading, short and misspelt ones; ids of names."""

from __future__ import annotations

from itertools import count, permutations

import pytest

from matcher.core.types import Provider, Status
from matcher.register.linkage.company_names import misspelt
from matcher.register.linkage.relations import relation
from matcher.register.linkage.resolve import resolved
from matcher.register.linkage.spelling import parts
from tests import factory

_numbers = count(1)
_PLACES = {"WS1 1TP": 0.0, "WS1 2AA": 1.0, "WR1 1AA": 62.0, "TR1 1AA": 400.0}


def _km(a: str, b: str) -> float:
    return abs(_PLACES[a] - _PLACES[b])


def _at(name: str, *postcodes: str, **fields: object) -> Provider:
    """A record without an official number."""
    return factory.provider(f"XX-{next(_numbers)}", *postcodes, name=name, **fields)


def _company(number: int, name: str, *postcodes: str, **fields: object) -> Provider:
    return factory.provider(f"GB-COH-{number:08}", *postcodes, name=name, **fields)


def _groups(*records: Provider) -> set[frozenset[int]]:
    """The positions of the records of each organisation; the same in every order."""
    found = set()
    for order in permutations(range(len(records))):
        given = [records[i] for i in order]
        leaders = resolved(given, _km).leaders.tolist()
        same = {
            frozenset(i for i, at in zip(order, leaders, strict=True) if at == leader)
            for leader in set(leaders)
        }
        found.add(frozenset(same))
    assert len(found) == 1
    return set(found.pop())


def _sets(*groups: str) -> set[frozenset[int]]:
    return {frozenset(map(int, group)) for group in groups}


# --- former names ----------------------------------------------------------------------


def test_a_former_name_joins_the_company_that_had_it() -> None:
    now = _company(1, "Wrenmoor Energy Ltd", "WS1 1TP", aliases=("Kestrelfold Gas Ltd",))
    notice = _at("Kestrelfold Gas Limited", "TR1 1AA")
    assert _groups(now, notice) == _sets("01")


def test_the_present_name_of_a_company_comes_before_the_former_name_of_another() -> None:
    had = _company(1, "Wrenmoor Energy Ltd", "WS1 1TP", aliases=("Kestrelfold Gas Ltd",))
    has, notice = _company(2, "Kestrelfold Gas Ltd", "WR1 1AA"), _at("Kestrelfold Gas Ltd")
    assert _groups(had, has, notice) == _sets("0", "12")


def test_an_active_company_comes_before_a_dissolved_one_of_its_name() -> None:
    gone = _company(1, "Kestrelfold Gas Ltd", "WS1 1TP", status=Status.DISSOLVED)
    active = _company(2, "Kestrelfold Gas Ltd", "WR1 1AA", status=Status.ACTIVE)
    assert _groups(gone, active, _at("Kestrelfold Gas Ltd")) == _sets("0", "12")


@pytest.mark.parametrize("word", ["formerly", "formally", "previously known as"])
def test_a_name_says_which_name_the_organisation_had(word: str) -> None:
    both = _at(f"Wrenmoor ({word} Kestrelfold Gas Ltd)", "WS1 1TP")
    assert _groups(both, _at("Wrenmoor Limited", "WS1 1TP"), _at("Kestrelfold Gas Ltd")) == _sets(
        "012"
    )


# --- the full names of companies --------------------------------------------------------


@pytest.mark.parametrize("form", ["PLC", "CIC", "Public Limited Company"])
def test_a_company_keeps_its_name_when_its_form_changes(form: str) -> None:
    assert _groups(_at("Quarnford Lifts Ltd"), _at(f"Quarnford Lifts {form}")) == _sets("01")


@pytest.mark.parametrize("form", ["GmbH", "LLC", "SARL"])
@pytest.mark.parametrize("postcode", ["WS1 1TP", "TR1 1AA"])
def test_a_company_abroad_is_not_the_one_here_of_its_name(form: str, postcode: str) -> None:
    here = _at("Kestrelfold Lifts Ltd", "WS1 1TP")
    assert _groups(here, _at(f"Kestrelfold Lifts {form}", postcode)) == _sets("0", "1")
    assert _groups(here, _at("Kestrelfold Lifts plc", postcode)) == _sets("01")


def test_a_numbered_fund_is_not_the_next_one_at_its_postcode() -> None:
    funds = (_at(f"Kestrelfold Fund{number} LLP", "WS1 1TP") for number in ("", " I", " II"))
    assert _groups(*funds) == _sets("0", "1", "2")


def test_a_partnership_is_not_the_company_of_its_name() -> None:
    company = _at("Quarnford Lifts Ltd", "WS1 1TP")
    assert _groups(company, _at("Quarnford Lifts LLP", "TR1 1AA")) == _sets("0", "1")


def test_two_companies_of_one_name_take_the_records_with_their_own_form() -> None:
    ltd, plc = (
        _company(number, f"Quarnford Lifts {form}", "WS1 1TP")
        for number, form in ((1, "Ltd"), (2, "PLC"))
    )
    forms = {"Limited": "TR1 1AA", "plc": "TR1 1AA", "CIC": "WR1 1AA"}
    written = [_at(f"Quarnford Lifts {form}", place) for form, place in forms.items()]
    assert _groups(ltd, plc, *written) == _sets("02", "13", "4")


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("Aldermoor Scaffold Ltd", "Aldermoor Scaffolds Limited", True),
        ("QDM Healthcare Ltd", "QDMS Healthcare Ltd", False),
        ("KV Healthcare Ltd", "KVS Healthcare Ltd", False),
    ],
)
def test_a_word_may_be_in_the_plural_and_initials_may_not(
    one: str, other: str, *, are_one: bool
) -> None:
    groups = _groups(_company(1, one, "WS1 1TP"), _at(other, "TR1 1AA"))
    assert groups == (_sets("01") if are_one else _sets("0", "1"))


def test_a_name_is_one_however_its_words_are_divided() -> None:
    assert _groups(_at("Made Tech Heron Ltd"), _at("Madetech Heron Limited")) == _sets("01")


@pytest.mark.parametrize("after", [" UK (HQ)", " Head Office", " (Walsall site)"])
def test_which_site_is_meant_is_no_part_of_a_companys_name(after: str) -> None:
    assert _groups(_at("Quarnford Lifts Ltd"), _at(f"Quarnford Lifts Ltd{after}")) == _sets("01")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quarnford plc", "Quarford PLC"),
        ("Quarnford Technology Centre Ltd", "Quarnford Technology Centr Ltd"),
        (
            "Heronsgate Wrenmoor Quarnford Tie Larkspur Ltd",
            "Heronsgate Wrenmoor Quarnford Tie Larkspurr",
        ),
        ("Heronsgates", "Heronsgate LLP"),
    ],
)
def test_a_misspelt_name_at_one_postcode_is_the_companys(one: str, other: str) -> None:
    assert misspelt(one, other) == misspelt(other, one) is True
    assert _groups(_at(one, "WS1 1TP"), _at(other, "WS1 1TP")) == _sets("01")
    assert _groups(_at(one, "WS1 1TP"), _at(other, "WR1 1AA")) == _sets("0", "1")


# --- trading names ----------------------------------------------------------------------


@pytest.mark.parametrize("words", ["t/a", "TA", "trading as", "l/a"])
def test_a_trading_name_of_one_company_alone_joins_it_nearby(words: str) -> None:
    company = _at(f"Jones Heron Ltd {words} Kestrelfold Meals", "WS1 1TP")
    assert _groups(company, _at("Kestrelfold Meals", "WS1 2AA")) == _sets("01")
    assert _groups(company, _at("Kestrelfold Meals")) == _sets("01")
    assert _groups(company, _at("Kestrelfold Meals", "WR1 1AA")) == _sets("0", "1")


def test_a_trading_name_is_near_one_of_the_companys_records() -> None:
    here, there = (
        _at("Jones Heron Ltd t/a Kestrelfold Meals", place) for place in ("WS1 1TP", "TR1 1AA")
    )
    assert _groups(here, there, _at("Kestrelfold Meals", "TR1 1AA")) == _sets("012")


def test_two_far_records_of_a_trading_name_are_not_joined_to_each_other() -> None:
    company = _at("Jones Heron Ltd t/a Kestrelfold Meals", "WS1 1TP")
    far = [_at("Kestrelfold Meals", place) for place in ("WR1 1AA", "TR1 1AA")]
    assert _groups(company, *far) == _sets("0", "1", "2")


@pytest.mark.parametrize(
    "name",
    ["Kestrel TA Centre Wrenmoor", "Kestrel TA Barracks Wrenmoor", "Kestrel TA Supply Wrenmoor"],
)
def test_ta_is_trading_as_after_a_legal_form_only(name: str) -> None:
    assert parts(name) == (name,)
    rest = name.partition(" TA ")[2]
    assert parts(f"Kestrel Ltd TA {rest}") == ("Kestrel Ltd", rest)
    assert _groups(_at(name, "WS1 1TP"), _at(rest, "WS1 2AA")) == _sets("0", "1")


def test_a_trading_name_of_two_companies_joins_neither_elsewhere() -> None:
    one, other = (_at(f"{x} Ltd t/a Kestrelfold Meals", "WS1 1TP") for x in ("Heron", "Wrenmoor"))
    assert _groups(one, other, _at("Kestrelfold Meals", "WR1 1AA")) == _sets("0", "1", "2")


def test_a_trading_name_that_is_another_companys_full_name_joins_neither() -> None:
    trader = _at("Jones Heron Ltd t/a Kestrelfold Meals", "WS1 1TP")
    company, short = _at("Kestrelfold Meals Ltd", "WS1 1TP"), _at("Kestrelfold Meals", "WS1 1TP")
    assert frozenset((0, 1)) not in _groups(trader, company, short)
    assert frozenset((0, 1, 2)) not in _groups(trader, company, short)


def test_a_registered_charity_is_not_joined_by_a_companys_trading_name() -> None:
    charity = factory.provider("GB-CHC-1", "WR1 1AA", name="Kestrelfold Meals")
    trader = _at("Jones Heron Ltd t/a Kestrelfold Meals", "WS1 1TP")
    assert _groups(charity, trader) == _sets("0", "1")


def test_two_groups_with_one_brand_are_two_organisations() -> None:
    group = _at("Wrenmoor Group UK and Ireland trading as Kestrelmeals", "WS1 1TP")
    company = _at("Quarnford Contract Catering Ltd t/a Kestrelmeals", "WS1 1TP")
    assert all({0, 1} - found for found in _groups(group, company, _at("Kestrelmeals", "WS1 1TP")))


@pytest.mark.parametrize(
    ("a", "b", "related"),
    [
        ("Kestrelfold Ltd (trading as Kestrelfold Services)", "Kestrelfold Ltd", False),
        ("Wrenmoor, a division of the Heron Group Ltd", "Wrenmoor", False),
        ("Jones Heron LLP t/a Kestrelfold", "Kestrelfold Group", True),
    ],
)
def test_a_role_word_in_a_trading_name_does_not_part_it_from_itself(
    a: str, b: str, related: bool
) -> None:
    assert (relation(a, b) is not None) == (relation(b, a) is not None) == related


# --- a short and a full name at one postcode ----------------------------------------------


def test_a_short_name_joins_the_only_longer_one_at_its_postcode() -> None:
    short, full = _at("Kestrelfold", "WS1 1TP"), _at("Kestrelfold Fire Doors Ltd", "WS1 1TP")
    assert _groups(short, full) == _sets("01")
    assert _groups(short, _at("Kestrelfold Fire Doors Ltd", "WS1 2AA")) == _sets("0", "1")


@pytest.mark.parametrize(
    "rival", ["Kestrelfold Joinery Ltd", "Kestrelfold Charity Shop Ltd", "Kestrelfold Holdings Ltd"]
)
def test_a_short_name_of_two_organisations_joins_neither(rival: str) -> None:
    short, full = _at("Kestrelfold", "WS1 1TP"), _at("Kestrelfold Fire Doors Ltd", "WS1 1TP")
    assert _groups(short, full, _at(rival, "WS1 1TP")) == _sets("0", "1", "2")


@pytest.mark.parametrize("name", ["Kestrelfold Ltd", "Fire"])
def test_a_full_or_a_common_name_is_not_short_for_another(name: str) -> None:
    full = _at(f"{name.removesuffix(' Ltd')} Doors Quarnford Ltd", "WS1 1TP")
    assert _groups(_at(name, "WS1 1TP"), full) == _sets("0", "1")


@pytest.mark.parametrize(
    ("short", "longer"),
    [
        ("Wrenmoor Centre", "Wrenmoor Centre Cafe Ltd"),
        ("Wrenmoor Heritage Mill", "Wrenmoor Heritage Mill Weddings Ltd"),
        ("Quarnford Library", "Quarnford Library Print Rooms Ltd"),
    ],
)
def test_premises_are_not_short_for_a_company_there(short: str, longer: str) -> None:
    assert _groups(_at(short, "WS1 1TP"), _at(longer, "WS1 1TP")) == _sets("0", "1")


def test_a_registered_charity_is_not_short_for_its_company() -> None:
    charity = factory.provider("GB-CHC-1", "WS1 1TP", name="Kestrelfold")
    assert _groups(charity, _company(1, "Kestrelfold Developments Ltd", "WS1 1TP")) == _sets(
        "0", "1"
    )


# --- organisations that have ended ---------------------------------------------------------

_ENDED = sorted(status for status in Status if not status.may_rank)
_GUESSES = [
    ("Jones Heron Ltd t/a Wrenmoor Kestrels", "Wrenmoor Kestrels", "WS1 2AA"),
    ("Jones Heron Ltd t/a Wrenmoor Kestrels", "Wrenmoor Kestrels", "WS1 1TP"),
    ("Kestrelfold Fire Doors Ltd", "Kestrelfold", "WS1 1TP"),
    ("Quarnford Lifts Ltd", "Quarnford Lifts", "TR1 1AA"),
]
"""A company at WS1 1TP, and a name that joins it where both exist."""


@pytest.mark.parametrize(("full", "short", "place"), _GUESSES)
def test_a_name_that_is_a_guess_joins_two_that_exist_or_two_that_ended(
    full: str, short: str, place: str
) -> None:
    for status in (Status.ACTIVE, *_ENDED):
        company = _company(1, full, "WS1 1TP", status=status)
        assert _groups(company, _at(short, place, status=status)) == _sets("01")


@pytest.mark.parametrize(("full", "short", "place"), _GUESSES)
@pytest.mark.parametrize("ended", _ENDED)
@pytest.mark.parametrize("exists", [Status.ACTIVE, Status.UNKNOWN])
def test_a_name_that_is_a_guess_joins_none_that_exists_to_one_that_ended(
    full: str, short: str, place: str, ended: Status, exists: Status
) -> None:
    for of_company, of_short in ((ended, exists), (exists, ended)):
        company = _company(1, full, "WS1 1TP", status=of_company)
        assert _groups(company, _at(short, place, status=of_short)) == _sets("0", "1")


@pytest.mark.parametrize("again", ["Jones Heron Limited", "Jones Heron Ltd, trading as Uplands"])
def test_an_ended_company_is_one_with_records_of_its_own_name(again: str) -> None:
    ended = _company(1, "Jones Heron Ltd t/a Kestrelfold", "WS1 1TP", status=Status.DISSOLVED)
    assert _groups(ended, _at(again, "WS1 1TP", status=Status.UNKNOWN)) == _sets("01")


def test_one_ended_record_of_a_group_keeps_it_from_a_guess() -> None:
    company = _company(1, "Quarnford Lifts Ltd", "WS1 1TP", status=Status.DISSOLVED)
    notice = _at("Quarnford Lifts Limited t/a Kestrelfold", "WS1 2AA", status=Status.UNKNOWN)
    short = _at("Kestrelfold", "WS1 1TP", status=Status.ACTIVE)
    assert _groups(company, notice, short) == _sets("01", "2")


def test_an_ended_company_is_no_evidence_that_two_others_of_its_name_are_one() -> None:
    company = _company(1, "Quarnford Lifts Ltd", "WS1 1TP", status=Status.DISSOLVED)
    others = [
        _at("Quarnford Lifts", place, status=Status.ACTIVE) for place in ("WR1 1AA", "TR1 1AA")
    ]
    assert len(_groups(*others)) == len(_groups(company, *others)) - 1


# --- ids made from names ------------------------------------------------------------------


def _named(name: str, *postcodes: str) -> Provider:
    """A record with an id made from its name and postcode, as a build reads it."""
    key = name.lower().replace(" ", "").removesuffix("ltd")
    place = f"-{postcodes[0].replace(' ', '')}" if postcodes else ""
    return factory.provider(f"XX-NAME-{key}{place}", *postcodes, name=name)


def test_an_id_made_from_a_common_name_is_no_evidence() -> None:
    here, there = _named("Community Transport", "WS1 1TP"), _named("Community Transport", "TR1 1AA")
    again = _named("Community Transport", "WS1 1TP")
    assert _groups(here, there, again) == _sets("02", "1")


def test_an_id_made_from_a_distinctive_name_joins_as_the_name_does() -> None:
    here, there = _named("Penllergare Valley Woods", "WS1 1TP"), _named("Penllergare Valley Woods")
    assert _groups(here, there) == _sets("01")


def test_an_id_made_from_several_common_words_joins_records_that_are_near() -> None:
    name = "Institute of Customer Service"
    here, near = _named(name, "WS1 1TP"), _named(name, "WS1 2AA")
    assert _groups(here, near) == _sets("01")


def test_an_id_made_from_several_common_words_joins_no_record_without_a_place() -> None:
    here, unplaced = (_named("Landscape Gardening Services", *p) for p in (["WS1 1TP"], []))
    assert _groups(here, unplaced) == _sets("0", "1")


def test_an_id_made_from_a_word_of_its_own_joins_a_record_without_a_place() -> None:
    here, unplaced = _named("Wrag Care Services", "WS1 1TP"), _named("Wrag Care Services")
    assert _groups(here, unplaced) == _sets("01")


@pytest.mark.parametrize(
    "name",
    ["Tenants and Residents Association", "Parent Teacher Association", "Carers Support Group"],
)
def test_the_name_of_a_group_that_each_place_has_joins_nothing(name: str) -> None:
    here, near = _named(name, "WS1 1TP"), _named(name, "WS1 2AA")
    assert _groups(here, near) == _sets("0", "1")


@pytest.mark.parametrize("name", ["Institute of Customer Service", "Park View Medical Practice"])
def test_an_id_made_from_several_common_words_joins_no_record_that_is_far(name: str) -> None:
    here, there = _named(name, "WS1 1TP"), _named(name, "TR1 1AA")
    assert _groups(here, there) == _sets("0", "1")


@pytest.mark.parametrize("premises", ["Medical Practice", "Dental Surgery", "Day Nursery"])
def test_an_id_made_from_the_name_of_premises_joins_nothing(premises: str) -> None:
    here, near = (_named(f"Park View {premises}", place) for place in ("WS1 1TP", "WS1 2AA"))
    assert _groups(here, near) == _sets("0", "1")


def test_a_record_with_an_id_of_a_name_joins_a_registered_one_by_its_name_alone() -> None:
    company = _company(1, "Kestrelfold Ltd", "WR1 1AA")
    other = factory.provider("XX-NAME-kestrelfold-TR11AA", "TR1 1AA", name="Quite Another")
    assert _groups(company, _named("Kestrelfold Ltd", "WS1 1TP"), other) == _sets("01", "2")
