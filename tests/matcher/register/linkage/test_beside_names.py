"""What ledgers write beside a name is no part of it: remarks, addresses, errors in a legal form."""

from __future__ import annotations

import pytest

from matcher.core.types import Provider
from matcher.register.linkage.beside_names import name_alone
from matcher.register.linkage.company_names import full_names
from matcher.register.linkage.resolve import resolved
from matcher.sources.notices.parties import name_key
from tests import factory

_HERE, _FAR = "WS1 1TP", "TR1 1AA"


def _record(name: str, postcode: str) -> Provider:
    own = f"XX-NAME-{name_key(name)}-{postcode.replace(' ', '')}"
    return factory.provider(own, postcode, name=name)


def _one(a: str, b: str, *, far: bool = False) -> bool:
    """Whether two names are taken to be of one organisation, in both orders."""
    found = set()
    records = [_record(a, _HERE), _record(b, _FAR if far else _HERE)]
    for given in (records, records[::-1]):
        leaders = resolved(given, lambda x, y: 0.0 if x == y else 400.0).leaders.tolist()
        found.add(leaders[0] == leaders[1])
    assert len(found) == 1
    return bool(found.pop())


@pytest.mark.parametrize(
    "written",
    [
        "DUPLICATE - Kestrelfold Care Ltd",
        "*DUPLICATE* Kestrelfold Care Ltd",
        "(Inactive) Kestrelfold Care Ltd",
        "DO NOT USE Kestrelfold Care Ltd",
        "OLD - Kestrelfold Care Ltd",
        "zzz Kestrelfold Care Ltd",
        "Kestrelfold Care Ltd CLOSED",
        "Kestrelfold Care Ltd (closed 31/03/2019)",
        "Kestrelfold Care Ltd - duplicate, do not use",
        "Kestrelfold Care Ltd - USE 204417",
        "Kestrelfold Care Ltd (see supplier no. 10442)",
        "Kestrelfold Care Ltd, 4 High Street, Walsall",
        "Kestrelfold Care Ltd (part of Pelsall Group)",
        "Kestrelfold Care Ltd (Consortium Member to Pelsall Constructi",
        "Kestrelfold Care Ltd, a wholly-owned subsidiary of Pelsall plc",
        "Kestrelfold Care Ltd - on behalf of Pelsall Trust",
        "Kestrelfold Care Ltd a part of Pelsall Group",
        "Kestrelfold Care Ltd (CQC Registered Non Enh",
    ],
)
def test_a_remark_or_an_address_beside_a_name_is_left_out(written: str) -> None:
    assert name_alone(written) == "Kestrelfold Care Ltd"
    assert _one(written, "KESTRELFOLD CARE LIMITED", far=True)


@pytest.mark.parametrize(
    "name",
    [
        "Closed Loop Ltd",
        "Closed-Loop Recycling Ltd",
        "Old Mill Brewery Ltd",
        "The Duplicate Company Ltd",
        "Kestrelfold (Old Hall) Ltd",
        "Kestrelfold - Old Mill Site",
        "See 4 Yourself Ltd",
        "Kestrelfold House, 3 Counties Care",
        "Do Not Use",
        "ZZ Kestrelfold Ltd",
        "XXX Kestrelfold Brewery Ltd",
        "ZZZ Ltd",
        "Flat 4, 12 Acacia Road",
        "Closed - Limited",
        "Kestrelfold, 14 Kings Road Management",
        "Part of Me",
        "Kestrelfold Part of Life",
        "Kestrelfold (Registered Homes) Ltd",
        "Kestrelfold, Members of the Choir",
        "Kestrelfold, 14 Kings Road, Residents Company Ltd",
    ],
)
def test_words_of_a_name_that_could_be_a_remark_stay(name: str) -> None:
    assert name_alone(name) == name


def test_an_owner_in_a_name_does_not_join_its_companies() -> None:
    whole = "Kestrelfold Care Ltd (part of Pelsall Lifts Ltd)"
    assert not _one(whole, "Pelsall Lifts Ltd")
    assert name_alone("Kestrelfold (part of Pelsall) t/a Heron") == "Kestrelfold t/a Heron"


@pytest.mark.parametrize(
    ("form", "typed"),
    [("Ltd", "Lrd"), ("Ltd", "Lts"), ("Ltd", "LLTD"), ("PLC", "PLAC"), ("LLP", "Lpp")],
)
def test_a_short_legal_form_with_one_typing_error_is_the_form_that_another_record_has(
    form: str, typed: str
) -> None:
    assert _one(f"Kestrelfold Lifts {form}", f"Kestrelfold Lifts {typed}")


