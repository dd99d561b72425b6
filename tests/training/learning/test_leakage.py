"""Nothing that was not known yet teaches or tells anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from matcher.core.types import Award, Provider
from matcher.law.types import Purpose
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features import compute, registry
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.filters import Filters
from matcher.ranking.request import Request
from matcher.ranking.retrieval import retrieve
from matcher.register.register import Register
from models.bundle import Bundle
from tests.factory import award, lot
from tests.history import SETTINGS, coined, items
from tests.registers import registered
from tests.training.conftest import Trained, silent
from training.learning.examples import (
    RegisterBefore,
    TrainingWindow,
    rank_lots,
    series,
    spread_evenly,
    training_examples,
    window_lots,
)
from training.learning.fairness import new_winners
from training.learning.knowledge import learn, learn_before

BEFORE = date(2025, 7, 1)
SMALL = msgspec.structs.replace(SETTINGS, embedder=replace(SETTINGS.embedder, epochs=2))


def _planted() -> tuple[list[Provider | Award], list[Provider | Award]]:
    """The history, and the same with awards to come: one for each lot asked, to strangers."""
    given = items()
    early = [i for i in given if isinstance(i, Provider) or i.day < BEFORE]
    won = {s.id for i in early if isinstance(i, Award) for s in i.suppliers}
    strangers = [i for i in early if isinstance(i, Provider) and i.id not in won]
    assert strangers
    planted: list[Provider | Award] = []
    for number, each in enumerate(i for i in given if isinstance(i, Award) and i.day >= BEFORE):
        told = replace(each.lot, description=f"{each.lot.description} {coined(1500)} Falconry")
        to = strangers[number % len(strangers)]
        planted.append(replace(each, lot=told, suppliers=(to,)))
    return early, [*early, *planted]


@dataclass(frozen=True)
class Twins:
    """Two registers that agree on all that was known by the day, and where to stand in each."""

    registers: tuple[Register, Register]
    stands: tuple[RegisterBefore, RegisterBefore]
    lots: tuple[Any, ...]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Twins:
    registers, stands = [], []
    early, planted = _planted()
    for name, given in (("early", early), ("planted", planted)):
        folder = tmp_path_factory.mktemp(name)
        register = registered(folder / "reg", places_table, *given, trust_ids=True)
        at, _ = learn_before(register, BEFORE, folder / "at", SMALL, silent)
        registers.append(register)
        stands.append(at)
    asked = [i.lot for i in planted if isinstance(i, Award) and i.day >= BEFORE][:12]
    assert registers[1].known_awards > registers[0].known_awards
    return Twins((registers[0], registers[1]), (stands[0], stands[1]), tuple(asked))


def test_the_learned_knowledge_is_the_same(twins: Twins) -> None:
    folders = [at.bundle for at in twins.stands]
    names = sorted(path.name for path in folders[0].iterdir())
    assert {"background.json", "distances.json", "embedder.npz"} <= set(names)
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    for array in ("awards", "names", "profiles", "profile_rows"):
        one, other = (np.load(at.vectors / f"{array}.npy") for at in twins.stands)
        assert np.array_equal(one, other), array


def test_a_word_only_in_later_awards_is_not_learned(twins: Twins) -> None:
    known = Bundle.open(twins.stands[1].bundle, ()).knowledge
    assert known.embedder is not None
    assert "falconri" not in {*known.embedder.coder.words.terms, *known.background.frequency}
    later = learn(twins.registers[1], twins.stands[1].bundle.parent / "all", SMALL, silent)
    assert later.embedder is not None
    assert "falconri" in {*later.embedder.coder.words.terms, *later.background.frequency}


@pytest.mark.parametrize("purpose", [Purpose.ENGAGEMENT, Purpose.INVITE])
def test_no_candidate_and_no_feature_differs(twins: Twins, purpose: Purpose) -> None:
    matchers = [at.open() for at in twins.stands]
    names = [
        name
        for name, feature in registry.FEATURES.items()
        if purpose is Purpose.ENGAGEMENT or feature.signal.value == "relevance"
    ]
    request = Request(purpose, Filters(everyone=True), before=BEFORE)
    for wanted in twins.lots:
        told = []
        for one in matchers:
            query = one.query(replace(wanted, day=date(2026, 6, 1)), request)
            found = retrieve(query, eligible_providers(query))
            values = compute.compute(FeatureContext(query, found), names)
            organisations = one.register.organisations
            ids = [organisations[int(row)].provider.id for row in found.rows]
            told.append((ids, values))
        assert told[0][0] == told[1][0]
        assert len(told[0][0]) > 10
        for at, name in enumerate(names):
            assert np.array_equal(told[0][1][:, at], told[1][1][:, at]), name


# --- examples ---


@pytest.fixture(scope="module")
def window(twins: Twins) -> TrainingWindow:
    return TrainingWindow(BEFORE, date(2025, 9, 1))


def test_an_example_never_counts_its_own_award(twins: Twins, window: TrainingWindow) -> None:
    """The strangers that won what is asked have won nothing that is known."""
    register, at = twins.registers[1], twins.stands[1]
    lots = spread_evenly(window_lots(register, window, councils_only=True), 200)
    names = ("wins", "past_words", "past_meaning", "votes", "won_from_buyer", "months_since_win")
    found = training_examples(at, lots, Purpose.ENGAGEMENT, names, others=30, progress=silent)
    assert len(found) > 3
    for each in found:
        assert each.won.sum() == 1
        assert each.x[each.won].tolist() == [[0, 0, 0, 0, 0, 10]]
        assert each.x[~each.won].any()


def test_only_candidates_without_a_profile_are_learned_from_in_actual_lots(
    twins: Twins, window: TrainingWindow
) -> None:
    """To have a profile would else speak against a provider; those who won tell of it seldom."""
    register, at = twins.registers[1], twins.stands[1]
    lots = spread_evenly(window_lots(register, window, councils_only=True), 200)
    names = ("profile_words", "profile_meaning")
    ask: dict[str, Any] = {"at": at, "numbers": lots, "purpose": Purpose.ENGAGEMENT, "names": names}
    found = training_examples(**ask, others=1000, progress=silent)
    new = training_examples(**ask, others=1000, progress=silent, cold_start=True)
    assert len(found) > 3
    assert not any(e.x.any() for e in found)
    assert len(new) > len(found)
    assert all(e.x.any() for e in new)


def test_an_example_has_all_winners_that_are_candidates_and_some_others(
    twins: Twins, window: TrainingWindow
) -> None:
    register, at = twins.registers[1], twins.stands[1]
    lots = spread_evenly(window_lots(register, window, councils_only=True), 200)
    few, many = (
        training_examples(at, lots, Purpose.INVITE, ("name_meaning",), others=n, progress=silent)
        for n in (5, 1000)
    )
    assert [e.number for e in few] == [e.number for e in many]
    for small, large in zip(few, many, strict=True):
        assert small.won.sum() == large.won.sum() == small.winners
        assert (~small.won).sum() == 5 < (~large.won).sum()
        assert small.x.dtype == np.float32


def test_a_cold_start_lot_has_the_same_candidates_but_less_weight(
    twins: Twins, window: TrainingWindow
) -> None:
    """Every second one by its words alone, so that its codes bring no candidate."""
    register, at = twins.registers[1], twins.stands[1]
    lots = spread_evenly(window_lots(register, window, councils_only=True), 200)
    names = ("newcomers", "wins", "lot_division")
    ask = partial(training_examples, at, lots, Purpose.ENGAGEMENT, names, others=1000)
    plain, new = ask(progress=silent), ask(progress=silent, importance=0.4, cold_start=True)
    assert {e.number for e in new} <= set(lots)
    assert len(new) > 3
    assert {e.weight for e in new} == {0.4 * e.weight for e in plain} == {0.4}
    for each in new:
        assert (each.x[:, :2] == [1, 0]).all()
        words_alone = lots.index(each.number) % 2 == 1
        assert (each.x[:, 2] == 0).all() == words_alone


def test_a_lot_is_asked_with_what_was_known_on_the_first_day_of_its_window(twins: Twins) -> None:
    matcher = twins.stands[1].open()
    for number in (twins.registers[0].known_awards, twins.registers[0].known_awards + 20):
        query = twins.stands[1].ask(matcher, number, Purpose.ENGAGEMENT)
        assert query is not None
        assert query.register.known_awards == twins.registers[0].known_awards
        assert query.register.columns.award_day[query.register.known_awards - 1] < (
            BEFORE.toordinal()
        )


def test_a_ranking_marks_providers_without_a_known_award(
    twins: Twins, window: TrainingWindow, trained: Trained
) -> None:
    register = twins.registers[1]
    known = twins.registers[0].known_awards
    at = replace(twins.stands[1], bundle=_with_rankers(twins.stands[1], trained))
    lots = spread_evenly(window_lots(register, window, councils_only=True), 6)
    answers = rank_lots(at, lots, Purpose.ENGAGEMENT, silent)
    assert [one.number for one in answers] == lots
    earlier = set(register.winners.numbers[: register.winners.offsets[known]].tolist())
    for one in answers:
        assert len(one.rows)
        assert (np.diff(one.scores) <= 0).all()
        assert one.new.tolist() == [row not in earlier for row in one.rows.tolist()]
    assert new_winners(register, answers, known) == 1


def _with_rankers(at: RegisterBefore, trained: Trained) -> Path:
    known = Bundle.open(at.bundle, ()).knowledge
    folder = at.bundle.parent / "with-rankers"
    Bundle("trial", "", {}, trained.bundle.rankers, known).save(folder)
    return folder


# --- which lots, and when ---


@pytest.mark.parametrize(
    ("end", "months", "count", "edges"),
    [
        (date(2025, 10, 1), 2, 2, ["2025-06-01", "2025-08-01", "2025-10-01"]),
        (date(2025, 2, 1), 3, 1, ["2024-11-01", "2025-02-01"]),
        (date(2025, 7, 31), 1, 2, ["2025-05-28", "2025-06-28", "2025-07-31"]),
        (date(2024, 3, 30), 1, 1, ["2024-02-28", "2024-03-30"]),
    ],
)
def test_windows_join_and_end_on_the_day_asked_for(
    end: date, months: int, count: int, edges: Sequence[str]
) -> None:
    windows = TrainingWindow.before(end, months, count)
    assert [w.first.isoformat() for w in windows] == list(edges[:-1])
    assert [w.end.isoformat() for w in windows] == list(edges[1:])


def test_of_a_series_of_like_lots_the_first_is_asked(tmp_path: Path, places_table: Path) -> None:
    def one(id_: str, title: str, day: int, buyer: str = "Walsall Council") -> Award:
        wanted = lot(id=id_, title=title, buyer=buyer, buyer_kind="council")
        people = [p for p in items() if isinstance(p, Provider)]
        return award(id_, *people[:1], lot=wanted, day=date(2025, 6, day))

    long = "Slate and gutters of many schools in the borough, with a very long title"
    given = [one("a", long, 1), one("b", f"{long}, part two", 2), one("c", "Meals", 3)]
    given += [one("d", "Meals", 4, buyer="Sandwell Council"), one("e", "MEALS", 5)]
    given += [replace(one("f", "Choir", 6), suppliers=())]
    given += [replace(one("g", "Choir", 7), lot=lot(id="g", title="Choir", buyer_kind=""))]
    register = registered(tmp_path, places_table, *given, trust_ids=True)
    june = TrainingWindow(date(2025, 6, 1), date(2025, 7, 1))
    asked = [register.awards[n].id for n in window_lots(register, june, councils_only=True)]
    assert asked == ["a", "c", "d"]
    assert [register.awards[n].id for n in window_lots(register, june, councils_only=False)] == [
        "a",
        "c",
        "d",
        "g",
    ]
    assert series(lot(title=long)) == series(lot(title=f"{long} again"))


@pytest.mark.parametrize(("whole", "most"), [(10, 20), (10, 10), (10, 3), (1000, 7)])
def test_lots_are_taken_evenly(whole: int, most: int) -> None:
    taken = spread_evenly(range(whole), most)
    assert len(taken) == min(whole, most)
    assert (taken[0], taken[-1]) == (0, whole - 1)
    gaps = np.diff(taken)
    assert gaps.max() - gaps.min() <= 1
