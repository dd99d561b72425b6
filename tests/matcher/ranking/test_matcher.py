from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import BadInput, BadSource, NotLawful
from matcher.core.types import (
    Kind,
    Lot,
    Provider,
    Size,
    Source,
)
from matcher.law.types import Contract, Purpose
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from models.calibrated_ranker import CalibratedRanker, Floor
from models.errors import BundleError
from models.ranker import LinearRanker
from tests.factory import award, lot, provider
from tests.registers import as_bytes, matcher

ROOT = Path(__file__).resolve().parents[3]
CARE = "Home care and day care for older people, cooking and shopping"
PEOPLE: tuple[Provider, ...] = (
    provider("GB-CHC-1", "WS1 1TP", name="Beacon Trust", profile=CARE, kind=Kind.CHARITY),
    provider("GB-CHC-2", "WS2 8RR", name="Aldwych House", profile="Home care", kind=Kind.CIC),
    provider("GB-CHC-3", "B70 8DB", name="Larkrise", profile="Cooking for older people"),
    provider("GB-CHC-4", "B1 1AA", name="Thornfield Home Care", size=Size.SMALL),
    provider("GB-COH-5", "WS1 1TP", name="Pemberley", kind=Kind.COMPANY, profile="Older homes"),
    provider("GB-COH-6", name="Nowhere Care", profile="Home care"),
    replace(
        provider("T-1", "WS1 1TP", name="The Beacon Trust", profile="Home help", income=70_000.0),
        source=Source("another table", date(2026, 1, 1)),
    ),
    provider("T-2", "WS1 2AA", name="Willowmere Daycare", profile="Day care", income=5.0),
    provider("T-3", "WS1 2AA", name="Willowmere Daycare Ltd", profile="Home care", income=9.0),
)
AWARDS = (
    award("a-1", PEOPLE[1], lot=lot(id="a-1", title="Day care", cpv=("85312100",)), value=5e4),
    award("a-2", PEOPLE[2], PEOPLE[4], lot=lot(id="a-2", buyer="Walsall Council")),
)
LOT = lot(
    description="Cooking, shopping and company.",
    cpv=("85312000",),
    value=60_000.0,
    buyer="Walsall Council",
    buyer_kind="council",
    day=date(2026, 9, 1),
)
REQUESTS = {
    "engagement": Request(),
    "everyone": Request(wish=Filters(everyone=True)),
    "invite": Request(Purpose.INVITE),
    "reserved": Request(Purpose.RESERVED, Filters(area="Walsall", with_neighbours=True)),
    "vcse": Request(Purpose.RESERVED, Filters(kind="vcse")),
}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    return matcher(tmp_path_factory.mktemp("reg"), places_table, *PEOPLE, *AWARDS)


# --- a score and its parts ---


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_contributions_and_base_add_up_to_the_score(one: Matcher, request_: Request) -> None:
    found = one.shortlist(LOT, request_).suggestions
    assert found
    for each in found:
        whole = sum(each.contributions.values()) + each.base
        assert whole == pytest.approx(each.score, abs=1e-9)
        shown = sum((Decimal(repr(n)) for n in each.contributions.values()), Decimal(0))
        assert shown + Decimal(repr(each.base)) == Decimal(repr(each.score))
        told = sum(r.contribution for r in each.reasons) + each.base
        assert told == pytest.approx(each.score, abs=1e-9)
        assert each.features.keys() == each.contributions.keys() <= FEATURES.keys()


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_list_is_sorted_by_score(one: Matcher, request_: Request) -> None:
    found = one.shortlist(LOT, request_).suggestions
    assert [each.rank for each in found] == list(range(1, len(found) + 1))
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert len({each.id for each in found}) == len(found)


def test_limit_shortens_the_same_list(one: Matcher) -> None:
    whole = one.shortlist(LOT, REQUESTS["everyone"])
    cut = one.shortlist(LOT, replace(REQUESTS["everyone"], limit=2))
    assert cut.suggestions == whole.suggestions[:2]
    assert cut.ranked == whole.ranked > 2


def test_shortlist_names_its_register_model_and_rules(one: Matcher) -> None:
    answer = one.shortlist(LOT, Request(seed=7))
    assert (answer.register, answer.model) == (one.register.version, one.bundle.version)
    assert (answer.seed, answer.purpose, answer.lot) == (7, "engagement", LOT)


