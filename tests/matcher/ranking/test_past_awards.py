"""What past awards say of their winners, however few of the providers are asked about."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ranking import past_awards
from matcher.ranking.matcher import Matcher
from matcher.ranking.past_awards import award_evidence
from matcher.ranking.request import Request
from matcher.register.rows import RowScores
from tests.factory import award, lot, provider
from tests.registers import matcher

WORK = ("Home care", "Meals at home", "Grass cutting", "Youth club", "School buses")
PROVIDERS = 12


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Iterator[Matcher]:
    """Forty awards of equal and of different work, some of them won by several providers."""
    draw = random.Random(4)
    known = [provider(f"P{n}", "WS1 1TP", profile=draw.choice(WORK)) for n in range(PROVIDERS)]
    won = [
        award(f"a{n}", *draw.sample(known, draw.choice((1, 1, 2, 3))), lot=lot(id=f"a{n}", title=w))
        for n, w in enumerate(draw.choices(WORK, k=40))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past_awards, "_MOST_NEAR", 6)
        patch.setattr(past_awards, "_MOST_ALIKE", 4)
        yield matcher(tmp_path_factory.mktemp("won"), places_table, *known, *won)


@given(st.lists(st.booleans(), min_size=PROVIDERS, max_size=PROVIDERS), st.sampled_from(WORK))
def test_the_wins_of_few_providers_say_what_the_winners_of_all_awards_say(
    one: Matcher, allowed: list[bool], work: str
) -> None:
    query = one.query(lot(id="asked", title=work), Request())
    rows, mask = query.register.everywhere(), np.array(allowed)
    of_few = award_evidence(query, rows, mask)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past_awards, "_own_wins", lambda *_: None)
        of_all = award_evidence(query, rows, mask)
    for field in fields(of_few):
        few, all_ = (_values(getattr(of, field.name), len(mask)) for of in (of_few, of_all))
        assert few.tobytes() == all_.tobytes(), field.name


def _values(found: RowScores | npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """One value for each award, or for each row."""
    return found.of(np.arange(rows)) if isinstance(found, RowScores) else found
