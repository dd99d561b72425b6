"""Sentence encoders that a bundle is trained with: which of them may be asked on which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from matcher.register.build.embed import encoded_before, write_encoded
from matcher.register.register import Register
from models.bundle import Bundle
from models.encoder import Encoder
from models.errors import BundleError
from models.services import Services
from training.evaluation.line_files import Progress
from training.learning import services

KNOWS_BEFORE = "knows awards before"
"""Where an encoder's card says before which day the awards lie that it learned from."""


@dataclass(frozen=True)
class EncodedRegister:
    """An encoder, and the folder of the vectors that it made of a register's texts."""

    encoder: Encoder
    texts: Path
    services: Services
    """as the encoder reads them"""


@dataclass(frozen=True)
class Encoders:
    """Encoders by the day before which the awards lie that they learned from, oldest first."""

    encoders: tuple[tuple[date, Encoder], ...] = ()

    @classmethod
    def open(cls, folder: Path) -> Encoders:
        """The encoders in `folder`, one a file.

        Raises BundleError where there is none, or where a card does not say what it knows.
        """
        found = {path.name: Encoder.open(path) for path in sorted(folder.glob("*.npz"))}
        if not found:
            raise BundleError(f"--encoders {folder}: no encoder there (*.npz)")
        dated = [(_knows_before(encoder, name), encoder) for name, encoder in found.items()]
        return cls(tuple(sorted(dated, key=lambda pair: pair[0])))

    @classmethod
    def of(cls, bundle: Bundle) -> Encoders:
        """That of a bundle, if it has one.  Raises BundleError as `open` does."""
        encoder = bundle.knowledge.encoder
        return cls(((_knows_before(encoder, bundle.name), encoder),) if encoder else ())

    def on(self, day: date) -> Encoder | None:
        """The newest that knows no award of `day` or later; None where there is no encoder.

        Raises BundleError where each knows too much.
        """
        if not self.encoders:
            return None
        fit = [encoder for before, encoder in self.encoders if before <= day]
        if not fit:
            raise BundleError(
                f"--encoders: each knows awards of {day} or later, which the lots of that window "
                "must not; give an older encoder, or fewer or later windows in --config"
            )
        return fit[-1]

    def used_on(self, days: Iterable[date]) -> Encoders:
        """Those that are asked on any of the days.  Raises BundleError as `on` does."""
        asked = {id(self.on(day)) for day in days}
        return Encoders(tuple(pair for pair in self.encoders if id(pair[1]) in asked))

    def encoded(
        self, register: Register, day: date, scratch: Path, progress: Progress
    ) -> EncodedRegister | None:
        """The register through the encoder of `day`, whose vectors are kept in `scratch`.

        The vectors are of all awards, but of an award nobody sees more than of its words, and
        only where the register knows it.
        """
        encoder = self.on(day)
        if encoder is None:
            return None
        folder, kept = scratch / f"encoded-{encoder.version}", scratch / f"{encoder.version}.npz"
        if not kept.exists():
            progress("encoding services", 0, None)
            services.encoded(encoder).save(kept)
        known = Services.open(kept)
        if not folder.exists():
            here = register.folder
            before = encoded_before(here, encoder, known)
            write_encoded(here, folder, encoder, progress, before, services=known)
        return EncodedRegister(encoder, folder, known)


NO_ENCODERS = Encoders()


def _knows_before(encoder: Encoder, name: str) -> date:
    try:
        return date.fromisoformat(str(encoder.card[KNOWS_BEFORE]))
    except (KeyError, ValueError) as wrong:
        raise BundleError(
            f"--encoders: {name} does not say before which day the awards lie that it "
            f"learned from (its card's '{KNOWS_BEFORE}')"
        ) from wrong
