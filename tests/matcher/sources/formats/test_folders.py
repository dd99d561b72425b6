from __future__ import annotations

from pathlib import Path

from matcher.sources.formats.folders import FolderFiles
from matcher.sources.formats.text_files import text_files


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("name\nHot Pot\n")
    return folder


def names(folder: Path, paths: tuple[Path, ...]) -> list[str]:
    return [str(path.relative_to(folder)) for path in paths]


def test_of_a_folder_the_files_that_may_hold_data_are_read_and_the_others_named(
    tmp_path: Path,
) -> None:
    folder = filled(
        tmp_path,
        *("2026.CSV", "more.jsonl", "charity", "README.md", "readme.txt", "LICENCE"),
        *("map.pdf", "sheet.xlsx", ".hidden.csv", "below/deep.csv"),
    )
    found = FolderFiles.with_texts(folder)
    assert names(folder, found.data) == ["2026.CSV", "charity", "more.jsonl"]
    assert names(folder, found.others) == [
        *("LICENCE", "README.md", "below", "map.pdf", "readme.txt", "sheet.xlsx")
    ]
    assert [file.name for file in text_files([folder])] == ["2026.CSV", "charity", "more.jsonl"]


def test_of_spending_the_spreadsheets_and_the_files_of_subfolders_are_read(tmp_path: Path) -> None:
    folder = filled(tmp_path, "april.csv", "2026/may.xlsx", "2026/README.md", "2026/.lock")
    found = FolderFiles.with_tables(folder)
    assert names(folder, found.data) == ["2026/may.xlsx", "april.csv"]
    assert names(folder, found.others) == ["2026/README.md"]
