from __future__ import annotations

import csv
import string
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.register.linkage.name_similarity import (
    SAME,
    distinctive,
    keys,
    normalise,
    parts,
    similarity,
    tokens,
)
from matcher.register.linkage.spelling import plain
from tests.factory import SHARED, needs_shared

ONE_ORGANISATION = [
    ("Penllergare's Coaches", "Penllergare Coaches"),
    ("Beaumaris Garages", "Beaumaris's Garage"),
    ("Carers First", "Carer First"),
    ("Severn Care Alliance NHS FT", "Severn Care Alliance NHS Foundation Trust"),
    ("BEAUMARIS LIMITED 01234567", "Beaumaris Ltd"),
    ("Beaumaris & Co. Solicitors LLP", "Beaumaris and Company Solicitors"),
    ("Ysgol Gynradd Glanmor", "Glanmor Primary School"),
    ("Clwb Ieuenctid Glanmor", "Glanmor Youth Club"),
    ("Canolfan Deulu Glanmor", "Glanmor Family Centre"),
    ("Beacon Care CIC", "Beacon Care Community Interest Company"),
    ("Beacon Care C.I.C.", "BEACON CARE CIC"),
    ("St. John's Hospice", "Saint Johns Hospice"),
    ("1st Call Cleaning Ltd", "First Call Cleaning Limited"),
    ("J Smith & Sons Ltd", "J. Smith and Sons"),
    ("J.K. Smith (Haulage) Limited", "J K Smith Haulage Ltd"),
    ("W. M. Harris & Son", "WM Harris and Son Ltd"),
    ("A&B Cars", "A and B Cars Ltd"),
    ("Jones Ltd T/A Castle Cars", "Castle Cars"),
    ("Castle Cars", "A Jones trading as Castle Cars"),
    ("Walsall Citizens Advice Bureau", "Citizens Advice Walsall"),
    ("Walsall CAB", "Walsall Citizens Advice Bureau"),
    ("Walsall MBC", "Walsall Metropolitan Borough Council"),
    ("Dudley Council for Voluntary Service", "Dudley CVS"),
    ("NSPCC", "National Society for the Prevention of Cruelty to Children"),
    ("RSPB", "Royal Society for the Protection of Birds"),
    ("Royal National Institute of Blind People", "RNIB"),
    ("The Larches Community Trust", "Larches Community Trust"),
    ("Care Plus Services Ltd", "CarePlus Services Limited"),
    ("Sunflower Nursery", "Sun Flower Nursery"),
    ("Home-Start Walsall", "Homestart Walsall"),
    ("Mc Donald Haulage", "McDonald Haulage"),
    ("ACME", "ACME Care Services UK Ltd"),
    ("Compton Care Group Limited", "Compton Care"),
    ("Univ of Wolverhampton", "University of Wolverhampton"),
    ("Wolverhampton University", "The University of Wolverhampton"),
    ("Dudley Carers Assoc.", "Dudley Carers Association"),
    ("Pennine Home Svcs Ltd", "Pennine Home Services Limited"),
    ("Groundwork West Midlands", "Groundwork (West Midlands) Ltd"),
    ("Community Transport (Birmingham)", "Birmingham Community Transport"),
    ("Hatherley Construction Ltd", "Hatherly Construction Limited"),
    ("Brightwater Enviromental Services", "Brightwater Environmental Services Ltd"),
    ("Harrowgate Bros. Coaches", "Harrowgate Brothers Coaches Ltd"),
    ("Mencap Dudley", "Dudley Mencap"),
    ("Women's Aid Sandwell", "Sandwell Womens Aid"),
    ("Tettenhall Wood Youth Centre", "Tettenhall Wood Youth Center"),
    ("Quarrybank Engineering Co. Ltd", "Quarrybank Engineering Company Limited"),
    ("Llanfair Café Cyf", "Llanfair Cafe Cyfyngedig"),
    ("Penllergare Trust (CIO)", "Penllergare Trust"),
    ("Thistledown Housing Association SCIO", "Thistledown Housing Assoc"),
    ("Two Rivers Carpentry", "2 Rivers Carpentry Ltd"),
    ("Établissements Beaumaris SARL", "Beaumaris"),
    ("Beaumaris (agence de Lyon)", "BEAUMARIS SAS"),
    ("Nova-Tech Fencing", "NovaTech Fencing Ltd"),
    ("B3 Cars", "B-3 Cars Ltd"),
    ("Eco-Loft NE", "EcoLoft (North East) Ltd"),
    ("Co-Craft Dudley", "CoCraft Dudley"),
    ("Sing4Joy", "Sing for Joy"),
    ("Sing4Joy", "Sing 4 Joy"),
    ("Legal Help 4 U", "Legal Help For You"),
    ("Twenty Five Club", "25 Club"),
    ("Forty Thirty Care", "4030 Care"),
    ("The Thirteenth Hour", "13th Hour Ltd"),
    ("Beaumaris (No. 3) Ltd", "Beaumaris Number 3 Limited"),
    ("Glanmor C of E School", "Glanmor Church of England School"),
    ("Glanmor Bowls Club", "Glanmor Bowling Club"),
    ("Royal Borough of Glanmor", "Glanmor Council"),
    ("LB of Glanmor", "Glanmor London Borough Council"),
    ("Glanmor MBC", "Metropolitan Borough of Glanmor"),
    ("Borough of Glanmor", "Glanmor Borough Council"),
    ("Cyngor Sir Glanmor", "Glanmor County Council"),
    ("Cyngor Tref Glanmor", "Glanmor Town Council"),
    ("Canolfan Gymunedol Glanmor", "Glanmor Community Centre"),
    ("Cymdeithas Tai Glanmor", "Glanmor Housing Association"),
    ("Clwb Pêl-droed Glanmor", "Glanmor Football Club"),
    ("Neuadd Goffa Glanmor", "Glanmor Memorial Hall"),
    ("Ionad Choimhearsnachd Ghlanmor", "Ghlanmor Community Centre"),
    ("Gael Scoil Ghlanmor", "Gaelscoil Ghlanmor"),
    ("GTC", "Glanmor Training Company Limited"),
    ("Pelsall CarersLtd", "Pelsall Carers Limited"),
    ("PELSALLCARERSLTD", "Pelsall Carers"),
    ("Glanmor Under 5's", "Glanmor Under Fives"),
    ("Penllergare Fund II", "Penllergare Fund 2"),
    ("Penllergare Coach Ltd", "Penllergare Coaches Ltd"),
    ("Penllergare Charity", "Penllergare Charities"),
]

