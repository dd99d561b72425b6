"""Reads code lists: the Common Procurement Vocabulary and UK SIC 2007."""

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
    """Five-digit SIC code → its description, from the condensed list of Companies House.

    Raises BadSource where `paths` have no such list.
    """
    names: dict[str, str] = {}
    for file in text_files(paths):
        columns = header(file)
        column_by_name = {name.casefold().replace("_", " "): name for name in columns}
        need_columns(file, column_by_name, [name.casefold() for name in _SIC])
        code, label = (column_by_name[name.casefold()] for name in _SIC)
        for _, row in csv_rows(file, Tally(file.name)):
            if row[code].isdecimal() and row[label]:
                names[row[code].zfill(5)] = row[label]
    return _require_names(names, paths)


def cpv(paths: Sequence[Path]) -> dict[str, str]:
    """Eight-digit CPV code → its English name, from the XML that the EU publishes.

    The supplementary vocabulary in the same zip is not read.  Raises BadSource where `paths` have
    no such list.
    """
    names: dict[str, str] = {}
    for file in text_files(paths):
        if "suppl" not in file.name:
            names |= _cpv_names(file)
    return _require_names(names, paths)


def _cpv_names(file: TextFile) -> dict[str, str]:
    reader, names, current = expat.ParserCreate(), dict[str, str](), {"code": "", "text": ""}
    english = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal english
        code = _CPV.fullmatch(attributes.get("CODE", ""))
        if code:
            current["code"] = code[1]
        english = tag == "TEXT" and attributes.get("LANG") == "EN"
        current["text"] = ""

    def text(words: str) -> None:
        current["text"] += words if english else ""

    def end(tag: str) -> None:
        if tag == "TEXT" and current["text"].strip() and current["code"]:
            names[current["code"]] = " ".join(current["text"].split())

    def entity(*_: object) -> None:
        raise BadSource(
            f"{file.path} declares XML entities, which the code list does not have; fetch it again"
        )

    reader.StartElementHandler, reader.EndElementHandler = start, end
    reader.CharacterDataHandler, reader.EntityDeclHandler = text, entity
    try:
        for line in file.lines():
            reader.Parse(line)
        reader.Parse("", True)
    except expat.ExpatError as error:
        raise BadSource(f"{file.path} is not XML ({error}); fetch it again") from error
    return names


def _require_names(names: dict[str, str], paths: Sequence[Path]) -> dict[str, str]:
    if not names:
        raise BadSource(f"{', '.join(map(str, paths))}: has no code with a name; fetch it again")
    return names
