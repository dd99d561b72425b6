"""Pools for raters: their items and order, how far raters agree, and qrels from their grades.

A pool has the first providers of several runs, without their runs or places.  Each rater sees it
lot by lot in an order of their own.  'Cannot judge' is not a grade.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median_low
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot
from matcher.geo.named_areas import area_named
from matcher.ranking.tie_break import tie_break_keys
from matcher.register.register import Register
from training.evaluation.qrels import Qrels
from training.evaluation.runs import Run

Matrix: TypeAlias = npt.NDArray[np.float64]
Key: TypeAlias = tuple[str, str]
"""(lot, provider)"""

GRADES: Mapping[int, str] = {
    3: "Well suited: does just this kind of work, and can be expected to do it there",
    2: "Suited: does such work",
    1: "On the edge: does something near to it",
    0: "Not suited: does something else",
}
_CONTRACTS = 3
_LONGEST = 1500
"""Longest text shown to a rater, in characters."""


@dataclass(frozen=True, slots=True)
class Item:
    """One provider for one lot, as a rater sees it."""

    lot: str
    provider: str
    lot_title: str = ""
    lot_text: str = ""
    buyer: str = ""
    name: str = ""
    about: str = ""
    """kind, size and postcodes, where known"""
    says: str = ""
    """its profile and labels"""
    contracts: tuple[str, ...] = ()
    """contracts won before the lot's day, newest first"""
    also: tuple[str, ...] = ()
    """other ids of the organisation in the pool for the lot"""
    place: str = ""
    """where the lot's work is, as its notice says"""

    @property
    def key(self) -> Key:
        """The lot and provider that are judged."""
        return self.lot, self.provider


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rater's grade of one item; None where they could not judge."""

    lot: str
    provider: str
    rater: str
    grade: int | None
    at: str = ""
    also: tuple[str, ...] = ()
    """other ids of the organisation, with the same grade"""

    @property
    def key(self) -> Key:
        """The lot and provider that are judged."""
        return self.lot, self.provider


def pool_keys(runs: Iterable[Run], depth: int) -> list[Key]:
    """(lot, provider) among the first `depth` of any run, each once, sorted."""
    found = {
        (lot, provider) for run in runs for lot in run.scores for provider in run.first(lot, depth)
    }
    return sorted(found)


def pool_items(
    keys: Sequence[Key], runs: Sequence[Run], lots: Mapping[str, Lot], register: Register | None
) -> list[Item]:
    """The items of a pool, with the texts of lots and providers that raters see.

    Several ids of one organisation for a lot are one item.
    """
    by_organisation: dict[tuple[str, int | str], list[Key]] = {}
    for key in keys:
        row = register.row(key[1]) if register else None
        by_organisation.setdefault((key[0], key[1] if row is None else row), []).append(key)
    return [_item(same, runs, lots.get(same[0][0]), register) for same in by_organisation.values()]


def _item(
    same: Sequence[Key], runs: Sequence[Run], lot: Lot | None, register: Register | None
) -> Item:
    lot_id, provider = same[0]
    title = lot.title if lot else next(filter(None, (r.titles.get(lot_id) for r in runs)), "")
    details = (run.details.get(lot_id, {}).get(provider) for run in runs)
    name = next((found.name for found in details if found and found.name), "")
    row = register.row(provider) if register else None
    base = Item(
        lot_id,
        provider,
        title,
        lot.description[:_LONGEST] if lot else "",
        lot.buyer if lot else "",
        name,
        also=tuple(key[1] for key in same[1:]),
        place=_place(lot, register) if lot else "",
    )
    return base if register is None or row is None else _described(base, register, row, lot)


def _place(lot: Lot, register: Register | None) -> str:
    """The area and the postcode that a lot names; the register knows the names of codes."""
    known = area_named(lot.area, register.councils) if register and lot.area else None
    return ", ".join(filter(None, (known.name if known else lot.area, lot.postcode)))


def _described(base: Item, register: Register, row: int, lot: Lot | None) -> Item:
    provider = register.organisations[row].provider
    known_register = register.before(lot.day) if lot and lot.day else register
    known_register = known_register.without(lot.id) if lot else known_register
    won = [int(n) for n in register.won.of(row) if n < known_register.known_awards]
    contracts = [register.awards[number] for number in sorted(won, reverse=True)[:_CONTRACTS]]
    about = (
        provider.kind.value,
        provider.size.value,
        ", ".join(site.postcode for site in provider.sites[:2]),
    )
    return replace(
        base,
        name=provider.name,
        about=" · ".join(part for part in about if part and part != "unknown"),
        says="\n".join(filter(None, (provider.profile[:_LONGEST], "; ".join(provider.tags[:12])))),
        contracts=tuple(f"{award.lot.title} ({award.day:%B %Y})" for award in contracts),
    )


