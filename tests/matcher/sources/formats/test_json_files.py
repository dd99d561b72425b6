from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.sources.formats import json_files
from matcher.sources.formats.json_files import beginning, documents, open_text


def read(path: Path) -> tuple[list[tuple[str, object]], Tally]:
    tally = Tally(path.name)
    return list(documents(path, tally)), tally


def written(folder: Path, content: str | bytes, name: str = "notices.json") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_bytes_that_are_not_utf8_do_not_lose_the_line(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, b'{"a": "caf\xe9"}\n{"a": 2}\n'))
    assert [each for _, each in found] == [{"a": "café"}, {"a": 2}]


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_bad_line_is_set_aside_with_its_number(tmp_path: Path, bad: int) -> None:
    lines = ['{"a": 1}', '{"a": 2}', '{"a": 3}']
    lines[bad] = '{"a": '
    found, tally = read(written(tmp_path, "\n".join(lines)))
    assert len(found) == 2
    assert tally.set_aside == {"is not JSON": 1}
    assert tally.examples["is not JSON"] == f"notices.json line {bad + 1}: it ends too early"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"a": 1 "b": 2}', "a comma is missing at character 9, or a quotation mark before it"),
        ('{"a": nothing}', "no value can be read at character 7"),
        ('{"a" 1}', "a colon is missing at character 6"),
        ('{"a": "half', "the text that begins at character 7 has no closing quotation mark"),
        ('{"a": 1} and more', "there is more after its end, at character 10"),
        ("{a: 1}", "a name in double quotation marks is missing at character 2"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_plain_words(
    tmp_path: Path, line: str, words: str
) -> None:
    found, tally = read(written(tmp_path, f'{{"a": 1}}\n{{"a": 2}}\n{line}\n{{"a": 4}}\n'))
    assert [each["a"] for _, each in found] == [1, 2, 4]
    assert list(tally.examples.values()) == [f"notices.json line 3: {words}"]


def test_a_document_that_is_not_json_is_set_aside(tmp_path: Path) -> None:
    found, tally = read(written(tmp_path, "A specification of home care.\nIn two lines.\n"))
    assert found == []
    assert list(tally.set_aside) == ["is not JSON"]


def test_json_nested_too_deeply_is_set_aside(tmp_path: Path) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    found, tally = read(written(tmp_path, f'{{"a": 1}}\n{deep}\n{{"a": 2}}\n'))
    assert [each for _, each in found] == [{"a": 1}, {"a": 2}]
    assert tally.set_aside == {"JSON is nested too deeply": 1}
    assert read(written(tmp_path, deep))[1].set_aside == {"JSON is nested too deeply": 1}


def test_a_document_that_is_too_long_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_files, "LONGEST_DOCUMENT", 40)
    long = json.dumps({"a": "x" * 200})
    found, tally = read(written(tmp_path, f'{{"a": 1}}\n{long}\n{{"a": 2}}\n'))
    assert [each for _, each in found] == [{"a": 1}, {"a": 2}]
    assert sum(tally.set_aside.values()) == 1
    found, tally = read(written(tmp_path, json.dumps({"a": ["x"] * 40}, indent=1)))
    assert found == []
    assert sum(tally.set_aside.values()) == 1


