"""Tunes a sentence encoder on providers that people graded by reading.

A provider is as near to a lot as the nearest of its texts: what it says, or a past contract. Two
losses are added: how badly the nearness tells whether a provider fits (a logistic regression of
two numbers, learned along), and how far the order of a list is from that of its grades (softmax).
Where people also told what the bearers of names do, a third is added: how badly a name is told
from others by that (as in `training.learning.fine_tuning`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from matcher.geo.geocoding import place_of
from matcher.register.encoded_texts import award_text, lot_text, provider_text
from matcher.register.register import Register
from models.encoder import Encoder
from models.encoder_layers import Floats
from models.errors import BundleError
from models.wordpiece import WordPieces
from training.evaluation.line_files import Progress
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import Encoders
from training.learning.fine_tuning import pair_loss, share
from training.learning.names_told import told_pairs
from training.learning.network import Network
from training.learning.pairs import Pairs
from training.learning.people import JudgedLot
from training.learning.settings import GradeSettings, TrainingSettings

_TITLES = 3
"""The latest past contracts of a provider that are read."""


@dataclass(frozen=True)
class GradedList:
    """One lot and its graded providers, by the numbers of their texts."""

    lot: int
    providers: tuple[tuple[int, ...], ...]
    """for each provider: what it is called and says it does, then past contracts"""
    grades: tuple[float, ...]


@dataclass(frozen=True)
class GradedTexts:
    """Texts, and the lists that name them by number."""

    texts: tuple[str, ...]
    lists: tuple[GradedList, ...]


def graded_texts(register: Register, judged: Sequence[JudgedLot], encoder: Encoder) -> GradedTexts:
    """The texts of judged lots that relevance may learn from, and of their providers.

    Only awards that `register` knows are read, and none with the title of the lot: it may be the
    award of that very lot. Providers that the register does not know are left out. `encoder` says
    which words name places; its weights are not used.
    """
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers))

    found = []
    for one in judged:
        if "relevance" not in one.counts_for:
            continue
        place = place_of(one.lot, register.postcodes, register.councils)
        rows = {provider: register.row(provider) for provider in one.grades}
        graded = [(row, one.grades[provider]) for provider, row in rows.items() if row is not None]
        lot = number(lot_text(encoder, one.lot, place))
        own = award_text(encoder, one.lot, place)
        providers = tuple(
            tuple(map(number, _texts(register, encoder, row, own))) for row, _ in graded
        )
        if graded:
            found.append(GradedList(lot, providers, tuple(grade for _, grade in graded)))
    return GradedTexts(tuple(numbers), tuple(found))


def _texts(register: Register, encoder: Encoder, row: int, own: str) -> list[str]:
    """What a provider is called and says it does, then its latest past contracts but for `own`."""
    won = register.won.of(row)
    lots = [register.awards[n].lot for n in won[won < register.known_awards].tolist()]
    titles = dict.fromkeys(
        award_text(encoder, lot, place_of(lot, register.postcodes, register.councils))
        for lot in lots
    )
    said = provider_text(encoder, register.organisations[row].provider)
    return [said, *[title for title in titles if title not in ("", own)][-_TITLES:]]


_FITS = np.array([0.02, 0.15, 0.85, 0.98])
"""By grade: how likely the provider fits. Readers differ, so no grade is certain."""
_SHARPNESS = 20.0
_ORDER = 0.3
"""How much the order of a list counts beside whether each provider fits."""
_SLOPE, _MIDDLE = 10.0, 0.5
"""Where the logistic regression starts: odds rise tenfold so fast, and are even here."""
_MOST = 2048
"""Pieces of a batch of texts."""
_PAIRS, _TEMPERATURE = 0.15, 0.05
"""How much pairs of names and work count, and how sharply they are told apart."""


@dataclass(frozen=True)
class GradeTuning:
    """One run: what it starts from, and its settings."""

    base: BaseEncoder
    settings: GradeSettings
    seed: int

    def learn(self, graded: GradedTexts, told: Pairs, progress: Progress) -> dict[str, Floats]:
        """The weights after all epochs, named as in `BaseEncoder.weights`.

        Raises BundleError where a library is missing or nothing is graded.
        """
        if not graded.lists:
            raise BundleError("--tune-on: no graded provider is in the register")
        settings = self.settings
        pieces, most = WordPieces(self.base.pieces), min(settings.pieces, self.base.longest)
        tokens, named = (
            [pieces.numbers(text, most) for text in texts] for texts in (graded.texts, told.texts)
        )
        network = Network(self.base, settings.rate, settings.decay, self.seed)
        logistic = Logistic(network)
        steps = -(-len(graded.lists) // settings.lists)
        whole = steps * settings.epochs
        for epoch in range(settings.epochs):
            draw = np.random.default_rng([self.seed, epoch])
            order = draw.permutation(len(graded.lists))
            for number, batch in enumerate(np.array_split(order, steps)):
                done = epoch * steps + number
                progress(f"tuning on grades, on {network.device}", done, whole)
                lists = [_part(graded.lists[i], settings.most, draw) for i in batch.tolist()]
                loss = _loss(network, logistic, tokens, lists)
                if len(told):
                    some = draw.permutation(len(told))[: settings.pairs]
                    loss = loss + _PAIRS * pair_loss(network, told, named, some, _TEMPERATURE)
                network.step(loss, share(done, whole))
                logistic.step(share(done, whole))
        return network.weights()


class Logistic:
    """Two numbers that turn a cosine into the odds that a provider fits."""

    def __init__(self, network: Network) -> None:
        torch = network.torch
        start = torch.tensor([_SLOPE, _MIDDLE], device=network.device)
        self.numbers = torch.nn.Parameter(start)
        self._optimiser = torch.optim.AdamW([self.numbers], weight_decay=0.0)

    def odds(self, cosines: Any) -> Any:  # noqa: ANN401 - tensors
        """The log odds for each cosine."""
        return self.numbers[0] * (cosines - self.numbers[1])

    def step(self, share_: float) -> None:
        """Learn from the gradient of the last loss."""
        for group in self._optimiser.param_groups:
            group["lr"] = 1e-2 * share_
        self._optimiser.step()
        self._optimiser.zero_grad()


def _part(whole: GradedList, most: int, draw: np.random.Generator) -> GradedList:
    """The list, or `most` of its providers drawn at random."""
    if len(whole.grades) <= most:
        return whole
    kept = draw.permutation(len(whole.grades))[:most].tolist()
    providers = tuple(whole.providers[i] for i in kept)
    return GradedList(whole.lot, providers, tuple(whole.grades[i] for i in kept))


def _loss(
    network: Network, logistic: Logistic, tokens: list[list[int]], lists: list[GradedList]
) -> Any:  # noqa: ANN401 - a tensor
    torch = network.torch
    named = {n for one in lists for texts in one.providers for n in texts}
    texts = sorted(named | {one.lot for one in lists})
    place = {number: i for i, number in enumerate(texts)}
    vectors = network.unit_by_length([tokens[n] for n in texts], _MOST)
    total = torch.zeros((), device=network.device)
    for one in lists:
        lot = vectors[place[one.lot]]
        nearest = torch.stack(
            [(vectors[[place[n] for n in texts]] @ lot).max() for texts in one.providers]
        )
        grades = np.array(one.grades)
        fits = np.interp(grades, np.arange(len(_FITS)), _FITS).astype(np.float32)
        entropy = torch.nn.functional.binary_cross_entropy_with_logits
        total = total + entropy(logistic.odds(nearest), network.tensor(fits))
        gain = (2.0**grades - 1).astype(np.float32)
        if gain.any():
            wanted = network.tensor(gain / gain.sum())
            total = total - _ORDER * (wanted * torch.log_softmax(nearest * _SHARPNESS, 0)).sum()
    return total / len(lists)


@dataclass(frozen=True)
class Tuning:
    """What encoders are tuned on: judged lots, and what the register knows of their providers."""

    register: Register
    judged: Sequence[JudgedLot]
    told: Sequence[tuple[str, str]]
    """names, and what their bearers do"""
    settings: TrainingSettings
    progress: Progress

    def encoders(self, untuned: Encoders) -> Encoders:
        """Each tuned with what was known on the day up to which it had learned.

        Raises BundleError where there is no encoder, a library is missing or nothing is graded.
        """
        if not untuned.encoders:
            raise BundleError("--tune-on: there is no encoder to tune; give --encoders")
        return Encoders(tuple((day, self._tuned(day, one)) for day, one in untuned.encoders))

    def _tuned(self, day: date, encoder: Encoder) -> Encoder:
        def tell(what: str, done: int, total: int | None) -> None:
            self.progress(f"{what} (encoder to {day})", done, total)

        base = BaseEncoder.of(encoder)
        graded = graded_texts(self.register.before(day), self.judged, encoder)
        tuning = GradeTuning(base, self.settings.grades, self.settings.seed)
        weights = tuning.learn(graded, told_pairs(self.told, encoder), tell)
        card = {
            **encoder.card,
            "tuned on grades": {
                "from": encoder.version,
                "lots": len(graded.lists),
                "providers": sum(len(one.grades) for one in graded.lists),
                "names told": len(self.told),
                "settings": asdict(self.settings.grades),
            },
        }
        return base.encoder(weights, encoder.place_names, encoder.common, card)
