"""Text files, zips and gzips, with odd encodings and broken downloads."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadSource
from matcher.sources.formats.text_files import TextFile, decode_8_bit, text_files

TEXT = "name\r\nAcorn Trust\r\n"


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.txt", text)
    return path


def lines(path: Path) -> list[str]:
    return [line for file in text_files([path]) for line in file.lines()]


def test_plain_gzipped_and_zipped_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    zipped(tmp_path / "c.zip", c=TEXT)
    plain, gzipped, member = text_files([tmp_path])
    assert list(plain.lines()) == list(gzipped.lines()) == list(member.lines())
    assert [f.name for f in (plain, gzipped, member)] == ["a.txt", "b.txt", "c.txt"]


def test_a_zip_may_have_several_texts(tmp_path: Path) -> None:
    files = text_files([zipped(tmp_path / "all.zip", one="1\n", two="2\n")])
    assert [file.first_line() for file in files] == ["1", "2"]


def test_hidden_files_in_a_zip_are_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("._a.txt", "about a.txt")
        archive.writestr("folder/a.txt", TEXT)
    assert "".join(lines(tmp_path / "all.zip")) == TEXT


@pytest.mark.parametrize("hidden", [(), (".DS_Store", "__MACOSX/a.txt", "folder/._a.txt")])
def test_a_zip_without_a_file_is_refused(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in hidden:
            archive.writestr(name, "x")
    with pytest.raises(BadSource, match="without a file to read"):
        text_files([tmp_path / "all.zip"])


def test_a_gzip_in_a_zip_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.txt.gz", gzip.compress(TEXT.encode()))
    assert "".join(lines(tmp_path / "all.zip")) == TEXT


def test_a_spreadsheet_beside_a_text_in_a_zip_is_not_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.xlsx", b"PK\x03\x04")
        archive.writestr("map.pdf", b"%PDF-")
    texts = text_files([tmp_path / "all.zip"])
    assert [one.name for one in texts] == ["a.csv", "b.xlsx"]
    with pytest.raises(BadSource, match=r"b\.xlsx in it is a zip or a spreadsheet; unzip all\.zip"):
        list(texts[1].lines())


def test_a_zip_in_a_zip_is_refused_with_advice(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", one="1\n").read_bytes()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("inner.zip", inner)
    with pytest.raises(BadSource, match=r"inner\.zip in it is a zip .* unzip all\.zip"):
        lines(tmp_path / "all.zip")


def test_a_latin_1_line_among_utf_8_lines_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Café\n".encode() + "Café\n".encode("latin-1"))
    assert lines(tmp_path / "a.txt") == ["Café\n", "Café\n"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_utf_16_with_a_mark_is_read(tmp_path: Path, encoding: str, end: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    long = "naïve € " * 20_000
    (tmp_path / "a.txt").write_bytes(f"{mark}Café{end}{long}{end}tea".encode(encoding))
    assert lines(tmp_path / "a.txt") == [f"Café{end}", f"{long}{end}", "tea"]


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"nowhere\.zip does not exist"):
        text_files([tmp_path / "nowhere.zip"])


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(BadSource, match="is empty"):
        lines(tmp_path / "a.txt")


def test_a_spreadsheet_is_refused_with_advice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(BadSource, match="save it as CSV"):
        text_files([tmp_path / "a.xlsx"])


@pytest.mark.parametrize("suffix", ["zip", "gz"])
def test_a_truncated_download_is_refused(tmp_path: Path, suffix: str) -> None:
    body = "".join(f"row {n} {n * n}\n" for n in range(5000))
    whole = tmp_path / f"whole.{suffix}"
    if suffix == "zip":
        zipped(whole, whole=body)
    else:
        whole.write_bytes(gzip.compress(body.encode()))
    half = tmp_path / f"half.{suffix}"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(BadSource, match="fetch it again"):
        lines(half)


def test_a_zip_whose_directory_is_damaged_is_still_read(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", charity=TEXT).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: whole.rindex(b"PK\x01\x02")])
    assert "".join(lines(tmp_path / "cut.zip")) == TEXT


@pytest.mark.parametrize("junk", [b"PK", b"PK\x03\x04" + b"\x08" * 60, b"\x1f\x8bnot gzip"])
def test_a_file_that_only_starts_like_an_archive_is_refused(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "junk").write_bytes(junk)
    with pytest.raises(BadSource, match="fetch it again"):
        lines(tmp_path / "junk")


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.txt"
    path.write_bytes(body)
    try:
        read = list(TextFile(path).lines())
    except BadSource:
        return
    assert all("\0" not in line for line in read)
    assert all("\n" not in line[:-1] for line in read)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Caffè Nuovo, Café meals", "mac_roman"),
        ("Müllers Garage", "mac_roman"),
        ("façade", "mac_roman"),
        ("the council’s own", "mac_roman"),
        ("Café Nuovo, crèche", "cp850"),
        ("up to £500 at the café", "cp850"),
        ("Caffè Nuovo", "cp850"),
        ("Müllers Garage", "cp850"),
        ("CAFÉ £20", "cp850"),
        ("BLAŽ Ltd at the café", "cp1252"),
        ("Café ‘Nuovo’ – £5, Dražen’s", "cp1252"),
        ("the council’s own", "cp1252"),
        ("MÜNSTER GmbH", "cp1252"),
        ("ŽALEC and Škoda", "cp1252"),
    ],
)
def test_text_of_an_old_mac_is_told_from_text_of_windows(text: str, encoding: str) -> None:
    assert decode_8_bit(text.encode(encoding)) == text


@given(st.text("abcdefgh £éèêçüöñâô", max_size=30))
def test_text_of_windows_in_small_letters_is_read_as_it_was_written(text: str) -> None:
    assert decode_8_bit(text.encode("cp1252")) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_read_without_a_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("name\nCaffè ’Nuovo’ £5\n".encode(encoding))
    assert lines(path) == ["name\n", "Caffè ’Nuovo’ £5\n"]
    assert "".join(TextFile(path).chunks()) == "name\nCaffè ’Nuovo’ £5\n"


def test_a_line_end_of_an_old_mac_among_others_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(b'a,b\r\n1,2\r3,4\r\n"x\r\ny",5\n')
    assert lines(path) == ["a,b\r\n", "1,2\r", "3,4\r\n", '"x\r\n', 'y",5\n']