def test_a_truncated_gzip_yields_the_documents_before_the_cut(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"n": n, "x": str(n**7)}) + "\n" for n in range(5000))
    zipped = gzip.compress(lines.encode())
    found, tally = read(written(tmp_path, zipped[: len(zipped) // 2]))
    assert [each["n"] for _, each in found if isinstance(each, dict)] == list(range(len(found)))
    assert 100 < len(found) < 5000
    assert tally.set_aside["file is truncated"] == 1


def test_an_empty_file_has_no_documents(tmp_path: Path) -> None:
    assert read(written(tmp_path, "\n \n"))[0] == []


def test_json_lines_are_streamed(tmp_path: Path) -> None:
    path = written(tmp_path, '{"a": 1}\n' * 200_000)
    reading = documents(path, Tally(""))
    assert next(reading)[1] == {"a": 1}
    path.write_text("")
    assert sum(1 for _ in reading) < 199_999


def test_a_missing_file_is_a_bad_source(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"nowhere\.json: no such file"):
        list(documents(tmp_path / "nowhere.json", Tally("")))


def test_a_folder_is_a_bad_source(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="is a folder"):
        open_text(tmp_path)


def test_a_truncated_text_is_a_bad_source(tmp_path: Path) -> None:
    cut = gzip.compress(b"A specification." * 500)[:-20]
    with pytest.raises(BadSource, match="is truncated"):
        beginning(written(tmp_path, cut, "specification.txt"), 10_000)


TEXT = '[{"title": "Café £5 – “tea”"}]'


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        ("\ufeff" + TEXT).encode("utf-16-be"),
        ("\ufeff" + TEXT).encode(),
        TEXT.encode("cp1252"),
        gzip.compress(TEXT.encode("utf-16"), mtime=0),
    ],
)
def test_json_in_the_encodings_of_windows_is_read(tmp_path: Path, content: bytes) -> None:
    found, tally = read(written(tmp_path, content))
    assert [each for _, each in found] == [[{"title": "Café £5 – “tea”"}]]
    assert tally.set_aside == {}


def test_a_number_of_too_many_digits_loses_no_other_value(tmp_path: Path) -> None:
    content = f'[{{"title": "Tea", "value": {"7" * 5000}}}, {{"title": "Bread", "value": 7}}]'
    found, tally = read(written(tmp_path, content))
    ((_, values),) = found
    assert values == [{"title": "Tea", "value": float("inf")}, {"title": "Bread", "value": 7}]
    assert not tally.set_aside


def test_the_mark_of_an_end_is_no_value(tmp_path: Path) -> None:
    found, tally = read(written(tmp_path, TEXT.encode() + b"\r\n\x1a"))
    assert (len(found), tally.set_aside) == (1, {})


def test_every_file_in_a_zip_but_a_readme_is_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2026/01.json", "\ufeff" + TEXT)
        archive.writestr("2026/02.jsonl", '{"a": 1}\r\n\r\n{"a": 2}\r\n'.encode("utf-16"))
        archive.writestr("README.txt", "About this feed")
    found, tally = read(path)
    assert [each for _, each in found] == [json.loads(TEXT), {"a": 1}, {"a": 2}]
    assert tally.set_aside == {}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "content",
    [
        '[\n{"a": "é"},\n{"a": 2},\n]',
        '{"a": "é"}{"a": 2}',
        '{\n"a": "é"\n}\n\ufeff{\n"a": 2,\n}',
        '{"a": "é"},\n{"a": 2},\n',
    ],
)
def test_json_is_read_in_every_form_and_encoding(
    tmp_path: Path, content: str, encoding: str
) -> None:
    found, tally = read(written(tmp_path, content.encode(encoding)))
    values = [each for _, each in found]
    assert (values[0] if len(values) == 1 else values) == [{"a": "é"}, {"a": 2}]
    assert not tally.set_aside


def test_a_comma_in_a_text_is_no_last_comma(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, r'{"a": "x,}", "b": ["\",]",],}'))
    assert [each for _, each in found] == [{"a": "x,}", "b": ['",]']}]


@pytest.mark.parametrize("piece", ['"\\"', '{"a":', "[,", '{"a": "', "{}\n", "\\"])
def test_a_long_text_that_is_not_json_is_set_aside_or_read(tmp_path: Path, piece: str) -> None:
    found, tally = read(written(tmp_path, "[" + piece * 20_000))
    assert tally.set_aside or found


@pytest.mark.parametrize(
    "content",
    [
        "ï»¿".encode() + b'{"a": "caf\xc3\xa9"}',
        '\xa0\xa0{\n\xa0"a":\xa0"café",\xa0\n}\xa0'.encode(),
        b"\0\0" + '{"a": "café"}'.encode() + b"\0",
        b"\xef\xbb\xbf" + '{"a": "café"}'.encode("utf-16-le"),
        b"\xff\xfe" + '{"a": "café"}'.encode("utf-16-le") + b"\n",
    ],
)
def test_marks_spaces_and_zeros_that_are_no_json_are_left_out(
    tmp_path: Path, content: bytes
) -> None:
    found, tally = read(written(tmp_path, content))
    assert ([each for _, each in found], tally.set_aside) == ([{"a": "café"}], {})


def test_a_space_that_does_not_break_stays_in_a_text(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, '\xa0{"a": "10\xa0km"}'))
    assert found[0][1] == {"a": "10\xa0km"}


