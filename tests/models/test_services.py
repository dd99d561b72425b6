"""The services that a text is about: the nearest of a table, and how far two texts share them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hadamard

from models.array_files import read_arrays, write_arrays
from models.encoder import QUERY, STORED, Shorts
from models.errors import BundleError
from models.services import NEAREST, NearServices, Services

MANY, SIZE = 40, 32


def units(draw: np.random.Generator, length: int, *shape: int) -> Shorts:
    """Random vectors of whole numbers of about that length."""
    vectors = draw.normal(size=(*shape, SIZE))
    vectors *= length / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.rint(vectors).clip(-127 * length // STORED, 127 * length // STORED).astype(np.int16)


def some(seed: int = 0, count: int = MANY) -> Services:
    draw = np.random.default_rng(seed)
    asked, offered = units(draw, STORED, count), units(draw, STORED, 3, count)
    names = tuple(f"service {n}" for n in range(count))
    codes = tuple((f"{n:08}", "90900000")[: 1 + n % 2] for n in range(count))
    return Services(names, asked.astype(np.int8), offered.astype(np.int8), "an encoder", codes)


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_a_lot_asks_for_the_services_with_the_nearest_vectors(seed: int) -> None:
    table, lot = some(seed), units(np.random.default_rng(seed + 1), QUERY)
    found = table.of_lot(lot)
    products = [int(row @ lot.astype(np.int64)) for row in table.asked.astype(np.int64)]
    nearest = sorted(range(MANY), key=lambda n: (-products[n], n))[:NEAREST]
    assert found.numbers.tolist() == [nearest]
    best = products[nearest[0]]
    expected = [round(255 * (max(products[n], 0) / best) ** 16, 3) for n in nearest]
    assert found.weights[0].tolist() == pytest.approx(expected, abs=0.51)
    assert found.weights[0, 0] == 255


@given(seeds)
def test_an_offer_is_of_a_service_by_the_best_of_name_profile_and_titles(seed: int) -> None:
    table, texts = some(seed), units(np.random.default_rng(seed + 1), STORED, 5).astype(np.int8)
    found = table.of_offers(texts)
    for n, text in enumerate(texts.astype(np.int64)):
        products = [
            int((part.astype(np.int64) @ text).max()) for part in table.offered.swapaxes(0, 1)
        ]
        nearest = sorted(range(MANY), key=lambda s: (-products[s], s))[:NEAREST]
        assert found.numbers[n].tolist() == nearest


@given(seeds)
def test_a_text_has_the_same_services_alone_and_among_others(seed: int) -> None:
    table, texts = some(seed), units(np.random.default_rng(seed), STORED, 7).astype(np.int8)
    together = table.of_offers(texts)
    for n in range(len(texts)):
        alone = table.of_offers(texts[n : n + 1])
        assert alone.numbers[0].tolist() == together.numbers[n].tolist()
        assert alone.weights[0].tolist() == together.weights[n].tolist()


def near(*services: tuple[int, int]) -> NearServices:
    """One text, with (number, weight) for some services; the others do not count."""
    filled = [*services, *((100 + n, 0) for n in range(NEAREST - len(services)))]
    numbers, weights = zip(*filled, strict=True)
    return NearServices(np.array([numbers], np.int16), np.array([weights], np.uint8))


def test_what_texts_share_is_the_cosine_of_their_services() -> None:
    lot = near((3, 255), (7, 100))
    assert near((3, 255), (7, 100)).shared_with(lot) == [pytest.approx(1)]
    assert near((7, 100), (3, 255)).shared_with(lot) == [pytest.approx(1)]
    assert near((4, 255), (8, 100)).shared_with(lot) == [0]
    half = (255 * 10 + 100 * 255) / np.hypot(255, 100) / np.hypot(10, 255)
    assert near((7, 255), (3, 10)).shared_with(lot) == [pytest.approx(half)]


def test_what_is_shared_most_is_what_counts_most_in_both() -> None:
    lot = near((3, 255), (7, 200), (9, 10))
    assert near((9, 255), (7, 100), (3, 20)).most_shared_with(lot).tolist() == [7]
    assert near((3, 90), (7, 100), (9, 255)).most_shared_with(lot).tolist() == [3]


def test_a_text_without_a_word_shares_nothing() -> None:
    table = some()
    empty = table.of_offers(np.zeros((1, SIZE), np.int8))
    assert empty.shared_with(table.of_lot(units(np.random.default_rng(1), QUERY))) == [0]
    assert table.of_offers(np.zeros((0, SIZE), np.int8)).numbers.shape == (0, NEAREST)
    nothing = table.of_lot(np.zeros(SIZE, np.int16))
    assert table.of_offers(table.offered[0]).shared_with(nothing).tolist() == [0] * MANY


@settings(max_examples=20)
@given(seeds)
def test_sharing_is_the_same_in_both_directions_and_at_most_one(seed: int) -> None:
    table = some(seed)
    texts = table.of_offers(units(np.random.default_rng(seed), STORED, 6).astype(np.int8))
    each = [
        NearServices(n[None], w[None]) for n, w in zip(texts.numbers, texts.weights, strict=True)
    ]
    shared = np.array([texts.shared_with(one) for one in each])
    assert np.array_equal(shared, shared.T)
    assert (shared >= 0).all()
    assert (shared <= 1 + 1e-6).all()
    assert np.diag(shared) == pytest.approx(1)


def test_services_come_back_as_they_were_and_give_the_same_bytes(tmp_path: Path) -> None:
    before = some()
    before.save(tmp_path / "one.npz")
    before.save(tmp_path / "two.npz")
    after = Services.open(tmp_path / "one.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert (after.names, after.encoder, after.version, after.codes) == (
        (before.names, before.encoder, before.version, before.codes)
    )
    assert some(1).version != before.version


@pytest.mark.parametrize("part", ["asked", "offered", "names", "codes"])
def test_a_file_whose_parts_do_not_fit_is_refused(part: str, tmp_path: Path) -> None:
    path = tmp_path / "services.npz"
    some().save(path)
    arrays = read_arrays(path)
    write_arrays(path, {**arrays, part: arrays[part][:-11]})
    with pytest.raises(BundleError, match=r"services\.npz is damaged"):
        Services.open(path)


@pytest.mark.parametrize("codes", [(), ((), *[("90900000",)] * (MANY - 1))])
def test_services_without_codes_come_back_too(
    codes: tuple[tuple[str, ...], ...], tmp_path: Path
) -> None:
    replace(some(), codes=codes).save(tmp_path / "services.npz")
    assert Services.open(tmp_path / "services.npz").codes == codes


def test_a_file_from_before_services_had_codes_has_none(tmp_path: Path) -> None:
    path = tmp_path / "services.npz"
    some().save(path)
    write_arrays(path, {n: array for n, array in read_arrays(path).items() if n != "codes"})
    assert Services.open(path).codes == ()


def test_a_file_that_is_none_or_holds_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "services.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(BundleError, match="is damaged"):
        Services.open(path)
    with path.open("wb") as file:
        np.savez(file, names=np.array([{"run": "code"}], object))
    with pytest.raises(BundleError, match="is damaged"):
        Services.open(path)


# --- what a lot is read as ---


def at_angles(*degrees: float) -> Services:
    """Services at these angles from the first of two directions, named by their angles."""
    one, other = np.ones(SIZE), np.tile([1, -1], SIZE // 2)
    turned = [np.cos(angle) * one + np.sin(angle) * other for angle in np.radians(degrees)]
    asked = np.rint(np.array(turned) * STORED / SIZE**0.5).clip(-127, 127).astype(np.int8)
    return Services(tuple(f"{n:g}" for n in degrees), asked, np.stack([asked] * 3), "an encoder")


def tilted(cosine: float) -> Shorts:
    """A lot that is this near to a service at no angle."""
    flat, aside = np.ones(SIZE), np.tile([1, 1, -1, -1], SIZE // 4)
    vector = cosine * flat + (1 - cosine**2) ** 0.5 * aside
    lot: Shorts = np.rint(vector * QUERY / SIZE**0.5).astype(np.int16)
    return lot


FAR = (35, 50, 60, 70, 80, 85, 89, 90)


def read(table: Services, lot: Shorts) -> tuple[str, ...]:
    return table.read_as(lot, table.asked_by(lot))


@pytest.mark.parametrize(
    ("angles", "named"),
    [
        ((0, 30), ("0",)),
        ((-10, 12, 30), ("-10", "12")),
        ((12, 30, -10), ("-10", "12")),
        ((-20, 21), ("-20", "21")),
    ],
)
def test_a_lot_is_read_as_the_nearest_services_that_count_nearly_as_much(
    angles: tuple[float, ...], named: tuple[str, ...]
) -> None:
    assert read(at_angles(*angles, *FAR), tilted(0.95)) == named


@pytest.mark.parametrize(
    ("angles", "named"),
    [
        ((0, 12, 30), ("0",)),
        ((15, 12, 9, 6, 3), ("3",)),
        ((15, -9, 12, -6), ("-6", "15")),
        ((-13, -8, 12, 9), ("-8", "12")),
    ],
)
def test_of_services_that_are_almost_the_same_the_nearest_is_named(
    angles: tuple[float, ...], named: tuple[str, ...]
) -> None:
    assert read(at_angles(*angles, *FAR), tilted(0.95)) == named


def test_at_most_three_services_are_named_and_a_double_takes_no_place() -> None:
    """Six services at 15 degrees, each into a direction of its own, the second of them twice."""
    middle, aside = np.ones(SIZE), hadamard(SIZE)[4:10]
    turned = [np.cos(np.radians(15)) * middle + np.sin(np.radians(15)) * each for each in aside]
    asked = np.rint(np.array(turned) * STORED / SIZE**0.5).astype(np.int8)
    asked = np.concatenate([asked[:2], asked[1:], np.rint(at_angles(*FAR).asked)])
    names = ("one", "two", "two again", "three", "four", "five", "six", *map(str, FAR))
    table = Services(names, asked, np.stack([asked] * 3), "an encoder")
    assert read(table, tilted(0.95)) == ("one", "two", "three")


def test_a_lot_that_is_far_from_every_service_is_read_as_none() -> None:
    table = at_angles(0, 5, *FAR)
    assert read(table, tilted(0.72)) == ("0",)
    assert read(table, tilted(0.64)) == ()
    assert read(table, np.zeros(SIZE, np.int16)) == ()


@given(st.lists(st.sampled_from(FAR), max_size=60))
def test_services_that_lie_further_away_do_not_change_what_a_lot_is_read_as(
    more: list[float],
) -> None:
    assert read(at_angles(-9, 12, *FAR, *more), tilted(0.8)) == ("-9", "12")
