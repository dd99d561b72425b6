"""Makes vectors of the services that public bodies buy, with a sentence encoder.

`services.jsonl` has a service a line: its name, how buyers ask for it (`asks`), and what providers
of it are called (`names`), say of themselves (`profiles`) and did (`titles` of contracts).  The
texts were written for this product by a language model from general knowledge, without sight of
any register, award or graded need; the names are invented.
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
_OFFERED = ("names", "profiles", "titles")


@dataclass(frozen=True)
class Service:
    """One service, in the words of those who buy it and of those who offer it."""

    service: str
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
    """All services, in the order of the file."""
    with _TABLE.open(encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return [Service(r["service"], *(tuple(r[p]) for p in ("asks", *_OFFERED))) for r in rows]


def encoded(encoder: Encoder, services: Sequence[Service] | None = None) -> Services:
    """The services (all of the table, unless said) as vectors of this encoder."""
    known = table() if services is None else services
    parts = ("service", "asks", *_OFFERED)
    texts = [said for one in known for part in parts for said in one.texts(encoder, part)]
    vectors = np.concatenate(list(encode_many(encoder, texts))).astype(np.float64)
    sums = {part: np.zeros((len(known), encoder.size)) for part in parts}
    owner = [(part, n) for n, one in enumerate(known) for part in parts for _ in one.said(part)]
    for (part, n), vector in zip(owner, vectors, strict=True):
        sums[part][n] += vector
    asked = _units(sums["service"] + sums["asks"] + sums["titles"])
    offered = np.stack([_units(sums[part]) for part in _OFFERED])
    return Services(tuple(one.service for one in known), asked, offered, encoder.version)


def _units(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """(n, d) vectors of the length that an encoder's stored vectors have.

    The sums are of whole numbers, so they and their lengths are exact.
    """
    length = np.sqrt((sums * sums).sum(axis=1, keepdims=True))
    whole = np.rint(sums / np.maximum(length, 1) * STORED)
    units: npt.NDArray[np.int8] = np.clip(whole, -127, 127).astype(np.int8)
    return units