TWO_ORGANISATIONS = [
    ("Cyfeillion Ysgol Glanmor", "Ysgol Glanmor"),
    ("Ysgol Gynradd Glanmor", "Ysgol Uwchradd Glanmor"),
    ("Age UK Walsall", "Age UK Wolverhampton"),
    ("Age UK", "Age UK Wolverhampton"),
    ("Mind in Bradford", "Mind in Enfield"),
    ("Mind", "Mind in Bradford"),
    ("Bradford District Mind", "Enfield Mind"),
    ("Home-Start", "Home-Start Wolverhampton"),
    ("Citizens Advice Walsall", "Citizens Advice Dudley"),
    ("Relate Northampton", "Relate Northamptonshire"),
    ("Walsall Voluntary Action", "Sandwell Voluntary Action"),
    ("North Wales Training", "South Wales Training"),
    ("West Midlands Transport", "East Midlands Transport"),
    ("St John's Primary School", "St James Primary School"),
    ("Unit 4 Plumbing Ltd", "Unit 5 Plumbing Ltd"),
    ("Route 39 Buses", "Route 93 Buses"),
    ("1st Walsall Scout Group", "2nd Walsall Scout Group"),
    ("Community Services Ltd", "Community Solutions Ltd"),
    ("Care Services", "Beacon Care Services"),
    ("Home Care Ltd", "Hillcrest Home Care Ltd"),
    ("The Community Foundation", "Heart of England Community Foundation"),
    ("Smith Construction", "Smith Cleaning"),
    ("J Smith Plumbing", "K Smith Plumbing"),
    ("J Smith t/a Castle Cars", "J Smith t/a Smith's Fish Bar"),
    ("Walsall Taxis", "Walsall Travel"),
    ("Norton Builders Ltd", "Morton Builders Ltd"),
    ("Bradford Carers", "Bradfield Carers"),
    ("Marsh", "Mash"),
    ("ABC Coaches", "ABD Coaches"),
    ("Hope House School", "Hope House Hospice"),
    ("St Giles Trust", "St Giles Hospice"),
    ("Wolverhampton Homes", "Wolverhampton Homeless"),
    ("Green Lane Surgery", "Green Hill Surgery"),
    ("Oak House Care Home", "Elm House Care Home"),
    ("Leeds Women's Aid", "Leeds Men's Aid"),
    ("Solihull Carers Centre", "Solihull Sports Centre"),
    ("Rowan Tree Nursery (Tipton) Ltd", "Rowan Tree Nursery (Oldbury) Ltd"),
    ("Robin Nursery", "Robins Nursery"),
    ("Little Robin Playgroup", "Little Robins Playgroup"),
    ("Tai Chi Glanmor", "Glanmor Housing"),
    ("Plant Hire Glanmor", "Glanmor Children"),
    ("Sir Glanmor Motors", "County Glanmor Motors"),
    ("Cyngor Sir Glanmor", "Cyngor Tref Glanmor"),
    ("London Borough of Glanmor", "London Borough of Harrowdene"),
    ("Glanmor Borough Council", "Glanmor Town Council"),
    ("Zone 2 Sports", "Zone 3 Sports"),
    ("Act Now Theatre", "Act Theatre"),
    ("1st Glanmor Guides", "21st Glanmor Guides"),
    ("Penllergare Fund II", "Penllergare Fund III"),
    ("GC", "Glanmor Company"),
]

