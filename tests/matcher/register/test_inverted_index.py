from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.register import index_writer
from matcher.register.index_writer import PartWriter, TextIndexWriter
from matcher.register.inverted_index import Prior, TextIndex, WeightedTerms
from matcher.register.rows import Rows, RowScores, among_best, best

Document = Mapping[str, float]

WORDS = ["care", "coach", "drain", "garden", "meal", "roof", "safety", "zebra"]
LONG = "internationalisationalism" * 2
documents = st.lists(
    st.dictionaries(st.sampled_from(WORDS), st.sampled_from([0.5, 1.0, 2.0, 7.0]), max_size=6),
    max_size=25,
)
queries = st.dictionaries(
    st.sampled_from([*WORDS, "aardvark", "unheard", "zzz"]), st.floats(0, 5, width=32)
)


def _index(rows: Sequence[Document], folder: Path, block: int = 1_000) -> TextIndex:
    writer = TextIndexWriter(folder / "index", block)
    for row in rows:
        writer.add(row)
    writer.finish()
    return TextIndex.open(folder / "index")


def _opened(rows: Sequence[Document], block: int = 1_000) -> TextIndex:
    """An index whose folder was removed; mapped files can still be read."""
    with tempfile.TemporaryDirectory() as folder:
        return _index(rows, Path(folder), block)


def _strength(row: Document, term: str) -> float:
    """BM25's saturated term frequency, k1 1.2 and b 0.6, for a reference length of 40."""
    length = sum(row.values())
    tf = row.get(term, 0.0)
    return tf / (tf + 1.2 * (0.4 + 0.6 * length / 40)) if tf else 0.0


def _brute(rows: Sequence[Document], query: Mapping[str, float]) -> list[float]:
    return [sum(w * _strength(row, term) for term, w in query.items()) for row in rows]


def _tolerance(query: Mapping[str, float]) -> float:
    """The rounding error of strengths, which are one byte for each term and row."""
    return sum(query.values()) / 255 + 1e-5


