"""What may not count for an invite list moves no feature that its ranker may read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import Award, Lot, Provider
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose, Signal
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from models.bundle import Bundle
from models.knowledge import Knowledge
from tests import learned
from tests.factory import award, lot, provider
from tests.registers import features_of, line_of_places, registered

RELEVANCE = [name for name, feature in FEATURES.items() if feature.signal is Signal.RELEVANCE]
ROOF = "Roof Slate"
CODES = ("45261210",)
INVITE, ENGAGEMENT = Request(Purpose.INVITE), Request(wish=Filters(everyone=True))
TWINS = tuple(provider(id_, "WS1 1AA", name=ROOF, profile="slates") for id_ in "AB")


def needed(id_: str = "lot-1") -> Lot:
    return lot(
        id=id_,
        title="roof slates",
        cpv=CODES,
        buyer="Walsall Council",
        buyer_kind="council",
        postcode="WS1 1AA",
    )


def won(number: int, who: Provider, title: str) -> Award:
    held = lot(id=f"w-{number}", title=title, cpv=CODES, postcode="WS1 1AA")
    return award(f"w-{number}", who, lot=held, value=1000.0)


def relevance(
    folder: Path, places: Path, items: list[Provider | Award], request: Request
) -> dict[str, dict[str, float]]:
    """Provider → feature of relevance → value, by an embedder that knows roofs and meals."""
    bundle = Bundle("meant", "", {}, {}, Knowledge(embedder=learned.embedder()))
    register = registered(folder, places, *items, trust_ids=True, bundle=bundle)
    query = Matcher(register, bundle, Rulebook.open()).query(needed(), request)
    return features_of(query, *RELEVANCE)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return line_of_places(tmp_path_factory.mktemp("places") / "table", 0)


@settings(max_examples=6)
@given(
    titles=st.lists(st.sampled_from(["roof", "slates", "meals"]), min_size=1, max_size=3),
    times=st.integers(2, 5),
)
def test_number_of_contracts_moves_no_feature_of_an_invite_list(
    tmp_path_factory: pytest.TempPathFactory, places: Path, titles: list[str], times: int
) -> None:
    """B won all that A won, several times over: it does the same work, and has a longer record."""
    a, b = TWINS
    owners = [*((a, title) for title in titles), *((b, title) for title in titles * times)]
    awards = [won(number, who, title) for number, (who, title) in enumerate(owners)]
    found = relevance(tmp_path_factory.mktemp("reg") / "r", places, [*TWINS, *awards], INVITE)
    assert found["A"] == found["B"]


def test_a_name_is_no_more_like_that_of_a_winner_with_more_contracts(
    tmp_path: Path, places: Path
) -> None:
    roofer, cook, other = (
        provider(id_, "WS1 1AA", name=name)
        for id_, name in (("A", ROOF), ("B", "Meals Roof"), ("C", "Slate Gutter"))
    )

    def alike(times: int, request: Request) -> float:
        awards = [won(0, roofer, "roof"), *(won(n, cook, "roof") for n in range(1, times + 1))]
        folder = tmp_path / f"{times}-{request.purpose}"
        found = relevance(folder, places, [roofer, cook, other, *awards], request)
        return found["C"]["named_like_winners"]

    assert alike(1, INVITE) == alike(5, INVITE)
    assert alike(1, ENGAGEMENT) > alike(5, ENGAGEMENT)


def test_number_of_contracts_counts_in_an_engagement_list(tmp_path: Path, places: Path) -> None:
    a, b = TWINS
    awards = [won(1, a, "roof"), won(2, b, "roof"), won(3, b, "roof")]
    found = relevance(tmp_path / "r", places, [*TWINS, *awards], ENGAGEMENT)
    assert found["A"]["past_words_together"] < found["B"]["past_words_together"]
