"""The table of services, and its vectors by an encoder."""

from __future__ import annotations

import numpy as np
import pytest

from models.encoder import STORED
from models.services import NEAREST
from tests.encoders import tiny
from training.learning.services import Service, encoded, table

PARTS = ("asks", "names", "profiles", "titles")


def service(name: str, words: str) -> Service:
    return Service(name, (words,), (f"{words} ltd",), (f"we do {words}",), (f"{words} services",))


def few() -> list[Service]:
    names = ("roof", "meals", "grass", "youth", "plumb", "cutting", "work", "ing", "services")
    return [service(f"{name} for all", name) for name in names]


def test_each_service_of_the_table_stands_once_and_has_texts_of_every_part() -> None:
    rows = table()
    names = [row.service.casefold() for row in rows]
    assert len(set(names)) == len(names) >= NEAREST
    for row in rows:
        for part in PARTS:
            texts = getattr(row, part)
            assert len(texts) >= 2, (row.service, part)
            assert all(text == text.strip() != "" for text in texts), (row.service, part)


def test_a_lot_in_the_words_of_a_service_asks_for_it_first() -> None:
    rows = few()
    services = encoded(tiny(), rows)
    assert services.names == tuple(row.service for row in rows)
    assert services.encoder == tiny().version
    for number, row in enumerate(rows):
        own = np.array([tiny().query(text) for text in (row.service, *row.asks, *row.titles)])
        mean = np.rint(own.mean(axis=0)).astype(np.int16)
        assert services.of_lot(mean).numbers[0, 0] == number


@pytest.mark.parametrize("part", ["names", "profiles", "titles"])
def test_an_offer_in_the_words_of_a_service_offers_it_first(part: str) -> None:
    rows = few()
    services = encoded(tiny(), rows)
    texts = [text for row in rows for text in row.texts(tiny(), part)]
    found = services.of_offers(tiny().encode(texts).astype(np.int8))
    assert found.numbers[:, 0].tolist() == list(range(len(rows)))


def test_vectors_are_of_the_length_that_stored_ones_have() -> None:
    services = encoded(tiny(), few())
    for vectors in (services.asked, *services.offered):
        lengths = np.linalg.norm(vectors.astype(float), axis=1)
        assert lengths == pytest.approx(STORED, rel=0.2), "less where a number is cut at 127"


def test_the_same_table_gives_the_same_vectors() -> None:
    assert encoded(tiny(), few()).version == encoded(tiny(), few()).version
    assert encoded(tiny(1), few()).version != encoded(tiny(), few()).version
