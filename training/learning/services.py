"""Makes vectors of the services that public bodies buy, with a sentence encoder.

`services.jsonl` has a service a line: its name, the CPV codes that a notice of it would have, how
buyers ask for it (`asks`), and what providers of it are called (`names`), say of themselves
(`profiles`) and did (`titles` of contracts).  `finer_services.jsonl` has more of them, which only
say what a lot asks for.  All were written for this product by a language model from general
knowledge, without sight of any register, award or graded need; the names are invented.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.register.build.embed import encode_many
from matcher.register.encoded_texts import name_text
from models import text
from models.encoder import STORED, Encoder
from models.services import Services

_TABLE = Path(__file__).with_name("services.jsonl")
_FINER = Path(__file__).with_name("finer_services.jsonl")
_OFFERED = ("names", "profiles", "titles")
_ASKED = ("service", "asks", "titles")


@dataclass(frozen=True)
class Service:
    """One service, in the words of those who buy it and of those who offer it."""

    service: str
    cpv: tuple[str, ...]
    asks: tuple[str, ...]
    names: tuple[str, ...]
    profiles: tuple[str, ...]
    titles: tuple[str, ...]

    def said(self, part: str) -> tuple[str, ...]:
        """The texts of one part."""
        return (self.service,) if part == "service" else getattr(self, part)

    def texts(self, encoder: Encoder, part: str) -> list[str]:
        """The texts of one part, as the encoder reads those of lots and providers."""
        if part == "names":
            return [name_text(encoder, name) for name in self.said(part)]
        return [text.without(one, encoder.place_names) for one in self.said(part)]


def table() -> list[Service]:
    """The services that texts of providers are compared with, in the order of the file."""
    return _read(_TABLE)


def finer() -> list[Service]:
    """The services that only say what a lot asks for, in the order of the file."""
    return _read(_FINER)


def _read(path: Path) -> list[Service]:
    with path.open(encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        parts = ("cpv", "asks", *_OFFERED)
        return [Service(row["service"], *(tuple(row[part]) for part in parts)) for row in rows]


def encoded(
    encoder: Encoder, services: Sequence[Service] | None = None, more: Sequence[Service] = ()
) -> Services:
    """The services as vectors of this encoder, then `more` that only say what a lot asks for.

    Without `services`, those of both files.
    """
    if services is None:
        services, more = table(), finer()
    every = (*services, *more)
    sums = {part: _sums(encoder, every, part) for part in _ASKED}
    sums |= {part: _sums(encoder, services, part) for part in _OFFERED if part not in sums}
    offered = [_units(sums[part][: len(services)]) for part in _OFFERED]
    asked = _units(sums["service"] + sums["asks"] + sums["titles"])
    names, codes = tuple(one.service for one in every), tuple(one.cpv for one in every)
    return Services(names, asked, np.stack(offered), encoder.version, codes)


def _sums(encoder: Encoder, services: Sequence[Service], part: str) -> npt.NDArray[np.float64]:
    """(services, d) the sums of the vectors of the texts of one part."""
    texts = [one.texts(encoder, part) for one in services]
    vectors = np.concatenate(list(encode_many(encoder, [text for own in texts for text in own])))
    sums = np.zeros((len(services), encoder.size))
    np.add.at(sums, [n for n, own in enumerate(texts) for _ in own], vectors)
    return sums


def _units(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """(n, d) vectors of the length that an encoder's stored vectors have.

    The sums are of whole numbers, so they and their lengths are exact.
    """
    length = np.sqrt((sums * sums).sum(axis=1, keepdims=True))
    whole = np.rint(sums / np.maximum(length, 1) * STORED)
    units: npt.NDArray[np.int8] = np.clip(whole, -127, 127).astype(np.int8)
    return units
