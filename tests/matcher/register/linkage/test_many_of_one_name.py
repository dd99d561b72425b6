"""Very many records of one name: the work grows with the records, and the answers stay the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.types import Provider
from matcher.register.linkage import exact_keys, groups
from matcher.register.linkage.blocks import Groups
from matcher.register.linkage.groups import _by_key, _named, names_of
from matcher.register.linkage.resolve import resolved
from tests.factory import provider

NAME, PLACE = "Kestrelmoor Care Ltd", "WS1 1TP"


def leaders(records: list[Provider]) -> list[int]:
    found: list[int] = resolved(records, lambda a, b: 0.0).leaders.tolist()
    return found


def numbered(i: int) -> Provider:
    return provider(f"GB-COH-{i + 1_000_000:08}", PLACE, name=NAME)


def unnumbered(i: int) -> Provider:
    return provider(f"XX-{i}", PLACE, name=NAME)


def alternating(i: int) -> Provider:
    return numbered(i) if i % 2 else unnumbered(i)


def trading(i: int) -> Provider:
    name = f"{NAME} t/a Homely Help" if i % 2 else "Homely Help"
    return provider(f"XX-{i}", PLACE, name=name)


def work(monkeypatch: pytest.MonkeyPatch, records: list[Provider]) -> int:
    """How often groups are looked up, and how many ids and numbers are gone through."""
    done = 0
    leader, united = Groups.leader, groups._united

    def leader_counted(self: Groups, record: int) -> int:
        nonlocal done
        done += 1
        return leader(self, record)

    def united_counted(one: set[str], other: set[str]) -> set[str]:
        nonlocal done
        done += min(len(one), len(other))
        return united(one, other)

    with monkeypatch.context() as patch:
        patch.setattr(Groups, "leader", leader_counted)
        patch.setattr(groups, "_united", united_counted)
        leaders(records)
    return done


@pytest.mark.parametrize("kind", [numbered, unnumbered, alternating, trading])
def test_the_work_grows_with_the_records(
    kind: Callable[[int], Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (work(monkeypatch, [kind(i) for i in range(n)]) for n in (400, 1600))
    assert many <= 5 * few


def test_records_of_one_name_and_many_numbers_are_one_organisation_each() -> None:
    records = [numbered(i // 2) for i in range(500)]
    assert leaders(records) == [i - i % 2 for i in range(500)]


def test_records_of_one_name_without_numbers_are_one_organisation() -> None:
    assert set(leaders([unnumbered(i) for i in range(500)])) == {0}


records = st.lists(
    st.builds(
        lambda own, number, name, place: provider(
            f"GB-COH-{own:08}" if own else f"XX-{place}-{number}",
            place,
            name=name,
            ids=(f"GB-COH-{number:08}",) if number and not own else (),
        ),
        own=st.integers(0, 4),
        number=st.integers(0, 4),
        name=st.sampled_from((NAME, "Kestrelmoor Care Limited", "Kestrelmoor Care")),
        place=st.sampled_from((PLACE, "WS2 8RR")),
    ),
    min_size=2,
    max_size=10,
)


@given(records)
def test_comparing_only_records_with_one_number_gives_the_same_organisations(
    records: list[Provider],
) -> None:
    each_with_each = leaders(records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact_keys, "_MANY", 1)
        assert leaders(records) == each_with_each


@given(
    st.lists(st.sampled_from((NAME, "KMC Ltd", "Kestrelmoor Care (KMC)", "Otter Ltd"))),
    st.lists(st.sampled_from((NAME, "KMC Ltd", "Kestrelmoor Care (KMC)", "Otter plc"))),
)
def test_names_of_two_groups_are_those_of_one_and_then_the_other(
    mine: list[str], others: list[str]
) -> None:
    one, other = (
        names_of(provider("XX-1", name=names[0] if names else "Care", aliases=tuple(names[1:])))
        for names in (mine, others)
    )
    wanted = _by_key((*one.values(), *other.values()))
    assert _named(one, other) == wanted
