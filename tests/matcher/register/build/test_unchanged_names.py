"""A build over another, with suppliers known by name alone, feeds in any order, and removals."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.types import Award, Provider
from matcher.register.build import organisations, record_keys
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.build.suppression_list import LIST
from matcher.register.register import Register
from tests.factory import award, lot, provider
from tests.matcher.register.build.test_unchanged import facts
from tests.registers import feed

_NAMES = {
    "kestrelfold": "Kestrelfold",
    "gardencare": "Garden Care",
    "acorncare": "Acorn Care Ltd",
}
_SUPPLIERS = st.builds(
    lambda name, place: provider(f"XX-NAME-{name}", *place, name=_NAMES[name]),
    st.sampled_from(tuple(_NAMES)),
    st.sampled_from([(), ("WS1 1TP",), ("WS2 8RR",), ("WS2",)]),
)
_REGISTERED = st.builds(
    lambda number, name: provider(f"GB-COH-{number:08}", "WS1 1TP", name=name),
    st.integers(1, 3),
    st.sampled_from(tuple(_NAMES.values())),
)
_FEEDS = st.lists(
    st.lists(st.one_of(_SUPPLIERS, _REGISTERED), min_size=1, max_size=3), min_size=3, max_size=3
)


def contents(number: int, suppliers: Sequence[Provider]) -> list[Provider | Award]:
    """What a feed gives: companies, and one award to each of the others."""
    items: list[Provider | Award] = []
    for at, each in enumerate(suppliers):
        if each.id.startswith("XX-NAME-"):
            name = f"a-{number}-{at}"
            items.append(award(name, each, lot=lot(id=name, title="Gardens and care")))
        else:
            items.append(each)
    return items


def built(path: Path, places: Path, some: Sequence[Sequence[Provider]], order: list[int]) -> None:
    feeds = [feed(*contents(n, some[n]), source=f"feed {n}") for n in order]
    stays = feed(provider("GB-CHC-7", "WS1 1TP", name="Heron Gardens"), source="stays")
    build(path, [*feeds, stays], places_table=places)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(_FEEDS, _FEEDS, st.permutations(range(3)), st.permutations(range(3)), st.data())
def test_a_build_over_another_gives_what_a_whole_build_gives(
    places_table: Path,
    first: list[list[Provider]],
    later: list[list[Provider]],
    before: list[int],
    now: list[int],
    data: st.DataObject,
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(organisations, "_AT_ONCE", 3)
        patch.setattr(record_keys, "_AT_ONCE", 2)
        again, whole = Path(folder) / "again", Path(folder) / "whole"
        built(again, places_table, first, before)
        register = Register.open(again)
        every = map(register.provider_id, range(len(register)))
        ids = [org_id for org_id in every if register.row(org_id) is not None]
        for org_id in data.draw(st.lists(st.sampled_from(ids), max_size=2, unique=True)):
            suppress(again, org_id)
        built(again, places_table, later, now)
        whole.mkdir()
        if (again / LIST).exists():
            shutil.copy(again / LIST, whole / LIST)
        built(whole, places_table, later, now)
        assert facts(again) == facts(whole)