LEGAL_FORMS = [
    ("Ltd", "Limited", "LTD.", "(Ltd)"),
    ("CIC", "C.I.C.", "Community Interest Company"),
    ("CIO", "Charitable Incorporated Organisation"),
    ("LLP", "L.L.P.", "Limited Liability Partnership"),
    ("PLC", "p.l.c.", "Public Limited Company"),
    ("Sp. z o.o.", "sp. z o. o.", "SP Z OO"),
    ("S.A.", "SA", "s.a."),
    ("GmbH & Co. KG", "gmbh", "GMBH"),
    ("s.r.o.", "SRO", "spol. s r.o."),
    ("Oy", "A/S", "ApS", "AB", "B.V.", "N.V.", "Kft.", "S.p.A.", "S.r.l."),
]

words = st.text(string.ascii_lowercase + "éöñ", min_size=3, max_size=10)
written = st.lists(words, min_size=1, max_size=5).map(" ".join)
anything = st.text(max_size=60)
known = st.sampled_from([n for pair in ONE_ORGANISATION + TWO_ORGANISATIONS for n in pair])
any_name = st.one_of(known, written, anything)


@pytest.mark.parametrize(("a", "b"), ONE_ORGANISATION)
def test_two_spellings_of_one_organisation_are_similar(a: str, b: str) -> None:
    assert similarity(a, b) >= SAME


@pytest.mark.parametrize(("a", "b"), TWO_ORGANISATIONS)
def test_two_organisations_with_similar_names_are_not_the_same(a: str, b: str) -> None:
    assert similarity(a, b) < SAME


@pytest.mark.parametrize(("a", "b"), [p for p in ONE_ORGANISATION if "RNIB" not in p])
def test_spellings_of_one_organisation_share_a_key(a: str, b: str) -> None:
    assert keys(a) & keys(b)


def test_a_plural_of_another_word_is_only_a_spelling() -> None:
    assert similarity("Penllergare Allotment Society", "Penllergare Allotments Society") >= SAME


@pytest.mark.parametrize("forms", LEGAL_FORMS)
def test_a_legal_form_has_no_effect_in_any_spelling(forms: tuple[str, ...]) -> None:
    assert {normalise(f"Beaumaris {form}") for form in forms} == {"beaumaris"}


@pytest.mark.parametrize("form", ["Ltd", "Limited", "CIC", "SA", "Company", "UK"])
def test_a_name_that_is_only_a_legal_form_keeps_a_word(form: str) -> None:
    assert normalise(form)


def test_initials_that_leave_the_last_word_out_share_no_key() -> None:
    assert not keys("RNIB") & keys("Royal National Institute of Blind People")


def test_two_initials_alone_are_not_enough() -> None:
    hint = similarity("BT", "British Telecom plc")
    assert similarity("BT", "Castle Cars Ltd") < similarity("BT", "British Bakeries Telecom") < SAME
    assert similarity("BT Group plc", "Castle Group") < hint < SAME