def test_a_notebook_shows_a_matcher_in_one_short_line(one: Matcher) -> None:
    shown = repr(one)
    assert len(shown.splitlines()) == 1
    assert len(shown) < 200 + len(str(one.register.folder))
    assert f"{len(one.register):,} providers" in shown
    assert one.bundle.version in repr(one.bundle)


def test_list_uses_the_ranker_of_the_signals_that_count(one: Matcher) -> None:
    whole = one.shortlist(LOT, REQUESTS["everyone"]).suggestions[0]
    bare = one.shortlist(LOT, REQUESTS["invite"]).suggestions[0]
    assert whole.contributions.keys() == set(one.bundle.ranker_for("all").ranker.features)
    assert bare.contributions.keys() == set(one.bundle.ranker_for("relevance").ranker.features)


def test_unlawful_request_gets_no_list(one: Matcher) -> None:
    with pytest.raises(NotLawful) as caught:
        one.shortlist(LOT, Request(Purpose.INVITE, Filters(within="10km")))
    assert caught.value.rule == "LGA1988-s17"


def test_error_for_a_missing_bundle_names_the_bundled_ones(one: Matcher) -> None:
    with pytest.raises(BundleError, match=r"no bundle there; these come with the product: .*hand"):
        Matcher.open(one.register.folder.parent, "nope")


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(BadInput, match=rf"limit \(-k\) {limit} .*from 1 to 1000"):
        Request(limit=limit)


# --- the same again ---

_ASK = """
import sys, pathlib, datetime, dataclasses
from tests.matcher.ranking.test_matcher import LOT, REQUESTS
from tests.registers import as_bytes
from matcher.ranking.matcher import Matcher
one = Matcher.open(pathlib.Path(sys.argv[1]), "hand")
sys.stdout.buffer.write(b"".join(as_bytes(one.shortlist(LOT, r)) for r in REQUESTS.values()))
"""


def test_same_request_gives_the_same_bytes_in_another_process(one: Matcher) -> None:
    path = one.register.folder.parent
    here = [b"".join(as_bytes(one.shortlist(LOT, r)) for r in REQUESTS.values()) for _ in "12"]
    ran = subprocess.run(
        [sys.executable, "-c", _ASK, str(path)],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "12345", "PYTHONPATH": str(ROOT)},
    )
    assert here[0] == here[1] == ran.stdout
    assert b'"suggestions":[{' in here[0]


# --- the draw ---

TWINS = [provider(f"T{i}", "WS1 1TP", name=f"Zz{c}", profile=CARE) for i, c in enumerate("abcdef")]
BETTER = provider("BEST", "WS1 1TP", name="Home Care", profile=CARE)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    folder = tmp_path_factory.mktemp("twins")
    return matcher(folder, places_table, *TWINS, BETTER, trust_ids=True)


def order(answer: Shortlist) -> list[str]:
    return [each.id for each in answer.suggestions]


def test_ties_are_counted_and_the_seed_is_recorded(twins: Matcher) -> None:
    answer = twins.shortlist(LOT, Request(seed=3))
    assert answer.seed == 3
    assert [each.tied_with for each in answer.suggestions] == [0, 5, 5, 5, 5, 5, 5]
    assert answer.suggestions[0].id == "BEST"


def test_ties_are_counted_beyond_the_end_of_the_list(twins: Matcher) -> None:
    answer = twins.shortlist(LOT, Request(limit=2))
    assert answer.suggestions[1].tied_with == 5


def test_another_seed_reorders_only_ties(twins: Matcher) -> None:
    lists = [twins.shortlist(LOT, Request(seed=seed)) for seed in range(12)]
    assert len({tuple(order(answer)) for answer in lists}) > 6
    for answer in lists:
        assert order(answer)[0] == "BEST"
        assert sorted(order(answer)) == sorted(order(lists[0]))
        by_id = {s.id: replace(s, rank=0) for s in answer.suggestions}
        assert by_id == {s.id: replace(s, rank=0) for s in lists[0].suggestions}


def test_another_lot_breaks_ties_differently(twins: Matcher) -> None:
    lists = {tuple(order(twins.shortlist(replace(LOT, id=f"lot-{i}")))) for i in range(12)}
    assert len(lists) > 6


def test_no_tied_provider_is_favoured(twins: Matcher) -> None:
    first = [order(twins.shortlist(LOT, Request(seed=seed)))[1] for seed in range(300)]
    count = np.unique(first, return_counts=True)[1]
    chi_square = float(((count - 50) ** 2 / 50).sum())
    assert len(count) == 6
    assert chi_square < 20.5, "the 0.1% point of chi-square with five degrees of freedom"


