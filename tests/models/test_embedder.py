"""Every embedder: the one learned here of an invented history, and those of bundles that ship."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import text
from models.bundle import BUNDLES, shipped
from models.coder import BUCKETS
from models.embedder import Embedder, QuantizedVectors
from models.errors import BundleError
from models.exact import UNIT_BITS
from tests.learned import (
    LEAST,
    MEALS,
    PLACES,
    ROOFS,
    embedder,
    history,
    learnt,
)

SHIPPED = {
    name: BUNDLES / name / "embedder.npz"
    for name in shipped()
    if (BUNDLES / name / "embedder.npz").exists()
}
KNOWN: dict[str, Callable[[], Embedder]] = {
    "learned": embedder,
    **{name: (lambda path=path: Embedder.open(path)) for name, path in SHIPPED.items()},  # type: ignore[misc]
}
EXTRA = "zzqxj"


@pytest.fixture(scope="module", params=list(KNOWN))
def one(request: pytest.FixtureRequest) -> Embedder:
    return KNOWN[request.param]()


def test_a_vector_has_its_size_and_the_length_one(one: Embedder) -> None:
    coder = one.coder
    for terms, embed in ((coder.words.terms, one.text), (coder.name_words.terms, _by_name(one))):
        for word in terms[:: max(len(terms) // 40, 1)]:
            vector = embed({word: 1.0})
            assert vector.shape == (one.size,)
            assert vector.dtype == np.float32
            assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=2e-3)
            assert not (vector * 2.0**UNIT_BITS % 1).any()


def _by_name(one: Embedder) -> Callable[[dict[str, float]], Any]:
    return lambda words: one.name(tuple(words))


def test_what_is_not_known_at_all_is_nothing(one: Embedder) -> None:
    assert not one.text({EXTRA: 2.0}, ("99999999",)).any()
    assert not one.text({}).any()
    assert not one.name(()).any()
    assert not one.name(("", "Ltd", "The & Co")).any()


def test_a_word_that_is_not_known_changes_nothing(one: Embedder) -> None:
    word, code = one.coder.words.terms[0], one.coder.codes.terms[:1]
    assert (one.text({word: 1.0, EXTRA: 5.0}, (*code, "x")) == one.text({word: 1.0}, code)).all()


def test_a_place_in_a_name_changes_nothing(one: Embedder) -> None:
    word = one.coder.name_words.terms[0]
    for place in [p for p in sorted(one.coder.places) if text.words(p) == [p]][:5]:
        assert (one.name((f"{word} {place}",)) == one.name((word,))).all(), place


def test_the_same_text_has_the_same_vector(one: Embedder) -> None:
    words = dict.fromkeys(one.coder.words.terms[:6], 2.0)
    assert one.text(words).tobytes() == one.text(dict(words)).tobytes()
    backwards = dict(reversed(words.items()))
    assert one.text(backwards) == pytest.approx(one.text(words), abs=1e-6)


_NAMES = st.lists(
    st.lists(
        st.one_of(
            st.sampled_from(("", "Ltd", "Acorn Care", "Care & Meals for All", "banana bananana")),
            st.text("abcdeé ltd&", max_size=30),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    max_size=6,
)


@given(_NAMES)
def test_many_names_have_the_vectors_that_they_have_one_by_one(
    one: Embedder, organisations: list[tuple[str, ...]]
) -> None:
    stems = [
        dict.fromkeys(w for name in names for w in text.words(name)) for names in organisations
    ]
    many = one.names_of(list(zip(stems, organisations, strict=True)))
    assert many.shape == (len(organisations), one.size)
    for vector, names in zip(many, organisations, strict=True):
        assert vector.tobytes() == one.name(names).tobytes()


def test_an_embedder_comes_back_as_it_was_and_gives_the_same_bytes(
    one: Embedder, tmp_path: Path
) -> None:
    one.save(tmp_path / "first.npz")
    again = Embedder.open(tmp_path / "first.npz")
    again.save(tmp_path / "second.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    assert again.version == one.version
    words = dict.fromkeys(one.coder.words.terms[:9], 1.0)
    name = (" ".join(one.coder.name_words.terms[:3]),)
    assert again.text(words, one.coder.codes.terms[:2]).tobytes() == (
        one.text(words, one.coder.codes.terms[:2]).tobytes()
    )
    assert again.name(name).tobytes() == one.name(name).tobytes()


def test_the_version_follows_what_was_learned(one: Embedder) -> None:
    numbers = one.names.numbers.copy()
    numbers[-1, 0] ^= 1
    other = replace(one, names=QuantizedVectors(numbers, one.names.scale))
    elsewhere = replace(one, coder=replace(one.coder, places=one.coder.places | {EXTRA}))
    assert len({one.version, other.version, elsewhere.version}) == 3
    assert replace(one).version == one.version


def test_a_vocabulary_holds_no_place_among_its_names(one: Embedder) -> None:
    assert one.coder.places
    assert not one.coder.places & set(one.coder.name_words.terms)


# --- learning ---


def test_the_same_history_gives_the_same_embedder_and_another_seed_another() -> None:
    assert learnt().version == embedder().version != learnt(seed=1).version


@pytest.mark.parametrize(("mine", "other"), [(ROOFS, MEALS), (MEALS, ROOFS)])
def test_a_lot_is_closer_to_an_unseen_name_of_its_trade(
    mine: tuple[str, ...], other: tuple[str, ...]
) -> None:
    one = embedder()
    unseen = [f"Nobody {a} {b}" for a, b in zip(mine, mine[2:], strict=False)]
    foreign = [f"Nobody {a} {b}" for a, b in zip(other, other[2:], strict=False)]
    seen = {name for names, _ in history().offers for name in names}
    assert not seen & {*unseen, *foreign}
    for wanted in pairwise(mine):
        lot = one.text(dict.fromkeys(wanted, 1.0))
        near = min(float(one.name((name,)) @ lot) for name in unseen)
        far = max(float(one.name((name,)) @ lot) for name in foreign)
        assert near > far + 0.3, wanted


@pytest.mark.parametrize("kept", [1, 8, 12, 99])
def test_a_vector_keeps_so_many_numbers_and_never_more_than_were_learned(kept: int) -> None:
    assert learnt(kept=kept).size == min(kept, 12)


def test_all_numbers_kept_say_what_was_learned_and_the_first_say_most_of_it() -> None:
    """Turning changes no likeness; what is left out changes the less the more is kept."""
    named = [names for names, _ in history().offers]
    lots = [words for words, _ in history().texts]

    def likeness(kept: int) -> Any:
        one = learnt(kept=kept)
        names = np.stack([one.name(name) for name in named])
        return np.stack([one.text(words) for words in lots]) @ names.T

    whole = likeness(12)
    off = [float(np.abs(likeness(kept) - whole).mean()) for kept in (2, 5, 9)]
    assert off[0] > off[1] > off[2]
    assert off[2] < 0.05


def test_a_word_of_too_few_documents_is_in_no_vocabulary() -> None:
    coder, told = embedder().coder, history()
    assert set(coder.words.terms) == {*ROOFS, *MEALS}
    assert set(coder.name_words.terms) <= {*ROOFS, *MEALS}
    for terms, documents in (
        (coder.words.terms, [set(w) for w, _ in told.texts] + [set(w) for _, w in told.offers]),
        (coder.name_words.terms, [set(" ".join(n).split()) for n, _ in told.offers]),
    ):
        assert terms
        assert all(sum(word in each for each in documents) >= LEAST for word in terms)
    assert coder.places == PLACES


# --- what is kept as one byte a number ---


@given(st.integers(0, 5), st.integers(1, 4), st.integers(0, 9))
def test_packed_vectors_are_near_those_that_were_learned(rows: int, size: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(0, 9, (rows, size)).astype(np.float32)
    packed = QuantizedVectors.of(vectors)
    off = np.abs(packed.vectors - vectors)
    assert (off <= np.abs(vectors).max(axis=1, initial=0)[:, None] / 254 + 1e-6).all()


def test_a_zero_vector_stays_zero() -> None:
    assert not QuantizedVectors.of(np.zeros((2, 3), np.float32)).vectors.any()


# --- what is refused ---


def _arrays(path: Path) -> dict[str, Any]:
    embedder().save(path)
    with np.load(path, allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files}


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.pop("letters"),
        lambda a: a.update(letters=np.zeros(BUCKETS - 1, np.float32)),
        lambda a: a.update(words=a["words"][:-1]),
        lambda a: a.update(words_rarity=a["words_rarity"][:-1]),
        lambda a: a.update(text_numbers=a["text_numbers"][:-1]),
        lambda a: a.update(text_numbers=a["text_numbers"][:, :-1]),
        lambda a: a.update(text_numbers=a["text_numbers"][:, 0]),
        lambda a: a.update(text_scale=a["text_scale"][:1]),
        lambda a: a.update(name_scale=np.float32(1)),
        lambda a: a.update(places=np.array([b"\xff\xfe"])),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    path = tmp_path / "embedder.npz"
    arrays = _arrays(path)
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(BundleError):
        Embedder.open(path)


@pytest.mark.parametrize("raw", [b"", b"PK", b"\x80\x04K\x01.", b"not a zip"])
def test_what_is_no_file_of_arrays_is_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "embedder.npz").write_bytes(raw)
    with pytest.raises(BundleError, match=r"embedder\.npz is damaged"):
        Embedder.open(tmp_path / "embedder.npz")


def test_an_array_whose_header_is_bent_is_refused(tmp_path: Path) -> None:
    embedder().save(tmp_path / "embedder.npz")
    whole = (tmp_path / "embedder.npz").read_bytes()
    bent = whole.replace(b"{'descr'", b"z'descr'", 1)
    assert bent != whole
    (tmp_path / "embedder.npz").write_bytes(bent)
    with pytest.raises(BundleError, match=r"embedder\.npz is damaged"):
        Embedder.open(tmp_path / "embedder.npz")


@given(st.data())
def test_damage_anywhere_is_refused_or_does_no_harm(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    embedder().save(folder / "whole.npz")
    raw = bytearray((folder / "whole.npz").read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1) | st.integers(len(raw) - 900, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    (folder / "bent.npz").write_bytes(raw)
    with suppress(BundleError):
        assert Embedder.open(folder / "bent.npz").version == embedder().version


class _Trap:
    """Makes a file where a pickle that holds it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], object], tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("where", ["words", "letters", "text_numbers", "places"])
def test_a_planted_pickle_is_refused_and_never_run(where: str, tmp_path: Path) -> None:
    path, mark = tmp_path / "embedder.npz", tmp_path / "ran"
    arrays = _arrays(path)
    arrays.pop(where)
    planted = io.BytesIO()
    np.lib.format.write_array(planted, np.array([_Trap(mark)], object), allow_pickle=True)
    np.savez(path, **arrays)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(f"{where}.npy", planted.getvalue())
    with pytest.raises(BundleError, match=r"damaged .*allow_pickle=False"):
        Embedder.open(path)
    assert not mark.exists()
    with np.load(path, allow_pickle=True) as trusting:
        trusting[where]
    assert mark.exists(), "the trap works where pickles are read"