def test_a_rare_contained_name_counts_for_more_than_a_common_one() -> None:
    rare = similarity("Beaumaris", "Beaumaris Care Services")
    assert rare > similarity("Care", "Beaumaris Care Services")
    assert rare > similarity("Care Services", "Beaumaris Care Services")


def test_a_rare_word_left_over_costs_more_than_a_common_one() -> None:
    common = similarity("Beaumaris Care", "Beaumaris Care Services")
    assert common > similarity("Beaumaris Care", "Beaumaris Care Penllergare")


def test_one_typing_error_costs_less_than_two() -> None:
    one_error = similarity("Penllergare Woods", "Penlergare Woods")
    assert 1 > one_error > similarity("Penllergare Woods", "Penlergar Woods")


def test_short_words_one_letter_apart_are_other_words() -> None:
    assert similarity("Marsh Farm", "Mash Farm") < SAME


def test_an_acronym_next_to_its_full_name_counts_once() -> None:
    long = "Dudley Voluntary Council (DVC)"
    assert similarity(long, "Dudley Voluntary Council") >= SAME
    assert similarity(long, "DVC") >= SAME


def test_a_concatenated_name_of_one_repeated_word_is_compared() -> None:
    assert 0 <= similarity("Bora Bora", "Borabora Cars") <= 1


def test_letters_lost_in_coding_do_not_split_a_word() -> None:
    assert similarity("Beaum\ufffdris Care Ltd", "Beaumâris Care") >= SAME
    assert tokens("Beaum\ufffdris Care") == ("beaumeris", "care")
    assert tokens("Beaumaris Caf\ufffd") == tokens("Beaumaris Café")
    assert tokens("St Bride\ufffds Trust") == tokens("St Bride's Trust")


def test_names_in_other_scripts_are_compared_too() -> None:
    assert similarity("Българско Радио", "БЪЛГАРСКО РАДИО АД") == 1.0
    assert similarity("Българско Радио", "Castle Cars") == 0.0


@pytest.mark.parametrize("mark", ["T/A", "t/a", "T.A.", "trading as", "Trading As:", "d/b/a"])
def test_a_trading_name_is_split_off(mark: str) -> None:
    assert [normalise(p) for p in parts(f"Jones Ltd {mark} Castle Cars")] == [
        "jones",
        "castle cars",
    ]


def test_now_after_a_legal_form_is_followed_by_another_name() -> None:
    assert parts("Beaumaris Ltd now Penllergare Ltd") == ("Beaumaris Ltd", "Penllergare Ltd")
    assert parts("Beaumaris Ltd - now Penllergare Ltd") == ("Beaumaris Ltd", "Penllergare Ltd")
    assert parts("Act Now Theatre Ltd") == ("Act Now Theatre Ltd",)


def test_a_trading_mark_inside_a_word_splits_nothing() -> None:
    assert parts("Data Tap Ltd") == ("Data Tap Ltd",)
    assert parts("Adba Kebab House") == ("Adba Kebab House",)


@pytest.mark.parametrize("empty", ["", " ", "--", "&()", "\ufffd", "The", "T/A", "of the"])
def test_an_empty_name_is_like_no_other(empty: str) -> None:
    assert similarity(empty, "Castle Cars T/A Beaumaris") == 0.0
    assert similarity("", empty) == 0.0


@pytest.mark.parametrize(
    "long", ["a" * 100_000, "beacon care " * 10_000, "(" * 50_000, "t/a " * 9_000]
)
def test_a_name_far_too_long_is_cut(long: str) -> None:
    assert 0 <= similarity(long, "Beacon Care") <= 1
    assert len(normalise(long)) <= 1000
    assert len(keys(long)) < 100


def test_common_names_are_not_distinctive() -> None:
    common = ["Home Care Services", "St John's Primary School", "Smith Building Services", ""]
    rare = ["Penllergare Valley Woods", "Citizens Advice Walsall", "Beaumaris Lifeboat Friends"]
    assert not any(map(distinctive, common))
    assert all(map(distinctive, rare))


def test_every_name_has_few_keys() -> None:
    names = [name for pair in ONE_ORGANISATION + TWO_ORGANISATIONS for name in pair]
    assert max(len(keys(name)) for name in names) <= 20
    assert not keys("")


