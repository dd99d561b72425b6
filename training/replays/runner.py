"""Ask a bundle many lots: its lists as a run, and the reasons for a list on request."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from matcher.core import workers
from matcher.core.errors import BadLot, NotLawful
from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot, Organisation
from matcher.ranking.batch import Refusal, queries
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.register.build.embed import embed_copy
from matcher.register.build.snapshot import COPY, require_space_for_copy
from matcher.register.encoded_texts import vectors_version
from matcher.register.register import Register
from models.bundle import Bundle
from training.evaluation.comparison import Explain
from training.evaluation.line_files import Progress, no_progress
from training.evaluation.runs import RowDetails, Run

Say: TypeAlias = Callable[[str], None]
"""Tells the person who asked, in a sentence."""
Ids: TypeAlias = Callable[[Organisation], Sequence[str]]
"""An organisation → the ids under which a run lists it."""

DEPTH = 100
_MOST_A_PART = 20
REASONS = 4


def say_nothing(_: str) -> None:
    """Tell nobody."""


def provider_names(register: Register) -> Callable[[str], str]:
    """A function from a provider's id to its name in a register, '' where it is missing."""

    def named(provider: str) -> str:
        row = register.row(provider)
        return "" if row is None else register.organisations[row].provider.name

    return named


def explaining(runs: Iterable[Run], askers: Iterable[Asker | None], depth: int) -> Explain:
    """What explains the lists of `runs`, each made by an asker; nothing of those without one."""
    by_name = {run.name: asker for run, asker in zip(runs, askers, strict=False) if asker}

    def explain(run: str, lot: str) -> Mapping[str, RowDetails]:
        return by_name[run].explain(lot, depth) if run in by_name else {}

    return explain


def own_id(organisation: Organisation) -> tuple[str, ...]:
    """Lists an organisation under its own id."""
    return (organisation.provider.id,)


def shared_ids(known: Container[str]) -> Ids:
    """Lists an organisation under each of its ids in `known`; without one, under its own id."""

    def listed(organisation: Organisation) -> Sequence[str]:
        return [
            i for i in (organisation.provider.id, *organisation.provider.ids) if i in known
        ] or own_id(organisation)

    return listed


def matcher_for(
    path: Path,
    bundle: str | Path,
    scratch: Path,
    progress: Progress,
    say: Say,
) -> Matcher:
    """The register in folder `path`, ranked by a bundle; the register is not changed.

    Where another bundle made the register's vectors, a copy of it with new ones is made in the
    folder `scratch`, unless it is there already; `say` is told so.
    Raises RegisterError where the disk there is too small, or the register is changed meanwhile.
    """
    opened, register = Bundle.open(bundle, FEATURES), Register.open(path)
    meaning = vectors_version(opened.knowledge)
    if not meaning or meaning == register.manifest.meaning:
        return Matcher.open(path, bundle)
    copy = scratch / f"{COPY}{fingerprint(f'{register.version} {meaning}'):016x}"
    if not (copy / "CURRENT").exists():
        needed = require_space_for_copy(path, register.folder, scratch)
        size = f"{needed / 1e9:,.2f} GB"
        say(
            f"{path} is not prepared for the model {opened.name}, so that is asked over a copy. It "
            f"is made in {scratch} and takes at least {size}. The register is not changed."
        )
        progress(f"copying the register for {opened.name}", 0, None)
        embed_copy(path, copy, opened, progress)
    return Matcher.open(copy, bundle)


@dataclass
class Asker:
    """A matcher that lists lots as a run, and keeps them to explain lists later."""

    name: str
    matcher: Matcher
    request: Request
    ids: Ids = own_id
    depth: int = DEPTH
    _lots: dict[str, Lot] = field(default_factory=dict, init=False)

    def run(
        self, lots: Iterable[Lot], progress: Progress = no_progress, whole: int | None = None
    ) -> Run:
        """The lists for the lots; for a refused lot the run has the reason."""
        scores: dict[str, dict[str, float]] = {}
        details: dict[str, dict[str, RowDetails]] = {}
        refused: dict[str, str] = {}
        titles: dict[str, str] = {}
        every = list(lots)
        parts = [every[at : at + _MOST_A_PART] for at in range(0, len(every), _MOST_A_PART)]
        results = chain.from_iterable(workers.in_order(replace(self)._list_part, parts))
        for number, (lot, listed) in enumerate(zip(every, results, strict=True)):
            progress(f"asking {self.name}", number, whole)
            self._lots[lot.id], titles[lot.id] = lot, lot.title
            if isinstance(listed, str):
                refused[lot.id] = listed
            elif listed:
                details[lot.id] = listed
                scores[lot.id] = {id_: -float(rank) for rank, id_ in enumerate(listed, 1)}
        return Run(self.name, scores, details=details, titles=titles, refused=refused)

    def _list_part(self, lots: Sequence[Lot]) -> list[dict[str, RowDetails] | str]:
        """The list of each lot, or why it is refused."""
        found = queries([(lot, self.request) for lot in lots], self.matcher.query)
        return [
            query.message if isinstance(query, Refusal) else self._list(query) for _, query in found
        ]

    def _list(self, query: Query) -> dict[str, RowDetails]:
        ranking = self.matcher.rank(
            query, eligible_providers(query), self.request.seed, weak=self.request.weak
        )
        probabilities = ranking.probabilities
        listed: dict[str, RowDetails] = {}
        for at, row in enumerate(ranking.rows[: self.depth].tolist()):
            organisation = self.matcher.register.organisations[row]
            probability = None if probabilities is None else float(probabilities[at])
            for id_ in self.ids(organisation):
                listed.setdefault(id_, RowDetails(organisation.provider.name, (), probability))
        return dict(islice(listed.items(), self.depth))

    def explain(self, lot_id: str, limit: int) -> dict[str, RowDetails]:
        """Provider → its reasons, for the first `limit` of a lot in the run."""
        lot = self._lots.get(lot_id)
        if lot is None:
            return {}
        try:
            answer = self.matcher.shortlist(lot, replace(self.request, limit=limit))
        except (NotLawful, BadLot):
            return {}
        details: dict[str, RowDetails] = {}
        for provider in answer.suggestions:
            counted = [r for r in provider.reasons if r.counted and r.contribution][:REASONS]
            reasons = tuple(f"{r.contribution:+.2f} {r.words or r.name}" for r in counted)
            row = self.matcher.register.row(provider.id)
            register = self.matcher.register
            ids = (provider.id,) if row is None else self.ids(register.organisations[row])
            found = RowDetails(provider.name, reasons, provider.probability)
            details.update(dict.fromkeys(ids, found))
        return details
