"""Ask bundles many lots: their lists as runs, and the reasons for any list that is looked at."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from matcher.core.errors import BadLot, NotLawful
from matcher.core.types import Lot, Organisation
from matcher.law.rulebook import Rulebook
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.register.register import Register
from matcher.register.texts import award_texts, offers, vectors_of
from matcher.register.vectors import Vectors
from models.bundle import Bundle
from training.evaluation.line_files import Progress, silent
from training.evaluation.runs import RowDetails, Run

Ids: TypeAlias = Callable[[Organisation], Sequence[str]]
"""An organisation → the ids by which a run lists it."""

DEPTH = 100
REASONS = 4


def provider_names(register: Register) -> Callable[[str], str]:
    """A provider's id → what it is called in a register, '' where it is not there."""

    def named(provider: str) -> str:
        row = register.row(provider)
        return "" if row is None else register.organisations[row].provider.name

    return named


def own_id(one: Organisation) -> tuple[str, ...]:
    """An organisation by its own id alone."""
    return (one.provider.id,)


def shared_ids(known: Container[str]) -> Ids:
    """An organisation by each of its ids that is known elsewhere; by its own where none is."""

    def listed(one: Organisation) -> Sequence[str]:
        return [i for i in (one.provider.id, *one.provider.ids) if i in known] or own_id(one)

    return listed


def matcher_for(
    path: Path, bundle: str | Path, scratch: Path, progress: Progress = silent
) -> Matcher:
    """The register in folder `path`, ranked by a bundle; nothing of the register is changed.

    Where another bundle's embedder made the register's vectors, this one's are made in the
    folder `scratch`, unless they are there already.
    """
    opened, register = Bundle.open(bundle, FEATURES), Register.open(path)
    meaning = opened.knowledge.embedder_version
    if not meaning or meaning == str(register.manifest.get("meaning", "")):
        return Matcher.open(path, bundle)
    folder = scratch / f"vectors-{meaning[:16]}"
    if not folder.exists():
        progress(f"embedding for {opened.name}", 0, None)
        _embed(register, opened, folder)
    register = replace(register, vectors=Vectors.open(folder))
    return Matcher(register, opened, Rulebook.open())


def _embed(register: Register, bundle: Bundle, folder: Path) -> None:
    knowledge = bundle.knowledge
    if knowledge.embedder is None:
        return
    texts = list(award_texts(register.folder, knowledge.background))
    said = list(offers(register.folder, knowledge.background))
    vectors_of(knowledge.embedder, texts, said).save(folder)


@dataclass
class Asker:
    """A matcher that answers lots as a run does, and keeps the lots to explain them later."""

    name: str
    matcher: Matcher
    request: Request
    ids: Ids = own_id
    depth: int = DEPTH
    _lots: dict[str, Lot] = field(default_factory=dict, init=False)

    def run(
        self, lots: Iterable[Lot], progress: Progress = silent, whole: int | None = None
    ) -> Run:
        """The lists of the lots; a lot that is refused has none, and the run says why."""
        scores: dict[str, dict[str, float]] = {}
        told: dict[str, dict[str, RowDetails]] = {}
        refused: dict[str, str] = {}
        titles: dict[str, str] = {}
        for number, lot in enumerate(lots):
            progress(f"asking {self.name}", number, whole)
            self._lots[lot.id], titles[lot.id] = lot, lot.title
            try:
                said = self._list(lot)
            except (NotLawful, BadLot) as why:
                refused[lot.id] = str(why)
                continue
            if said:
                told[lot.id] = said
                scores[lot.id] = {one: -float(rank) for rank, one in enumerate(said, 1)}
        return Run(self.name, scores, told=told, titles=titles, refused=refused)

    def _list(self, lot: Lot) -> dict[str, RowDetails]:
        query = self.matcher.query(lot, self.request)
        ranking = self.matcher.rank(query, eligible_providers(query), self.request.seed)
        chances = ranking.probabilities
        said: dict[str, RowDetails] = {}
        for at, row in enumerate(ranking.rows[: self.depth].tolist()):
            one = self.matcher.register.organisations[row]
            chance = None if chances is None else float(chances[at])
            for each in self.ids(one):
                said.setdefault(each, RowDetails(one.provider.name, (), chance))
        return dict(islice(said.items(), self.depth))

    def explain(self, lot_id: str, limit: int) -> dict[str, RowDetails]:
        """Provider → its reasons, for the first `limit` of a lot that was asked."""
        lot = self._lots.get(lot_id)
        if lot is None:
            return {}
        try:
            answer = self.matcher.shortlist(lot, replace(self.request, limit=limit))
        except (NotLawful, BadLot):
            return {}
        told: dict[str, RowDetails] = {}
        for one in answer.suggestions:
            reasons = [r for r in one.reasons if r.counted and r.contribution][:REASONS]
            said = tuple(f"{r.contribution:+.2f} {r.words or r.name}" for r in reasons)
            row = self.matcher.register.row(one.id)
            known = (one.id,) if row is None else self.ids(self.matcher.register.organisations[row])
            told.update(dict.fromkeys(known, RowDetails(one.name, said, one.probability)))
        return told
