"""How similar past awards are to a lot, and what that says about their winners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import AnyInts, Floats, Ints, Mask, run_starts, slices
from matcher.geo.geocoding import distance_km
from matcher.ranking.query import Query
from matcher.ranking.tie_break import Keys, tie_break_keys
from matcher.register.analysis import AnalyzedLot
from matcher.register.register import Register
from matcher.register.rows import Rows, RowScores, among_best, best
from models import exact

_MOST_ALIKE = 400
_SHARPNESS = 5
_MEANING_SHARPNESS = 8
_CLEARLY_SIMILAR = 0.5
"""Where the most similar award is below this, all votes count less."""
_LOCAL_KM = 40.0
_SAME_BUYER = 3.0
"""How many votes an award by the same buyer has."""
_MOST_NEAR = 8000
"""The most awards to search for allowed winners, closest in meaning first."""
A_DIGIT = 0.02
"""What each shared CPV digit adds to the similarity by which awards are picked."""


@dataclass(frozen=True)
class AwardEvidence:
    """How similar past awards are to a lot, and what candidates get from those that they won."""

    likeness: Floats
    """(awards,) shared words; 1 means as much as all the lot's key words"""
    depth: npt.NDArray[np.uint8]
    """(awards,) CPV digits shared with the lot: 0, 2, 3, 4, 5 or 8"""
    meaning: Floats
    """(awards,) cosine of the meanings; 0 for all where there are no vectors"""
    votes: Floats
    """(candidates,) sharpened similarity summed over its awards; this buyer's count three times"""
    local_votes: Floats
    """(candidates,) as `votes`, decreasing with distance from the lot"""
    meaning_votes: Floats
    """(candidates,) sharpened meaning summed over its awards; this buyer's count three times"""


@dataclass(frozen=True)
class WinnerEvidence:
    """How similar past awards are to a lot, and what their winners get from it.

    Few of the eligible rows have won an award that is similar.
    """

    likeness: Floats
    depth: npt.NDArray[np.uint8]
    meaning: Floats
    best_likeness: RowScores
    """similarity of the most similar award that the provider won"""
    votes: RowScores
    local_votes: RowScores
    best_meaning: RowScores
    """`meaning` of its closest award, if that is among the closest of all"""
    meaning_votes: RowScores

    def of(self, rows: Ints) -> AwardEvidence:
        """This evidence for some of the rows, the candidates."""
        return AwardEvidence(
            likeness=self.likeness,
            depth=self.depth,
            meaning=self.meaning,
            votes=self.votes.of(rows),
            local_votes=self.local_votes.of(rows),
            meaning_votes=self.meaning_votes.of(rows),
        )


@dataclass(frozen=True)
class _Wins:
    """(award, row) for each award and each allowed provider that won it."""

    award: Ints
    row: AnyInts

    def where(self, kept: Mask) -> _Wins:
        """Those of the wins that are marked in `kept`, (wins,)."""
        return _Wins(self.award[kept], self.row[kept])

    @cached_property
    def _winners(self) -> tuple[Ints, Ints]:
        """The different rows, ascending; and for each win which of them won."""
        return np.unique(self.row, return_inverse=True)

    def total(self, values: npt.NDArray[np.floating]) -> RowScores:
        """For each row the sum of `values`, (wins,)."""
        rows, winner = self._winners
        return RowScores(rows, np.bincount(winner, values, len(rows)).astype(np.float32))

    def greatest(self, values: Floats) -> RowScores:
        """For each row the greatest of `values`, (wins,); at least 0."""
        rows, winner = self._winners
        top = np.zeros(len(rows), np.float32)
        np.maximum.at(top, winner, values)
        return RowScores(rows, top)


def award_evidence(query: Query, rows: Rows, allowed: Mask) -> WinnerEvidence:
    """Compare the lot with every known award, and credit the allowed winners among `rows`."""
    register, analyzed = query.register, query.analyzed
    known = register.known_awards
    likeness = register.past.scores(query.past, Rows.span(0, known))
    digits = depth(register, analyzed)
    joint = np.where(likeness > 0, likeness + np.float32(A_DIGIT) * digits, np.float32(0))
    own = _own_wins(register, rows, allowed)
    alike = own.where(joint[own.award] > 0) if own else _wins(register, rows, allowed, joint)
    wins = _most_alike(alike, joint, analyzed.lot.id)
    votes, local = _votes(register, analyzed, wins, joint)
    meaning, best_meaning, meaning_votes = _meaning_evidence(query, rows, allowed, own)
    return WinnerEvidence(
        likeness=likeness,
        depth=digits,
        meaning=meaning,
        best_likeness=wins.greatest(likeness[wins.award]),
        votes=votes,
        local_votes=local,
        best_meaning=best_meaning,
        meaning_votes=meaning_votes,
    )