def test_a_common_word_alone_is_no_key() -> None:
    assert not keys("Beacon Care Services") & keys("Penllergare Care Services")


@given(any_name, any_name)
def test_similarity_is_symmetric_and_within_bounds(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0.0 <= similarity(a, b) <= 1.0


@given(any_name)
def test_a_name_equals_itself(name: str) -> None:
    assume(normalise(name))
    assert similarity(name, name) == 1.0


@given(any_name, any_name)
def test_names_that_normalise_to_the_same_are_the_same(a: str, b: str) -> None:
    assume(normalise(a))
    assert (similarity(a, b) == 1.0) >= (normalise(a) == normalise(b))


@given(known, st.sampled_from([str.upper, str.lower, str.title]))
def test_case_does_not_count(name: str, change: object) -> None:
    assert callable(change)
    assert similarity(name, change(name)) == 1.0


@given(known, st.sampled_from([" ", "  ", " - ", ", ", " / "]))
def test_punctuation_between_words_does_not_count(name: str, between: str) -> None:
    spelt = name.replace("trading as", "T/A")
    assert normalise(between.join(spelt.split(" "))) == normalise(name)


@given(written)
def test_accents_do_not_count(name: str) -> None:
    plain = name.translate(str.maketrans("éöñ", "eon"))
    assert normalise(name) == normalise(plain)
    assert keys(name) == keys(plain)


@given(
    st.lists(words, min_size=1, max_size=5),
    st.sampled_from(["Ltd", "Limited", "CIC", "C.I.C.", "LLP", "plc", "GmbH", "Sp. z o.o."]),
)
def test_the_spelling_of_the_legal_form_does_not_count(name: list[str], form: str) -> None:
    bare = " ".join(["Beaumaris", *name, "woods"])
    assert similarity(f"{bare} {form}", bare) == 1.0


@given(st.permutations(["beaumaris", "penllergare", "woodland", "carers"]))
def test_the_order_of_words_hardly_counts(shuffled: list[str]) -> None:
    assert similarity(" ".join(shuffled), "Beaumaris Penllergare Woodland Carers") > 0.95


@given(known)
def test_the_same_name_in_another_spelling_has_the_same_keys(name: str) -> None:
    assert keys(name.upper()) == keys(name)
    assert keys(f"The {name}") == keys(name)


@needs_shared
def test_real_spellings_score_above_real_other_organisations() -> None:
    by_company: dict[str, list[str]] = defaultdict(list)
    with (SHARED / "names" / "supplier-names-dev.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["name"] not in by_company[row["company_id"]]:
                by_company[row["company_id"]].append(row["name"])
    several = [names for names in by_company.values() if len(names) > 1]
    alike = [similarity(names[0], names[1]) >= SAME for names in several]
    strangers = [similarity(one[0], two[0]) >= SAME for one, two in pairwise(several)]
    assert sum(alike) > 0.6 * len(alike)
    assert sum(strangers) < 0.01 * len(strangers)


@given(st.text(alphabet="co p-erativs'theandx1.& \té", max_size=30))
def test_a_name_of_letters_alone_is_read_as_others_are(name: str) -> None:
    assert plain(name) == plain(f"{name} !")


def test_a_name_of_common_words_is_found_by_the_rarest() -> None:
    assert keys("Community Transport Services") & keys("Transport for the Community Group")


def test_a_branch_is_found_by_the_name_of_its_company() -> None:
    """The town of a branch is no key, and does not take the place of the company's words."""
    branch = keys("Quarnford Route (Etablissement de Vellichy)")
    assert branch & keys("Quarnford Route (Etablissement de Brissonde)")
    assert not branch & keys("Vellichy")


@pytest.mark.parametrize(
    ("name", "short"),
    [("Quarnford Ferris LLP (QFL)", "QFL"), ("Quarnford & Ferris (Q&F) Ltd", "Q&F")],
)
def test_an_abbreviation_in_brackets_is_a_name(name: str, short: str) -> None:
    assert short in parts(name)
    assert similarity(name, name.replace(f" ({short})", "")) >= SAME


@pytest.mark.parametrize("name", ["Quarnford (UK) Ltd", "Quarnford (Wales)", "Norfolk Care (NI)"])
def test_a_country_in_brackets_is_no_abbreviation(name: str) -> None:
    assert parts(name) == (name.rstrip(")"),)