@pytest.mark.parametrize("typed", ["Limietd", "Limted", "Lomited", "Limites", "LIMITD COMPANY"])
def test_limited_with_one_typing_error_is_limited_wherever_it_is(typed: str) -> None:
    assert _one("Kestrelfold Lifts Limited", f"Kestrelfold Lifts {typed}", far=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kestrelfold Lifts LTC", "Kestrelfold Lifts Ltd"),
        ("Kestrelfold Town CC", "Kestrelfold Town CIC"),
        ("Kestrelfold Care TLC", "Kestrelfold Care PLC"),
        ("Kestrelfold Advice CI", "Kestrelfold Advice CIC"),
        ("Kestrelfold Lighting LED", "Kestrelfold Lighting Ltd"),
        ("Kestrelfold Advice CAC", "Kestrelfold Advice CIC"),
        ("Kestrelfold LL Community Interest Company", "Kestrelfold Community Interest Company"),
        ("Kestrelfold Lifts Lpp", "Kestrelfold Lifts Ltd"),
        ("Kestrelfold Lifts LED Ltd", "Kestrelfold Lifts Ltd"),
        ("Kestrelfold Plb Lifts", "Kestrelfold Lifts PLC"),
    ],
)
def test_what_may_be_a_word_or_another_form_is_no_typing_error(a: str, b: str) -> None:
    assert not _one(a, b)


@pytest.mark.parametrize(
    "after", ["Bury St Edmunds", "Milton Keynes", "Unit 4 Station Road", "Walsall Office"]
)
def test_a_town_or_an_address_after_the_legal_form_is_no_part_of_the_name(after: str) -> None:
    assert full_names(f"Kestrelfold Lifts Ltd {after}") == full_names("Kestrelfold Lifts Ltd")


def test_towns_inside_names_tell_two_companies_apart() -> None:
    assert not _one("Kestrelfold (Bury St Edmunds) Ltd", "Kestrelfold (Redruth) Ltd")


def test_a_nickname_in_brackets_is_one_person_at_one_postcode_only() -> None:
    assert _one("William (Bill) Kestrelfold", "William Kestrelfold")
    assert not _one("William (Bill) Kestrelfold", "Walter Kestrelfold")


def test_the_pension_fund_of_a_company_is_another_body_after_a_bracket_too() -> None:
    assert not _one("Kestrelfold Ltd (Walsall) Pension Fund", "Kestrelfold Ltd")


@pytest.mark.parametrize(
    ("whole", "written"),
    [
        (
            "Rotherfield & Kestrelfold Counselling, Advice and Information",
            "Rotherfield and Kestrelfold Counselling Advice and Informat",
        ),
        (
            "Kestrelfold Criminal Justice Solutions Community Interest Company",
            "Kestrelfold Criminal Justice Solutions Community Interest Compan",
        ),
        ("University College Kestrelfold", "University College Kestrelfold - UCK"),
        ("University College Kestrelfold", "UNIVERSITY COLLEGE KESTRELFOLD UCK"),
        ("The Kestrelfold Adolescents' Trust", "The Kestrelfold Adolescents' Trust (TKAT)"),
    ],
)
def test_a_name_that_is_cut_off_or_followed_by_its_initials_is_the_name(
    whole: str, written: str
) -> None:
    assert _one(whole, written)


@pytest.mark.parametrize("name", ["Children In Crisis CIC", "Pugh Lane Contractors PLC"])
def test_a_legal_form_that_is_like_the_initials_stays(name: str) -> None:
    (full,) = full_names(name)
    assert full.written == name


def test_the_initials_of_a_name_are_its_own_at_its_place_only() -> None:
    whole = "Gospel Oak Action League (GOAL)"
    assert _one(whole, "Gospel Oak Action League")
    assert _one(whole, "GOAL")
    assert not _one(whole, "GOAL", far=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Kestrelfold and District Hospitals NHS Foundation Trus",
            "Kestrelfold and District Hospitals NHS Foundation Trust Charity",
        ),
        (
            "Kestrelfold Housing Association Repairs Partnership Lot 1",
            "Kestrelfold Housing Association Repairs Partnership Lot 12",
        ),
        ("Kings Norton KNS", "Kings Norton School"),
        (
            "Kestrelfold Infrastructure Investments Partners Number VII",
            "Kestrelfold Infrastructure Investments Partners Number VIII",
        ),
        (
            "Kestrelfold and Oakmere Independent Society for Health",
            "Kestrelfold and Oakmere Independent Society for Healthwatch",
        ),
        (
            "Kestrelfold and Oakmere Voluntary Organisations Care",
            "Kestrelfold and Oakmere Voluntary Organisations Careers",
        ),
    ],
)
def test_what_goes_on_with_another_word_is_another_name(a: str, b: str) -> None:
    assert not _one(a, b)
