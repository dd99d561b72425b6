"""Which services a text is about, by a table of services that public bodies buy.

For each service the table says how buyers ask for it, and how providers of it are called, what
they say of themselves, and what their contracts are called.  A sentence encoder made vectors of
these texts.  A lot and a provider that share no word and lie some way apart in meaning may both be
nearest to the same service, and two that are near each other may not be.

Later services of the table are finer.  They only say what a lot asks for, and which CPV codes a
notice of it would have.  Providers are compared with the first ones alone: with all of them they
were told apart no better.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models import exact
from models.array_files import DAMAGE, read_arrays, version_of, write_arrays
from models.encoder import QUERY, STORED, Shorts
from models.errors import BundleError

Bytes: TypeAlias = npt.NDArray[np.int8]
Floats: TypeAlias = npt.NDArray[np.float32]

NEAREST = 8
"""How many services a text is about, at most."""
_SHARPNESS = 16
"""The power of a service's cosine that is its weight."""
_GREATEST = 255
_AT_ONCE = 4096
_CODE = 8
"""The digits of a CPV code."""
_NAMED = 3
"""How many services a lot is said to be read as, at most."""
_NEARLY = 128
"""The least weight of those: half of the nearest one's, which is .957 of its cosine.  Read for 180
needs, most services that weigh more were meant too; most that weigh less only lie near."""
_SAME = 0.95
"""The cosine from which two services are one in other words, such as *Dial-a-ride* and *Community
transport and dial-a-ride*, read for the same needs; the nearer one is named."""
_TELLING = 0.7
"""The cosine of the nearest service below which a lot is read as none.  All of 180 needs lie above
.73.  Of past awards a quarter lie below (licences, spare parts, titles that are a number), and the
division of the service is right for half of these; from .7 on it is right for two in three."""


@dataclass(frozen=True)
class NearServices:
    """The services that each of n texts is nearest to, and how much each counts."""

    numbers: npt.NDArray[np.int16]
    """(n, `NEAREST`) in the order of the table, the nearest first"""
    weights: npt.NDArray[np.uint8]
    """(n, `NEAREST`) 255 for the nearest; 0 for those that do not count"""

    def shared_with(self, lot: NearServices) -> Floats:
        """(n,) the cosine of each text's services and those of the one text of `lot`.

        Exact: sums of products of whole numbers, and square roots of them.
        """
        weights, asked = self.weights.astype(np.int64), lot.weights.astype(np.int64)
        both = self._products(lot).sum(axis=1)
        lengths = np.sqrt((weights * weights).sum(axis=1) * float((asked * asked).sum()))
        shared: Floats = (both / np.maximum(lengths, 1)).astype(np.float32)
        return shared

    def most_shared_with(self, lot: NearServices) -> npt.NDArray[np.int16]:
        """(n,) the service that counts most in what each text shares with the text of `lot`."""
        at = self._products(lot).argmax(axis=1)
        most: npt.NDArray[np.int16] = self.numbers[np.arange(len(at)), at]
        return most

    def _products(self, lot: NearServices) -> npt.NDArray[np.int64]:
        """(n, `NEAREST`) the weight of each service times its weight in the text of `lot`."""
        asked = np.zeros(int(max(self.numbers.max(initial=0), lot.numbers.max())) + 1, np.int64)
        asked[lot.numbers[0]] = lot.weights[0]
        return np.asarray(asked[self.numbers] * self.weights)