@st.composite
def some_rows(draw: st.DrawFn, size: int) -> Rows:
    """Ranges in order without overlap, and single rows outside them."""
    edges = sorted(draw(st.sets(st.integers(0, size), max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    covered = {n for a, b in pairs for n in range(a, b)}
    free = sorted(set(range(size)) - covered)
    singles = sorted(draw(st.sets(st.sampled_from(free)))) if free else []
    return Rows(
        np.array([a for a, _ in pairs], np.int64),
        np.array([b for _, b in pairs], np.int64),
        np.array(singles, np.int64),
    )


_HALF = _opened([{"care": 1.0}, {"meal": 1.0}] * 2)
_MANY = _opened(
    [{"care": 1.0 + n % 7} | ({"meal": 1.0} if n % 50 == 3 else {}) for n in range(400)]
)

# --- rows -------------------------------------------------------------------------------


@given(st.data(), st.integers(0, 30))
def test_positions_and_numbers_are_inverse(data: st.DataObject, size: int) -> None:
    rows = data.draw(some_rows(size))
    numbers = rows.numbers()
    assert len(numbers) == len(rows) == len(set(numbers.tolist()))
    assert rows.positions(numbers).tolist() == list(range(len(rows)))
    everything = np.arange(size + 3)
    at = rows.positions(everything)
    inside = [n for n, p in zip(everything.tolist(), at.tolist(), strict=True) if p >= 0]
    assert inside == sorted(numbers.tolist())
    assert set(at[at < 0].tolist()) <= {-1}
    assert rows.positions(np.array([-1, -7])).tolist() == [-1, -1]


def test_rows_are_numbered_with_ranges_first_and_singles_last() -> None:
    rows = Rows(np.array([2, 8]), np.array([4, 10]), np.array([0, 6]))
    assert rows.numbers().tolist() == [2, 3, 8, 9, 0, 6]
    assert rows.positions(np.array([6, 9, 2, 5, 10])).tolist() == [5, 3, 0, -1, -1]


def test_a_span_is_one_range() -> None:
    assert Rows.span(3, 6).numbers().tolist() == [3, 4, 5]
    assert len(Rows.span(3, 3)) == 0


# --- scores -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(documents, queries)
def test_a_score_is_the_stated_formula(rows: list[Document], query: dict[str, float]) -> None:
    index = _opened(rows)
    scores = index.scores(WeightedTerms.of(query), Rows.span(0, len(rows)))
    assert index.rows == len(rows)
    assert scores.tolist() == pytest.approx(_brute(rows, query), abs=_tolerance(query))


@settings(deadline=None, max_examples=40)
@given(documents, queries, st.data())
def test_some_rows_score_the_same_as_among_all_rows(
    rows: list[Document], query: dict[str, float], data: st.DataObject
) -> None:
    some = data.draw(some_rows(len(rows)))
    index = _opened(rows)
    everything = index.scores(WeightedTerms.of(query), Rows.span(0, len(rows)))
    got = index.scores(WeightedTerms.of(query), some)
    assert got.tolist() == pytest.approx(everything[some.numbers()].tolist(), rel=1e-6)


@given(st.sets(st.integers(0, 399), max_size=4), st.sets(st.integers(0, 399), max_size=4))
def test_few_rows_score_the_same_by_a_word_that_most_have(
    edges: set[int], singles: set[int]
) -> None:
    pairs = sorted(edges)[: len(edges) // 2 * 2]
    starts, stops = np.array(pairs[::2], np.int64), np.array(pairs[1::2], np.int64)
    apart = [n for n in sorted(singles) if not ((starts <= n) & (n < stops)).any()]
    some = Rows(starts, stops, np.array(apart, np.int64))
    query = WeightedTerms.of({"care": 1.0, "meal": 0.5})
    everything = _MANY.scores(query, Rows.span(0, _MANY.rows))
    assert _MANY.scores(query, some).tolist() == everything[some.numbers()].tolist()


@settings(deadline=None, max_examples=40)
@given(documents, st.integers(0, 30))
def test_rarity_counts_the_rows_that_have_a_term(rows: list[Document], below: int) -> None:
    index = _opened(rows)
    query = WeightedTerms.of(dict.fromkeys([*WORDS, "unheard"], 1.0))
    some = min(below, len(rows))
    for number, limit in ((len(rows), None), (some, some)):
        frequencies = [sum(t in row for row in rows[:number]) for t in query.terms]
        expected = [np.log(1 + (number - n + 0.5) / (n + 0.5)) for n in frequencies]
        assert index.rarity(query, limit).tolist() == pytest.approx(expected, rel=1e-5)


@settings(deadline=None, max_examples=40)
@given(documents)
def test_rows_with_a_term_are_found(rows: list[Document]) -> None:
    index = _opened(rows)
    for term in (*WORDS, "unheard"):
        assert index.rows_with(term).tolist() == [i for i, row in enumerate(rows) if term in row]


@settings(deadline=None, max_examples=25)
@given(documents, st.integers(1, 12))
def test_several_blocks_write_the_same_index_as_one(rows: list[Document], block: int) -> None:
    with tempfile.TemporaryDirectory() as single, tempfile.TemporaryDirectory() as many:
        _index(rows, Path(single))
        _index(rows, Path(many), block)
        files = {p.name: p.read_bytes() for p in Path(single, "index").iterdir()}
        assert files == {p.name: p.read_bytes() for p in Path(many, "index").iterdir()}
    assert set(files) == {
        *("index.json", "terms.npy", "offsets.npy", "postings.npy", "strengths.npy"),
    }


@given(st.floats(0, 500, width=32), st.floats(0, 1, width=32))
def test_prior_rows_count_as_rows(rows: float, share: float) -> None:
    index = _HALF
    got = index.rarity(WeightedTerms.of({"care": 1.0, "roof": 1.0}), prior=Prior(rows, share))
    frequency = np.array([2.0, 0.0]) + rows * share
    expected = np.log1p((4 + rows - frequency + 0.5) / (frequency + 0.5))
    assert got.tolist() == pytest.approx(expected, rel=1e-5)


def test_another_document_changes_no_score(tmp_path: Path) -> None:
    rows = [{"care": 2.0, "meal": 1.0}, {"roof": 3.0}]
    query, first = WeightedTerms.of({"care": 1.0, "roof": 1.0}), Rows.span(0, 2)
    alone = _index(rows, tmp_path / "a").scores(query, first)
    among = _index([*rows, *[{"care": 9.0}] * 50], tmp_path / "b").scores(query, first)
    assert alone.tolist() == among.tolist()


def test_a_rare_term_in_a_long_document_still_scores(tmp_path: Path) -> None:
    index = _index([{"care": 0.001, "meal": 900.0}], tmp_path)
    assert index.scores(WeightedTerms.of({"care": 1.0}), Rows.span(0, 1))[0] > 0


def test_terms_that_no_row_has_score_zero(tmp_path: Path) -> None:
    index = _index([{"care": 1.0}, {"meal": 1.0}], tmp_path)
    query = WeightedTerms.of({"aaa": 1.0, "coach": 2.0, "zzz": 3.0})
    assert index.scores(query, Rows.span(0, 2)).tolist() == [0, 0]
    assert index.scores(WeightedTerms.of({}), Rows.span(0, 2)).tolist() == [0, 0]


def test_long_terms_with_the_same_first_24_bytes_are_one_term(tmp_path: Path) -> None:
    """A row must not be twice in the postings of a term."""
    index = _index([{LONG + "a": 1.0, LONG + "b": 1.0}, {"care": 1.0}], tmp_path)
    assert index.rows_with(LONG).tolist() == [0]
    score = index.scores(WeightedTerms.of({LONG: 1.0}), Rows.span(0, 2))
    assert score.tolist() == pytest.approx([_strength({LONG: 2.0}, LONG), 0], abs=1 / 255)


@pytest.mark.parametrize("rows", [[], [{}], [{}, {}]], ids=["no row", "one empty", "two empty"])
def test_an_index_without_terms_scores_zero(rows: list[Document], tmp_path: Path) -> None:
    index = _index(rows, tmp_path)
    query = WeightedTerms.of({"care": 1.0})
    assert index.rows == len(rows)
    assert index.scores(query, Rows.span(0, len(rows))).tolist() == [0] * len(rows)
    assert index.rows_with("care").tolist() == []
    assert np.isfinite(index.rarity(query)).all()


def test_a_query_leaves_out_terms_without_a_positive_weight() -> None:
    query = WeightedTerms.of({"meal": 2.0, "care": 1.0, "roof": 0.0, "coach": -1.0})
    assert query.terms == ("care", "meal")
    assert query.weights.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("part", ["terms", "offsets", "postings", "strengths"])
def test_opening_never_unpickles(part: str, tmp_path: Path) -> None:
    _index([{"care": 1.0}], tmp_path)
    harmful = np.array([{"care": 1}], dtype=object)
    np.save(tmp_path / "index" / f"{part}.npy", harmful, allow_pickle=True)
    with pytest.raises(ValueError, match=r"pickle|object"):
        TextIndex.open(tmp_path / "index")


# --- the best rows ----------------------------------------------------------------------

scored = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), max_size=40)


@given(scored, st.integers(1, 12), st.integers(0, 2**32))
def test_the_best_are_the_highest_and_tie_keys_decide_among_equals(
    scores: list[float], size: int, seed: int
) -> None:
    tie_keys = np.random.default_rng(seed).permutation(len(scores)).astype(np.uint64)
    got = best(np.array(scores, np.float32), size, tie_keys.take)
    ranked = sorted(range(len(scores)), key=lambda i: (-scores[i], tie_keys[i]))
    assert set(got.tolist()) == {i for i in ranked[:size] if scores[i] > 0}
    assert len(got) == len(set(got.tolist()))


@given(scored, st.integers(1, 12), st.integers(0, 2**32))
def test_the_best_do_not_depend_on_how_rows_are_stored(
    scores: list[float], size: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    values = np.array(scores, np.float32)
    tie_keys = random.integers(0, 2**63, len(scores)).astype(np.uint64)
    moved = random.permutation(len(scores))
    chosen = set(tie_keys[best(values, size, tie_keys.take)].tolist())
    assert chosen == set(tie_keys[moved][best(values[moved], size, tie_keys[moved].take)].tolist())


@given(
    *(st.integers(1, 3000), st.integers(1, 60), st.integers(1, 200), st.integers(0, 2**32)),
    st.sampled_from([20, 60, 8192]),
)
def test_the_best_of_many_rows_are_the_same(
    number: int, size: int, kinds: int, seed: int, groups: int
) -> None:
    random = np.random.default_rng(seed)
    values = (random.integers(-2, kinds, number) / kinds).astype(np.float32)
    tie_keys = random.permutation(number)
    ranked = np.lexsort((tie_keys, -values))[:size]
    with patch("matcher.register.rows._GROUPS", groups):
        found = best(values, size, tie_keys.take)
    assert set(found.tolist()) == set(ranked[values[ranked] > 0].tolist())


@given(scored, st.integers(1, 12), st.integers(0, 2**32))
def test_who_is_among_the_best_is_who_the_best_are(
    scores: list[float], size: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    values, tie_keys = np.array(scores, np.float32), random.permutation(len(scores))
    asked = random.integers(0, max(len(scores), 1), 9 if scores else 0)
    chosen = best(values, size, tie_keys.take)
    among = among_best(values, size, tie_keys.take, asked)
    assert among.tolist() == np.isin(asked, chosen).tolist()


@given(st.lists(st.sampled_from([0, 0, 0.25, 0.5, 1]), max_size=40), st.integers(1, 12), st.data())
def test_scores_of_a_few_rows_are_as_good_as_those_of_all(
    scores: list[float], size: int, data: st.DataObject
) -> None:
    values = np.array(scores, np.float32)
    also = data.draw(
        st.sets(st.integers(0, 39)).map(lambda some: {a for a in some if a < len(values)})
    )
    kept = np.array(sorted(also.union(np.flatnonzero(values).tolist())), np.int64)
    few = RowScores(kept, values[kept])
    draw = np.random.default_rng(len(scores)).permutation(40)
    assert set(few.best(size, draw.take).tolist()) == set(best(values, size, draw.take).tolist())
    asked = np.array(data.draw(st.permutations(range(len(values)))), np.int64)
    assert few.of(asked).tolist() == values[asked].tolist()


def test_only_scores_above_the_floor_are_taken() -> None:
    scores = np.array([0.1, 0.5, 0.5, 0.9], np.float32)
    assert set(best(scores, 9, np.arange(4).take, floor=0.5).tolist()) == {3}


@given(st.data(), documents)
def test_an_index_is_the_same_however_its_rows_are_divided(
    data: st.DataObject, rows: list[Document]
) -> None:
    rows = [*rows, {LONG + "a": 1.0, LONG + "b": 2.0}]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    with tempfile.TemporaryDirectory() as folder:
        whole, parted = Path(folder) / "whole", Path(folder) / "parted"
        writers = [TextIndexWriter(whole), TextIndexWriter(parted)]
        for row in rows:
            writers[0].add(row)
        for start, stop in pairwise([0, *cuts, len(rows)]):
            if data.draw(st.booleans()):
                for row in rows[start:stop]:
                    writers[1].add(row)
            else:
                part = PartWriter()
                for row in rows[start:stop]:
                    part.add(row)
                writers[1].extend(part.finish())
        for writer in writers:
            writer.finish()
        files = [{p.name: p.read_bytes() for p in sorted(f.iterdir())} for f in (whole, parted)]
    assert files[0] == files[1]


@given(st.data(), documents, documents, st.integers(1, 9))
def test_an_index_that_takes_rows_of_another_is_the_one_that_is_made_of_all(
    data: st.DataObject, old: list[Document], new: list[Document], at_once: int
) -> None:
    old = [*old, {LONG: 3.0}]
    stay = data.draw(st.sets(st.integers(0, len(old) - 1)))
    order = data.draw(st.permutations([*sorted(stay), *range(len(old), len(old) + len(new))]))
    every, new_rows = [*old, *new], np.full(len(old), -1, np.int32)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_writer, "_POSTINGS_AT_ONCE", at_once)
        before, whole, again = (Path(folder) / name for name in ("before", "whole", "again"))
        writers = [TextIndexWriter(path) for path in (before, whole, again)]
        for row in old:
            writers[0].add(row)
        writers[0].finish()
        part = PartWriter()
        for at, number in enumerate(order):
            writers[1].add(every[number])
            if number in stay:
                new_rows[number] = at
                part.skip(1)
            else:
                part.add(every[number])
        np.save(Path(folder) / "new.npy", new_rows)
        writers[2].extend(part.finish())
        writers[2].reuse(before, Path(folder) / "new.npy")
        for writer in writers[1:]:
            writer.finish()
        files = [{p.name: p.read_bytes() for p in sorted(f.iterdir())} for f in (whole, again)]
    assert files[0] == files[1]
