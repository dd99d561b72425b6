"""The table of services, and its vectors by an encoder."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.core.cpv import category_name
from models.encoder import STORED
from models.services import NEAREST
from tests.encoders import tiny
from training.learning.services import Service, encoded, finer, table

PARTS = ("asks", "names", "profiles", "titles")


def service(name: str, words: str) -> Service:
    return Service(
        name,
        ("90900000",),
        (words,),
        (f"{words} ltd",),
        (f"we do {words}",),
        (f"{words} services",),
    )


def few() -> list[Service]:
    names = ("roof", "meals", "grass", "youth", "plumb", "cutting", "work", "ing", "services")
    return [service(f"{name} for all", name) for name in names]


def test_each_service_of_the_table_stands_once_and_has_texts_of_every_part() -> None:
    rows = table() + finer()
    names = [row.service.casefold() for row in rows]
    assert len(set(names)) == len(names) >= NEAREST
    for row in rows:
        for part in PARTS:
            texts = getattr(row, part)
            assert len(texts) >= 2, (row.service, part)
            assert all(text == text.strip() != "" for text in texts), (row.service, part)
        assert 1 <= len(set(row.cpv)) == len(row.cpv) <= 3, row.service
        assert all(category_name(code) != code for code in row.cpv), row.service


def test_a_lot_in_the_words_of_a_service_asks_for_it_first() -> None:
    rows = few()
    services = encoded(tiny(), rows)
    assert services.names == tuple(row.service for row in rows)
    assert services.encoder == tiny().version
    for number, row in enumerate(rows):
        own = np.array([tiny().query(text) for text in (row.service, *row.asks, *row.titles)])
        mean = np.rint(own.mean(axis=0)).astype(np.int16)
        assert services.of_lot(mean).numbers[0, 0] == number


def test_finer_services_are_asked_for_and_change_nothing_of_the_others() -> None:
    rows, more = few(), [service("roof gardens", "roof gardening")]
    alone, together = encoded(tiny(), rows), encoded(tiny(), rows, more)
    assert together.names == (*alone.names, "roof gardens")
    assert together.codes == (("90900000",),) * len(together.names)
    assert together.version == alone.version, "registers stay as they are"
    lot = tiny().query("roof gardening")
    assert together.asked_by(lot).numbers[0, 0] == len(rows)
    assert together.of_lot(lot).numbers.tolist() == alone.of_lot(lot).numbers.tolist()
    offers = tiny().encode(["roof gardening"]).astype(np.int8)
    assert together.of_offers(offers).numbers.max() < len(rows)


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
