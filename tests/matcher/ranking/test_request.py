from __future__ import annotations

import pytest

from matcher.core.errors import BadInput
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import MOST, Request


@pytest.mark.parametrize("limit", [-1, 0, MOST + 1])
def test_error_for_a_limit_out_of_range_names_the_option(limit: int) -> None:
    with pytest.raises(BadInput, match=rf"limit \(-k\) {limit} .*from 1 to {MOST}"):
        Request(limit=limit)


@pytest.mark.parametrize("limit", [1, MOST])
def test_smallest_and_largest_limit_are_allowed(limit: int) -> None:
    assert Request(limit=limit).limit == limit


def test_default_request_is_ten_for_engagement_without_filters() -> None:
    usual = Request()
    assert (usual.purpose, usual.limit, usual.wish) == (Purpose.ENGAGEMENT, 10, Filters())
    assert (usual.before, usual.whole_value) == (None, None)
