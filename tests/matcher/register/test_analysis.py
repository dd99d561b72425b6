from __future__ import annotations

import tempfile
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.cpv import category_lines, category_name, code_prefixes
from matcher.geo.geocoding import LotPlace
from matcher.ranking.query import weighted_terms
from matcher.register.analysis import (
    DESCRIPTION,
    AnalyzedLot,
    buyer_key,
    lot_words,
)
from matcher.register.index_writer import TextIndexWriter
from matcher.register.inverted_index import TextIndex
from models.text import words
from tests import factory

NOWHERE = LotPlace(None, "unknown", None, "", None)
TERMS = [f"term{n:02d}" for n in range(60)]


def _index(rows: list[dict[str, float]]) -> TextIndex:
    """An index in a folder that is gone again: what is mapped stays readable."""
    with tempfile.TemporaryDirectory() as folder:
        writer = TextIndexWriter(Path(folder) / "index")
        for row in rows:
            writer.add(row)
        writer.finish()
        return TextIndex.open(Path(folder) / "index")


# --- codes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpv", "prefixes"),
    [
        ([], []),
        (["85312000"], ["85", "853", "8531", "85312", "85312000"]),
        (["85312310"], ["85", "853", "8531", "85312", "85312310"]),
        (["85000000"], ["85", "85000000"]),
        (["30000000"], ["30", "30000000"]),
        (["60100000"], ["60", "601", "60100000"]),
        (["03121200"], ["03", "031", "0312", "03121", "03121200"]),
        (["85300000", "85310000"], ["85", "853", "85300000", "8531", "85310000"]),
    ],
)
def test_the_prefixes_of_a_code_are_its_division_group_class_and_category(
    cpv: list[str], prefixes: list[str]
) -> None:
    assert code_prefixes(cpv) == prefixes


@given(st.lists(st.from_regex(r"\d[1-9]\d{6}", fullmatch=True), max_size=4))
def test_prefixes_are_prefixes_each_once_and_the_codes_are_among_them(cpv: list[str]) -> None:
    prefixes = code_prefixes(cpv)
    assert len(prefixes) == len(set(prefixes))
    assert all(any(code.startswith(prefix) for code in cpv) for prefix in prefixes)
    assert {p for p in prefixes if len(p) == 8} == set(cpv)
    assert {p for p in prefixes if len(p) == 2} == {code[:2] for code in cpv}


# --- words of a category ----------------------------------------------------------------


def test_a_category_has_the_suppliers_words_and_the_narrowest_counts() -> None:
    wide, narrow = category_lines(["85000000"]), category_lines(["85312000"])
    assert len(wide) == len(narrow) == 1
    assert wide != narrow
    assert category_lines(["85312999"]) == narrow


def test_codes_of_one_category_give_their_words_once() -> None:
    lines = category_lines(["85312000"])
    assert category_lines(["85312000", "85312000", "85312001"]) == lines
    assert category_lines(["85312000", "60130000"]) == [*lines, *category_lines(["60130000"])]


def test_an_unknown_code_has_no_words_and_its_number_as_its_name() -> None:
    assert category_lines(["99999999"]) == []
    assert category_name("99999999") == "99999999"
    assert category_lines([]) == []


def test_a_known_code_has_a_readable_name() -> None:
    assert category_name("85312000") != "85312000"
    assert category_name("85312000").isascii()


# --- words of a lot ---------------------------------------------------------------------


def test_the_title_counts_twice_and_the_description_once() -> None:
    got = lot_words("Gritting", "Gritting and mowing of verges")
    assert got == {words("gritting")[0]: 3.0, words("mowing")[0]: 1.0, words("verges")[0]: 1.0}


def test_only_the_start_of_a_description_counts() -> None:
    opening = "mowing ".ljust(DESCRIPTION)
    assert lot_words("", opening + "gritting") == lot_words("", "mowing")


def test_an_analyzed_lot_has_its_words_codes_and_buyer() -> None:
    lot = factory.lot(
        title="Mowing", description="Verges", cpv=("77310000",), buyer="Walsall Council"
    )
    analyzed = AnalyzedLot.of(lot, NOWHERE)
    assert analyzed.words == lot_words("Mowing", "Verges")
    assert analyzed.codes == ("77", "773", "7731", "77310000")
    assert set(words(" ".join(category_lines(lot.cpv)))) == set(analyzed.category)
    assert analyzed.buyer == buyer_key("Walsall MBC") != 0


