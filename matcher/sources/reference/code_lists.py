"""Lists of codes with their names: the Common Procurement Vocabulary, and UK SIC 2007."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.parsers import expat

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.sources.formats.tables import csv_rows, header, need_columns
from matcher.sources.formats.text_files import TextFile, text_files

_SIC = ["SIC Code", "Description"]
_CPV = re.compile(r"(\d{8})(?:-\d)?")


def sic(paths: Sequence[Path]) -> dict[str, str]:
    """Five-digit SIC code → what it stands for, from the condensed list of Companies House.

    Raises:
        BadSource: if there is no such list in `paths`.
    """
    names: dict[str, str] = {}
    for file in text_files(paths):
        found = header(file)
        plain = {name.casefold().replace("_", " "): name for name in found}
        need_columns(file, plain, [name.casefold() for name in _SIC])
        code, label = (plain[name.casefold()] for name in _SIC)
        for _, row in csv_rows(file, Tally(file.name)):
            if row[code].isdecimal() and row[label]:
                names[row[code].zfill(5)] = row[label]
    return _some(names, paths)


def cpv(paths: Sequence[Path]) -> dict[str, str]:
    """Eight-digit CPV code → its English name, from the XML that the EU publishes.

    The supplementary vocabulary that lies beside it in the zip is another one, and is passed over.

    Raises:
        BadSource: if there is no such list in `paths`.
    """
    names: dict[str, str] = {}
    for file in text_files(paths):
        if "suppl" not in file.name:
            names |= _of_xml(file)
    return _some(names, paths)


def _of_xml(file: TextFile) -> dict[str, str]:
    reader, names, now = expat.ParserCreate(), dict[str, str](), {"code": "", "text": ""}
    english = False

    def start(tag: str, said: dict[str, str]) -> None:
        nonlocal english
        code = _CPV.fullmatch(said.get("CODE", ""))
        if code:
            now["code"] = code[1]
        english = tag == "TEXT" and said.get("LANG") == "EN"
        now["text"] = ""

    def text(words: str) -> None:
        now["text"] += words if english else ""

    def end(tag: str) -> None:
        if tag == "TEXT" and now["text"].strip() and now["code"]:
            names[now["code"]] = " ".join(now["text"].split())

    def entity(*_: object) -> None:
        raise BadSource(f"{file.path} declares entities, which no code list does; fetch it again")

    reader.StartElementHandler, reader.EndElementHandler = start, end
    reader.CharacterDataHandler, reader.EntityDeclHandler = text, entity
    try:
        for line in file.lines():
            reader.Parse(line)
        reader.Parse("", True)
    except expat.ExpatError as wrong:
        raise BadSource(f"{file.path} is not XML ({wrong}); fetch it again") from wrong
    return names


def _some(names: dict[str, str], paths: Sequence[Path]) -> dict[str, str]:
    if not names:
        raise BadSource(f"{', '.join(map(str, paths))}: holds no code with a name; fetch it again")
    return names
