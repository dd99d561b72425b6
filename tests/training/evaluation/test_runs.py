"""Runs: read as they are written, and refused by the line that is wrong."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from tests.factory import scored
from training.evaluation.runs import (
    Run,
    in_order,
    read,
    run_from_lists,
    trec_lines,
    with_unique_names,
    write,
)

GOOD = "L1 Q0 A 1 3.5 mine\nL1 Q0 B 2 1.5 mine\nL2 Q0 A 1 0.5 mine\n"


def run_of(tmp_path: Path, text: str | bytes, name: str = "mine.run") -> Run:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


def refusal(tmp_path: Path, text: str | bytes, name: str = "mine.run") -> str:
    with pytest.raises(BadInput) as refused:
        run_of(tmp_path, text, name)
    return str(refused.value)


def test_a_trec_run_is_read_best_first(tmp_path: Path) -> None:
    run = run_of(tmp_path, "L1 Q0 B 2 1.5 t\nL1 Q0 A 1 3.5 t\nL2 Q0 A 1 -2e-1 t\n")
    assert run.name == "mine"
    assert run.scores == {"L1": {"A": 3.5, "B": 1.5}, "L2": {"A": -0.2}}
    assert run.first("L1") == ["A", "B"]
    assert run.first("L1", 1) == ["A"]
    assert run.first("L3") == []


def test_a_gzipped_run_with_a_byte_order_mark_and_blank_lines_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n\r\n").encode())
    run = run_of(tmp_path, packed, "mine.run.gz")
    assert run.name == "mine"
    assert run.scores == run_of(tmp_path, GOOD).scores


def test_an_empty_run_never_ran(tmp_path: Path) -> None:
    assert not run_of(tmp_path, "").ran
    assert run_of(tmp_path, GOOD).ran


def test_equal_scores_are_ordered_by_id_from_last_to_first() -> None:
    assert list(in_order({"b": 1.0, "c": 1.0, "a": 2.0})) == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("L1 Q0 C 3 0.5", "line 4: has 5 columns instead of 6: lot Q0 provider rank score"),
        ("L1 Q0 C 3 0.5 mine more", "line 4: has 7 columns"),
        ("L1 Q0 B 3 0.5 mine", "line 4: provider B is listed twice for lot L1"),
        ("L1 Q0 C 3 nan mine", "line 4: score 'nan' is not a finite number"),
        ("L1 Q0 C 3 inf mine", "line 4: score 'inf' is not a finite number"),
        ("L1 Q0 C 3 1e9999 mine", "line 4: score '1e9999' is not a finite number"),
        ("L1 Q0 C 3 high mine", "line 4: score 'high' is not a finite number"),
        ("L1 Q0 C third 0.5 mine", "line 4: rank 'third' is not a whole number"),
        ("L1 Q0 C 3 2.5 mine", "rank 3 has score 2.5, and rank 2 (line 2) has a lower one, 1.5"),
    ],
)
def test_an_error_names_its_line(tmp_path: Path, line: str, said: str) -> None:
    assert said in refusal(tmp_path, GOOD + line + "\n")


def test_ranks_and_scores_are_compared_in_any_order_of_lines(tmp_path: Path) -> None:
    text = "L1 Q0 C 3 9 t\nL2 Q0 A 1 1 t\nL1 Q0 A 1 5 t\nL1 Q0 B 2 7 t\n"
    said = refusal(tmp_path, text)
    assert "line 1: rank 3 has score 9" in said
    assert "they must agree" in said


def test_equal_scores_may_have_any_rank_and_equal_ranks_any_score(tmp_path: Path) -> None:
    assert run_of(tmp_path, "L Q0 A 1 2 t\nL Q0 B 2 2 t\n").scores == {"L": {"B": 2.0, "A": 2.0}}
    assert run_of(tmp_path, "L Q0 A 0 2 t\nL Q0 B 0 3 t\n").first("L") == ["B", "A"]


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    assert "mine.run: is not UTF-8 text" in refusal(tmp_path, b"L1 Q0 \xff 1 1 t\n")
    assert "cannot be read" in refusal(tmp_path, b"not gzip", "mine.run.gz")
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "nowhere.run")


def test_a_csv_run_needs_a_rank_or_a_score(tmp_path: Path) -> None:
    ranked = run_of(tmp_path, "qid,docno,rank\nL,A,2\nL,B,1\n", "r.csv")
    assert ranked.first("L") == ["B", "A"]
    by_score = run_of(tmp_path, "lot,provider,score\nL,A,2\nL,B,1\n", "r.csv")
    assert by_score.first("L") == ["A", "B"]
    assert "line 2: has neither a rank nor a score" in refusal(
        tmp_path, "lot,provider\nL,A\n", "r.csv"
    )
    assert "line 2: has no provider" in refusal(tmp_path, "lot,rank\nL,1\n", "r.csv")
    assert "line 3: has 4 columns, but the heading has 3" in refusal(
        tmp_path, "lot,provider,rank\nL,A,1\nL,B,2,3\n", "r.csv"
    )


def test_the_csv_of_a_shortlist_has_names_reasons_and_refusals(tmp_path: Path) -> None:
    text = (
        "lot,lot_title,purpose,rank,id,name,kind,score,reasons\n"
        "L1,Meals,engagement,1,A,Kitchen,cic,2.5,1.000 Near: 2 km | 0.500 Name: meals\n"
        "L2,Roads,refused: not lawful,,,,,,\n"
        "set aside: 1 lot repeated\n"
    )
    run = run_of(tmp_path, text, "list.csv")
    assert run.scores == {"L1": {"A": 2.5}}
    assert run.details["L1"]["A"].name == "Kitchen"
    assert run.details["L1"]["A"].reasons == ("1.000 Near: 2 km", "0.500 Name: meals")
    assert run.titles == {"L1": "Meals"}
    assert run.refused == {"L2": "not lawful"}


def shortlist(**fields: object) -> dict[str, object]:
    reasons = [
        {"name": "Near", "contribution": 1.5, "words": "2 km away", "counted": True},
        {"name": "Size", "contribution": 9.0, "words": "small", "counted": False},
        {"name": "Name", "contribution": 0.0, "words": "no word", "counted": True},
    ]
    one = {"rank": 1, "id": "A", "name": "Kitchen", "score": 2.5, "reasons": reasons} | fields
    return {
        "shortlists": [{"lot": {"id": "L 1", "title": "Meals"}, "suggestions": [one]}],
        "refused": [{"lot": "L2", "message": "not lawful"}],
    }


def test_the_json_of_a_shortlist_has_counted_reasons_and_probabilities(
    tmp_path: Path,
) -> None:
    run = run_of(tmp_path, json.dumps(shortlist(probability=0.25)), "list.json")
    assert run.scores == {"L_1": {"A": 2.5}}
    assert run.details["L_1"]["A"].reasons == ("+1.50 2 km away",)
    assert run.details["L_1"]["A"].probability == 0.25
    assert run.titles["L_1"] == "Meals"
    assert run.refused == {"L2": "not lawful"}


def test_an_error_in_json_names_its_shortlist(tmp_path: Path) -> None:
    twice = shortlist()
    twice["shortlists"] = [*twice["shortlists"], *twice["shortlists"]]  # type: ignore[misc]
    assert refusal(tmp_path, json.dumps(twice), "list.json") == (
        "list.json, shortlist 2: provider A is listed twice for lot L_1"
    )


def test_reading_a_long_file_reports_progress(tmp_path: Path) -> None:
    path = tmp_path / "long.run"
    path.write_text("".join(f"L Q0 P{n} {n} {50_000 - n} t\n" for n in range(45_000)))
    told: list[tuple[str, int]] = []
    read(path, lambda stage, done, _: told.append((stage, done)))
    assert told == [("reading long.run", 20_000), ("reading long.run", 40_000)]


def test_json_that_is_no_shortlist_is_refused(tmp_path: Path) -> None:
    assert "is not what `matcher shortlist --format json` writes" in refusal(
        tmp_path, '{"lots": []}', "list.json"
    )
    assert "line 2: is not JSON" in refusal(tmp_path, '{"shortlists":\n oops}', "list.json")
    broken = json.dumps(shortlist(score=float("nan")))
    assert "NaN cannot be a score" in refusal(tmp_path, broken, "list.json")


_ids = st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=6)
_scores = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.dictionaries(_ids, st.dictionaries(_ids, _scores, min_size=1), min_size=1))
def test_what_is_written_is_read_again_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, lots: dict[str, dict[str, float]]
) -> None:
    run = Run("again", {lot: in_order(listed) for lot, listed in lots.items()})
    path = tmp_path_factory.mktemp("runs") / "again.run"
    with path.open("w", encoding="utf-8") as out:
        write(run, out)
    found = read(path)
    assert found.scores == run.scores
    assert [list(one) for one in found.scores.values()] == [
        list(one) for one in run.scores.values()
    ]


def test_spaces_in_ids_are_replaced_in_a_trec_run() -> None:
    (line,) = trec_lines(scored("my run", **{"lot 1": {"an id": 1.0}}))
    assert line == "lot_1 Q0 an_id 1 1.0 my_run\n"


def test_lists_without_scores_keep_their_order_and_empty_ones_are_missing() -> None:
    run = run_from_lists("lists", {"L1": ["b", "a", "c"], "L2": []})
    assert run.first("L1") == ["b", "a", "c"]
    assert "L2" not in run.scores
    out = io.StringIO()
    write(run, out)
    assert out.getvalue().splitlines()[0] == "L1 Q0 b 1 -1.0 lists"


def test_runs_with_the_same_name_are_numbered() -> None:
    names = [run.name for run in with_unique_names([scored("a"), scored("b"), scored("a")])]
    assert names == ["a (1)", "b", "a (2)"]