def _meaning_evidence(
    query: Query, rows: Rows, allowed: Mask, own: _Wins | None
) -> tuple[Floats, RowScores, RowScores]:
    """(awards,) meaning; and of the winners the best meaning and the votes by meaning."""
    register, analyzed, lot = query.register, query.analyzed, query.meaning
    if lot is None:
        none = RowScores(np.empty(0, np.int64), np.empty(0, np.float32))
        return np.zeros(register.known_awards, np.float32), none, none
    meaning = np.maximum(lot.vectors.awards[: register.known_awards] @ lot.vector, 0)

    def tie_keys(award: Ints) -> Keys:
        return tie_break_keys(award.astype(np.uint64), 0, analyzed.lot.id)

    most = min(_enough(register, allowed), _MOST_NEAR)
    if own:
        near = own.where(among_best(meaning, most, tie_keys, own.award))
    else:
        near = _won_by(register, rows, allowed, np.sort(best(meaning, most, tie_keys)))
    wins = _most_alike(near, meaning, analyzed.lot.id)
    vote = _weights(register, analyzed, wins, meaning, _MEANING_SHARPNESS)
    return meaning, wins.greatest(meaning[wins.award]), wins.total(vote)


def depth(register: Register, analyzed: AnalyzedLot) -> npt.NDArray[np.uint8]:
    """(awards,) how many CPV digits each known award shares with the lot."""
    digits = np.zeros(register.known_awards, np.uint8)
    for prefix in sorted(analyzed.codes, key=len):
        rows = register.codes.rows_with(prefix)
        known = rows.searchsorted(np.int32(register.known_awards))
        digits[rows[:known]] = len(prefix)
    return digits


def _own_wins(register: Register, rows: Rows, allowed: Mask) -> _Wins | None:
    """All wins of the allowed providers, awards ascending; None where there are many providers.

    Of few providers the wins are few, and are read faster than the winners of many awards.
    """
    if _enough(register, allowed) < _MOST_NEAR:
        return None
    offsets = register.won.offsets
    start, stop = rows.take(offsets[:-1]), rows.take(offsets[1:])
    winner = np.flatnonzero(allowed & (stop > start))
    position, index = slices(start[winner], (stop - start)[winner])
    award = register.won.numbers[index].astype(np.int64)
    known = np.flatnonzero(award < register.known_awards)
    order = known[np.argsort(award[known], kind="stable")]
    return _Wins(award[order], winner[position[order]])


def _wins(register: Register, rows: Rows, allowed: Mask, joint: Floats) -> _Wins:
    """The allowed winners of the awards that are similar at all, awards ascending.

    Where the most similar awards have enough winners, the others are skipped.
    """
    alike = np.flatnonzero(joint > 0)
    enough = _enough(register, allowed)
    if enough < len(alike):
        least = np.partition(joint[alike], len(alike) - enough)[len(alike) - enough]
        wins = _won_by(register, rows, allowed, np.flatnonzero(joint >= least))
        if len(run_starts(wins.award)) >= _MOST_ALIKE:
            return wins
    return _won_by(register, rows, allowed, alike)


def _enough(register: Register, allowed: Mask) -> int:
    """How many awards to search to find twice the wanted number with an allowed winner."""
    share = max(float(np.count_nonzero(allowed)) / max(len(register), 1), 1e-9)
    return int(2 * _MOST_ALIKE / share)


def _won_by(register: Register, rows: Rows, allowed: Mask, awards: Ints) -> _Wins:
    """The allowed winners of `awards`."""
    at, winner = register.winners.of_many(awards)
    row = rows.positions(winner)
    kept = row >= 0
    kept[kept] = allowed[row[kept]]
    return _Wins(awards[at[kept]], row[kept])


def _most_alike(wins: _Wins, joint: Floats, lot_id: str) -> _Wins:
    """The wins of the most similar awards that an allowed provider won."""
    first = run_starts(wins.award)
    won = wins.award[first]
    chosen = np.zeros(len(won), bool)

    def tie_keys(at: Ints) -> Keys:
        return tie_break_keys(won[at].astype(np.uint64), 0, lot_id)

    chosen[best(joint[won], _MOST_ALIKE, tie_keys)] = True
    keep = np.repeat(chosen, np.diff(first, append=len(wins.award)))
    return _Wins(wins.award[keep], wins.row[keep])


def _weights(
    register: Register, analyzed: AnalyzedLot, wins: _Wins, alike: Floats, sharpness: int
) -> npt.NDArray[np.float64]:
    """(wins,) similarity relative to the best, sharpened; joint winners share a vote."""
    winners = register.winners.offsets[wins.award + 1] - register.winners.offsets[wins.award]
    near = alike[wins.award].astype(np.float64)
    own = register.columns.award_buyer[wins.award] == np.uint64(analyzed.buyer)
    own &= analyzed.buyer != 0
    most = near.max(initial=0.0) or 1.0
    vote: npt.NDArray[np.float64] = exact.power(near / most, sharpness) / np.sqrt(winners)
    return vote * np.where(own, _SAME_BUYER, 1.0)


def _votes(
    register: Register, analyzed: AnalyzedLot, wins: _Wins, joint: Floats
) -> tuple[RowScores, RowScores]:
    """The winners' votes and local votes; joint winners share a vote."""
    c, spot = register.columns, analyzed.place.spot
    vote = _weights(register, analyzed, wins, joint, _SHARPNESS)
    vote = vote * min(1.0, float(joint[wins.award].max(initial=0)) / _CLEARLY_SIMILAR)
    if spot is None:
        return wins.total(vote), wins.total(np.zeros(len(vote)))
    km = distance_km(c.award_east[wins.award], c.award_north[wins.award], spot)
    return wins.total(vote), wins.total(vote * exact.exp(-km / _LOCAL_KM))