def rater_order(pool: Sequence[Item], rater: str, seed: int) -> list[Item]:
    """The pool in a rater's own random order: lot by lot, with mixed providers in each."""

    def random_key(text: str) -> int:
        key = np.array([fingerprint(text)], np.uint64)
        return int(tie_break_keys(key, seed, rater)[0])

    return sorted(
        pool, key=lambda item: (random_key(item.lot), random_key(f"{item.lot}\n{item.provider}"))
    )


def latest(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The last judgement of each rater for each item; a later one replaces an earlier one."""
    return list({(judgement.key, judgement.rater): judgement for judgement in judgements}.values())


def remaining(pool: Sequence[Item], judgements: Iterable[Judgement], rater: str) -> list[Item]:
    """The items that a rater has not judged, in the order of `pool`."""
    seen = {judgement.key for judgement in judgements if judgement.rater == rater}
    return [item for item in pool if item.key not in seen]


# --- agreement ---


def agreement(judgements: Iterable[Judgement]) -> dict[str, Any]:
    """How far raters agree, over items graded by at least two."""
    kept = latest(judgements)
    votes: dict[Key, dict[str, int]] = {}
    for judgement in kept:
        if judgement.grade is not None:
            votes.setdefault(judgement.key, {})[judgement.rater] = judgement.grade
    twice = [list(found.values()) for found in votes.values() if len(found) > 1]
    raters = sorted({judgement.rater for judgement in kept})
    return {
        "judgements": len(kept),
        "cannot judge": sum(judgement.grade is None for judgement in kept),
        "items": len({judgement.key for judgement in kept}),
        "items graded twice or more": len(twice),
        "alpha, ordinal": alpha(twice, ordinal=True),
        "alpha, nominal": alpha(twice, ordinal=False),
        "raters": {rater: _rater(kept, rater) for rater in raters},
        "pairs": [_pair(votes, a, b) for a, b in combinations(raters, 2)],
    }


def _rater(kept: Sequence[Judgement], rater: str) -> dict[str, int]:
    grades = Counter(judgement.grade for judgement in kept if judgement.rater == rater)
    named = {str(grade): grades[grade] for grade in sorted(GRADES)}
    return named | {"cannot judge": grades[None]}


def _pair(votes: Mapping[Key, Mapping[str, int]], a: str, b: str) -> dict[str, Any]:
    both = [(found[a], found[b]) for found in votes.values() if a in found and b in found]
    same = sum(x == y for x, y in both)
    return {"raters": [a, b], "items": len(both), "the same grade": same}


def alpha(units: Sequence[Sequence[int]], *, ordinal: bool) -> float | None:
    """Krippendorff's alpha of the grades of each unit: 1 if all agree, 0 as by chance.

    Units with one grade are left out.  None where no unit has two grades, or all are the same.
    """
    units_graded_twice = [unit for unit in units if len(unit) > 1]
    values = sorted({grade for unit in units_graded_twice for grade in unit})
    if len(values) < 2:
        return None
    coincidences = _coincidences(units_graded_twice, values)
    totals = coincidences.sum(axis=1)
    whole = totals.sum()
    by_chance = (np.outer(totals, totals) - np.diag(totals)) / (whole - 1)
    distance = _ordinal(totals) if ordinal else 1.0 - np.eye(len(values))
    return float(1 - (coincidences * distance).sum() / (by_chance * distance).sum())


def _coincidences(units: Sequence[Sequence[int]], values: Sequence[int]) -> Matrix:
    """(values, values) how often two grades are given to one unit, weighted by its grades."""
    at = {value: i for i, value in enumerate(values)}
    coincidences = np.zeros((len(values), len(values)))
    for unit in units:
        count = np.bincount([at[grade] for grade in unit], minlength=len(values)).astype(float)
        coincidences += (np.outer(count, count) - np.diag(count)) / (len(unit) - 1)
    return coincidences


def _ordinal(totals: npt.NDArray[np.float64]) -> Matrix:
    """(values, values) squared distance of two grades, by the number of grades between them."""
    below = np.cumsum(totals) - totals / 2
    distance: Matrix = (below[:, None] - below[None, :]) ** 2
    return distance


def median_qrels(judgements: Iterable[Judgement], least: int = 1) -> tuple[Qrels, dict[str, int]]:
    """The median grade of each item (the lower of two in the middle), and counts.

    Items with fewer than `least` grades, or that no rater could judge, are left out and counted.
    """
    votes: dict[Key, list[int]] = {}
    for judgement in latest(judgements):
        for provider in (judgement.provider, *judgement.also):
            graded = votes.setdefault((judgement.lot, provider), [])
            if judgement.grade is not None:
                graded.append(judgement.grade)
    grades: dict[str, dict[str, int]] = {}
    for (lot, provider), found in sorted(votes.items()):
        if found and len(found) >= least:
            grades.setdefault(lot, {})[provider] = median_low(found)
    kept = sum(map(len, grades.values()))
    nobody = sum(not found for found in votes.values())
    return Qrels(grades), {
        "kept": kept,
        "nobody could judge": nobody,
        "too few votes": len(votes) - kept - nobody,
    }