# --- buyers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "Walsall Council",
            "Walsall MBC",
            "Walsall Metropolitan Borough Council",
            "WALSALL METROPOLITAN BOROUGH COUNCIL",
            "The Metropolitan Borough of Walsall",
            "Walsall  Council.",
        ),
        ("Nottingham City Council", "City of Nottingham", "Nottingham CC"),
        ("London Borough of Islington", "Islington Council", "Islington London Borough Council"),
        ("Royal Borough of Windsor & Maidenhead", "Windsor and Maidenhead Borough Council"),
        ("Rhondda Cynon Tâf County Borough Council", "Rhondda Cynon Taf CBC".replace("CBC", "BC")),
        ("Acme Housing Ltd", "Acme Housing Limited", "ACME HOUSING"),
    ],
)
def test_a_buyers_spellings_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({buyer_key(s) for s in spellings}) == 1
    assert buyer_key(spellings[0]) != 0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Nottingham City Council", "Nottinghamshire County Council"),
        ("Norfolk County Council", "North Norfolk District Council"),
        ("Walsall Council", "Walsall Healthcare NHS Trust"),
        ("Walsall Council", "Walsall Housing Group"),
        ("City of London", "Greater London Authority"),
        ("City of London", "City Council"),
    ],
)
def test_different_buyers_have_different_keys(a: str, b: str) -> None:
    assert buyer_key(a) != buyer_key(b)


@pytest.mark.parametrize("name", ["City of London", "The London Authority", "County Council"])
def test_a_name_of_common_words_has_a_key(name: str) -> None:
    assert buyer_key(name) != 0


@pytest.mark.parametrize("name", ["", "  ", "–", "???"])
def test_the_key_of_no_name_is_zero(name: str) -> None:
    assert buyer_key(name) == 0


# --- weighted terms ---------------------------------------------------------------------

rows = st.lists(
    st.dictionaries(st.sampled_from(TERMS), st.just(1.0), max_size=30), min_size=1, max_size=8
)
stresses = st.dictionaries(st.sampled_from(TERMS), st.sampled_from([1.0, 2.0, 5.0]), min_size=1)


@settings(deadline=None, max_examples=60)
@given(rows, stresses)
def test_the_twelve_heaviest_words_weigh_one_together(
    documents: list[dict[str, float]], stress: dict[str, float]
) -> None:
    query = weighted_terms(stress, _index(documents))
    weights = np.sort(query.weights)[::-1]
    assert weights[:12].sum() == pytest.approx(1, rel=1e-5)
    assert set(query.terms) <= set(stress)
    assert len(query.terms) >= min(12, len(stress))


@settings(deadline=None, max_examples=60)
@given(rows, stresses)
def test_a_more_frequent_or_rarer_word_never_weighs_less(
    documents: list[dict[str, float]], stress: dict[str, float]
) -> None:
    query = weighted_terms(stress, _index(documents))
    weighs = dict(zip(query.terms, query.weights.tolist(), strict=True))
    rows_with = {term: sum(term in row for row in documents) for term in stress}
    terms = [(term, stress[term], rows_with[term]) for term in stress]
    for (a, stress_a, rows_a), (b, stress_b, rows_b) in permutations(terms, 2):
        stronger = stress_a >= stress_b and rows_a <= rows_b
        if b in weighs and stronger and (stress_a, rows_a) != (stress_b, rows_b):
            assert weighs.get(a, 0) > weighs[b]


def test_only_the_heaviest_words_are_searched_for() -> None:
    """A long description searches for no more words than a short one."""
    index = _index([{"other": 1.0}])
    some, more = (
        weighted_terms({f"w{n:03d}": 1.0 + n for n in range(size)}, index) for size in (150, 300)
    )
    assert len(some.terms) == len(more.terms) < 150
    assert more.terms == tuple(f"w{n:03d}" for n in range(300 - len(more.terms), 300))


def test_more_than_twelve_words_may_weigh_more_than_one() -> None:
    query = weighted_terms(dict.fromkeys(TERMS[:24], 1.0), _index([{"other": 1.0}]))
    assert query.weights.sum() == pytest.approx(2)


def test_only_visible_rows_make_a_word_common() -> None:
    index = _index([{"mow": 1.0}, {"grit": 1.0}, *[{"grit": 1.0}] * 20])
    later, then = (
        weighted_terms({"mow": 1.0, "grit": 1.0}, index),
        weighted_terms({"mow": 1.0, "grit": 1.0}, index, 2),
    )
    assert later.weights[1] > later.weights[0]
    assert then.weights[0] == pytest.approx(then.weights[1])


def test_no_words_make_an_empty_query() -> None:
    query = weighted_terms({}, _index([{"mow": 1.0}]))
    assert query.terms == ()
    assert len(query.weights) == 0
