"""Learn what rankers build on from awards before a day: words, distances and meanings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from matcher.register.encoded_texts import award_texts, offers, vectors_of
from matcher.register.register import Register
from models.bundle import Bundle
from models.knowledge import Knowledge
from training.evaluation.line_files import Progress
from training.learning import background, distances, two_tower
from training.learning.encoders import EncodedRegister
from training.learning.examples import RegisterBefore, series
from training.learning.settings import TrainingSettings


def learn(
    register: Register, path: Path, settings: TrainingSettings, progress: Progress
) -> Knowledge:
    """Learn from the known awards of a register.

    Writes the vectors of the register into the folder `path`.
    """
    known, day = register.known_awards, _day(register)
    progress(f"counting words, to {day}", 0, None)
    words = background.learn(register)
    progress(f"reading awards, to {day}", 0, None)
    texts = list(award_texts(register.folder, words, known))
    profiles_and_names = list(offers(register.folder, words))
    history = two_tower.History(
        texts=texts,
        series=[series(register.awards[number].lot) for number in range(known)],
        winners=[register.winners.of(number) for number in range(known)],
        offers=profiles_and_names,
    )
    embedder = two_tower.learn(history, settings.embedder, words.places, settings.seed, progress)
    distance_model = distances.learn(register, [codes for _, codes in texts], settings.seed)
    progress(f"embedding, to {day}", 0, None)
    vectors_of(embedder, texts, profiles_and_names).save(path)
    return Knowledge(words, distance_model, embedder)


def learn_before(
    register: Register,
    before: date,
    folder: Path,
    settings: TrainingSettings,
    progress: Progress,
    *,
    encoded: EncodedRegister | None = None,
) -> tuple[RegisterBefore, Knowledge]:
    """The register with what was known before a day, written into `folder`.

    `encoded` is the register through an encoder that knows no award of that day or later.
    """
    knowledge = learn(register.before(before), folder / "vectors", settings, progress)
    if encoded is not None:
        knowledge = replace(knowledge, encoder=encoded.encoder, services=encoded.services)
    Bundle("knowledge", "", {}, {}, knowledge).save(folder / "bundle")
    root = register.folder.parent
    texts = encoded.texts if encoded else None
    return RegisterBefore(root, folder / "bundle", folder / "vectors", before, texts), knowledge


def _day(register: Register) -> str:
    if not register.known_awards:
        return "none"
    newest = int(register.columns.award_day[register.known_awards - 1])
    return f"{date.fromordinal(newest):%B %Y}"