def test_the_mark_of_a_text_is_no_part_of_it(tmp_path: Path) -> None:
    assert beginning(written(tmp_path, "ï»¿Hot meals".encode()), 100) == "Hot meals"


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_that_powershell_wrapped_is_a_list(tmp_path: Path, indent: int | None) -> None:
    wrapped = {"value": [{"a": {"value": [1, 2], "Count": 2}}], "Count": 1}
    found, tally = read(written(tmp_path, json.dumps({"b": wrapped}, indent=indent)))
    assert ([each for _, each in found], tally.set_aside) == ([{"b": [{"a": [1, 2]}]}], {})


def test_json_within_a_text_is_read(tmp_path: Path) -> None:
    found, tally = read(written(tmp_path, json.dumps(json.dumps({"a": "café"}))))
    assert ([each for _, each in found], tally.set_aside) == ([{"a": "café"}], {})


@pytest.mark.parametrize("name", ["Café Bleu", "Caffè Müller", "Crèche 'Chloë'"])
def test_json_of_ms_dos_is_read(tmp_path: Path, name: str) -> None:
    content = json.dumps({"a": name, "b": "£50"}, ensure_ascii=False, indent=1)
    found, _ = read(written(tmp_path, content.encode("cp850")))
    assert found[0][1] == {"a": name, "b": "£50"}


@pytest.mark.parametrize("zip_it", [False, True])
def test_json_of_an_old_mac_is_read(tmp_path: Path, zip_it: bool) -> None:
    content = '{"a": "Café – the council’s", "b": "£50"}'
    packed = gzip.compress(content.encode("mac_roman")) if zip_it else content.encode("mac_roman")
    found, _ = read(written(tmp_path, packed))
    assert found[0][1] == {"a": "Café – the council’s", "b": "£50"}


def test_a_stray_byte_among_utf8_changes_no_other_text(tmp_path: Path) -> None:
    lines = '{"a": "Café"}\n'.encode() + b'{"a": "so-called\x9d"}\n' + b'{"a": "Caf\xe9 \xa350"}\n'
    found, _ = read(written(tmp_path, lines, "notices.jsonl"))
    assert [each["a"] for _, each in found][::2] == ["Café", "Café £50"]


def test_a_backslash_that_begins_no_escape_is_one(tmp_path: Path) -> None:
    lines = r"""{"a": "S:\Care\meals", "b": "x\\y \"z\" \u00e9"}""" + "\n" + r"""{"a": "\uZ"}"""
    found, tally = read(written(tmp_path, lines, "notices.jsonl"))
    assert [each for _, each in found] == [
        {"a": "S:\\Care\\meals", "b": 'x\\y "z" é'},
        {"a": "\\uZ"},
    ]
    assert not tally.set_aside


def test_values_that_mongodb_wrapped_are_read(tmp_path: Path) -> None:
    document = {
        "_id": {"$oid": "a1"},
        "date": {"$date": "2026-03-02T10:00:00Z"},
        "signed": {"$date": {"$numberLong": "1775814613000"}},
        "value": {"amount": {"$numberDouble": "12.5"}},
        "$date": 1,
    }
    assert read(written(tmp_path, json.dumps(document)))[0][0][1] == {
        "_id": "a1",
        "date": "2026-03-02T10:00:00Z",
        "signed": "/Date(1775814613000)/",
        "value": {"amount": "12.5"},
        "$date": 1,
    }


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        ('{"a": 1, "b": {"c": 2, "c": 3}, "a": 4}', {"a", "c"}),
        ('[\n {"a": 1, "a": 4},\n {"a": 5}\n]', {"a"}),
        ('{"a": 1}\n{"a": 1, "a": 4}\n', {"a"}),
        ('[\n {"a": 1, "a": 4},\n {broken},\n {"a": 5}\n]', {"a"}),
        ('{"a": 4, "a": 4}', set()),
        ('{"a": null, "a": 4}', set()),
        ('[\n {"z": 1, "z": 4, broken},\n {"a": 5}\n]', set()),
    ],
)
def test_a_key_that_stands_twice_is_told(tmp_path: Path, content: str, keys: set[str]) -> None:
    found, tally = read(written(tmp_path, content))
    assert found
    assert tally.set_aside.get(json_files.TWICE, 0) == len(keys)
    assert tally.examples.get(json_files.TWICE, "").rpartition(": ")[2] in (keys or {""})


def test_of_a_key_that_stands_twice_the_last_value_is_read(tmp_path: Path) -> None:
    ((_, document),), _ = read(written(tmp_path, '{"value": 90000, "value": 250000}'))
    assert document == {"value": 250000}
