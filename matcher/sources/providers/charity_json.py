"""Reads the records of a register of charities in JSON, however long its file is."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import repeat
from json import JSONDecoder

from matcher.core.errors import BadSource
from matcher.sources.formats.markup import visible
from matcher.sources.formats.quoted_json import held_in, whole_number
from matcher.sources.formats.tables import Row
from matcher.sources.formats.text_files import TextFile

_DECODER = JSONDecoder(strict=False, parse_int=whole_number)
_BETWEEN = " \t\r\n,[]\x1e\x1a\ufeff"
_LONGEST = 4_000_000
_NEXT = re.compile(r'\{\s*+"date_of_extract"')
_WRAPPING = re.compile(
    r'\{(?![^\[\]]{0,2000}"(?:date_of_extract|organisation_number)")'
    r'(?:[^{}\[\]]++|\{[^{}]{0,400}+\}){0,40}+\[\s*(?="?\{)'
)
"""The beginning of an object that has the records in a list."""
_NUMBERED = re.compile(r'\{\s*+(?="\d{1,12}"\s*+:\s*+\{)')
"""The beginning of an object that has the records under their numbers, as PHP writes a list."""
_KEY = re.compile(r'"\d{1,12}"\s*+:\s*+(?=\{)')
_NO_RECORD = re.compile(
    r'(?:"(?:[^"\\]|\\.)*+"|-?\d[\d.eE+-]*+|true|false|null)\s*+(?=[,\]])', re.DOTALL
)
"""A value that stands among the records and is none."""
_ONE_WORD = re.compile("[A-Za-z_]{1,80}")
"""A key without spaces: charityName, CHARITY_NAME."""
_OF_INTERFACE = {
    **{"reg_charity_number": "registered_charity_number", "web": "charity_contact_web"},
    **{"group_subsid_suffix": "linked_charity_number", "reg_status": "charity_registration_status"},
    **{"address_post_code": "charity_contact_postcode", "insolvent": "charity_insolvent"},
    **{"charity_co_reg_number": "charity_company_registration_number"},
    **{"in_administration": "charity_in_administration"},
    **{"cio_dissolution_ind": "cio_is_dissolved", "activities": "charity_activities"},
}
"""The columns of the extract, by what the register's own interface calls them."""
_STATUSES = {"R": "Registered", "RM": "Removed"}
_AFTER = re.compile(r'"[^"{}\[\]]{1,80}"\s*:[^{}\[\]]{0,400}\}\s*')
"""The end of such an object: what it says beside its list."""


def json_rows(file: TextFile) -> Iterator[Row | None]:
    """The records of a JSON table, with their values as the text extract writes them.

    The records may be in a list within an object, or under their numbers.  A fact that a record
    leaves out is blank.  None stands for what is no record, and for a record that is not JSON,
    before another one.  Raises BadSource where the JSON is damaged.
    """
    pending, between = "", _BETWEEN
    for number, chunk in enumerate(file.chunks()):
        pending = (pending + chunk).lstrip(between)
        if not number and (wrapping := _NUMBERED.match(pending) or _WRAPPING.match(pending)):
            pending, between = pending[wrapping.end() :], between + "}"
        pending, others = _next(pending, between)
        yield from repeat(None, others)
        while pending.startswith("{"):
            try:
                record, end = _DECODER.raw_decode(pending)
            except (ValueError, RecursionError):
                following = _NEXT.search(pending, 1)
                if following is None:
                    break
                yield None
                pending = pending[following.start() :]
                continue
            yield _row(file, record)
            pending, others = _next(pending[end:].lstrip(between), between)
            yield from repeat(None, others)
            if not pending.startswith("{") and (following := _NEXT.search(pending)):
                yield None
                pending = pending[following.start() :]
        is_end = between != _BETWEEN and pending.startswith('"')
        if len(pending) > _LONGEST or not (is_end or pending[:1] in ("", "{", '"')):
            raise _another(file)
    if between == _BETWEEN or not _AFTER.fullmatch(pending):
        yield from _broken_end(file, pending)


def _next(pending: str, between: str) -> tuple[str, int]:
    """What comes from the next record on, and how many values before it are no records.

    A record that is written as a text of JSON comes as it was before.
    """
    others = 0
    while True:
        if between != _BETWEEN and (key := _KEY.match(pending)):
            pending = pending[key.end() :]
        other = _NO_RECORD.match(pending)
        if other is None:
            return pending, others
        record, pending = _held_in(other[0]), pending[other.end() :].lstrip(between)
        if record:
            return record + pending, others
        others += 1


def _held_in(value: str) -> str:
    """The object that a text of JSON holds, as JSON; '' where it holds none."""
    text = _DECODER.decode(value) if value.startswith('"{') else ""
    return text.strip() if isinstance(held_in(text), dict) else ""


def _broken_end(file: TextFile, pending: str) -> Iterator[None]:
    """None for a last record that is not JSON.  Raises BadSource for one that is cut."""
    if pending.rstrip().endswith("]"):
        yield None
    elif pending:
        raise BadSource(f"{file.path} is damaged or truncated; fetch it again")


def _row(file: TextFile, record: dict[str, object]) -> Row:
    """A record with its values as text.  Raises BadSource where it has each column's values."""
    if isinstance(record.get("organisation_number"), dict):
        raise _another(file)
    row = {_usual(key): _as_text(value) for key, value in record.items()}
    if "reg_charity_number" in record:  # of the register's interface
        row = {_OF_INTERFACE.get(key, key): value for key, value in row.items()}
        said = row.get("charity_registration_status", "")
        row["charity_registration_status"] = _STATUSES.get(said, said)
    return defaultdict(str, row)


def _usual(key: str) -> str:
    """A key as the extract has it: charityName and CHARITY_NAME are charity_name."""
    if key.islower() or not _ONE_WORD.fullmatch(key):
        return key
    return key.lower() if key.isupper() else re.sub("(?<=[a-z])(?=[A-Z])", "_", key).lower()


def _another(file: TextFile) -> BadSource:
    return BadSource(f"{file.path} is JSON, but not a table of the extract")


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(f"'{_as_text(one)}'" for one in value)
    is_blank = value is None or (isinstance(value, float) and math.isnan(value))
    return "" if is_blank else visible(str(value)).strip()
