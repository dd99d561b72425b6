"""The award replay: ask past lots again with only the awards before a window.

A hit is a supplier that won the lot.  Queries are lots of local government with at most 20
winners, the first of those that share buyer and the first 60 letters of the title.  Ids are
taken as the files have them.  A lot that the gate refuses (its buyer has the name of a council
elsewhere) has no list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ir_measures

from matcher.core.atomic import replacing_folder
from matcher.core.leftovers import scratch_folder
from matcher.core.types import Award, Lot, Organisation
from matcher.geo.geocoding import place_of
from matcher.law.types import Purpose
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.register import Register
from models.bundle import Bundle
from training.evaluation import slices
from training.evaluation.line_files import Progress
from training.evaluation.qrels import Qrels
from training.evaluation.slices import PopulationDensity, Slices
from training.learning.cross_fitting import cross_fitted
from training.learning.encoders import NO_ENCODERS, Encoders
from training.learning.examples import MOST_WINNERS, as_invite_lot
from training.learning.files import save
from training.learning.settings import TrainingSettings
from training.learning.train import knows_before, train
from training.learning.windows import Training
from training.replays.runner import Asker

_TITLE = 60
_LOCAL = re.compile(
    r"council|borough|county|city of|metropolitan|combined authority|unitary|district"
    r"|local authority|\bfire\b|\bpolice\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class AwardReplay:
    """The lots to ask with their winners, and the awards before."""

    queries: tuple[Award, ...]
    history: tuple[Award, ...]
    flags: dict[str, frozenset[str]]
    """slice → its lots"""

    @property
    def ir_qrels(self) -> list[ir_measures.Qrel]:
        """The winners as ir-measures takes them."""
        return [ir_measures.Qrel(q.lot.id, s.id, 1) for q in self.queries for s in q.suppliers]

    @property
    def qrels(self) -> Qrels:
        """The winners as judgements, all of grade 1."""
        grades = {q.lot.id: dict.fromkeys((s.id for s in q.suppliers), 1) for q in self.queries}
        return Qrels(grades, "winners")


def build_replay(awards: Iterable[Award], first: date, last: date) -> AwardReplay:
    """Queries of the window and the history before it, by the replay's rules."""
    history, selected, seen = [], [], set()
    for award in sorted(awards, key=lambda a: (a.day, a.id)):
        if award.day < first:
            history.append(award)
        elif award.day <= last and _is_query(award):
            series = (award.lot.buyer.lower(), award.lot.title.lower()[:_TITLE])
            if series not in seen:
                seen.add(series)
                selected.append(award)
    return AwardReplay(tuple(selected), tuple(history), replay_flags(selected, history))


def _is_query(award: Award) -> bool:
    return bool(_LOCAL.search(award.lot.buyer)) and 0 < len(award.suppliers) <= MOST_WINNERS


def replay_flags(selected: Sequence[Award], history: Sequence[Award]) -> dict[str, frozenset[str]]:
    """Slice → its lots, by what the notices alone show."""
    earlier_winners = {s.id for a in history for s in a.suppliers}

    def lots(keep: Callable[[Award], bool]) -> frozenset[str]:
        return frozenset(a.lot.id for a in selected if keep(a))

    warm = lots(lambda a: any(s.id in earlier_winners for s in a.suppliers))
    everything = lots(lambda a: True)
    return {
        "all": everything,
        "warm": warm,
        "cold": everything - warm,
        "sme": lots(lambda a: any("sme (self-declared)" in s.tags for s in a.suppliers)),
        "vcse": lots(lambda a: any("vcse (self-declared)" in s.tags for s in a.suppliers)),
    }


def sample(replay: AwardReplay, count: int | None) -> AwardReplay:
    """The replay with about `count` of its lots, spread evenly over the window."""
    if not count:
        return replay
    queries = replay.queries[:: max(1, len(replay.queries) // count)]
    return AwardReplay(queries, replay.history, replay_flags(queries, replay.history))


def replay_asker(
    name: str,
    matcher: Matcher,
    before: date,
    purpose: Purpose,
    pool: Container[str],
    *,
    weak: bool = False,
) -> Asker:
    """The product over all providers, with only awards before a day; with weak matches on request.

    An organisation with several ids of the pool takes one place for each id.
    """

    def in_pool(one: Organisation) -> Sequence[str]:
        return [i for i in (one.provider.id, *one.provider.ids) if i in pool]

    request = Request(purpose, Filters(everyone=True), before=before, weak=weak)
    return Asker(name, matcher, request, in_pool)


def lot_for_purpose(lot: Lot, purpose: Purpose) -> Lot:
    """The lot as the product is asked; the rulebook has no invite lists for past days."""
    return lot if purpose is Purpose.ENGAGEMENT else as_invite_lot(lot)


def learned_into_window(bundle: str | Path, first: date) -> date | None:
    """The day before which a bundle learned from awards, if after `first`; otherwise None."""
    learned_until = knows_before(Bundle.open(bundle, FEATURES))
    return learned_until if learned_until > first else None


def train_before(
    register: Path,
    out: Path,
    first: date,
    config: Path | None,
    progress: Progress,
    *,
    encoders: Path | None = None,
) -> None:
    """Train a bundle in the folder `out` on the awards of a register before `first`.

    `encoders` is a folder of sentence encoders, of which each period of past lots uses the newest
    that knows none of its awards.  Raises BundleError where each knows too much.
    """
    known = Encoders.open(encoders) if encoders else NO_ENCODERS
    with scratch_folder("training") as scratch:
        settings = TrainingSettings.read(config)
        job = Training(Register.open(register), settings, scratch, progress, known)
        save(*train(job, out.name, first), out)


def cross_fit(
    register: Path,
    out: Path,
    until: date,
    settings: TrainingSettings,
    *,
    bundle: Bundle,
    progress: Progress,
) -> None:
    """Train, for each window before `until`, a bundle on the other windows' lots.

    They are written into the folder `out`, each named by the first day of its window, and have the
    encoder and relevance of `bundle`.  Raises BundleError where that encoder knows a window's
    awards.
    """
    relevance = next((one.relevance for one in bundle.rankers.values() if one.relevance), None)
    with scratch_folder("training") as scratch, replacing_folder(out) as folder:
        known = Encoders.of(bundle)
        job = Training(Register.open(register), settings, scratch, progress, known, relevance)
        for window, learned in cross_fitted(job, until):
            learned.save(folder / window.first.isoformat())


def replay_slices(replay: AwardReplay, register: Register, first: date) -> Slices:
    """The lots of a replay by service, region, surroundings, value and winners."""
    then, density = register.before(first), PopulationDensity.count(register.postcodes)
    return slices.group_lots(_marks(replay, then, density))


def _marks(
    replay: AwardReplay, register: Register, density: PopulationDensity
) -> Iterator[tuple[str, slices.Mark]]:
    for award in replay.queries:
        lot = award.lot
        place = place_of(lot, register.postcodes, register.councils)
        for mark in slices.lot_marks(lot, place, register, density):
            yield lot.id, mark
        rows = [register.row(one.id) for one in award.suppliers]
        won = [register.organisations[row] for row in rows if row is not None]
        for mark in slices.winner_marks(won, [lot.id in replay.flags["warm"]]):
            yield lot.id, mark
        for flag in ("sme", "vcse"):
            if lot.id in replay.flags[flag]:
                yield lot.id, ("winner says it is", flag.upper())


def replay_lots(replay: AwardReplay, purpose: Purpose) -> list[Lot]:
    """The lots as the product is asked, in order of time."""
    return [lot_for_purpose(query.lot, purpose) for query in replay.queries]
