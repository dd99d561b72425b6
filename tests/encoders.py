"""A small encoder of random weights, for tests: what it finds near means nothing."""

from __future__ import annotations

from functools import cache
from string import ascii_lowercase, digits, punctuation

import numpy as np

from models.encoder import Encoder
from models.encoder_layers import Floats, Layer, Linear
from models.services import Services
from models.wordpiece import WordPieces

SIZE, WIDE, PIECES = 64, 128, 24
WORDS = ("plumb", "roof", "##ing", "meals", "grass", "cutting", "youth", "work", "services")


@cache
def tiny(seed: int = 0, until: str = "2020-01-01") -> Encoder:
    """Two layers that read at most `PIECES` pieces; `until` is what its card says it knows."""
    draw = np.random.default_rng(seed)
    letters = [*ascii_lowercase, *digits]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    pieces += [*WORDS, *punctuation]

    def linear(width: int, out: int) -> Linear:
        weights = draw.normal(0, 0.3, (width, out)).astype(np.float32)
        return Linear.of(weights, draw.normal(0, 0.1, out).astype(np.float32))

    def norm() -> tuple[Floats, Floats]:
        scale = draw.normal(1, 0.1, SIZE).astype(np.float32)
        return scale, draw.normal(0, 0.1, SIZE).astype(np.float32)

    layers = tuple(
        Layer(
            linear(SIZE, 3 * SIZE),
            linear(SIZE, SIZE),
            norm(),
            linear(SIZE, WIDE),
            linear(WIDE, SIZE),
            norm(),
        )
        for _ in range(2)
    )
    return Encoder(
        WordPieces(pieces),
        draw.integers(-127, 128, (len(pieces), SIZE)).astype(np.int8),
        np.full(len(pieces), 0.01, np.float32),
        draw.normal(0, 0.1, (PIECES, SIZE)).astype(np.float32),
        norm(),
        layers,
        frozenset({"walsal"}),
        frozenset({"servic"}),
        {"knows awards before": until},
    )


SERVICES = ("roofing", "meals", "grass cutting", "youth work", "plumbing", "a", "b", "c", "d", "e")
CODES = ("45261000", "55520000", "77314000", "85312000", "45330000", *["98390000"] * 5)


@cache
def services(seed: int = 0) -> Services:
    """What the tiny encoder makes of `SERVICES`; they are asked for and offered in one word."""
    vectors = tiny(seed).encode(SERVICES).astype(np.int8)
    codes = tuple((code,) for code in CODES)
    return Services(SERVICES, vectors, np.stack([vectors] * 3), tiny(seed).version, codes)


class TinyBase:
    """Stands in for a pretrained encoder: the tiny one, whatever its weights."""

    weights = None

    def encoder(self, *_: object) -> Encoder:
        return tiny()
