from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.core.types import NOT_SME, SME, Organisation
from matcher.ranking.evidence import Evidence
from matcher.ranking.explain import VisibleFacts
from tests.factory import provider


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ((), "size"),
        ((NOT_SME,), "size (a notice does not call it an SME)"),
        ((NOT_SME, SME), "size"),
    ],
)
def test_a_size_that_is_not_known_is_said_with_what_a_notice_says(
    tags: tuple[str, ...], said: str
) -> None:
    one = provider("A", name="Moss Play", tags=tags)
    row = Evidence(
        organisation=Organisation(one, (one,)),
        matches=(),
        past=(),
        contracts=0,
        site=None,
        council="",
        km=None,
    )
    seen = VisibleFacts(km=True, record=True, place=True, size=True, kind=True)
    assert said in set(seen.missing(row))
    assert not {"size", said}.intersection(replace(seen, size=False).missing(row))