# --- what changes nothing ---


def answers(one: Matcher, subject: Lot = LOT) -> dict[str, str]:
    """A digest of every purpose's answer, without the name of the register."""
    given_ = {n: replace(one.shortlist(subject, r), register="") for n, r in REQUESTS.items()}
    return {name: sha256(as_bytes(answer)).hexdigest() for name, answer in given_.items()}


@pytest.fixture(scope="module")
def told(one: Matcher) -> dict[str, str]:
    return answers(one)


@settings(max_examples=8, deadline=None)
@given(st.permutations(PEOPLE))
def test_order_of_providers_in_their_source_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    places_table: Path,
    told: dict[str, str],
    people: Sequence[Provider],
) -> None:
    other = matcher(tmp_path_factory.mktemp("reg"), places_table, *people, *AWARDS)
    assert other.register.manifest.merges == 2, "two of them stand there in two spellings"
    assert answers(other) == told


def test_order_of_awards_in_their_source_does_not_matter(
    tmp_path: Path, places_table: Path, one: Matcher
) -> None:
    other = matcher(tmp_path, places_table, *PEOPLE, *AWARDS[::-1])
    assert answers(other) == answers(one)


def test_order_of_tied_providers_in_their_source_does_not_matter(
    tmp_path: Path, places_table: Path, twins: Matcher
) -> None:
    other = matcher(tmp_path, places_table, BETTER, *TWINS[::-1], trust_ids=True)
    assert answers(other) == answers(twins)


def test_provider_outside_the_scope_does_not_change_the_order(
    tmp_path: Path, places_table: Path, twins: Matcher
) -> None:
    far = provider("FAR", "BA1 1SS", name="Zzfar", profile="roofing")
    other = matcher(tmp_path, places_table, far, *TWINS, BETTER, trust_ids=True)
    assert order(other.shortlist(LOT)) == order(twins.shortlist(LOT))


def test_lot_without_words_gets_an_empty_list(one: Matcher) -> None:
    answer = one.shortlist(lot(title="?", postcode=""))
    assert answer.suggestions == ()


def test_kind_of_contract_can_be_given(tmp_path: Path, places_table: Path) -> None:
    one = matcher(tmp_path / "reg", places_table, provider("A", "WS1 1TP", profile="care"))
    dear = lot(value=300_000.0, value_is_gross=True, buyer_kind="council", day=date(2026, 6, 1))
    with pytest.raises(NotLawful, match="207,720"):
        one.query(dear, Request(Purpose.INVITE))
    light = Request(Purpose.INVITE, contract=Contract.LIGHT_TOUCH)
    assert one.query(dear, light).ruling.threshold.amount == 663_540


def test_borders_given_to_the_build_are_used(tmp_path: Path, places_table: Path) -> None:
    table = tmp_path / "borders.csv"
    table.write_text("a,b\nE08000030,E06000001\n")
    one = matcher(tmp_path / "reg", places_table, provider("A", "WS1 1TP"), borders=table)
    near = one.register.councils.neighbours("E08000030")
    assert [area.name for area in near] == ["Hartlepool"]
    table.write_text("a,b\nE08000030,Birmingham\n")
    with pytest.raises(BadSource, match="two councils"):
        matcher(tmp_path / "other", places_table, provider("A"), borders=table)
    assert not (tmp_path / "other").exists()


def test_ranker_with_unlawful_features_is_refused(tmp_path: Path, places_table: Path) -> None:
    one = matcher(tmp_path / "reg", places_table, provider("A", "WS1 1TP", profile="home care"))
    sly = LinearRanker(("profile_words", "nearness"), (100.0, 50.0))
    fit = LinearRanker(("profile_words",), (100.0,))
    small = lot(value=1000.0, buyer_kind="council", day=date(2026, 6, 1))
    for calibrated in (CalibratedRanker(sly, Floor(fit)), CalibratedRanker(fit, Floor(sly))):
        bundle = replace(one.bundle, rankers={"all": calibrated, "relevance": calibrated})
        assert replace(one, bundle=bundle).shortlist(small).suggestions
        with pytest.raises(BundleError, match="nearness, which may not count"):
            replace(one, bundle=bundle).shortlist(small, Request(Purpose.INVITE))