@dataclass(frozen=True)
class Services:
    """The table: of each service its name, codes, and vectors of how it is asked for and offered.

    Of n services, texts of providers are compared with the first m.
    """

    names: tuple[str, ...]
    asked: Bytes
    """(n, d) unit vectors of whole numbers, as `Encoder.encode` gives them"""
    offered: Bytes
    """(3, m, d) by what providers are called, what they say, and titles of contracts"""
    encoder: str
    """the version of the encoder that made the vectors"""
    codes: tuple[tuple[str, ...], ...] = ()
    """(n,) the CPV codes of each, the likeliest first; empty where none are known"""

    @cached_property
    def version(self) -> str:
        """A digest of the vectors that a register's texts are compared with."""
        return version_of({"asked": self.asked[: self._compared], "offered": self.offered})

    @property
    def _compared(self) -> int:
        """M, the number of services that texts of providers are compared with."""
        return int(self.offered.shape[1])

    def of_lot(self, vector: Shorts) -> NearServices:
        """Of the m services, those that the lot with this vector, (d,), asks for."""
        return _nearest((self._asked[: self._compared] @ vector.astype(np.float32))[None])

    def asked_by(self, vector: Shorts) -> NearServices:
        """Of all services, those that the lot with this vector, (d,), asks for."""
        return _nearest((self._asked @ vector.astype(np.float32))[None])

    def likeness(self, vector: Shorts, number: int) -> float:
        """The cosine of the lot with this vector, (d,), and how a service is asked for."""
        product = int(self.asked[number].astype(np.int64) @ vector.astype(np.int64))
        return product / (QUERY * STORED)

    def read_as(self, vector: Shorts, near: NearServices) -> tuple[str, ...]:
        """The names of the services that a lot with this vector, (d,), is read as, nearest first.

        `near` are those that `asked_by` finds.  At most three that count nearly as much as the
        nearest, of services that are almost the same only one; none where even the nearest is too
        far away to say anything.
        """
        if self.likeness(vector, int(near.numbers[0, 0])) < _TELLING:
            return ()
        named: list[int] = []
        for number in near.numbers[0][near.weights[0] >= _NEARLY].tolist():
            if not any(self._are_same(number, other) for other in named):
                named.append(number)
        return tuple(self.names[number] for number in named[:_NAMED])

    def _are_same(self, one: int, other: int) -> bool:
        product = int(self.asked[one].astype(np.int64) @ self.asked[other].astype(np.int64))
        return product >= _SAME * STORED**2

    @cached_property
    def _asked(self) -> Floats:
        """`asked` as numbers that a processor multiplies quickly."""
        return self.asked.astype(np.float32)

    def of_offers(self, vectors: Bytes) -> NearServices:
        """The services that the names, profiles and titles with these vectors, (n, d), offer."""
        tables = [table.astype(np.float32).T for table in self.offered]
        found = []
        for start in range(0, len(vectors), _AT_ONCE):
            part = vectors[start : start + _AT_ONCE].astype(np.float32)
            found.append(_nearest(np.maximum.reduce([part @ table for table in tables])))
        empty = _nearest(np.zeros((0, len(self.names)), np.float32))
        return NearServices(
            np.concatenate([empty.numbers, *(one.numbers for one in found)]),
            np.concatenate([empty.weights, *(one.weights for one in found)]),
        )

    def save(self, path: Path) -> None:
        """Write all to the file `path`.  The same services give the same bytes."""
        lines = {"names": (self.encoder, *self.names)}
        if self.codes:
            lines["codes"] = tuple(",".join(codes) for codes in self.codes)
        texts = {key: "\n".join(said).encode() for key, said in lines.items()}
        arrays = {key: np.frombuffer(said, np.uint8) for key, said in texts.items()}
        write_arrays(path, {"asked": self.asked, "offered": self.offered, **arrays})

    @classmethod
    def open(cls, path: Path) -> Services:
        """The services in the file `path`, which holds only arrays.  Runs no code from it.

        Raises BundleError where the file is damaged.
        """
        try:
            arrays = read_arrays(path)
            encoder, *names = _lines(arrays["names"])
            coded = _lines(arrays["codes"]) if "codes" in arrays else []
            codes = [tuple(filter(None, line.split(","))) for line in coded]
            asked, offered = arrays["asked"], arrays["offered"]
            if (
                asked.dtype != np.int8
                or offered.dtype != np.int8
                or offered.ndim != asked.ndim + 1
                or offered.shape[::2] != (3, *asked.shape[1:])
                or asked.shape[:1] != (len(names),)
                or len(codes) not in {0, len(names)}
                or not all(_is_code(code) for own in codes for code in own)
                or not NEAREST <= offered.shape[1] <= len(names) <= np.iinfo(np.int16).max
            ):
                raise ValueError("its arrays do not fit together")
            return cls(tuple(names), asked, offered, encoder, tuple(codes))
        except DAMAGE as error:
            raise BundleError(f"{path.name} is damaged ({error})") from error


def _lines(text: npt.NDArray[np.uint8]) -> list[str]:
    return text.tobytes().decode().split("\n")


def _is_code(code: str) -> bool:
    return len(code) == _CODE and code.isascii() and code.isdigit()


def _nearest(products: Floats) -> NearServices:
    """The services with the greatest of `products`, (n, services); of equals those that come first.

    The products are whole numbers below 2**24, so they are the same in any order of addition.
    """
    many = products.shape[1]
    ranks = products.astype(np.int64) * many + np.arange(many)[::-1]  # no two of a text are equal
    best = np.partition(ranks, many - NEAREST, axis=1)[:, many - NEAREST :]
    best = -np.sort(-best, axis=1)
    order = many - 1 - best % many
    near = np.take_along_axis(products, order, axis=1).astype(np.float64)
    share = np.maximum(near, 0) / np.maximum(near[:, :1], 1)
    weights = np.rint(exact.power(share, _SHARPNESS) * _GREATEST)
    return NearServices(order.astype(np.int16), weights.astype(np.uint8))
