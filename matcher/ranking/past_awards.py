"""How similar past awards are to a lot, and what that says about their winners."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Floats, Ints, Mask, run_starts, slices
from matcher.geo.distance import distance_km
from matcher.ranking.query import Query
from matcher.ranking.tie_break import Keys, tie_break_keys
from matcher.register.analysis import AnalyzedLot
from matcher.register.register import Register
from matcher.register.rows import Rows, among_best, best
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
    """How similar past awards are to a lot, and what their winners get from it."""

    likeness: Floats
    """(awards,) shared words; 1 means as much as all the lot's key words"""
    depth: npt.NDArray[np.uint8]
    """(awards,) CPV digits shared with the lot: 0, 2, 3, 4, 5 or 8"""
    best_likeness: Floats
    """(rows,) similarity of the most similar award that the provider won"""
    votes: Floats
    """(rows,) sharpened similarity summed over its awards; this buyer's count three times"""
    local_votes: Floats
    """(rows,) as `votes`, decreasing with distance from the lot"""
    meaning: Floats
    """(awards,) cosine of the meanings; 0 for all where there are no vectors"""
    best_meaning: Floats
    """(rows,) `meaning` of its closest award, if that is among the closest of all"""
    meaning_votes: Floats
    """(rows,) sharpened meaning summed over its awards; this buyer's count three times"""

    def subset(self, rows: Ints) -> AwardEvidence:
        """This evidence for some of the rows."""
        return replace(
            self,
            best_likeness=self.best_likeness[rows],
            votes=self.votes[rows],
            local_votes=self.local_votes[rows],
            best_meaning=self.best_meaning[rows],
            meaning_votes=self.meaning_votes[rows],
        )


@dataclass(frozen=True)
class _Wins:
    """(award, row) for each award and each allowed provider that won it."""

    award: Ints
    row: Ints

    def where(self, kept: Mask) -> _Wins:
        """Those of the wins that are marked in `kept`, (wins,)."""
        return _Wins(self.award[kept], self.row[kept])


def award_evidence(query: Query, rows: Rows, allowed: Mask) -> AwardEvidence:
    """Compare the lot with every known award, and credit the allowed winners among `rows`."""
    register, analyzed = query.register, query.analyzed
    known = register.known_awards
    likeness = register.past.scores(query.past, Rows.span(0, known))
    digits = depth(register, analyzed)
    joint = np.where(likeness > 0, likeness + np.float32(A_DIGIT) * digits, np.float32(0))
    own = _own_wins(register, rows, allowed)
    alike = own.where(joint[own.award] > 0) if own else _wins(register, rows, allowed, joint)
    wins = _most_alike(alike, joint, analyzed.lot.id)
    closest = np.zeros(len(rows), np.float32)
    np.maximum.at(closest, wins.row, likeness[wins.award])
    votes, local = _votes(register, analyzed, wins, joint, len(rows))
    meaning, best_meaning, meaning_votes = _meaning_evidence(query, rows, allowed, own)
    return AwardEvidence(
        likeness=likeness,
        depth=digits,
        best_likeness=closest,
        votes=votes,
        local_votes=local,
        meaning=meaning,
        best_meaning=best_meaning,
        meaning_votes=meaning_votes,
    )


def _meaning_evidence(
    query: Query, rows: Rows, allowed: Mask, own: _Wins | None
) -> tuple[Floats, Floats, Floats]:
    """(awards,) meaning; and (rows,) the best meaning and the votes by meaning."""
    register, analyzed, lot = query.register, query.analyzed, query.meaning
    best_of, votes = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
    if lot is None:
        return np.zeros(register.known_awards, np.float32), best_of, votes
    meaning = np.maximum(lot.vectors.awards[: register.known_awards] @ lot.vector, 0)

    def tie_keys(award: Ints) -> Keys:
        return tie_break_keys(award.astype(np.uint64), 0, analyzed.lot.id)

    most = min(_enough(register, allowed), _MOST_NEAR)
    if own:
        near = own.where(among_best(meaning, most, tie_keys, own.award))
    else:
        near = _won_by(register, rows, allowed, np.sort(best(meaning, most, tie_keys)))
    wins = _most_alike(near, meaning, analyzed.lot.id)
    if len(wins.award):
        np.maximum.at(best_of, wins.row, meaning[wins.award])
        vote = _weights(register, analyzed, wins, meaning, _MEANING_SHARPNESS)
        votes = np.bincount(wins.row, vote, len(rows)).astype(np.float32)
    return meaning, best_of, votes


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
    vote: npt.NDArray[np.float64] = exact.power(near / near.max(), sharpness) / np.sqrt(winners)
    return vote * np.where(own, _SAME_BUYER, 1.0)


def _votes(
    register: Register, analyzed: AnalyzedLot, wins: _Wins, joint: Floats, rows: int
) -> tuple[Floats, Floats]:
    """(rows,) votes and local votes; joint winners share a vote."""
    c, spot = register.columns, analyzed.place.spot
    if not len(wins.award):
        return np.zeros(rows, np.float32), np.zeros(rows, np.float32)
    vote = _weights(register, analyzed, wins, joint, _SHARPNESS)
    vote = vote * min(1.0, float(joint[wins.award].max()) / _CLEARLY_SIMILAR)
    votes = np.bincount(wins.row, vote, rows).astype(np.float32)
    if spot is None:
        return votes, np.zeros(rows, np.float32)
    km = distance_km(c.award_east[wins.award], c.award_north[wins.award], spot)
    local = np.bincount(wins.row, vote * exact.exp(-km / _LOCAL_KM), rows).astype(np.float32)
    return votes, local
