from __future__ import annotations

import pytest

from matcher.core.errors import BadInput
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import MOST, Request


@pytest.mark.parametrize("limit", [-1, 0, MOST + 1])
def test_a_limit_that_no_list_has_is_refused_in_the_words_of_the_option(limit: int) -> None:
    with pytest.raises(BadInput, match=rf"limit \(-k\) {limit} .*from 1 to {MOST}"):
        Request(limit=limit)


@pytest.mark.parametrize("limit", [1, MOST])
def test_the_first_and_last_limit_are_allowed(limit: int) -> None:
    assert Request(limit=limit).limit == limit


def test_the_usual_request_is_ten_for_engagement_with_nothing_narrowed() -> None:
    usual = Request()
    assert (usual.purpose, usual.limit, usual.wish) == (Purpose.ENGAGEMENT, 10, Filters())
    assert (usual.before, usual.whole_value) == (None, None)
